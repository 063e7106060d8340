"""Points about what is: figures as a bulletin states them, conditions in words, issued policies, needs and problems."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from schemas.facts import Fact, Kind
from schemas.outline import Indicator, Point
from service.facts.answers import Answer, Missing, facts_of
from service.writer.offline.desk import Desk, has_quantity
from service.writer.offline.figures import amount, change, compared, numeral, stated
from service.writer.offline.placeholders import described_gap, figure_gaps, needed_gap, part
from service.writer.offline.policies import issued
from service.writer.offline.sentences import Sentence, with_points
from service.writer.offline.wording import Form, balanced, ended, form, shared

_STATE = re.compile(r"(?:建设|发展)?(?:情况|现状|状况)$")
_FIRM_FIGURE = re.compile(
    r"^(?P<firm>.*(?:公司|集团|合作社|商城|平台|网|园|中心))(?P<what>年?(?:度)?(?:交易|销售|营业|营销|经营)(?:总?额|收入)|年?产值|年?纳税额)$"
)
_FIELD = re.compile(r"电子商务|网络零售|网上零售")
_STOCK = re.compile(r"人口$")
_NEED = re.compile(r"对电子商务的需求$")
_SECTORS = ("第一产业", "第二产业", "第三产业")
_COUNTED = re.compile(r"[家个户所处条座]$")
_NUMBER = re.compile(r"(?:总数|数量|数)(?=\d|约)")
"""Said twice after 共有: 共有电子商务服务企业650家."""


def present(answer: Answer, desk: Desk) -> list[Sentence]:
    """Sentences for one point; what is missing stands as a placeholder in its place."""
    facts = [f for f in answer.facts if f.kind is not Kind.POLICY]
    policies = [f for f in answer.facts if f.kind is Kind.POLICY]
    figures = desk.newest([f for f in facts if has_quantity(f)])
    words = [f for f in facts if not has_quantity(f)]
    counted = [*trend(answer, desk), *figure_sentences(figures, answer.missing, desk)]
    told = [word_sentence(f, answer.point, desk, first=n == 0) for n, f in enumerate(words)]
    # In the order of the sheet's answer: a condition first, then its figures, or the other way round.
    first, then = (told, counted) if words and facts[0] is words[0] else (counted, told)
    sentences = [*first, *then, *issued(policies, desk)]
    sentences += _lacking(answer, desk, written=bool(sentences))
    return with_points(sentences, answer.point.id)


def _lacking(answer: Answer, desk: Desk, *, written: bool) -> list[Sentence]:
    """Placeholders for what no sentence above has room for."""
    known = {f.indicator for f in answer.facts}
    whole = [m for m in answer.missing if m.indicator not in known]
    found = []
    if said := figure_gaps(whole, desk, "全市" if desk.is_city else ""):
        found.append(Sentence(f"{said}。", theme="figures"))
    for one in answer.missing:
        if part(one, desk) == "text":
            topic = answer.point.text if not written and len(answer.missing) == 1 else one.name
            need = _NEED.search(one.name)
            if need:
                said = needed_gap(_NEED.sub("", answer.point.text), one.placeholder, desk.own)
            else:
                said = described_gap(topic, one.placeholder, desk.own if desk.is_city else "")
            found.append(Sentence(said, theme="gap"))
    return found


# --- figures ------------------------------------------------------------------------------------------------------


def figure_sentences(facts: Sequence[Fact], missing: Sequence[Missing], desk: Desk) -> list[Sentence]:
    """Figures of one year joined by semicolons, or by 、 where they only count; sectors as a structure."""
    sectors = [f for f in facts if any(s in f.name for s in _SECTORS)]
    if len(sectors) == len(_SECTORS) and _whole(sectors):
        rest = [f for f in facts if f not in sectors]
        return [_structure(sectors, desk), *figure_sentences(rest, missing, desk)]
    found: list[Sentence] = []
    run: list[Fact] = []
    for fact in facts:
        if (desk.text(fact) and not run) or _FIRM_FIGURE.match(desk.name(fact)):
            found += _joined(run, missing, desk)
            run = []
            found.append(_alone(fact, missing, desk, first=not found))
        elif desk.text(fact) or (run and _apart(run[-1], fact, desk)):
            found += _joined(run, missing, desk)
            run = []
            if desk.text(fact):
                found.append(_alone(fact, missing, desk))
            else:
                run = [fact]
        else:
            run.append(fact)
    return [*found, *_joined(run, missing, desk)]


def _apart(one: Fact, other: Fact, desk: Desk) -> bool:
    """Another time, or a thing of another field: another sentence."""
    if _moment(one, desk) != _moment(other, desk):
        return True
    return one.unit != other.unit and not all(_FIELD.search(f.name) for f in (one, other))


def _joined(run: Sequence[Fact], missing: Sequence[Missing], desk: Desk) -> list[Sentence]:
    if not run:
        return []
    clauses = []
    for n, fact in enumerate(run):
        name = desk.name(fact)
        clause = stated(fact, name, first=n == 0)
        if n and _is_part(fact, run[n - 1]):
            clause = f"其中{clause}"
        elif n and name.startswith(f"{desk.name(run[n - 1])}占"):
            clause = clause.removeprefix(desk.name(run[n - 1]))
        clauses.append(clause + _part_gaps(fact, missing, desk))
    counted = all(_COUNTED.search(amount(f)) and "，" not in c for f, c in zip(run, clauses, strict=True))
    text = "、".join(clauses) if counted else _punctuated(clauses)
    if counted:
        text = f"{'全市' if desk.is_city else ''}共有{_NUMBER.sub('', text)}"
    return [
        Sentence(
            f"{text}。",
            facts=tuple(f.id for f in run),
            theme="figures",
            moment=_moment(run[0], desk),
            scope="" if counted else desk.scope(run[0]),
        )
    ]


def _punctuated(clauses: Sequence[str]) -> str:
    """其中 hangs on what goes before it; all else stands side by side."""
    text = clauses[0]
    for clause in clauses[1:]:
        text += ("，" if clause.startswith(("其中", "占")) else "；") + clause
    return text


def _is_part(fact: Fact, whole: Fact) -> bool:
    """国内电子商务交易额 of 电子商务交易额: same year and unit, a longer name, no greater value."""
    mine, all_of_it = fact.value, whole.value
    if not isinstance(mine, Decimal) or not isinstance(all_of_it, Decimal) or mine > all_of_it:
        return False
    same = (fact.unit, fact.year) == (whole.unit, whole.year)
    return same and fact.name != whole.name and fact.name.endswith(whole.name)


def _alone(fact: Fact, missing: Sequence[Missing], desk: Desk, *, first: bool = False) -> Sentence:
    """A figure with words of its own."""
    name, words = desk.name(fact), desk.text(fact)
    firm = _FIRM_FIGURE.match(name)
    if firm and words:
        year = f"{fact.year}年" if fact.year else ""
        grown = f"，{change(fact.growth)}" if fact.growth is not None else ""
        what = firm["what"].removeprefix("年") if year else firm["what"]
        text = f"{firm['firm']}{words}，{year}{what}{amount(fact)}{grown}。"
        if form(words) in {Form.ACTION, Form.PREDICATE} or words.startswith("经营"):
            return Sentence(text, facts=(fact.id,), theme="words")
    fuller = words.removeprefix("指") if words.startswith("指") and words.endswith(name) else ""
    if fuller:
        # 网络零售额 with 指全市网络零售额: the remark is the name in full.
        name, words = fuller, ""
    said = stated(fact, name, first=first)
    if _COUNTED.search(amount(fact)) and fact.growth is None and desk.scope(fact):
        said = f"{desk.scope(fact)}共有{_NUMBER.sub('', said)}"
    said += _part_gaps(fact, missing, desk)
    return Sentence(
        with_words(said, words),
        facts=(fact.id,),
        theme="described" if words else "figures",
        moment=_moment(fact, desk),
        scope="" if said.startswith("全市") else desk.scope(fact),
    )


def with_words(said: str, words: str) -> str:
    """A clause with what else is known: after a comma, in brackets when it is a mere remark, or as a sentence."""
    if not words:
        return ended(said)
    remark = len(words) <= 16 and "，" not in words and form(words) in {Form.THING, Form.WHOLE} and balanced(words)
    if remark and not words.startswith("其中"):
        return f"{said}（{words}）。"
    return f"{said}。{ended(words)}" if "。" in words else f"{said}，{words}。"


def _part_gaps(fact: Fact, missing: Sequence[Missing], desk: Desk) -> str:
    """，增速为【…】 after a value whose growth nobody gave."""
    own = [
        m for m in missing if m.indicator is not None and m.indicator == fact.indicator and m.year in {fact.year, None}
    ]
    text = ""
    for one in own:
        kind = part(one, desk)
        if kind == "growth" and fact.growth is None:
            text += f"，增速为{one.placeholder}"
        elif kind == "share" and fact.share is None:
            text += f"，占比为{one.placeholder}"
        elif kind == "value" and fact.value is None:
            text += f"，总量为{one.placeholder}"
    return text


def _moment(fact: Fact, desk: Desk) -> str:
    """2016年, or 2016年末 for a population."""
    if fact.year is None:
        return ""
    return f"{fact.year}年末" if _STOCK.search(desk.name(fact)) and fact.growth is None else f"{fact.year}年"


def _whole(sectors: Sequence[Fact]) -> bool:
    """The three sectors of one year, each with value and share, the shares together 100 but for rounding."""
    shares = [f.share for f in sectors if f.share is not None]
    complete = len({f.year for f in sectors}) == 1 and all(isinstance(f.value, Decimal) for f in sectors)
    return complete and len(shares) == len(_SECTORS) and abs(sum(shares, Decimal(0)) - 100) <= Decimal("0.2")


def _structure(sectors: Sequence[Fact], desk: Desk) -> Sentence:
    ordered = sorted(sectors, key=lambda f: next(n for n, s in enumerate(_SECTORS) if s in f.name))
    first = ordered[0].growth is not None
    clauses = []
    for fact in ordered:
        grown = "" if fact.growth is None else (compared if first and fact is ordered[0] else change)(fact.growth)
        clauses.append(f"{desk.name(fact)}{amount(fact)}" + (f"，{grown}" if grown else ""))
    ratio = "∶".join(numeral(f.share) for f in ordered if f.share is not None)
    text = f"分产业看，{'；'.join(clauses) if first else '，'.join(clauses)}；三次产业比重为{ratio}。"
    return Sentence(text, tuple(f.id for f in ordered), theme="figures", moment=_moment(ordered[0], desk))


def trend(answer: Answer, desk: Desk) -> list[Sentence]:
    """A rise over three years or more, told before the latest figure."""
    found = []
    for indicator in desk.indicators(answer):
        series = sorted(_series(indicator, desk), key=lambda f: f.year or 0)
        values = [f.value for f in series if isinstance(f.value, Decimal)]
        if len(series) >= 3 and all(a < b for a, b in pairwise(values)):
            old, new = series[0], series[-1]
            text = f"{desk.name(new)}由{old.year}年的{amount(old)}增加到{new.year}年的{amount(new)}。"
            lead = "近年来，我市电子商务规模持续扩大，" if desk.is_city and "电子商务" in text else "近年来，"
            found.append(Sentence(f"{lead}{text}", (old.id, new.id), theme="figures"))
    return found


def _series(indicator: Indicator, desk: Desk) -> list[Fact]:
    found = [f for f in facts_of(indicator, desk.ledger) if isinstance(f.value, Decimal) and f.year]
    names = {(f.name, f.unit) for f in found}
    return found if len(names) == 1 and len({f.year for f in found}) == len(found) else []


# --- words --------------------------------------------------------------------------------------------------------


def need_sentence(fact: Fact, point: Point, desk: Desk) -> Sentence:
    """A need or an effect, always with its lead: such sections are built in parallel."""
    return Sentence(ended(f"{lead(point.text, desk, seen=True)}{desk.text(fact)}"), (fact.id,), (point.id,))


def word_sentence(fact: Fact, point: Point, desk: Desk, *, first: bool) -> Sentence:
    """A condition in words, with a lead that says what it is about."""
    text = desk.text(fact) or desk.name(fact)
    kind = form(text)
    topic = point.text if first else desk.name(fact)
    if kind is Form.PREDICATE and re.match(r"位于|地处|处于|东临|毗邻|辖", text):
        text = f"{desk.sheet.subject.name}{text}"
    elif kind is Form.THING:
        text = _named_thing(text, fact, desk)
    else:
        subject = "全市" if kind is Form.PREDICATE and desk.is_city else ""
        if "战略" in topic and first:
            text = f"{_whose(topic, desk)}是：{text}"
        elif not _says_itself(text, topic, fact, desk):
            text = f"{lead(topic, desk)}{subject}{text}"
    return Sentence(ended(text), (fact.id,), theme="words")


def _whose(topic: str, desk: Desk) -> str:
    """城市的总体发展战略目标与定位 → 望海市的总体发展战略目标与定位."""
    return re.sub(r"^城市(?:的)?", f"{desk.sheet.subject.name}的", topic)


def _named_thing(text: str, fact: Fact, desk: Desk) -> str:
    name = desk.name(fact)
    if "区位" in name:
        return f"从{name}看，{desk.sheet.subject.name}是{text}"
    return f"{name}{'：' if re.search('情况|现状', name) else '为'}{text}"


def _says_itself(text: str, topic: str, fact: Fact, desk: Desk) -> bool:
    """The first words already name the matter: 望海市电子商务协会成立于2013年."""
    if form(text) is Form.ACTION:
        return False
    run = max((shared(t, text[:24]) for t in (topic, desk.name(fact))), key=len)
    return len(run.replace("电子商务", "")) >= 2 and len(run) >= 4


def lead(topic: str, desk: Desk, *, seen: bool = False) -> str:
    """现代物流方面，, 从主要特点与优势看，, 在促进流通体系建设方面，. `seen`: always the form with 看."""
    own = re.sub(r"^城市(?=电子商务|经济)", desk.own if desk.is_city else "", topic)
    if effect := _EFFECT.match(own):
        return f"在促进{effect[1]}方面，"
    if seen or form(own) in {Form.ACTION, Form.PREDICATE} or len(own) > 10:
        return f"从{_STATE.sub('', own) if len(own) > 14 else own}看，"
    named = _STATE.sub("", own)
    return f"{_FULLER.get(named, named)}方面，"


_EFFECT = re.compile(r"^对(.+)的促进作用$")
_FULLER = {"标准": "标准化建设", "信用": "信用体系建设", "统计": "统计工作"}


def more(facts: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """Facts that answer no point and belong to this section all the same: their quantities, then their words."""
    figures = desk.newest([f for f in facts if has_quantity(f)])
    found = figure_sentences(figures, (), desk)
    for fact in facts:
        if not has_quantity(fact):
            text = desk.text(fact)
            name = desk.name(fact)
            if form(text) in {Form.PREDICATE, Form.THING} or re.match(r"\d{4}年", text):
                text = _with_subject(name, text)
            found.append(Sentence(ended(text or name), (fact.id,), theme="words"))
    return [replace(s) for s in found]


def _with_subject(name: str, text: str) -> str:
    if form(text) is Form.THING:
        return f"{name}为{text}"
    return f"{name}{text}"
