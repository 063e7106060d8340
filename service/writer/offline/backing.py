"""Points about who and with what money: bodies, how they work together, the fund, its rules and its appraisal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from schemas.facts import Bound, Fact, Kind
from service.facts.answers import Answer
from service.writer.offline.desk import Desk, has_quantity
from service.writer.offline.figures import amount, bounded
from service.writer.offline.sentences import Sentence, with_points
from service.writer.offline.tasks import measure
from service.writer.offline.wording import Form, ended, form, shared

_SET_UP = re.compile(r"(?:领导小组|办公室|专家(?:咨询)?(?:小组|委员会)|工作组|联席会议)$")
_GIVES = re.compile(r"(?:安排|设立|投入|拨付|落实|筹集)$")
_YEARS = re.compile(r"((?:19|20)\d\d—(?:19|20)\d\d年)(?:累计)?$")
_SPAN = re.compile(r"[一二三四五六七八九十\d]+年(?=累计)")
"""五年累计: said by the years themselves."""
_MECHANISM = re.compile(r"机制|制度")
_PARTICIPANTS = re.compile(r"^(?:参与|相关|成员|配合)(?:部门|单位)")
_HOLDS = re.compile(r".[担兼]?任[^，。；]*(?:组长|主任|召集人|负责人|总指挥)$")
_SEVERAL = re.compile(r"[、，；和及等]")
_LIMIT_NAME = re.compile(r"(?:资金)?额度$")
_PEOPLE = re.compile(r"领导|部门|单位")


def bodies(answer: Answer, desk: Desk) -> list[Sentence]:
    """Sentences for one point about the organisation."""
    facts = answer.facts
    sentences = [body(f, answer.point.text, desk, first=n == 0) for n, f in enumerate(facts)]
    sentences += [Sentence(asked(answer.point.text, m.placeholder), theme="gap") for m in answer.missing]
    return with_points(sentences, answer.point.id)


def asked(wanted: str, placeholder: str) -> str:
    """A body or mechanism that the sheet does not name."""
    if _MECHANISM.search(wanted):
        return f"建立{wanted}，具体安排为{placeholder}。"
    if wanted.endswith("分工"):
        return f"明确{wanted}，具体为{placeholder}。"
    return f"{wanted}为{placeholder}。"


def body(fact: Fact, topic: str, desk: Desk, *, first: bool = True) -> Sentence:
    """Who it is and what it does; a list of departments as those that take part."""
    name, text = desk.name(fact), desk.text(fact)
    if not text:
        text = f"设立{name}"
    elif form(text) is Form.THING:
        taking_part = _PARTICIPANTS.search(topic) or (_PEOPLE.search(topic) and "参与" in name)
        held = not text.startswith("由") and _HOLDS.search(text)
        text = f"由{text}" if held else f"{'参与部门' if taking_part else topic}{_is(text)}{text}"
    elif _SET_UP.search(name) and name not in text:
        text = _with_name(name, text)
    else:
        text = f"{_body_lead(text, topic, first=first)}{text}"
    return Sentence(ended(text), (fact.id,), theme="bodies")


def _is(text: str) -> str:
    """主管领导为常务副市长, 参与部门包括市财政局、市统计局."""
    return "包括" if _SEVERAL.search(text) else "为"


def _body_lead(text: str, topic: str, *, first: bool) -> str:
    """在部门间协调工作机制方面，, 在相关部门职责方面，; nothing where the text says whose matter it is."""
    if _says(text, topic) or (form(text) is Form.WHOLE and not first):
        return ""
    if _MECHANISM.search(topic) and not text.startswith(("由", "成立", "设立")):
        return f"在{topic}方面，"
    return f"在{topic}职责方面，" if _PARTICIPANTS.search(topic) else ""


def _with_name(name: str, text: str) -> str:
    """成立…领导小组，由…任组长; …领导小组办公室设在…; …办公室负责…."""
    overlap = next((n for n in range(min(len(name), len(text)), 1, -1) if name.endswith(text[:n])), 0)
    if overlap:
        return f"{name}{text[overlap:]}"
    if text.startswith("由"):
        return f"成立{name}，{text}"
    if text.startswith(("负责", "承担")):
        return f"设立{name}，{text}"
    return text if name in text else f"成立{name}，{text}"


def _says(text: str, topic: str) -> bool:
    return len(shared(text, topic)) >= 4


def fund(answer: Answer, desk: Desk) -> list[Sentence]:
    """The amount in the direction of its bound, and what it is for."""
    sentences = []
    for fact in answer.facts:
        sentences += money(fact, desk)
    sentences += [Sentence(amount_asked(m.placeholder, desk), theme="gap") for m in answer.missing]
    return with_points(sentences, answer.point.id)


def amount_asked(quantity: str, desk: Desk) -> str:
    """The fund whose amount is asked for, or was: the answer is a figure without more words."""
    return f"{'市财政' if desk.is_city else ''}安排电子商务发展专项资金，额度为{quantity}。"


def money(fact: Fact, desk: Desk) -> list[Sentence]:
    """2017—2021年市财政每年安排电子商务发展专项资金不低于3000万元."""
    name, text = desk.name(fact), desk.text(fact)
    if fact.value is None:
        return [measure(fact, desk)]
    said = f"{name}{_limit(amount(fact), fact.bound)}"
    if _LIMIT_NAME.search(name):
        said = amount_asked(_limit(amount(fact), fact.bound), desk).removesuffix("。")
    if not text:
        parts = [said]
    elif _GIVES.search(text):
        parts = [f"{text}{said}"]
    elif (years := _YEARS.match(text)) and "累计" in name:
        parts = [f"{years[1]}{_SPAN.sub('', name)}{_limit(amount(fact), fact.bound)}"]
    elif "，" not in text and len(text) <= 16:
        parts = [f"{said}（{text}）"]
    elif re.match(r"共\d+个", text):
        parts = [_counted(name, text, fact)]
    else:
        parts = [said, text]
    return [Sentence("".join(ended(p) for p in parts), (fact.id,), theme="money")]


def _counted(name: str, text: str, fact: Fact) -> str:
    """重点工程总投资27.95亿元 with 共10个重点工程，实施期为2017—2021年."""
    text = re.sub(r"^共(?=\d)", "本方案共安排", text)
    return f"{text}，{name if not _doubles(name, text) else '总投资'}{_limit(amount(fact), fact.bound)}"


def _doubles(name: str, text: str) -> bool:
    return name.endswith("总投资") and name.removesuffix("总投资") in text


def _limit(quantity: str, bound: Bound) -> str:
    return (
        f"不低于{quantity}"
        if bound is Bound.AT_LEAST
        else bounded(quantity, bound)
        if bound is not Bound.AT_MOST
        else f"不超过{quantity}"
    )


def more(facts: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """Bodies and money that answer no point of the section."""
    found: list[Sentence] = []
    for fact in facts:
        if fact.kind is Kind.ORGANISATION:
            found.append(body(fact, desk.name(fact), desk))
        elif has_quantity(fact) and isinstance(fact.value, Decimal):
            found += money(fact, desk)
        else:
            found.append(measure(fact, desk))
    return found
