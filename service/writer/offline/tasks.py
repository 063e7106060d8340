"""Points about what is to be done: measures, and projects with their investment and years."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.facts import Fact, Kind
from schemas.outline import Point
from service.facts.answers import Answer
from service.writer.offline.desk import Desk, has_quantity
from service.writer.offline.figures import amount, bounded
from service.writer.offline.goals import target_sentences
from service.writer.offline.placeholders import intended_gap
from service.writer.offline.policies import cited
from service.writer.offline.roles import is_draft
from service.writer.offline.sentences import Sentence, with_points
from service.writer.offline.wording import Form, ended, form, shared

_YEARS = re.compile(
    r"[，；。]?(?:项目)?建设(?:期|期限|年限|周期)[为是：:]?(?P<years>(?:19|20)\d\d年?(?:[—～至到]{1,2}(?:19|20)\d\d年)?)"
)
_UNDERTAKING = re.compile(r"(?:工程|项目|计划|行动|试点|试点工作|示范)$")
_BUILT = re.compile(r"(?:建设|打造|构建|搭建)$")
LONGEST_TOPIC = 16
"""Characters of a topic that a sentence can begin with; a longer one is told by the measure itself."""
_TOPIC_END = re.compile(r"(?:建设|政策|方面)$")


def tasks(answer: Answer, desk: Desk) -> list[Sentence]:
    """Measures first, then projects: the measure says what for, the project with what."""
    measures = [f for f in answer.facts if f.kind is not Kind.PROJECT]
    projects = [f for f in answer.facts if f.kind is Kind.PROJECT]
    sentences = [measure(f, answer.point if n == 0 else None, desk) for n, f in enumerate(measures)]
    sentences += [project(f, desk) for f in projects]
    sentences += [intended_gap(answer, m.placeholder) for m in answer.missing]
    if not sentences and answer.point.optional:
        return []
    return with_points(sentences, answer.point.id)


def measure(fact: Fact, point: Point | None, desk: Desk) -> Sentence:
    """What is to be done, with the point's own words before it where the text does not use them."""
    if fact.kind is Kind.POLICY:
        verb = "研究制定" if is_draft(fact) else "落实"
        return Sentence(f"{verb}{cited(fact)}。", (fact.id,), theme="measures")
    if has_quantity(fact) and fact.kind is Kind.TARGET:
        return target_sentences([fact], desk)[0]
    text = desk.text(fact) or desk.name(fact)
    if form(text) is Form.THING:
        text = f"推进{desk.name(fact)}：{text}" if desk.text(fact) else f"推进{text}"
    if has_quantity(fact) and not desk.text(fact):
        text = f"{desk.name(fact)}{bounded(amount(fact), fact.bound)}"
    if point is not None:
        text = _led(text, point, fact, desk)
    return Sentence(ended(text), (fact.id,), theme="measures", weight=2)


def _led(text: str, point: Point, fact: Fact, desk: Desk) -> str:
    """在配送车辆管理方面，统一……; nothing where the first words say it already."""
    run = shared(point.text.replace("的", ""), text.replace("的", ""))
    kept = run.replace("电子商务", "").replace("本地区", "")
    if len(point.text) > LONGEST_TOPIC:
        return text
    if len(kept) >= min(4, len(point.text.replace("电子商务", ""))) or form(point.text) in {
        Form.ACTION,
        Form.PREDICATE,
    }:
        return text
    topic = _TOPIC_END.sub("", point.text) if len(point.text) > 6 else point.text
    return f"在{topic}方面，{text}" if not text.startswith("在") else f"{topic}方面，{text}"


def years_of(text: str) -> str:
    """2017—2020年, where the text names the time of building."""
    found = _YEARS.search(text)
    return found["years"] if found else ""


def without_years(text: str) -> str:
    """The text without its clause about the time of building."""
    return _YEARS.sub("", text).strip("，；。")


def terms(fact: Fact, desk: Desk, *, short: bool = False) -> str:
    """总投资12.5亿元，建设期为2017—2020年; what the sheet lacks is left out."""
    years = years_of(desk.text(fact))
    parts = []
    if fact.value is not None:
        parts.append(f"{'' if short else '总'}投资{bounded(amount(fact), fact.bound)}")
    if years:
        parts.append(f"建设期为{years}" if not short else years)
    return "，".join(parts)


def project(fact: Fact, desk: Desk) -> Sentence:
    """实施望海电子商务物流园项目，依托……；项目总投资12.5亿元，建设期为2017—2020年。"""
    name, text = desk.name(fact), without_years(desk.text(fact))
    end = terms(fact, desk)
    if end and not end.startswith("建设期"):
        end = f"项目{end}"
    return Sentence(
        ended(told(name, text) + (f"，{end}" if end and "。" not in text else f"。{end}" if end else "")),
        (fact.id,),
        theme="projects",
        weight=3,
    )


def told(name: str, text: str) -> str:
    """A project's name and content in one clause, neither said twice."""
    if not text:
        return f"{'实施' if _UNDERTAKING.search(name) else '建设'}{name}"
    if name in text:
        return text
    if _BUILT.search(text) and "，" not in text and form(text) is Form.ACTION:
        return f"{text}{name}"
    undertaking = f"实施{name}" if _UNDERTAKING.search(name) else f"实施{name}项目"
    kind = form(text)
    if kind is Form.THING:
        return f"{undertaking}，包括{text}"
    return f"{undertaking}，{text}"


def more(facts: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """Measures and projects that answer no point of the section."""
    measures = [measure(f, None, desk) for f in facts if f.kind is not Kind.PROJECT]
    return [*measures, *(project(f, desk) for f in facts if f.kind is Kind.PROJECT)]
