"""What a section begins and ends with: grounded in facts of the present, in the problems named, in the guidance's aims."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from schemas.facts import Fact, Kind
from schemas.outline import Section
from service.writer.offline.affinity import Placement, pairs
from service.writer.offline.desk import Desk, has_quantity
from service.writer.offline.figures import aimed, change, numeral, stated
from service.writer.offline.policies import cited, guiding, proposed
from service.writer.offline.present import figure_sentences
from service.writer.offline.roles import Role, is_draft, role
from service.writer.offline.sentences import Sentence
from service.writer.offline.wording import Form, ended, form, gist, listed, shared

_AIM = re.compile(r"^(?:逐步)?(?:形成|建立与完善|了解和掌握|促进|提升|增强|提高|不断)")
_RULES = re.compile(r"政策|法规|规章|制度")
_OUTPUT = re.compile(r"(?:总产值|产值|增加值|总收入|收入|销售额|规模)$")
_EVIDENCE = (
    (re.compile(r"消费"), (("社会消费品零售总额", "full"), ("占社会消费品零售总额", "full"))),
    (re.compile(r"转型|结构调整"), (("第三产业", "share"),)),
    (re.compile(r"增长动力|新动能|增长点"), (("电子商务交易额", "growth"), ("地区生产总值", "growth"))),
)
"""Which figures show a need: words of the point → words of the fact's name, and what of it to tell."""

SHORTEST_AIM = 8
"""Characters; a shorter aim (形成政策体系) says nothing by itself."""
_FRAMES = ("", "从现有基础看，", "", "据统计，")
_OUTCOMES = ("通过上述措施，", "在此基础上，", "通过以上工作，", "力求")
"""Sections that end with the guidance's aim take turns in how they lead to it."""
_VAGUE = frozenset(
    {
        "电子",
        "信息",
        "信息服务",
        "网络",
        "企业",
        "应用",
        "发展",
        "服务",
        "服务企业",
        "应用企业",
        "产业",
        "社会",
        "建设",
        "开展",
        "大型",
        "国际",
        "培训",
        "专业",
        "人员",
        "标准",
        "引进",
    }
)
"""Words that tie a figure to no task in particular."""
_BEARS = 5
"""From which score a present fact opens a task section (tried on six sheets: below it the link is chance)."""


