"""A section of the body from its points: opening, points in order, what else belongs here, what it leads to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from schemas.draft import Draft
from schemas.facts import Fact, Kind
from schemas.outline import Section
from service.facts.answers import Answer
from service.writer.offline import backing, present, tasks
from service.writer.offline.affinity import Placement, pairs
from service.writer.offline.desk import Desk, has_quantity
from service.writer.offline.goals import above_average, aims, target_sentences, worded
from service.writer.offline.openings import Openings
from service.writer.offline.placeholders import gaps
from service.writer.offline.roles import Matter, Role, matter, role
from service.writer.offline.sentences import Sentence, paragraphs, with_points
from service.writer.offline.wording import ended

MOST = 12_000
"""Characters of a section; beyond it a sheet of thousands of facts would only be printed, not told."""


class Composer:
    """Composes the sections of one plan."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.placement = Placement(desk)
        self.openings = Openings(desk, self.placement)

    def section(self, section: Section) -> Draft:
        """A section of the body; every point is written or stands as a placeholder."""
        answers = self.desk.answers(section)
        sentences = self.sentences(section, answers)
        return Draft(paragraphs=paragraphs(_kept(sentences)), gaps=gaps(answers), proposals=())

    def sentences(self, section: Section, answers: Sequence[Answer]) -> list[Sentence]:
        """The section as sentences, in the order of reading."""
        what = role(section, self.desk.outline)
        extra = list(self.placement.extra.get(section.id, ()))
        points = _unrepeated([s for a in answers for s in self.point(a, section, answers)])
        if what is Role.GOAL:
            told = self._goal(section, answers, points, extra)
        elif what is Role.TASK:
            told = self._task(section, points, extra)
        elif what is Role.BACKING:
            told = self._backing(points, extra)
        elif what is Role.PROBLEMS:
            told = self._problems(answers, section, extra)
        elif what is Role.NEED:
            told = self._need(section, answers, extra)
        else:
            told = self._situation(section, answers, extra)
        return _unrepeated(told)

    def point(self, answer: Answer, section: Section, answers: Sequence[Answer]) -> list[Sentence]:
        """One point, by what it asks for."""
        desk = self.desk
        if _PRINCIPLES.search(answer.point.text):
            return aims(answer, desk)
        what = matter(answer.point, section, desk.outline)
        if what is Matter.BENCHMARK:
            return above_average(answer, [f for a in answers for f in a.facts if f.kind is Kind.TARGET], desk)
        return _TELLERS[what](answer, desk)

    # --- by role --------------------------------------------------------------------------------------------------

    def _situation(self, section: Section, answers: Sequence[Answer], extra: Sequence[Fact]) -> list[Sentence]:
        """Points in order; a figure that answers none stands with the point it speaks of, else with the first figures."""
        figures = [f for f in extra if has_quantity(f)]
        near = {f.id: _nearest(f, section, self.desk) for f in extra if f in figures or _LAND.search(f.name)}
        told: list[Sentence] = []
        for answer in answers:
            told += self.point(answer, section, answers)
            mine = [f for f in extra if near.get(f.id) == answer.point.id]
            land = [f for f in mine if _LAND.search(f.name)]
            # Land stands with the place, not among the figures of the economy.
            told += [replace(s, theme="words") for f in land for s in present.more([f], self.desk)]
            told += present.more([f for f in mine if f not in land], self.desk)
        at = next(
            (n for n, s in enumerate(told) if s.theme != "figures" and n and told[n - 1].theme == "figures"), len(told)
        )
        told[at:at] = present.more([f for f in figures if near[f.id] is None], self.desk)
        told += present.more([f for f in extra if not has_quantity(f) and near.get(f.id) is None], self.desk)
        if any(_STRATEGY.search(p.text) for p in section.points):
            told += self.openings.strategy()
        return told

    def _need(self, section: Section, answers: Sequence[Answer], extra: Sequence[Fact]) -> list[Sentence]:
        told = self.openings.need(section)
        for answer in answers:
            words = [f for f in answer.facts if self.desk.text(f) and not has_quantity(f)]
            said = [present.need_sentence(f, answer.point, self.desk) for f in words]
            said = said if said and not answer.missing else self.point(answer, section, answers)
            evidence = self.openings.evidence(answer.point.text)
            told += [replace(s, opens=n == 0 and bool(told)) for n, s in enumerate(said)]
            if evidence is not None and answer.facts:
                told += with_points([evidence], answer.point.id)
        return [*told, *present.more(extra, self.desk)]

    def _problems(self, answers: Sequence[Answer], section: Section, extra: Sequence[Fact]) -> list[Sentence]:
        """Problems, then what is done about them."""
        told: list[Sentence] = []
        for answer in answers:
            about = "问题" in answer.point.text
            lead = f"{self.desk.own}电子商务发展存在的主要问题是：" if about else "为解决上述问题，拟采取以下应对措施："
            for n, fact in enumerate(answer.facts):
                text = self.desk.text(fact) or self.desk.name(fact)
                said = Sentence(ended(f"{lead if n == 0 else ''}{text}"), (fact.id,), (answer.point.id,), opens=n == 0)
                told.append(said)
            if not answer.facts:
                told += self.point(answer, section, answers)
        return [*told, *present.more(extra, self.desk)]

    def _goal(
        self, section: Section, answers: Sequence[Answer], points: list[Sentence], extra: Sequence[Fact]
    ) -> list[Sentence]:
        """Principles under the documents that guide them, the goal, targets together, documents, the average."""
        figures = [f for f in extra if has_quantity(f) and f.kind is Kind.TARGET]
        further = [*target_sentences(figures, self.desk)]
        words = [worded(f, "", self.desk) for f in extra if f.kind is Kind.TARGET and not has_quantity(f)]
        others = [f for f in extra if f.kind is Kind.BENCHMARK]
        guided = self.openings.guided(section)
        told = [*points, *further, *words]
        ordered = sorted(
            told, key=lambda s: (_GOAL_ORDER.get(s.theme, 1), not s.moment, s.moment if s.theme == "figures" else "")
        )
        merged = _merged(ordered)
        if guided:
            merged[0] = replace(merged[0], text=f"{guided}{merged[0].text}")
            if len(merged) > 1:
                merged[1:1] = self.openings.purpose()
        return [*merged, *present.more(others, self.desk)]

    def _backing(self, points: list[Sentence], extra: Sequence[Fact]) -> list[Sentence]:
        """Further money stands after the money, further bodies after the bodies."""
        further = backing.more(extra, self.desk)
        money = [s for s in further if s.theme == "money"]
        last = max((n for n, s in enumerate(points) if s.theme in {"money", "gap"}), default=-1) if money else -1
        return [*points[: last + 1], *money, *points[last + 1 :], *(s for s in further if s.theme != "money")]

    def _task(self, section: Section, points: list[Sentence], extra: Sequence[Fact]) -> list[Sentence]:
        told = [*points, *tasks.more(extra, self.desk)]
        body = [s for s in told if s.theme != "gap"]
        for made in self.openings.documents(section):
            body.insert(_after_field(made, body), made)
        body += [s for s in told if s.theme == "gap"]
        opening = self.openings.task(section)
        if not opening and body:
            body[0] = replace(body[0], text=self.openings.start(section, body[0].text))
        theme = body[-1].theme if body else "aim"
        return [*opening, *body, *(replace(s, theme=theme) for s in self.openings.aim(section))]


