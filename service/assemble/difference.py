"""What was changed between two versions of a text: by sentence, and within changed sentences by character."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from schemas.wire import Change

_SENTENCE = re.compile(r"[^。！？；\n]*(?:[。！？；]+[”’）]*\n*|\n+)|[^。！？；\n]+")
_LARGEST = 2_000_000
"""Product of the lengths beyond which changed sentences are not compared by character: that takes seconds."""
_ALIKE = 0.5
"""Share of characters in common under which sentences are shown as replaced: scraps help nobody."""
_SCRAP = 2
"""Characters in common between two changes that are too few to be shown as kept."""


def difference(old: str, new: str) -> tuple[Change, ...]:
    """The runs in order; of a replacement the deleted one comes first."""
    return tuple(_joined(_by_sentence(_SENTENCE.findall(old), _SENTENCE.findall(new))))


def _by_sentence(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield Change(op="equal", text=before)
        else:
            yield from _by_character(before, after)


def _by_character(old: str, new: str) -> Iterator[Change]:
    if len(old) * len(new) <= _LARGEST:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        if matcher.ratio() >= _ALIKE:
            for tag, a, b, c, d in matcher.get_opcodes():
                if tag == "equal" and (b - a >= _SCRAP or b == len(old) or a == 0):
                    yield Change(op="equal", text=old[a:b])
                else:
                    yield from _replaced(old[a:b], new[c:d])
            return
    yield from _replaced(old, new)


def _replaced(old: str, new: str) -> Iterator[Change]:
    if old:
        yield Change(op="delete", text=old)
    if new:
        yield Change(op="insert", text=new)


def _joined(changes: Iterator[Change]) -> Iterator[Change]:
    """Neighbours of the same kind as one, and what is deleted before what is inserted in its place."""
    gone, added, kept = "", "", ""
    for change in changes:
        if change.op == "equal":
            yield from _replaced(gone, added)
            gone = added = ""
            kept += change.text
            continue
        if kept:
            yield Change(op="equal", text=kept)
            kept = ""
        if change.op == "delete":
            gone += change.text
        else:
            added += change.text
    yield from _replaced(gone, added)
    if kept:
        yield Change(op="equal", text=kept)