class Openings:
    """Openings and closings for the sections of one plan; each supporting fact is used once."""

    def __init__(self, desk: Desk, placement: Placement) -> None:
        self._desk = desk
        self._placement = placement

    # --- chapters two and three -----------------------------------------------------------------------------------

    def need(self, section: Section) -> list[Sentence]:
        """The directions that the need is seen in, as the outline lists them."""
        wants = [p.text for p in section.points]
        if len(wants) < 2 or len("、".join(wants)) > 60:
            return []
        text = f"{self._desk.own}经济社会发展对电子商务的需求，主要体现在{'、'.join(wants)}等方面。"
        return [Sentence(text, theme="opening")]

    def evidence(self, wanted: str) -> Sentence | None:
        """Figures that show the need that a point names."""
        for words, chosen in _EVIDENCE:
            if words.search(wanted):
                clauses: list[str] = []
                facts: list[Fact] = []
                for name, what in chosen:
                    fact = self._latest(name)
                    said = _of(fact, what, self._desk) if fact else ""
                    if fact and said and (not facts or fact.year == facts[0].year):
                        clauses.append(said if clauses else said.replace("，增长", "，比上年增长", 1))
                        facts.append(fact)
                if facts:
                    year = f"{facts[0].year}年" if facts[0].year else ""
                    return Sentence(
                        f"{'，'.join(clauses)}。",
                        tuple(f.id for f in facts),
                        theme="figures",
                        moment=year,
                        scope=self._desk.scope(facts[0]),
                    )
        return None

    def _latest(self, name: str) -> Fact | None:
        found = [
            f
            for f in self._desk.ledger.facts
            if f.kind is Kind.ACTUAL and has_quantity(f) and _fits(name, self._desk.name(f))
        ]
        return max(found, key=lambda f: f.year or 0, default=None)

    def strategy(self) -> list[Sentence]:
        """The industries that the plan is to serve, by their names."""
        industries = [
            f
            for f in self._desk.ledger.facts
            if f.kind is Kind.ACTUAL and f.indicator == "industries" and _OUTPUT.search(self._desk.name(f))
        ]
        if len(industries) < 2:
            return []
        names = listed([re.sub(r"^旅游$", "旅游业", _OUTPUT.sub("", self._desk.name(f))) for f in industries])
        text = f"创建国家电子商务示范城市，要落实上述战略目标与定位，推动电子商务与{names}等产业融合发展。"
        return [Sentence(text, tuple(f.id for f in industries))]

    # --- chapter four ---------------------------------------------------------------------------------------------

    def guided(self, section: Section) -> str:
        """以《…》（…）为指导，结合城市经济社会发展总体战略方向，."""
        documents = guiding(section.guidance, self._desk)
        if not documents:
            return ""
        direction = re.search(r"结合[^，。]{2,30}(?=，)", section.guidance)
        return f"以{listed(documents)}为指导，{direction[0] + '，' if direction else ''}"

    def purpose(self) -> list[Sentence]:
        """What the plan answers to: the needs and the problems that the sheet names."""
        needs = [
            p.text
            for s in self._desk.body
            if role(s, self._desk.outline) is Role.NEED
            for a in self._desk.answers(s)
            for p in [a.point]
            if a.facts
        ]
        problems = self._problems
        if not needs or not problems or len("、".join(needs)) > 60:
            return []
        text = f"创建工作面向{'、'.join(needs)}的需求，着力解决{'，'.join(problems)}等问题。"
        return [Sentence(text, tuple(f.id for f in self._problem_facts))]

    @cached_property
    def _problem_facts(self) -> tuple[Fact, ...]:
        return tuple(
            f
            for s in self._desk.body
            for a in self._desk.answers(s)
            if re.search(r"主要问题", a.point.text)
            for f in a.facts
            if not has_quantity(f)
        )

    @cached_property
    def _problems(self) -> list[str]:
        return [c for f in self._problem_facts for c in re.split(r"[，；。]", self._desk.text(f)) if 4 <= len(c) <= 60]

    # --- chapter five ---------------------------------------------------------------------------------------------

    def task(self, section: Section) -> list[Sentence]:
        """The present state and the problem that the task starts from; else the guidance's own starting point."""
        found: list[Sentence] = []
        if _RULES.search(section.title) and (base := self._issued(section)):
            found.append(base)
        facts = self._bases.get(section.id, [])
        figures = [f for f in facts if has_quantity(f)][:2]
        found += [self._framed(s, section) for s in figure_sentences(figures, (), self._desk)]
        words = [f for f in facts if not has_quantity(f) and form(self._desk.text(f)) in {Form.WHOLE, Form.PREDICATE}]
        for fact in [f for f in words if not re.match(r"\d", self._desk.text(f))][: 0 if found else 1]:
            text = gist(self._desk.text(fact), 2)
            subject = "全市" if form(text) is Form.PREDICATE and self._desk.is_city else ""
            found.append(Sentence(ended(f"目前，{subject}{text}"), (fact.id,), theme="opening"))
        clauses = self._troubles.get(section.id)
        if clauses and not (found and found[0].theme == "rules"):
            text = f"{_against(clauses)}{_turn(section)}"
            found.append(Sentence(text, tuple(f.id for f in self._problem_facts), theme="opening"))
        return [s if s.theme != "figures" else _as_opening(s) for s in found]

    def _framed(self, sentence: Sentence, section: Section) -> Sentence:
        """Sections that open with a figure take turns in how they lead to it."""
        turn = [s.id for s in self._tasks if any(has_quantity(f) for f in self._bases.get(s.id, ()))]
        frame = _FRAMES[turn.index(section.id) % len(_FRAMES)] if section.id in turn else ""
        return replace(sentence, moment=f"{frame}{sentence.moment}") if sentence.moment else sentence

    def start(self, section: Section, text: str) -> str:
        """结合本地区电子商务产业发展特点，制定……: the guidance's own starting point before the first measure."""
        first = re.match(r"(?:结合|针对|围绕|面向)[^，。；]{4,24}，(?!支持|完善)", section.guidance)
        if first is None or form(text) is not Form.ACTION or re.match(r"在|从|对|根据|按照|面向|围绕|针对|结合", text):
            return text
        return f"{first[0]}{text}"

    def _issued(self, section: Section) -> Sentence | None:
        """The city's own chief document, for the first section about rules."""
        first = next((s for s in self._tasks if _RULES.search(s.title)), None)
        own = [
            f
            for f in self._desk.ledger.facts
            if f.kind is Kind.POLICY
            and not is_draft(f)
            and f.doc_number
            and (f.title or "").startswith(self._desk.sheet.subject.names)
            and re.search(r"意见|办法|规定|条例|措施", f.title or "")
        ]
        if first is None or first.id != section.id or not own:
            return None
        clauses = self._troubles.get(section.id, [])
        turn = _turn(section) if form(section.title) is Form.ACTION else "进一步完善促进电子商务发展的政策措施。"
        text = f"在落实{cited(own[0])}等政策的基础上，{_against(clauses) if clauses else ''}{turn}"
        problems = tuple(f.id for f in self._problem_facts) if clauses else ()
        return Sentence(text, (own[0].id, *problems), theme="rules")

    @cached_property
    def _tasks(self) -> list[Section]:
        return [s for s in self._desk.body if role(s, self._desk.outline) is Role.TASK]

    @cached_property
    def _bases(self) -> Mapping[str, list[Fact]]:
        """Present facts by the one task section that they speak to most."""
        present = [s for s in self._desk.body if role(s, self._desk.outline) in {Role.SITUATION, Role.NEED}]
        told = {f.id: f for s in present for a in self._desk.answers(s) for f in a.facts}
        told |= {f.id: f for s in present for f in self._placement.extra.get(s.id, ())}
        found: dict[str, list[Fact]] = {}
        for fact in self._desk.newest([f for f in told.values() if f.kind is Kind.ACTUAL]):
            best = max(((self._bearing(fact, s), -n, s.id) for n, s in enumerate(self._tasks)), default=(0, 0, ""))
            if best[0] >= _BEARS:
                found.setdefault(best[2], []).append(fact)
        return found

    def _bearing(self, fact: Fact, section: Section) -> int:
        """How much a present fact says about a task: figures by their name, conditions by all their words."""
        text, name = self._desk.text(fact), self._desk.name(fact)
        if has_quantity(fact):
            return 0 if text else 3 * len(pairs(name) & pairs(section.title)) + 2 * _likeness(name, section)
        return self._placement.score(fact, section.id) - 4 if 10 <= len(text) <= 200 else 0

    @cached_property
    def _troubles(self) -> Mapping[str, list[str]]:
        """Clauses of the problems by the one task section that they speak to most."""
        found: dict[str, list[str]] = {}
        for clause in self._problems:
            words = pairs(clause)
            scored = [(len(words & pairs(f"{s.title}，{s.guidance}")), -n, s.id) for n, s in enumerate(self._tasks)]
            best = max(scored, default=(0, 0, ""))
            if best[0] >= 2:
                found.setdefault(best[2], []).append(clause)
        return found

    def proposed_in(self, section: Section) -> list[tuple[str, Fact]]:
        """Titles that the plan proposes in the section's field."""
        return self._proposed.get(section.id, [])

    def documents(self, section: Section) -> list[Sentence]:
        """Documents that the plan proposes, in the section whose field they rule."""
        mine = self._proposed.get(section.id, [])
        if not mine:
            return []
        titles = listed([f"《{title}》" for title, _ in mine])
        facts = tuple(dict.fromkeys(f.id for _, f in mine))
        return [Sentence(f"研究制定{titles}。", facts, theme="measures")]

    @cached_property
    def _proposed(self) -> Mapping[str, list[tuple[str, Fact]]]:
        found: dict[str, list[tuple[str, Fact]]] = {}
        told = {f.id for s in self._tasks for a in self._desk.answers(s) for f in a.facts}
        told |= {f.id for s in self._tasks for f in self._placement.extra.get(s.id, ())}
        for title, fact in proposed(self._desk):
            if fact.id in told or not self._tasks:
                continue
            words = pairs(title.removeprefix(self._desk.sheet.subject.name))
            scored = [
                (3 * len(words & pairs(s.title)) + len(words & pairs(s.guidance)), -n, s.id)
                for n, s in enumerate(self._tasks)
            ]
            best = max(scored)
            home = (
                best[2]
                if best[0] >= 1
                else next((s.id for s in self._tasks if _RULES.search(s.title)), self._tasks[0].id)
            )
            found.setdefault(home, []).append((title, fact))
        return found

    def aim(self, section: Section) -> list[Sentence]:
        """The targets in the section's field, or what the guidance wants it to lead to."""
        found = []
        if section.id in self._outcomes:
            turn = list(self._outcomes).index(section.id)
            found.append(Sentence(f"{_OUTCOMES[turn % len(_OUTCOMES)]}{self._outcomes[section.id]}。", theme="aim"))
        targets = self._aimed.get(section.id, [])
        if targets:
            year = targets[0].year
            said = "，".join(aimed(t, self._desk.name(t)) for t in targets if t.year == year)
            ids = tuple(t.id for t in targets if t.year == year)
            moment = f"到{year}年" if year else ""
            found.append(Sentence(f"{said}。", ids, theme="aim", moment=moment, scope=self._desk.scope(targets[0])))
        return found

    @cached_property
    def _outcomes(self) -> Mapping[str, str]:
        """The last aim that the guidance of a task section names, by section in the outline's order."""
        found: dict[str, str] = {}
        for section in self._tasks:
            clauses = [c for c in re.split(r"[，；。]", section.guidance) if _AIM.match(c) and len(c) > SHORTEST_AIM]
            if clauses:
                found[section.id] = clauses[-1]
        return found

    @cached_property
    def _aimed(self) -> Mapping[str, list[Fact]]:
        """Targets by the one task section whose title shares the most of their name beyond 电子商务."""
        found: dict[str, list[Fact]] = {}
        for target in self._desk.ledger.facts:
            if target.kind is not Kind.TARGET or not has_quantity(target) or self._desk.text(target):
                continue
            scored = [(_likeness(self._desk.name(target), s), -n, s.id) for n, s in enumerate(self._tasks)]
            best = max(scored, default=(0, 0, ""))
            if best[0] > 2:
                found.setdefault(best[2], []).append(target)
        return found


