"""Points about what is to be done: measures, and projects with their investment and years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

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
from service.writer.offline.wording import Form, ended, form, listed, shared

_YEARS = re.compile(
    r"[，；。]?(?:项目)?建设(?:期|期限|年限|周期)[为是：:]?(?P<years>(?:19|20)\d\d年?(?:[—～至到]{1,2}(?:19|20)\d\d年)?)"
)
_LEAD = re.compile(
    r"(?:^|[，；。])(?P<lead>由[^，。；：]{2,40}牵头(?:[，、][^，。；]{2,60}(?:配合|参与|参加|协助))?)(?=[，；。]|$)"
)
"""A clause that says who leads, with those who help."""
_UNDERTAKING = re.compile(r"(?:工程|项目|计划|行动|试点|试点工作|示范)$")
_BUILT = re.compile(r"(?:建设|打造|构建|搭建)$")
LONGEST_TOPIC = 30
"""Characters of a topic that a sentence can begin with; a longer list is rarely named in full."""
NAMED = 0.35
"""Share of a point's character pairs from which a sentence speaks of it by itself (tried on the sample sheets)."""
_TOPIC_END = re.compile(r"(?:方面的|的)?(?:举措|方案|建设情况|情况|政策|建设|方面)$")
_GENERAL = re.compile(r"电子商务|本地区")


def tasks(answer: Answer, desk: Desk) -> list[Sentence]:
    """Measures first, then projects: the measure says what for, the project with what."""
    projects = [f for f in answer.facts if f.kind is Kind.PROJECT]
    drafts = [f for f in answer.facts if is_draft(f)]
    measures = [f for f in answer.facts if f not in projects and f not in drafts]
    sentences = [measure(f, desk) for f in measures]
    if drafts:
        sentences.append(to_make(drafts))
    sentences += [project(f, desk) for f in projects]
    if sentences and not _named(answer.point, sentences):
        sentences[0] = _led(sentences[0], answer.point.text)
    sentences += [intended_gap(answer, m.placeholder) for m in answer.missing]
    return with_points(sentences, answer.point.id)


def to_make(drafts: Sequence[Fact]) -> Sentence:
    """研究制定《…》《…》."""
    return Sentence(f"研究制定{listed([cited(f) for f in drafts])}。", tuple(f.id for f in drafts), theme="measures")


def measure(fact: Fact, desk: Desk) -> Sentence:
    """What is to be done."""
    if fact.kind is Kind.POLICY:
        return to_make([fact]) if is_draft(fact) else Sentence(f"落实{cited(fact)}。", (fact.id,), theme="measures")
    if has_quantity(fact) and fact.kind is Kind.TARGET:
        return replace(target_sentences([fact], desk)[0], theme="measures")
    text = desk.text(fact) or desk.name(fact)
    if has_quantity(fact) and not desk.text(fact):
        text = f"{desk.name(fact)}{bounded(amount(fact), fact.bound)}"
    elif form(text) is Form.THING:
        text = f"推进{desk.name(fact)}：{text}" if desk.text(fact) else f"推进{text}"
    return Sentence(ended(text), (fact.id,), theme="measures")


