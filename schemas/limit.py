"""A limit is defined once: evaluate() serves the check, describe() serves the prompt, the form and the page."""

from __future__ import annotations

from typing import Literal

from pydantic import NonNegativeInt

from schemas import Model

Verdict = Literal["within", "characters_over", "words_over"]


class TextCounts(Model):
    """Three ways of counting one text: `words` (字数 as Word shows it), `characters` (no white space), `hanzi`."""

    words: NonNegativeInt
    characters: NonNegativeInt
    hanzi: NonNegativeInt


class TextLimit(Model):
    """At most `maximum` 字 for a text; a draft must keep it by `words` and by `characters`."""

    maximum: int

    def evaluate(self, counts: TextCounts) -> Verdict:
        """`words` over the limit is a breach; `characters` alone over it is a warning (checks.md, length)."""
        if counts.words > self.maximum:
            return "words_over"
        return "characters_over" if counts.characters > self.maximum else "within"

    def describe(self) -> str:
        """The limit in words, as the prompt, the form and the page say it."""
        return f"不超过{self.maximum}字（含标点，按Word“字数”和“字符数（不计空格）”两种口径均不得超过）"