def _likeness(name: str, section: Section) -> int:
    """Characters beyond 电子商务 that the name shares with the title in one run, else with the guidance."""
    for words, worth in ((section.title, 3), (section.guidance, 1)):
        run = shared(name, words)
        rest = run.replace("电子商务", "").replace("交易", "")
        told = rest not in _VAGUE or (worth > 1 and "电子商务" in run)
        if len(rest) >= 2 and told:
            return worth * len(run)
    return 0


def _fits(wanted: str, name: str) -> bool:
    """The name itself, or the part of it that is asked for."""
    return name.startswith(wanted) if not wanted.startswith("占") else wanted in name


def _sector(fact: Fact, desk: Desk) -> str:
    """第三产业比重为44.0%，低于第二产业的47.0%: the comparison only where it holds."""
    assert fact.share is not None
    said = f"{desk.name(fact).removesuffix('增加值')}比重为{numeral(fact.share)}%"
    others = (f for f in desk.ledger.facts if "第二产业" in f.name and f.year == fact.year and f.share is not None)
    second = next(others, None)
    if second is not None and second.share is not None and second.share > fact.share and "第三产业" in fact.name:
        said += f"，低于第二产业的{numeral(second.share)}%"
    return said


def _of(fact: Fact, what: str, desk: Desk) -> str:
    name = desk.name(fact)
    if what == "growth":
        return f"{name}{change(fact.growth)}" if fact.growth is not None else ""
    if what == "share":
        return _sector(fact, desk) if fact.share is not None else ""
    return stated(fact, name)


def _as_opening(sentence: Sentence) -> Sentence:
    return replace(sentence, theme="opening")


def _against(clauses: Sequence[str]) -> str:
    return f"针对{'，'.join(clauses)}的问题，"


def _turn(section: Section) -> str:
    return f"{'' if form(section.title) is Form.ACTION else '推进'}{section.title}。"
