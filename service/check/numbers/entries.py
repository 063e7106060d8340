"""Entries: every figure that the fact sheet states, in fields or in words, ready to be held against a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from schemas.facts import Bound, Fact, Kind, Subject
from service.check.numbers.claims import Claim, group_of, read_claims, unit_group
from service.check.numbers.sorts import Sort
from service.text.approaches import Approach
from service.text.numerals import HAN_NUMERALS
from service.text.quantities import PERCENT, spoken
from service.text.units import Unit
from service.text.years import years as years_told

Facet = Literal["value", "growth", "share", "words"]
"""Where in the fact the figure stands."""

_GROWTH_NAME = re.compile(
    "增速|增长率|增幅|降幅|涨幅|年均增长|增长速度|下降率|同比增长|(?:增长|下降|降低|减少|缩短|压缩|压减|提升|提高|上升)(?:幅度|比例|率)?$"
)
_DOWN_NAME = re.compile("降幅|下降|降低|减少|缩短|压缩|压减")
_SHARE_NAME = re.compile("占.*(?:比重|比例|比率|份额)|占比|比重|份额")
_BENCHMARK_NAME = re.compile(
    "^(?:全省|全国|全区|自治区|省|[\u4e00-\u9fff]{2,3}(?:省|自治区))(?!级|市|会|重点|内|定|示范|著名|名牌|外|直)|平均水平|(?:全省|全国|自治区)平均"
)
_PLACE = re.compile(
    "^(?!全|各|本|我|该|省|国)[\u4e00-\u9fff]{2,7}?(?:省|自治区|自治州|自治县|特别行政区|[市州盟县区])(?![级域场内外属直辖均间])"
)
"""The place that opens a name: 重庆市 of 重庆市农产品网络零售额."""
_BOUNDS: dict[Approach, Bound] = {
    "over": Bound.AT_LEAST,
    "at_most": Bound.AT_MOST,
    "about": Bound.ABOUT,
    "under": Bound.ABOUT,
}
_ONE = re.compile(f"(?<![第{HAN_NUMERALS}])一(?![{HAN_NUMERALS}])")
_RANKED = re.compile("排名|位次|名次|位居|位列|排位")


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure of a fact; `low`, `high` in the unit's base unit, growth signed; `words` is what it is called."""

    fact: Fact
    facet: Facet
    low: Decimal
    high: Decimal
    unit: Unit
    group: str
    sort: Sort
    words: str
    bound: Bound
    benchmark: bool
    years: tuple[int, ...]
    parts: tuple[Decimal, ...] = ()
    shown_as: str = ""
    label: str = ""
    lead: str = ""
    """For a figure of a fact's words: its clause there, up to the figure."""
    rest: str = ""
    """The clause after the figure."""

    @property
    def size(self) -> Decimal:
        """The number without its sign."""
        return abs(self.low)

    @property
    def shown(self) -> str:
        """The figure as the sheet writes it."""
        if self.shown_as:
            return self.shown_as
        if self.facet == "value" and self.fact.value is not None:
            ends = self.fact.value if isinstance(self.fact.value, tuple) else (self.fact.value,)
            return "～".join(f"{n:f}" for n in ends) + (self.fact.unit or "")
        if self.facet in ("growth", "share"):
            return f"{self.low:f}%"
        return self.shown_as


def entries(facts: Iterable[Fact], subject: Subject) -> Iterator[Entry]:
    """All figures of the facts in the sheet's order."""
    for fact in facts:
        yield from _of_fields(fact, subject)
        yield from _of_words(fact, subject)


