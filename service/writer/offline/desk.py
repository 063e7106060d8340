"""What every section of one plan is composed from: the facts as words, what answers each point, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from schemas.brief import Brief
from schemas.facts import Fact, FactSheet, Kind
from schemas.outline import Indicator, Outline, Section
from service.facts.answers import Answer, Missing, answers
from service.facts.brief import make_brief
from service.facts.growths import growths_apart
from service.facts.ledger import Ledger
from service.facts.naming import on_cover
from service.writer.offline.roles import Matter, looks_ahead, matter
from service.writer.offline.wording import folded

_YEAR_AHEAD = re.compile(r"^(?:到|至)?(?:19|20)\d\d年(?:底|末)?")
_GOAL_END = re.compile(r"(?<=..)(?:目标值?|指标)$")
_WHOSE = re.compile(
    r"^(?:全|我市|我省|本|市|省|各|每|在|年|五年|基地|园区|产业园|国家|“|引进|累计|组织|开展|开设|社会(?!消费品)|包括|中国|人均|大中专)"
)
_FIRM = re.compile(r"公司|集团|合作社|联盟|协会")


class Desk:
    """One sheet under one outline, with everything derived from it computed once. Immutable."""

    def __init__(self, sheet: FactSheet, outline: Outline) -> None:
        self.sheet = sheet
        self.outline = outline
        self.growths = growths_apart(sheet.facts, sheet.subject)
        self.ledger = Ledger(_whole(sheet, self.growths), outline)
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._answers: dict[str, tuple[Answer, ...]] = {}
        self._found: dict[str, tuple[Answer, ...]] = {}

    @cached_property
    def brief(self) -> Brief:
        """What all sections agree on."""
        return make_brief(self.ledger)

    @property
    def own(self) -> str:
        """我市, or the base's short name."""
        return "我市" if self.is_city else self.sheet.subject.short

    @property
    def is_city(self) -> bool:
        """Whether the plan is a city's."""
        return self.outline.subject_word == "市"

    @property
    def period(self) -> str:
        """2017—2021年; "" where the sheet has none."""
        period = self.sheet.period
        return f"{period[0]}—{period[1]}年" if period else ""

    def text(self, fact: Fact) -> str:
        """The fact's text in one line, without a mark at its end."""
        if fact.id not in self._texts:
            self._texts[fact.id] = folded(fact.text)
        return self._texts[fact.id]

    def name(self, fact: Fact) -> str:
        """What the fact calls its matter, without the year and the word 目标."""
        if fact.id not in self._names:
            name = _YEAR_AHEAD.sub("", folded(fact.name)) or fact.name
            self._names[fact.id] = _GOAL_END.sub("", name) if fact.kind is Kind.TARGET else name
        return self._names[fact.id]

    def scope(self, fact: Fact) -> str:
        """全市 before a figure of the city whose name does not say whose it is."""
        name = self.name(fact)
        own = fact.subject is None or fact.subject in self.sheet.subject.names
        named = any(n in name for n in self.sheet.subject.names) or _WHOSE.search(name) or _FIRM.search(name)
        return "全市" if self.is_city and own and not named and fact.kind is not Kind.BENCHMARK else ""

    def answers(self, section: Section) -> tuple[Answer, ...]:
        """What the sheet has and lacks for each point; a fact that several sections could tell stays in its own."""
        if section.id not in self._answers:
            found: list[Answer] = []
            for answer in self._raw(section):
                found.append(self._owned(answer, section, {f.id for a in found for f in a.facts}))
            self._answers[section.id] = tuple(found)
        return self._answers[section.id]

    def _raw(self, section: Section) -> tuple[Answer, ...]:
        if section.id not in self._found:
            self._found[section.id] = answers(section, self.ledger)
        return self._found[section.id]

    def _owned(self, answer: Answer, section: Section, told: Collection[str]) -> Answer:
        if section.checklist:
            return answer
        if section.summary:
            return replace(answer, missing=(*answer.missing, *self._unnamed(answer.facts, answer, section)))
        here = (section.id, answer.point.id)
        own = tuple(f for f in answer.facts if self._tied(f, answer) or self._homes.get(f.id) == here)
        if not own and not answer.missing:
            # A point whose only facts belong to another section is told from the first of them rather than left bare.
            other = [f for f in answer.facts if self._homes.get(f.id, here)[0] != section.id and f.id not in told]
            own = tuple(other[:1])
        return replace(answer, facts=own, missing=(*answer.missing, *self._unnamed(own, answer, section)))

    def _unnamed(self, own: Sequence[Fact], answer: Answer, section: Section) -> list[Missing]:
        """What the facts found by their words do not tell: an office is no leading department, an area no plan."""
        indicator = next(iter(self.indicators(answer)), None)
        if indicator is None or answer.missing or any(self._tied(f, answer) for f in own):
            return []
        what = matter(answer.point, section, self.outline)
        core = answer.point.text[:2]
        unnamed = what is Matter.BODY and not any(core in f"{f.name}{f.text or ''}" for f in own)
        bare = (
            what is Matter.PRESENT
            and indicator.dimension == "text"
            and all(f.value is not None and not f.text for f in own)
        )
        bereft = not own and bool(answer.facts) and not answer.point.optional
        if not unnamed and not (own and bare) and not bereft:
            return []
        ask = f"请明确创建工作的{indicator.name}。" if unnamed else f"请说明{indicator.name}。"
        return [Missing(indicator.id, indicator.name, None, None, ask, indicator.department)]

    @staticmethod
    def _tied(fact: Fact, answer: Answer) -> bool:
        return fact.indicator in answer.point.indicators

    @cached_property
    def _homes(self) -> dict[str, tuple[str, str]]:
        """Section and point that tell a fact: the one that its indicator ties it to, else the first that it fits."""
        tied: dict[str, tuple[str, str]] = {}
        loose: dict[str, tuple[str, str]] = {}
        for section in self.body:
            for answer in self._raw(section):
                here = (section.id, answer.point.id)
                ahead = matter(answer.point, section, self.outline) in {Matter.TASK, Matter.FUND, Matter.BODY}
                for fact in answer.facts:
                    if self._tied(fact, answer):
                        tied.setdefault(fact.id, here)
                    elif ahead is looks_ahead(fact):
                        loose.setdefault(fact.id, here)
        return {**loose, **tied}

    @cached_property
    def body(self) -> tuple[Section, ...]:
        """Sections of the body, without summary and list of attachments."""
        return tuple(s for s in self.outline.sections if not s.summary and not s.checklist)

    @cached_property
    def left(self) -> tuple[Fact, ...]:
        """Facts that answer no point of a section of the body, in the sheet's order, without the title page's."""
        listed = [s for s in self.outline.sections if s.checklist]
        used = {f.id for s in (*self.body, *listed) for a in self.answers(s) for f in a.facts}
        return tuple(f for f in self.ledger.facts if f.id not in used and not on_cover(f))

    def indicators(self, answer: Answer) -> list[Indicator]:
        """The indicators of an answer's point, in order."""
        known = self.outline.indicators_by_id
        return [known[i] for i in answer.point.indicators if i in known]

    def newest(self, facts: Sequence[Fact]) -> list[Fact]:
        """Of facts with the same name, unit and sort, the latest year's; in the order of the first of each."""
        latest: dict[tuple[str, str | None, Kind], Fact] = {}
        for fact in facts:
            key = (self.name(fact), fact.unit if fact.value is not None else None, fact.kind)
            if key not in latest or (fact.year or 0) > (latest[key].year or 0):
                latest[key] = fact
        return list(latest.values())


def _whole(sheet: FactSheet, growths: Mapping[str, Fact]) -> FactSheet:
    """Each growth that was given apart stands with its value: 进出口总额1004.7亿美元，下降4%."""
    apart = {growth.id for growth in growths.values()}
    facts = (f.model_copy(update={"growth": growths[f.id].growth}) if f.id in growths else f for f in sheet.facts)
    return sheet.model_copy(update={"facts": tuple(f for f in facts if f.id not in apart)})


def has_quantity(fact: Fact) -> bool:
    """A value, a growth or a share."""
    return any(v is not None for v in (fact.value, fact.growth, fact.share))
