"""Section × ledger → for each point the facts that answer it, and the data that it still lacks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from schemas.facts import Fact, Kind
from schemas.outline import Indicator, Outline, Part, Point, Section
from service.facts.ledger import Ledger
from service.facts.naming import core_name
from service.text.units import read_unit

_APART = frozenset({Kind.TARGET, Kind.BENCHMARK})
"""What is to be, and what others have, never stands for what is."""
_PART_NAMES: dict[Part, str] = {"value": "", "growth": "增速", "share": "比重", "text": ""}


@dataclass(frozen=True, slots=True)
class Missing:
    """A datum to ask for. `name` as it stands in a placeholder; `unit`, `year` where they apply."""

    indicator: str | None
    name: str
    unit: str | None
    year: int | None
    question: str
    department: str

    @property
    def placeholder(self) -> str:
        """The mark in the text: 【待补充：2016年社会消费品零售总额，亿元】."""
        year = f"{self.year}年" if self.year else ""
        unit = f"，{self.unit}" if self.unit else ""
        return f"【待补充：{year}{self.name}{unit}】"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sheet has and lacks for one point; nothing missing means that the point can be written."""

    point: Point
    facts: tuple[Fact, ...]
    missing: tuple[Missing, ...]


def answers(section: Section, ledger: Ledger) -> tuple[Answer, ...]:
    """One answer for each point, in order. Facts keep the order of the point's indicators, then of the sheet."""
    return tuple(_answer(point, ledger) for point in section.points)


def unassigned(outline: Outline, ledger: Ledger) -> tuple[Fact, ...]:
    """Facts that answer no point of the outline, in the sheet's order."""
    used = {f.id for s in outline.sections for p in s.points for f in _answer(p, ledger).facts}
    return tuple(f for f in ledger.facts if f.id not in used)


def facts_of(indicator: Indicator, ledger: Ledger) -> tuple[Fact, ...]:
    """Facts of one indicator and of its sort (actual, target, benchmark): by id, then by name or synonym."""
    by_id = [f for f in ledger.find(indicator.id) if _fits(f, indicator, ledger)]
    names = {core_name(name, ledger.subject): None for name in (indicator.name, *indicator.synonyms)}
    by_name = (f for name in names for f in ledger.named(name) if _named_for(f, indicator, ledger))
    described = (f for f in ledger.untied if _describes(f, indicator, names)) if indicator.dimension == "text" else ()
    return tuple({f.id: f for f in (*by_id, *by_name, *described)}.values())


def _describes(fact: Fact, indicator: Indicator, names: Collection[str]) -> bool:
    """A matter in words whose name speaks of the indicator; for a body, what it does may say it: 由常务副市长任组长."""
    if fact.kind is not indicator.kind:
        return False
    said = fact.name + (fact.text or "" if fact.kind is Kind.ORGANISATION else "")
    return any(name in said for name in names)


def _answer(point: Point, ledger: Ledger) -> Answer:
    known = ledger.outline.indicators_by_id
    indicators = [known[i] for i in point.indicators if i in known]
    found = {i.id: facts_of(i, ledger) for i in indicators}
    loose = tuple(_by_words(point, ledger))
    facts = tuple({f.id: f for f in (*(f for i in indicators for f in found[i.id]), *loose)}.values())
    missing = tuple(m for i in indicators for m in _lacking(i, found[i.id], ledger))
    if indicators and point.any_of:
        whole = any(not tuple(_lacking(i, found[i.id], ledger)) for i in indicators)
        missing = () if whole or loose else missing[:1] if not any(found.values()) else ()
    elif not indicators and not facts:
        missing = (_undescribed(point),)
    return Answer(point, facts, () if point.optional else missing)


def _fits(fact: Fact, indicator: Indicator, ledger: Ledger) -> bool:
    """Whether the fact is of the indicator's sort, and of the plan's own subject where that matters."""
    if indicator.kind in _APART:
        return fact.kind is indicator.kind
    return fact.kind not in _APART and (fact.subject is None or fact.subject in ledger.subject.names)


