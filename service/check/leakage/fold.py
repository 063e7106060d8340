"""Folding: text in one spelling of width, quotes and case, so that a copy is recognised however it was typed."""

from __future__ import annotations

import re
from typing import NamedTuple

_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}
_VARIANTS = str.maketrans("“”‘’～~—–―﹝﹞", "\"\"''-----〔〕")
_TABLE = {**_FULL_WIDTH, **_VARIANTS}
_NOT_BLANK = re.compile(r"\S+")
_CONTENT = re.compile(r"(?:[^\W_]|[%×])+")


def fold(text: str) -> str:
    """The text in half width, plain quotes and lower case; of the same length, so places stay."""
    folded = text.translate(_TABLE).casefold()
    return folded if len(folded) == len(text) else text.translate(_TABLE)  # ß and its like grow when folded


class Folded(NamedTuple):
    """Folded characters and, for each, its place in the text."""

    text: str
    places: list[int]


def dense(folded: str) -> Folded:
    """A folded text without white space."""
    return _kept(folded, _NOT_BLANK)


def bare(folded: str) -> Folded:
    """A folded text without white space and punctuation."""
    return _kept(folded, _CONTENT)


def _kept(folded: str, wanted: re.Pattern[str]) -> Folded:
    runs = list(wanted.finditer(folded))
    return Folded("".join(run[0] for run in runs), [at for run in runs for at in range(*run.span())])
