"""Figures: an exemplar's distinctive quantities, and whether a text or the facts state the same ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from schemas.facts import Fact
from service.check.leakage.fold import fold

_MAGNITUDE = {"万亿": 12, "千亿": 11, "百亿": 10, "亿": 8, "千万": 7, "百万": 6, "万": 4, "": 0}
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_NUMBER = r"\d[\d,]*(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+"
_FIGURE = re.compile(
    rf"(?<![\d.a-z])(?P<low>{_NUMBER})(?:[-至到](?P<high>{_NUMBER}))?"
    rf"(?P<magnitude>万亿|千亿|百亿|亿|千万|百万|万)?多?余?"
    rf"(?P<unit>美元|元|平方米|平方公里|人次|[%户个家人台条次种项名]|gbps|mbps|m(?![a-z])|兆)"
)
_ALWAYS = frozenset({"元", "美元", "平方米", "gbps"})
"""Units of which every figure is distinctive; a figure of 万 or more is so in any unit."""
_CLAUSE_END = "，,。；;：:、？！?!\n"
_TIE = 5
"""Consecutive characters of the clause that tie a common figure (15%, 80家) to the same noun."""
_SHORT = 8
"""A clause of fewer characters (年均增长20%以上) is read with the clause before it."""
_LETTERS = re.compile(r"[^\W\d_]+")


Amount = tuple[tuple[Decimal, ...], str]
"""Numbers (two for a range) and base unit."""


class Figure(NamedTuple):
    """A quantity at start:end; `numbers` in the unit without 万 or 亿, two for a range."""

    start: int
    end: int
    numbers: tuple[Decimal, ...]
    unit: str
    clause: str

    @property
    def same(self) -> Amount:
        """What makes two figures the same."""
        return self.numbers, self.unit

    @property
    def distinctive(self) -> bool:
        """Whether the figure alone gives its source away."""
        return self.unit != "%" and (self.unit in _ALWAYS or self.numbers[-1] >= 10_000)


def figures(folded: str) -> Iterator[Figure]:
    """The quantities of a folded text, in order."""
    for found in _FIGURE.finditer(folded):
        factor = Decimal(10) ** _MAGNITUDE[found["magnitude"] or ""]
        numbers = [_number(n) for n in (found["low"], found["high"]) if n]
        if all(n is not None for n in numbers):
            start, end = found.span()
            amount = tuple(n * factor for n in numbers if n is not None)
            yield Figure(
                start, end, amount, "m" if found["unit"] == "兆" else found["unit"], _clause(folded, start, end)
            )


def _number(written: str) -> Decimal | None:
    """2,000, 3.5 or 两千五百 as a number; None for what is no numeral, such as 千百."""
    if written[0].isdecimal():
        return Decimal(written.replace(",", ""))
    total = 0
    digit: int | None = None
    for character in written:
        if character in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[character]
        else:
            if digit is None and character != "十":
                return None
            total += (1 if digit is None else digit) * _PLACES[character]
            digit = None
    return Decimal(total + (digit or 0))


def _clause(text: str, start: int, end: int) -> str:
    first = _clause_start(text, start)
    last = min((at for c in _CLAUSE_END if (at := text.find(c, end)) >= 0), default=len(text))
    if (start - first) + (last - end) < _SHORT and first > 0:
        first = _clause_start(text, first - 1)
    return text[first:last]


def _clause_start(text: str, before: int) -> int:
    return max(text.rfind(c, 0, before) for c in _CLAUSE_END) + 1


@lru_cache(maxsize=64)
def exemplar_figures(exemplar_text: str) -> tuple[Figure, ...]:
    """The quantities of an exemplar; numerals that it spells out (三次产业, 四级) are structure."""
    return tuple(f for f in figures(fold(exemplar_text)) if exemplar_text[f.start].isdecimal())


def stated(facts: Iterable[Fact]) -> set[Amount]:
    """All quantities that the facts state, in fields or in words."""
    lines = []
    for fact in facts:
        lines += [fact.text or "", fact.name]
        lines += [f"{percent:f}%" for percent in (fact.growth, fact.share) if percent is not None]
        if fact.value is not None:
            ends = fact.value if isinstance(fact.value, tuple) else (fact.value,)
            lines.append("-".join(f"{n:f}" for n in ends) + (fact.unit or ""))
    return {f.same for line in lines for f in figures(fold(line))}


def leaked(found: Iterable[Figure], exemplar_text: str, known: Set[Amount]) -> Iterator[Figure]:
    """Those of the found quantities that are the exemplar's and not among the known ones."""
    theirs: dict[Amount, list[Figure]] = {}
    for figure in exemplar_figures(exemplar_text):
        theirs.setdefault(figure.same, []).append(figure)
    for figure in found:
        if figure.same in known or figure.same not in theirs:
            continue
        if figure.distinctive or any(_tied(figure.clause, other.clause) for other in theirs[figure.same]):
            yield figure


def _tied(clause: str, other: str) -> bool:
    """Whether the clauses share _TIE consecutive letters or Han characters."""
    pieces = {run[at : at + _TIE] for run in _LETTERS.findall(other) for at in range(len(run) - _TIE + 1)}
    return any(run[at : at + _TIE] in pieces for run in _LETTERS.findall(clause) for at in range(len(run) - _TIE + 1))
