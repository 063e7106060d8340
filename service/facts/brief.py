"""Ledger → brief: what all sections of a plan must agree on, read off the facts, with no model."""

from __future__ import annotations

import re
from collections.abc import Iterable

from schemas.brief import Bodies, Brief, Project, Target
from schemas.facts import Fact, Kind
from service.facts.ledger import Ledger
from service.facts.naming import core_name

_GOAL = re.compile(r"总体目标|发展定位|战略目标|战略定位|指导思想|创建目标")
_FUND = re.compile(r"资金|经费|预算")
_BODY_PARTS = (
    ("lead", re.compile(r"主管领导|组长|分管领导")),
    ("department", re.compile(r"牵头")),
    ("mechanisms", re.compile(r"机制|制度|联席会议|例会|协同处理|督查|考核")),
    ("office", re.compile(r"办公室")),
    ("participants", re.compile(r"参与|成员单位|相关部门|配合|职责|分工")),
)
_GROUP_LEAD = re.compile(r"任(?:[^，。；]{0,8})组长")
_YEARS = re.compile(r"((?:19|20)\d\d)(?:年)?[—\-–~～至到]{1,2}((?:19|20)\d\d)年?")
_GROWTH_ENDING = re.compile(r"(?:年均)?(?:增速|增长率|增长|增幅)$")


def make_brief(ledger: Ledger) -> Brief:
    """The brief of one sheet. Every fact stands in the first part that it fits."""
    targets = ledger.of_kind(Kind.TARGET)
    goal = [f for f in targets if not _quantity(f) and _GOAL.search(f.name)]
    organisation = ledger.of_kind(Kind.ORGANISATION)
    projects = ledger.of_kind(Kind.PROJECT)
    fund = _fund(ledger)
    taken = {f.id for f in (*goal, *fund)}
    return Brief(
        period=ledger.sheet.period,
        goal=tuple(goal),
        targets=tuple(_target(f, ledger) for f in targets if _quantity(f) and f.id not in taken),
        tasks=tuple(
            f
            for f in ledger.facts
            if f.id not in taken and (f.kind is Kind.MEASURE or (f.kind is Kind.TARGET and not _quantity(f)))
        ),
        projects=tuple(Project(fact=f, years=_years(f)) for f in projects if f.id not in taken),
        bodies=_bodies(organisation, ledger),
        fund=tuple(fund),
        policies=ledger.of_kind(Kind.POLICY),
    )


def _fund(ledger: Ledger) -> list[Fact]:
    """Facts of the outline's fund section (or its points about money), and what else is called money and is not tied."""
    sections = {s for rule in ledger.outline.rules if rule.id == "fund" for s in rule.sections}
    points = [(s.id, p) for s in ledger.outline.sections for p in s.points]
    ruled = [p for section, p in points if section in sections] or [p for _, p in points if p.text == "资金保障"]
    named = {i for p in ruled for i in p.indicators}
    return [
        f
        for f in ledger.facts
        if f.indicator in named
        or (f.indicator is None and _FUND.search(f.name) and f.kind in {Kind.MEASURE, Kind.TARGET, Kind.OTHER})
    ]


def _quantity(fact: Fact) -> bool:
    return any(v is not None for v in (fact.value, fact.growth, fact.share))


def _target(fact: Fact, ledger: Ledger) -> Target:
    """With the newest actual fact of the same thing, and what the province or nation has of it."""
    core = core_name(fact.name, ledger.subject)
    same = [f for name in dict.fromkeys((core, _GROWTH_ENDING.sub("", core))) for f in ledger.named(name)]
    actual = [f for f in same if f.kind is Kind.ACTUAL and (f.subject is None or f.subject in ledger.subject.names)]
    base = max((f for f in actual if _quantity(f)), key=lambda f: f.year or 0, default=None)
    benchmark = next((f for f in same if f.kind is Kind.BENCHMARK and _quantity(f)), None)
    return Target(fact=fact, base=base, benchmark=benchmark)


def _years(project: Fact) -> str | None:
    """2017—2019年, from the text or the year of completion."""
    if found := _YEARS.search(f"{project.name}{project.text or ''}"):
        return f"{found[1]}—{found[2]}年"
    return f"{project.year}年" if project.year else None


def _bodies(facts: Iterable[Fact], ledger: Ledger) -> Bodies:
    parts: dict[str, list[Fact]] = {}
    for fact in facts:
        indicator = ledger.outline.indicators_by_id.get(fact.indicator or "")
        called = (fact.name, indicator.name if indicator else "")
        part = next((p for name in called for p, words in _BODY_PARTS if words.search(name)), None)
        if part is None and _GROUP_LEAD.search(fact.text or ""):
            part = "lead"
        parts.setdefault(part or "others", []).append(fact)
    return Bodies(**{part: tuple(found) for part, found in parts.items()})