def _named(point: Point, sentences: Sequence[Sentence]) -> bool:
    """Whether the sentences use enough of the point's own words to be known for it."""
    wanted = _GENERAL.sub("", point.text)
    enough = max(min(4, len(wanted)), len(wanted) // 4)
    runs = (_GENERAL.sub("", shared(point.text.replace("的", ""), s.text.replace("的", ""))) for s in sentences)
    if any(len(run) >= enough for run in runs):
        return True
    parts = {run[n : n + 2] for run in re.split("[的与和、]", wanted) for n in range(len(run) - 1)}
    share = max(sum(p in s.text for p in parts) for s in sentences) / max(1, len(parts))
    if len(point.text) > LONGEST_TOPIC:
        return share >= NAMED / 2
    return share >= NAMED and form(point.text) is not Form.THING


def _led(sentence: Sentence, topic: str) -> Sentence:
    """The sentence with a lead; the time it names, if any, stands after the lead."""
    lead = _lead(topic, sentence.text)
    if sentence.moment:
        return replace(sentence, moment=f"{lead}{sentence.moment}")
    return replace(sentence, text=f"{lead}{sentence.text}")


def _lead(topic: str, text: str) -> str:
    """在配送车辆管理方面，, 支持电子商务服务平台品牌化发展，, 在系统对接方面，."""
    if form(topic) in {Form.ACTION, Form.PREDICATE}:
        return f"{topic}，"
    if re.match(r"\d", text):
        return f"{topic.removeprefix('切实可行的')}如下："
    if len(topic) > LONGEST_TOPIC:
        return f"围绕{topic}，"
    if len(topic) > 14 and len(head := topic.rpartition("的")[2]) >= 4:
        topic = head
    short = _TOPIC_END.sub("", topic) if len(topic) > 6 else topic
    return f"{short}方面，" if text.startswith("在") else f"在{short}方面，"


def years_of(text: str) -> str:
    """2017—2020年, where the text names the time of building."""
    found = _YEARS.search(text)
    return found["years"] if found else ""


def without_years(text: str) -> str:
    """The text without its clause about the time of building."""
    return _YEARS.sub("", text).strip("，；。")


def lead_of(text: str) -> str:
    """由市商务局牵头, where one clause of the text says who leads; of several each is for a part of its own."""
    found = _LEAD.findall(text)
    return found[0] if len(found) == 1 else ""


def without_lead(text: str) -> str:
    """The text without its clause about who leads."""
    return _LEAD.sub("", text).strip("，；。") if lead_of(text) else text


def terms(fact: Fact, desk: Desk, *, short: bool = False) -> str:
    """总投资12.5亿元，建设期为2017—2020年; what the sheet lacks is left out."""
    years = years_of(desk.text(fact))
    parts = []
    if fact.value is not None:
        parts.append(f"{'' if short else '总'}投资{bounded(amount(fact), fact.bound)}")
    if years:
        parts.append(f"建设期为{years}")
    return "，".join(parts)


def project(fact: Fact, desk: Desk) -> Sentence:
    """由市发展改革委牵头，实施望海电子商务物流园项目，依托……，项目总投资12.5亿元，建设期为2017—2020年。"""
    name, text = desk.name(fact), without_years(desk.text(fact))
    lead, text = lead_of(text), without_lead(text)
    end = terms(fact, desk)
    if end and not end.startswith("建设期"):
        end = f"项目{end}"
    return Sentence(
        ended(
            (f"{lead}，" if lead else "")
            + told(name, text)
            + (f"，{end}" if end and "。" not in text else f"。{end}" if end else "")
        ),
        (fact.id,),
        theme="projects",
    )


def told(name: str, text: str) -> str:
    """A project's name and content in one clause, neither said twice."""
    if not text:
        return f"{'实施' if _UNDERTAKING.search(name) else '建设'}{name}"
    if name in text:
        return text
    if _BUILT.search(text) and "，" not in text and text.startswith(("依托", "利用", "通过", "借助")):
        return f"{text}{name}"
    undertaking = f"实施{name}" if _UNDERTAKING.search(name) else f"实施{name}项目"
    kind = form(text)
    if kind is Form.THING:
        return f"{undertaking}，包括{text}"
    return f"{undertaking}，{text}"


def more(facts: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """Measures and projects that answer no point of the section."""
    drafts = [f for f in facts if is_draft(f)]
    measures = [measure(f, desk) for f in facts if f.kind is not Kind.PROJECT and f not in drafts]
    made = [to_make(drafts)] if drafts else []
    return [*measures, *made, *(project(f, desk) for f in facts if f.kind is Kind.PROJECT)]
