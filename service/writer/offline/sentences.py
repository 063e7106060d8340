"""Sentences with the facts and points they stand for, and how they become paragraphs: time said once, themes together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from schemas.draft import DraftParagraph

FULL = 170
"""Characters from which a paragraph ends at the next change of theme; the exemplar plans' have about 90 to 250."""
OVERFULL = 320
"""Characters from which a paragraph ends at the next sentence."""
STRAY = 60
"""Characters below which a last paragraph goes with the one before it."""
_COMPARED = re.compile(r"比上年(?=增长|下降)")
_YEAR = re.compile(r"(?:19|20)\d\d年")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, or several of one fact. `moment` (2016年, 到2021年) goes before it unless just said."""

    text: str
    facts: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    theme: str = "words"
    """figures, words, projects … : a change of it may start a paragraph."""
    moment: str = ""
    scope: str = ""
    """全市: said after the moment, once a paragraph."""
    opens: bool = False
    """Begins a paragraph."""


def with_points(sentences: Iterable[Sentence], *points: str) -> list[Sentence]:
    """The same sentences, standing for these points too."""
    return [replace(s, points=tuple(dict.fromkeys((*s.points, *points)))) for s in sentences]


def paragraphs(sentences: Sequence[Sentence]) -> tuple[DraftParagraph, ...]:
    """Sentences by theme in paragraphs of readable length."""
    groups: list[list[Sentence]] = []
    length = 0
    for sentence in sentences:
        last = groups[-1][-1] if groups else None
        turn = last is not None and sentence.theme != last.theme
        if last is None or sentence.opens or length >= OVERFULL or (turn and length >= FULL):
            groups.append([])
            length = 0
        groups[-1].append(sentence)
        length += len(sentence.text)
    if len(groups) > 1 and length < STRAY and not groups[-1][0].opens:
        groups[-2:] = [groups[-2] + groups[-1]]
    return tuple(_paragraph(group) for group in groups)


def _paragraph(group: Sequence[Sentence]) -> DraftParagraph:
    return DraftParagraph(
        text=joined(group),
        facts=tuple(dict.fromkeys(f for s in group for f in s.facts)),
        points=tuple(dict.fromkeys(p for s in group for p in s.points)),
    )


def joined(group: Iterable[Sentence]) -> str:
    """One paragraph's text: a moment and a scope are said where they change."""
    text, moment, scope, compared = "", "", "", False
    for sentence in group:
        said = sentence.text
        if sentence.theme in {"figures", "described", "opening"}:
            # What growth is compared with is said once a paragraph.
            said = _COMPARED.sub("", said) if compared else said
            compared = compared or "比上年" in said
        if sentence.scope and (sentence.scope != scope or sentence.moment != moment):
            said = f"{sentence.scope}{said}"
        if sentence.moment and sentence.moment != moment:
            said = f"{sentence.moment}，{said}" if not sentence.moment.endswith("末") else f"{sentence.moment}{said}"
        text += said
        if sentence.moment:
            moment, scope = sentence.moment, sentence.scope
        elif _YEAR.search(said):
            # Another year was named in between: the next figure says its own again.
            moment, scope = "", ""
    return text
