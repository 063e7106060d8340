"""Where clauses, sentences and paragraphs of a Chinese text begin, for whoever must read a word in its context."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_CLAUSE = re.compile(r"[，；;。！？!?：（）()\n]|,(?!\d)|:(?!\d)")
_SENTENCE = re.compile(r"[。！？!?\n]")
_PARAGRAPH = re.compile(r"\n")


class Place(NamedTuple):
    """Starts and end of what surrounds a place; `clause_end` is exclusive."""

    clause: int
    clause_end: int
    sentence: int
    paragraph: int


class Clauses:
    """The boundaries of one text, found once; each look-up is a bisection."""

    def __init__(self, folded: str) -> None:
        self._length = len(folded)
        self._clauses = [0, *(m.end() for m in _CLAUSE.finditer(folded))]
        self._sentences = [0, *(m.end() for m in _SENTENCE.finditer(folded))]
        self._paragraphs = [0, *(m.end() for m in _PARAGRAPH.finditer(folded))]

    def around(self, at: int) -> Place:
        """The clause, sentence and paragraph that the place is in."""
        index = bisect_right(self._clauses, at)
        clause_end = self._clauses[index] - 1 if index < len(self._clauses) else self._length
        return Place(
            clause=self._clauses[index - 1],
            clause_end=clause_end,
            sentence=self._sentences[bisect_right(self._sentences, at) - 1],
            paragraph=self._paragraphs[bisect_right(self._paragraphs, at) - 1],
        )
