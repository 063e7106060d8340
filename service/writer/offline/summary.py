"""The summary from the drafted body: goal, tasks, projects and backing in condensed form, nothing that the body lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from schemas.draft import Draft
from schemas.facts import Fact, Kind
from schemas.outline import Indicator, Point, Section
from service.facts.answers import Answer, Missing
from service.text.counting import count
from service.writer.offline import backing
from service.writer.offline.composition import Composer
from service.writer.offline.desk import has_quantity
from service.writer.offline.figures import aimed, amount
from service.writer.offline.goals import is_doing
from service.writer.offline.placeholders import gaps
from service.writer.offline.policies import guiding
from service.writer.offline.roles import Matter, Role, is_draft, matter, role
from service.writer.offline.sentences import Sentence, paragraphs
from service.writer.offline.tasks import terms, told, without_lead, without_years
from service.writer.offline.wording import Form, balanced, ended, form, gist

LEVELS = 4
"""Ways of telling the same from full to shortest; the first that fits the limit is taken."""


class Summary:
    """One section of the summary. `body`: section id → drafted text; what it does not hold is not told."""

    def __init__(self, composer: Composer, section: Section, body: Mapping[str, str]) -> None:
        self._desk = composer.desk
        self._composer = composer
        self._section = section
        self._body = body
        self._text = "\n".join(body.values())
        self._answers = composer.desk.answers(section)

    def draft(self, maximum: int | None) -> Draft:
        """The fullest version within `maximum` 字 by both ways of counting; without a limit, near the target length."""
        room = maximum if maximum is not None else self._section.target_length * 5 // 4
        drafts = [self._at(level) for level in range(LEVELS)]
        return next((d for d in drafts if _size(d) <= room), drafts[-1])

    def _at(self, level: int) -> Draft:
        """One version; every point is told or stands as a placeholder."""
        sentences = self._told(level)
        covered = {p for s in sentences for p in s.points}
        for answer in self._answers:
            body = matter(answer.point, self._section, self._desk.outline) is Matter.BODY
            if answer.point.id not in covered or (body and answer.missing):
                sentences.append(self._open(answer))
        told = paragraphs(sentences)
        shown = "".join(p.text for p in told)
        # The body asks for everything that is missing; the summary only for what it shows as missing.
        asked = [
            replace(a, missing=tuple(m for m in dict.fromkeys((*a.missing, *_lacking(a))) if m.placeholder in shown))
            for a in self._answers
        ]
        return Draft(paragraphs=told, gaps=gaps(asked), proposals=())

    def _told(self, level: int) -> list[Sentence]:
        matters = {matter(p, self._section, self._desk.outline) for p in self._section.points}
        if Matter.BODY in matters:
            return self._backing(level)
        if any(Kind.PROJECT in p.kinds for p in self._section.points) and len(self._section.points) == 1:
            return self._projects(level)
        if Matter.TASK in matters:
            return self._tasks(level)
        return self._goals(level)

    # --- what the body holds --------------------------------------------------------------------------------------

    def _holds(self, *words: str) -> bool:
        """Whether the body has each of these."""
        return all(w in self._text for w in words if w)

    def _held(self, fact: Fact) -> bool:
        """Whether the body tells this fact: its figure, or the beginning of its words."""
        if fact.value is not None:
            return self._holds(amount(fact))
        text = self._desk.text(fact)
        return self._holds(text[:8]) if text else self._holds(self._desk.name(fact))

    def _open(self, answer: Answer) -> Sentence:
        """What neither body nor sheet tells."""
        point = answer.point
        asked = "".join(m.placeholder for m in _lacking(answer)) or f"【待补充：{point.text}】"
        what = matter(point, self._section, self._desk.outline)
        topic = point.text if len(self._section.points) > 1 else self._section.title
        if what is Matter.BODY:
            text = backing.asked(point.text, asked)
        elif what is Matter.FUND:
            text = backing.amount_asked(asked, self._desk)
        elif topic.endswith("目标"):
            text = f"{self._desk.period if topic.startswith('总体') else ''}{topic}为{asked}。"
        else:
            text = f"{topic}：{asked}。"
        return Sentence(text, points=(point.id,), theme="gap")

    # --- 1.1 ------------------------------------------------------------------------------------------------------

    def _goals(self, level: int) -> list[Sentence]:
        goals = [p for p in self._section.points if self._is_goal(p)]
        targets = [p for p in self._section.points if p not in goals]
        found = []
        for point in goals:
            found += self._goal(point, level)
        figures = [f for f in self._targets() if self._held(f)]
        if figures and targets:
            found += self._figures(figures, tuple(p.id for p in targets), level)
        return found

    def _is_goal(self, point: Point) -> bool:
        return any(self._indicator(i).dimension == "text" for i in point.indicators if self._indicator(i))

    def _indicator(self, indicator: str) -> Indicator:
        return self._desk.outline.indicators_by_id[indicator]

    def _goal(self, point: Point, level: int) -> list[Sentence]:
        desk = self._desk
        facts = [f for f in desk.brief.goal if self._held(f)]
        if not facts:
            return []
        documents = [d for d in guiding(self._section.guidance, desk) if self._holds(d)]
        # The section calls the place as the goal's own words do.
        short = desk.sheet.subject.short
        own = short if any(short in desk.text(f) for f in facts) else desk.sheet.subject.name
        lead = f"从落实{documents[0]}及{own}经济社会发展战略出发，" if documents else ""
        found: list[Sentence] = []
        strategy = self._first_of("战略") if level < 2 else None
        principles = self._first_of("原则") if level < 3 else None
        if strategy is not None:
            text = desk.text(strategy) if level == 0 else gist(desk.text(strategy), 1)
            found.append(Sentence(ended(f"{lead}{text}"), (strategy.id,), (point.id,), "goal"))
            lead = ""
        if principles is not None:
            found.append(Sentence(ended(f"{lead}{desk.text(principles)}"), (principles.id,), (point.id,), "goal"))
            lead = ""
        said = "；".join(desk.text(f) for f in facts[: 1 if level else 3])
        period = f"{desk.period}" if desk.period else ""
        found.append(
            Sentence(
                ended(f"{lead}{period}创建工作的总体目标是：{said}"),
                tuple(f.id for f in facts),
                (point.id,),
                "goal",
                opens=bool(found),
            )
        )
        return found

    def _first_of(self, word: str) -> Fact | None:
        """The first fact in words of a point that names the matter, if the body tells it."""
        for section in self._desk.body:
            for answer in self._desk.answers(section):
                if word in answer.point.text:
                    return next((f for f in answer.facts if self._desk.text(f) and self._held(f)), None)
        return None

    def _targets(self) -> list[Fact]:
        """Targets that are quantities, those of the outline's indicators first."""
        found = [f for f in self._desk.ledger.facts if f.kind is Kind.TARGET and has_quantity(f)]
        tied = [f for f in found if f.indicator in self._desk.outline.indicators_by_id]
        return [*tied, *(f for f in found if f not in tied)]

    def _figures(self, facts: Sequence[Fact], points: tuple[str, ...], level: int) -> list[Sentence]:
        limit = (len(facts), len(facts), 12, 8)[level]
        by_year: dict[int | None, list[Fact]] = {}
        for fact in facts[:limit]:
            by_year.setdefault(fact.year, []).append(fact)
        found: list[Sentence] = []
        for year, group in by_year.items():
            clauses = [self._aim(f) for f in group]
            text = f"{'具体目标是：' if not found else ''}{f'到{year}年，' if year else ''}{self._desk.scope(group[0])}{'，'.join(clauses)}。"
            found.append(Sentence(text, tuple(f.id for f in group), points, "targets", opens=not found))
        open_ones = [m for a in self._answers if a.point.id in points for m in a.missing]
        if open_ones:
            clauses = [f"{m.name.removesuffix('目标')}达到{m.placeholder}" for m in open_ones]
            found.append(Sentence(f"{'，'.join(clauses)}。", (), points, "targets"))
        return found

    def _aim(self, fact: Fact) -> str:
        name = self._desk.name(fact)
        if is_doing(name) and fact.value is not None:
            return f"{name}{amount(fact)}"
        return aimed(fact, name)

    # --- 1.2 ------------------------------------------------------------------------------------------------------

    def _tasks(self, level: int) -> list[Sentence]:
        """A paragraph for each group of tasks: what for, then the measures in short, each told where the body tells it."""
        found: list[Sentence] = []
        points = [p for p in self._section.points if matter(p, self._section, self._desk.outline) is Matter.TASK]
        groups = self._groups()
        for n, (title, sections) in enumerate(groups):
            mine = self._points_for(n, len(groups), points)
            found += self._group(title, sections, mine, level, first=True)
        effects = [p for p in self._section.points if p not in points]
        figures = [f for f in self._targets() if self._held(f)][: (6, 5, 4, 3)[level]]
        if effects and figures:
            year = figures[0].year
            clauses = [self._aim(f) for f in figures if f.year == year]
            text = f"通过实施上述任务，到{year}年，预期{self._desk.scope(figures[0])}{'，'.join(clauses)}。"
            ids = tuple(f.id for f in figures if f.year == year)
            found.append(Sentence(text, ids, tuple(p.id for p in effects), "effects", opens=True))
        return found

    def _groups(self) -> list[tuple[str, list[Section]]]:
        """Task sections by the heading above them."""
        outline, known = self._desk.outline, self._desk.outline.sections_by_id
        drawn = [known[i] for i in self._section.summarises if i in known and role(known[i], outline) is Role.TASK]
        titles = {g.id: g.title for c in outline.chapters for g in c.groups}
        found: dict[str, list[Section]] = {}
        for section in drawn:
            found.setdefault(titles.get(section.id.rpartition(".")[0], section.title), []).append(section)
        return list(found.items())

    @staticmethod
    def _points_for(n: int, total: int, points: Sequence[Point]) -> list[Point]:
        """Both lists run in the outline's order: the last point covers the groups that are left over."""
        if not points:
            return []
        if total <= len(points):
            return list(points[n:]) if n == total - 1 else [points[n]]
        return [points[min(n, len(points) - 1)]]

    def _group(
        self, title: str, sections: Sequence[Section], points: Sequence[Point], level: int, *, first: bool
    ) -> list[Sentence]:
        clauses, ids = [], []
        for section in sections:
            for fact in self._measures(section)[: (9, 5, 3, 2)[level]]:
                text = self._condensed(fact, level)
                if text and text not in clauses:
                    clauses.append(text)
                    ids.append(fact.id)
        documents = [t for s in sections for t, f in self._composer.openings.proposed_in(s) if self._holds(f"《{t}》")]
        facts = [f.id for s in sections for _, f in self._composer.openings.proposed_in(s)]
        if documents and level < 3:
            clauses.append(f"研究制定{''.join(f'《{d}》' for d in documents)}")
            ids += facts
        if not clauses:
            return []
        text = f"{title}。{'；'.join(clauses)}。"
        return [Sentence(text, tuple(dict.fromkeys(ids)), tuple(p.id for p in points), "tasks", opens=first)]

    def _measures(self, section: Section) -> list[Fact]:
        """One fact for each point, then the others; only what the body's section tells."""
        facts: list[Fact] = []
        for answer in self._desk.answers(section):
            facts += [f for f in answer.facts if f.kind is Kind.MEASURE][:1] or [
                f for f in answer.facts if f.kind is Kind.PROJECT
            ][:1]
        return [f for f in {f.id: f for f in facts}.values() if self._held(f) and not is_draft(f)]

    def _condensed(self, fact: Fact, level: int) -> str:
        """The first clauses of a measure; a project by its name."""
        text = without_years(self._desk.text(fact))
        name = self._desk.name(fact)
        if fact.kind is Kind.PROJECT:
            text = without_lead(text)
            return told(name, gist(text, 1) if text and (level < 2 or name in text) else "")
        parts = text.split("；")
        short = "；".join(gist(p, 1) for p in parts[: (4, 2, 1, 1)[level]])
        full = text if level == 0 and len(text) <= 60 else short
        return full if balanced(full) else text

    # --- 1.3 ------------------------------------------------------------------------------------------------------

    def _projects(self, level: int) -> list[Sentence]:
        desk = self._desk
        projects = [p.fact for p in desk.brief.projects if self._holds(desk.name(p.fact)) or self._held(p.fact)]
        if not projects:
            return []
        point = self._section.points[0].id
        opening = "围绕落实创建工作目标和主要任务，"
        total = self._total(projects)
        if total is not None:
            first = Sentence(f"{opening}{backing.money(total, desk)[0].text}", (total.id,), (point,), "projects")
            return [first, *(self._alone(f, point, level) for f in projects)]
        opening += f"{desk.period}拟推进以下重点工程："
        clauses = [self._project(f, level) for f in projects]
        ids = tuple(f.id for f in projects)
        return [Sentence(ended(opening + "；".join(clauses)), ids, (point,), "projects")]

    def _alone(self, fact: Fact, point: str, level: int) -> Sentence:
        """A project in a paragraph of its own, as long as there is room."""
        return Sentence(ended(self._project(fact, level)), (fact.id,), (point,), "projects", opens=level < LEVELS - 1)

    def _total(self, projects: Sequence[Fact]) -> Fact | None:
        """The sheet's own total of all projects, where it counts as many as are listed."""
        for fact in self._desk.ledger.facts:
            counted = re.match(r"共(\d+)个", self._desk.text(fact))
            if counted and fact.kind is Kind.OTHER and int(counted[1]) == len(projects) and self._held(fact):
                return fact
        return None

    def _project(self, fact: Fact, level: int) -> str:
        desk = self._desk
        name, text = desk.name(fact), without_lead(without_years(desk.text(fact)))
        said = (
            ""
            if not text or name in text or form(text) is Form.THING
            else text
            if level == 0
            else gist(text, 1)
            if level == 1
            else ""
        )
        brief = terms(fact, desk, short=True)
        if name in text and level < 2:
            said = re.sub(rf"^(?:[\u4e00-\u9fff]{{0,10}}){re.escape(name)}，", "", text) if level == 0 else ""
            said = "" if name in said else said
        return "，".join(p for p in (name, said, brief) if p)

    # --- 1.4 ------------------------------------------------------------------------------------------------------

    def _backing(self, level: int) -> list[Sentence]:
        """Bodies as the body text has them, then the money with its rules."""
        desk = self._desk
        found: list[Sentence] = []
        told: dict[str, int] = {}
        for answer in self._answers:
            money = matter(answer.point, self._section, desk.outline) is Matter.FUND
            facts = self._funds(answer) if money else [f for f in answer.facts if self._held(f)]
            for n, fact in enumerate(facts[: 1 if level > 1 else 2]):
                if fact.id in told:
                    at = told[fact.id]
                    found[at] = replace(found[at], points=(*found[at].points, answer.point.id))
                    continue
                told[fact.id] = len(found)
                said = backing.money(fact, desk)[0] if money else backing.body(fact, answer.point.text, desk)
                text = self._shorter(said.text, level)
                if money and fact.value is None:
                    said = replace(said, theme="money")
                    text = f"在{answer.point.text}方面，{text}"
                found.append(replace(said, text=text, points=(answer.point.id,), opens=money and n == 0))
        rules = self._money_rules(level)
        # Rules and appraisal do not stand for the money itself.
        paid = any(s.theme == "money" for s in found)
        return [*found, *(s if paid else replace(s, points=()) for s in rules)]

    def _funds(self, answer: Answer) -> list[Fact]:
        """Amounts; where the sheet has none, what it says of the money in words."""
        facts = list({f.id: f for f in (*answer.facts, *self._desk.brief.fund) if self._held(f)}.values())
        amounts = [f for f in facts if f.value is not None]
        return amounts or [f for f in facts if "资金" in f.name]

    def _shorter(self, text: str, level: int) -> str:
        """Long lists of departments are cut to the first when room is short, and say so with 等."""
        if level < 2 or len(text) < 120:
            return text
        names = text.split("、")
        return f"{'、'.join(names[:8])}等部门和单位。" if len(names) > 10 and balanced("、".join(names[:8])) else text

    def _money_rules(self, level: int) -> list[Sentence]:
        """Rules and appraisal of the fund, as the section about it tells them."""
        desk = self._desk
        points = tuple(p.id for p in self._section.points if matter(p, self._section, desk.outline) is Matter.FUND)
        funded = {s for rule in desk.outline.rules if rule.id == "fund" for s in rule.sections}
        found = []
        for section in desk.body:
            if section.id not in funded or not points:
                continue
            for answer in desk.answers(section):
                if matter(answer.point, section, desk.outline) is Matter.FUND:
                    continue
                for fact in [f for f in answer.facts if self._held(f)][:1]:
                    text = desk.text(fact) if level == 0 else gist(desk.text(fact), 1 if level > 1 else 2)
                    found.append(Sentence(ended(text), (fact.id,), points, "money"))
        return found


def _lacking(answer: Answer) -> tuple[Missing, ...]:
    """What a point asks for in one placeholder: of several data none stands for the whole, so it bears the point's name."""
    point, first = answer.point, next(iter(answer.missing), None)
    if first is None or len(point.indicators) < 2:
        return answer.missing[:1]
    return (Missing(None, point.text, None, None, f"请说明{point.text}。", first.department),)


def _size(draft: Draft) -> int:
    counts = count(draft.text)
    return max(counts.words, counts.characters)
