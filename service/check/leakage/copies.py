"""Copies: runs of an exemplar's own sentences in a text, found in time linear in the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from service.check.leakage.fold import Folded, bare, dense, fold

LEAST = 20
"""Consecutive characters that make a copy (checks.md, leakage)."""
_SEED = LEAST // 2
"""Any run of LEAST characters holds one whole block of this length that begins at a multiple of it."""
_OWN = 12
"""Consecutive characters that make a piece of a run the outline's or the facts' own wording."""

Span = tuple[int, int]


@lru_cache(maxsize=64)
def _places(exemplar_text: str, folding: Callable[[str], Folded]) -> tuple[str, dict[str, list[int]]]:
    """The folded exemplar and where each of its blocks of _SEED characters begins."""
    text = folding(fold(exemplar_text)).text
    places: dict[str, list[int]] = {}
    for at in range(len(text) - _SEED + 1):
        places.setdefault(text[at : at + _SEED], []).append(at)
    return text, places


def copies(folded: str, exemplar_texts: Sequence[str], own: str) -> Iterator[tuple[int, Span]]:
    """Spans of a folded text of at least LEAST characters that stand in an exemplar, and that exemplar's place in the sequence.

    Runs are taken with the punctuation counted, and again with it left out. Characters inside pieces of at least _OWN
    that also stand in `own` (the outline's and the facts' wording, `bare`) are not counted.
    """
    for folding in (dense, bare):
        text, origin = folding(folded)
        for which, exemplar_text in enumerate(exemplar_texts):
            for start, end in _runs(text, *_places(exemplar_text, folding)):
                if _foreign(text[start:end], own):
                    yield which, (origin[start], origin[end - 1] + 1)


def _runs(text: str, exemplar: str, places: dict[str, list[int]]) -> Iterator[Span]:
    """Maximal common runs of at least LEAST characters, in order, none inside another."""
    done = 0
    for at in range(0, len(text) - _SEED + 1, _SEED):
        block = text[at : at + _SEED]
        if block not in places or at + _SEED <= done:
            continue
        start, end = max((_grow(text, at, exemplar, place) for place in places[block]), key=lambda run: run[1] - run[0])
        if end - start >= LEAST:
            yield start, end
            done = end


def _grow(text: str, at: int, exemplar: str, place: int) -> Span:
    start, end = at, at + _SEED
    shift = place - at
    while start > 0 and start + shift > 0 and text[start - 1] == exemplar[start + shift - 1]:
        start -= 1
    while end < len(text) and end + shift < len(exemplar) and text[end] == exemplar[end + shift]:
        end += 1
    return start, end


def _foreign(run: str, own: str) -> bool:
    """Whether at least LEAST characters of the run lie outside pieces of at least _OWN that stand in `own`.

    Punctuation counts only in a run that has no such piece.
    """
    words = bare(run).text
    at = foreign = 0
    while at < len(words) and foreign < LEAST:
        piece = _common(words, at, own)
        at += piece or 1
        foreign += not piece
    return foreign >= LEAST or foreign == len(words)


def _common(run: str, at: int, own: str) -> int:
    """Length of the piece from `at` on that stands in `own`, 0 when shorter than _OWN."""
    place = own.find(run[at : at + _OWN]) if at + _OWN <= len(run) else -1
    if place < 0:
        return 0
    length = _OWN
    while at + length < len(run) and place + length < len(own) and run[at + length] == own[place + length]:
        length += 1
    return length
