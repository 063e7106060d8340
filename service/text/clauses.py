"""Where clauses, sentences and paragraphs of a Chinese text begin, for whoever must read a word in its context."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_CLAUSE = re.compile(r"[，；;。！？!?：（）()\n]|,(?!\d)|:(?!\d)")
_SENTENCE = re.compile(r"[。！？!?\n]")
_ITEM = "[一二三四五六七八九十]{1,3}"
_PARAGRAPH = re.compile(
    rf"\n|(?<=[。；])(?=[（(](?:{_ITEM}|\d{{1,2}})[）)]|——|第{_ITEM}[章节]|{_ITEM}、|任务{_ITEM}|\d{{1,2}}[.．、][^\d])"
)
"""A numbered item opens a paragraph also where the text goes on in the line."""


class Place(NamedTuple):
    """Starts and ends of what surrounds a place; ends are exclusive."""

    clause: int
    clause_end: int
    sentence: int
    sentence_end: int
    paragraph: int


class Clauses:
    """The boundaries of one text, found once; each look-up is a bisection."""

    def __init__(self, folded: str) -> None:
        self._length = len(folded)
        self._clauses = [0, *(m.end() for m in _CLAUSE.finditer(folded))]
        self._sentences = [0, *(m.end() for m in _SENTENCE.finditer(folded))]
        self._paragraphs = [0, *(m.end() for m in _PARAGRAPH.finditer(folded))]

    @property
    def paragraphs(self) -> list[int]:
        """Where paragraphs begin."""
        return self._paragraphs

    def around(self, at: int) -> Place:
        """The clause, sentence and paragraph that the place is in."""
        clause, clause_end = self._around(self._clauses, at)
        sentence, sentence_end = self._around(self._sentences, at)
        return Place(
            clause=clause,
            clause_end=clause_end,
            sentence=sentence,
            sentence_end=sentence_end,
            paragraph=self._paragraphs[bisect_right(self._paragraphs, at) - 1],
        )

    def _around(self, starts: list[int], at: int) -> tuple[int, int]:
        index = bisect_right(starts, at)
        return starts[index - 1], starts[index] - 1 if index < len(starts) else self._length