def _named_for(fact: Fact, indicator: Indicator, ledger: Ledger) -> bool:
    """A fact that only its name ties to the indicator: tied to no other of the same sort, and of the same dimension."""
    tied = ledger.outline.indicators_by_id.get(fact.indicator) if fact.indicator else None
    if not _fits(fact, indicator, ledger) or (
        tied is not None and (tied.kind is indicator.kind or _fits(fact, tied, ledger))
    ):
        return False
    unit = read_unit(fact.unit) if fact.unit else None
    return unit is None or unit.dimension in {indicator.dimension, *indicator.also} or indicator.dimension == "text"


def _by_words(point: Point, ledger: Ledger) -> Iterator[Fact]:
    """Facts of the point's kinds that have one word of each of its groups (all of these kinds, where it has none).

    A fact that an indicator ties to another point belongs there: words would only set it into many sections.
    """
    if not point.kinds:
        return
    known = ledger.outline.indicators_by_id
    for fact in ledger.of_kind(*point.kinds):
        if point.keywords and fact.indicator in known and fact.indicator not in point.indicators:
            continue
        words = ledger.words[fact.id]
        if all(any(w in words for w in group) for group in point.keywords):
            yield fact


def _lacking(indicator: Indicator, facts: Iterable[Fact], ledger: Ledger) -> Iterator[Missing]:
    """The parts that no fact gives, for the newest year that the sheet has of this indicator, else of all."""
    facts = tuple(facts)
    years = [f.year for f in facts if f.year]
    year = max(years) if years else ledger.year_asked(indicator.kind)
    for part in indicator.expects:
        if not any(_says(f, part, indicator) for f in facts):
            yield _missing(indicator, part, year, ledger.outline)


def _says(fact: Fact, part: Part, indicator: Indicator) -> bool:
    """A matter to be described is given by any fact about it; a percentage may stand in any of the three fields."""
    if part == "text":
        return True
    if part == "value" and indicator.dimension == "percent":
        return any(v is not None for v in (fact.value, fact.growth, fact.share))
    return getattr(fact, part) is not None


def _missing(indicator: Indicator, part: Part, year: int | None, outline: Outline) -> Missing:
    unit = {"value": indicator.unit, "text": None}.get(part, "%")
    name = indicator.name
    if _PART_NAMES[part] and not name.endswith(("增速", "增长率", "比重", "占比")):
        name += _PART_NAMES[part]
    if part == "text":
        year = None
    return Missing(
        indicator=indicator.id,
        name=name,
        unit=unit,
        year=year,
        question=_question(indicator, part, unit, year, outline),
        department=indicator.department,
    )


def _question(indicator: Indicator, part: Part, unit: str | None, year: int | None, outline: Outline) -> str:
    thing = _thing(indicator, indicator.name if part == "text" else re.sub(r"目标$", "", indicator.name), outline)
    measured = f"（{unit}）" if unit else ""
    when = f"{year}年" if year else ""
    if part == "text":
        return _request(indicator, thing)
    if indicator.kind is Kind.TARGET:
        return f"到{when or '期末'}，{thing}的目标是多少{measured}？"
    asked = {"growth": "比上年增长多少", "share": "所占比重是多少"}.get(part, "是多少")
    return f"{when}{thing}{asked}{measured}？"


def _thing(indicator: Indicator, name: str, outline: Outline) -> str:
    """全市社会消费品零售总额: what is asked for, and whose it is where that is not plain."""
    whose = "全市" if outline.subject_word == "市" else "基地"
    plain = indicator.kind in {Kind.BENCHMARK, Kind.ORGANISATION} or name.startswith(
        (whose, "城市", "本", "基地", "拟")
    )
    return name if plain else whose + name


def _request(indicator: Indicator, thing: str) -> str:
    detail = f"：{indicator.meaning.rstrip('。')}" if indicator.meaning else ""
    if indicator.kind is Kind.ORGANISATION:
        return f"请明确创建工作的{thing}{detail}。"
    if thing.endswith(("情况", "现状")):
        return f"请说明{thing}{detail}。"
    return f"请提供{thing}方面的材料{detail}。"


def _undescribed(point: Point) -> Missing:
    question = point.question or f"请提供与“{point.text}”有关的情况。"
    return Missing(None, point.text, None, None, question, point.department)