_TELLERS = {
    Matter.PRESENT: present.present,
    Matter.TARGET: aims,
    Matter.TASK: tasks.tasks,
    Matter.BODY: backing.bodies,
    Matter.FUND: backing.fund,
}
_PRINCIPLES = re.compile(r"原则|思路")
_STRATEGY = re.compile(r"战略目标|战略定位|发展战略")
_PLACE = re.compile(r"区位|地理位置|园区范围")
_LAND = re.compile(r"(?:陆域|土地|行政区域|国土|海域|城市|市域|区域)(?:总)?面积|^面积$|行政区划|海岸线")
_GOAL_ORDER = {"goal": 0, "figures": 1, "words": 2, "documents": 3, "average": 4, "gap": 5}


def _after_field(made: Sentence, body: Sequence[Sentence]) -> int:
    """Where a document to be made stands: after the last measure that shares the most with its title."""
    scores = [len(pairs(made.text) & pairs(s.text)) for s in body]
    best = max(scores, default=0)
    return max((n for n, score in enumerate(scores) if score == best), default=-1) + 1


def _nearest(fact: Fact, section: Section, desk: Desk) -> str | None:
    """The point that shares the most with a fact's name, of land the one about the place; None where that is little."""
    place = next((p.id for p in section.points if _PLACE.search(p.text)), None)
    if place is not None and _LAND.search(fact.name):
        return place
    name = pairs(desk.name(fact))
    known = desk.outline.indicators_by_id
    scored = []
    for n, point in enumerate(section.points):
        words = "，".join((point.text, *(known[i].name for i in point.indicators if i in known)))
        scored.append((len(name & pairs(words)), -n, point.id))
    best = max(scored, default=(0, 0, ""))
    return best[2] if best[0] else None


def _merged(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Targets of one year told in one sentence of several clauses."""
    found: list[Sentence] = []
    for sentence in sentences:
        last = found[-1] if found else None
        if (
            last
            and last.theme == sentence.theme == "figures"
            and last.moment == sentence.moment
            and len(last.text) < 150
        ):
            found[-1] = replace(
                last,
                text=f"{last.text.rstrip('。')}；{sentence.text}",
                facts=tuple(dict.fromkeys((*last.facts, *sentence.facts))),
                points=tuple(dict.fromkeys((*last.points, *sentence.points))),
            )
        else:
            found.append(sentence)
    return found


def _unrepeated(sentences: Sequence[Sentence]) -> list[Sentence]:
    """A fact that answers two points is told once, and stands for both."""
    found: list[Sentence] = []
    told: dict[tuple[str, tuple[str, ...]], int] = {}
    for sentence in sentences:
        key = (sentence.theme, sentence.facts)
        at = told.get(key) if sentence.facts else None
        if at is None:
            if sentence.facts:
                told[key] = len(found)
            found.append(sentence)
        else:
            found[at] = replace(found[at], points=tuple(dict.fromkeys((*found[at].points, *sentence.points))))
    return found


def _kept(sentences: Sequence[Sentence]) -> list[Sentence]:
    """At most `MOST` characters; each point keeps its first sentence."""
    found, length, seen = [], 0, set()
    for sentence in sentences:
        new = [p for p in sentence.points if p not in seen]
        if length + len(sentence.text) > MOST and not new:
            continue
        seen.update(new)
        length += len(sentence.text)
        found.append(sentence)
    return found