def _of_fields(fact: Fact, subject: Subject) -> Iterator[Entry]:
    benchmark = _is_benchmark(fact, subject)
    years = (fact.year,) if fact.year else _period(fact.text or "")
    if fact.value is not None:
        unit = spoken(fact.unit)
        group = group_of(unit.dimension, unit.base)
        if group == "rank" and not _RANKED.search(fact.name):
            group = "people"
        low, high = fact.value if isinstance(fact.value, tuple) else (fact.value, fact.value)
        sort = _value_sort(fact.name, group)
        if sort == "growth" and _DOWN_NAME.search(fact.name) and low > 0:
            low, high = -high, -low
        yield Entry(
            fact,
            "value",
            low * unit.scale,
            high * unit.scale,
            unit,
            group,
            sort,
            fact.name,
            fact.bound,
            benchmark,
            years,
        )
    for facet, number in (("growth", fact.growth), ("share", fact.share)):
        if number is not None:
            words = fact.name
            if facet == "share" and (whole := re.search("占[^，。；0-9]{2,24}", fact.text or "")):
                words = f"{fact.name}|{whole[0]}"
            bound = fact.bound if fact.value is None else Bound.EXACT
            yield Entry(
                fact, "growth" if facet == "growth" else "share", number, number, PERCENT, "percent", "growth" if facet == "growth" else "share", words, bound,
                benchmark, years,
            )  # fmt: skip


def _period(text: str) -> tuple[int, ...]:
    """The years that a fact without a year of its own tells in words, where it tells one period: 2017—2021年每年安排."""
    told = years_told(text)
    if len(told) != 1 or told[0].role != "in" or told[0].first == told[0].last:
        return ()
    return tuple(range(told[0].first, told[0].last + 1))


def _value_sort(name: str, group: str) -> Sort:
    if group == "percent":
        if _SHARE_NAME.search(name):
            return "share"
        return "growth" if _GROWTH_NAME.search(name) else "rate"
    if group == "percentage_points":
        return "points"
    if group == "rank":
        return "rank"
    return "multiple" if group.startswith("ratio") else "level"


def _of_words(fact: Fact, subject: Subject) -> Iterator[Entry]:
    benchmark = _is_benchmark(fact, subject)
    for text in dict.fromkeys(t for t in (fact.text, fact.title, fact.name) if t):
        for claim in read_claims(text):
            quantity = claim.quantity
            years = [fact.year] if fact.year else []
            if claim.year is not None and claim.year_reach != "none":
                years = [*range(claim.year.first, claim.year.last + 1), *years]
            yield Entry(
                fact=fact,
                facet="words",
                low=-quantity.low if claim.sort == "growth" and claim.sign < 0 else quantity.low,
                high=-quantity.high if claim.sort == "growth" and claim.sign < 0 else quantity.high,
                unit=quantity.unit,
                group=unit_group(quantity),
                sort=claim.sort,
                words=_words(fact, claim, text),
                bound=_BOUNDS.get(quantity.approach, Bound.EXACT),
                benchmark=benchmark,
                years=tuple(dict.fromkeys(y for y in years if y)),
                parts=quantity.parts,
                shown_as=quantity.text,
                label=(claim.key or f"{claim.wide}|{claim.named}") if text != fact.name else "",
                lead=claim.clause_before,
                rest=claim.clause_after,
            )


def ones(facts: Iterable[Fact], subject: Subject) -> Iterator[Entry]:
    """Single things told in characters (每季度召开一次会议), which the reader of quantities passes over as phrasing."""
    for fact in facts:
        for claim in read_claims(_ONE.sub("1", fact.text)) if fact.text and "一" in fact.text else ():
            quantity = claim.quantity
            written = fact.text[quantity.start : quantity.end] if fact.text else ""
            if quantity.low == quantity.high == 1 and written.startswith("一"):
                yield Entry(
                    fact, "words", quantity.low, quantity.high, quantity.unit, unit_group(quantity), claim.sort,
                    fact.name, Bound.EXACT, _is_benchmark(fact, subject), (fact.year,) if fact.year else (),
                    shown_as=written, lead=claim.clause_before, rest=claim.clause_after,
                )  # fmt: skip


def _words(fact: Fact, claim: Claim, text: str) -> str:
    if text == fact.name:
        return fact.name
    return f"{fact.name}|{claim.named}" if claim.paired else f"{fact.name}|{claim.named}|{claim.before[-40:]}"


def place_of(fact: Fact) -> str:
    """The place that the fact's name opens with or its subject is; empty where it names none."""
    found = _PLACE.match(fact.name or "")
    return found[0] if found else fact.subject or ""


def _is_benchmark(fact: Fact, subject: Subject) -> bool:
    if fact.subject and fact.subject not in subject.names:
        return True
    return fact.kind is Kind.BENCHMARK or bool(_BENCHMARK_NAME.search(fact.name))
