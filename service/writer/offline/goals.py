"""Points about what is to be reached: the goal in words, targets with where they start, the province's average."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from schemas.brief import Target
from schemas.facts import Bound, Fact, Kind
from service.facts.answers import Answer
from service.facts.naming import core_name
from service.text.documents import titles
from service.writer.offline.desk import Desk, has_quantity
from service.writer.offline.figures import aimed, amount, numeral, stated
from service.writer.offline.placeholders import described_gap, part
from service.writer.offline.sentences import Sentence, with_points
from service.writer.offline.wording import Form, ended, form

_PRINCIPLES = re.compile(r"原则|思路")
_DUE = re.compile(r"^到?(?:19|20)\d\d年")
_GROWTH_END = re.compile(r"(?:年均)?(?:增速|增长率|增长|增幅)$")


def aims(answer: Answer, desk: Desk) -> list[Sentence]:
    """Sentences for one point about targets."""
    documents = [f for f in answer.facts if has_quantity(f) and any(titles(desk.text(f)))]
    figures = [f for f in answer.facts if has_quantity(f) and f not in documents]
    words = [f for f in answer.facts if not has_quantity(f)]
    sentences = [
        *target_sentences(figures, desk),
        *documents_to_make(documents, desk),
        *(worded(f, answer.point.text, desk) for f in words),
    ]
    values = [m for m in answer.missing if part(m, desk) != "text"]
    for one in values:
        name = re.sub(r"目标$", "", one.name)
        due = f"到{one.year}年" if one.year else ""
        scope = "全市" if desk.is_city else ""
        sentences.append(Sentence(f"{name}达到{one.placeholder}。", theme="figures", moment=due, scope=scope))
    for one in answer.missing:
        if one not in values:
            theme = "goal" if _PRINCIPLES.search(one.name) else "gap"
            sentences.append(Sentence(_asked(one.name, one.placeholder, desk), theme=theme))
    return with_points(sentences, answer.point.id)


def _asked(name: str, placeholder: str, desk: Desk) -> str:
    """A goal or principle that the sheet lacks."""
    if name.endswith("总体目标"):
        return f"{desk.period}创建工作的总体目标为{placeholder}。"
    return described_gap(name, placeholder)


def target_sentences(facts: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """Targets of one year in one sentence, each with its base where the sheet has one."""
    found: list[Sentence] = []
    by_year: dict[int | None, list[Fact]] = {}
    for fact in sorted(facts, key=lambda f: f.year or 9999):
        by_year.setdefault(fact.year, []).append(fact)
    for year, group in by_year.items():
        clauses = [_target_clause(f, desk) for f in group]
        joined = "；".join(clauses) if any("，" in c for c in clauses) else "，".join(clauses)
        moment = f"到{year}年" if year else ""
        scope = desk.scope(group[0]) if clauses[0].startswith(desk.name(group[0])) else ""
        found.append(
            Sentence(
                f"{joined}。",
                _with_bases(group, desk),
                theme="figures",
                moment=moment,
                scope=scope,
            )
        )
    return found


def _target_clause(fact: Fact, desk: Desk) -> str:
    text, name = desk.text(fact), desk.name(fact)
    if text and _repeats(fact, text):
        return text
    clause = aimed(fact, name)
    base = base_of(fact, desk)
    if base is not None:
        clause += f"（{base.year}年为{amount(base)}）"
    if text:
        clause += f"（{text}）" if form(text) is Form.THING else f"，{text}"
    return clause


def _repeats(fact: Fact, text: str) -> bool:
    """The text says the target itself: 组织开展百人以上电子商务培训百次以上."""
    if fact.value is None or isinstance(fact.value, tuple):
        return False
    digits = numeral(fact.value)
    spelt = {Decimal(100): "百", Decimal(3): "三", Decimal(10): "十"}.get(fact.value, "　")
    return bool(re.search(rf"(?<![\d.]){re.escape(digits)}(?![\d.])", text)) or spelt in text


def base_of(fact: Fact, desk: Desk) -> Fact | None:
    """The latest actual figure of the same thing in the same unit."""
    target = _in_brief(fact, desk)
    base = target.base if target else None
    if base is None or base.value is None or base.year is None or base.unit != fact.unit or fact.value is None:
        return None
    return base


def _in_brief(fact: Fact, desk: Desk) -> Target | None:
    return next((t for t in desk.brief.targets if t.fact.id == fact.id), None)


def _with_bases(facts: Iterable[Fact], desk: Desk) -> tuple[str, ...]:
    found = []
    for fact in facts:
        base = base_of(fact, desk)
        found += [fact.id, *([base.id] if base else [])]
    return tuple(dict.fromkeys(found))


def worded(fact: Fact, topic: str, desk: Desk) -> Sentence:
    """A target or principle in words."""
    text = desk.text(fact) or desk.name(fact)
    due = f"到{fact.year}年" if fact.year and fact.kind is Kind.TARGET else ""
    if _PRINCIPLES.search(topic + fact.name):
        return Sentence(ended(text), (fact.id,), theme="goal")
    if "总体目标" in topic + fact.name:
        said = text if _DUE.match(text) or not due else f"{due}，{_to_reach(text)}"
        opening = f"{desk.period}创建工作的总体目标是：" if desk.period else "创建工作的总体目标是："
        return Sentence(ended(f"{opening}{said}"), (fact.id,), theme="goal")
    if not due or _DUE.match(text):
        return Sentence(ended(text), (fact.id,), theme="words")
    return Sentence(ended(_to_reach(text)), (fact.id,), theme="figures", moment=due)


def _to_reach(text: str) -> str:
    return f"建成{text}" if form(text) is Form.THING else text


def is_doing(name: str) -> bool:
    """制定和修订电子商务地方规章及政策措施: a target that counts what is done."""
    return form(name) is Form.ACTION and "的" not in name and not name.startswith(("在", "每", "对"))


def documents_to_make(facts: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """8项 with the titles of what is to be issued."""
    found = []
    for fact in facts:
        named = [f"《{t.text}》" for t in titles(desk.text(fact))]
        if not named:
            found += target_sentences([fact], desk)
            continue
        due = f"到{fact.year}年" if fact.year else ""
        quantity = amount(fact)
        name = desk.name(fact)
        text = f"{name if is_doing(name) else f'出台{name}'}{quantity}，{desk.text(fact)}。"
        found.append(Sentence(text, (fact.id,), theme="documents", moment=due))
    return found


def above_average(answer: Answer, targets: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """What the province has, and which targets lie above it; the comparison is made, never assumed."""
    benchmarks = [f for f in answer.facts if has_quantity(f)]
    sentences: list[Sentence] = []
    higher: list[Fact] = []
    used: list[Fact] = []
    for benchmark in benchmarks:
        beaten = [t for t in targets if _beats(t, benchmark, desk)]
        higher += [t for t in beaten if t not in higher]
        used.append(benchmark)
    if benchmarks:
        clauses = [_benchmark_clause(f, desk) for f in benchmarks]
        year = f"{benchmarks[0].year}年" if benchmarks[0].year else ""
        sentences.append(
            Sentence(f"{'，'.join(clauses)}。", tuple(f.id for f in used), theme="average", moment=year, opens=True)
        )
    if higher:
        names = "、".join(dict.fromkeys(desk.name(t) for t in higher))
        text = f"本方案确定的{names}目标高于全省平均水平。"
        sentences.append(Sentence(text, tuple(t.id for t in higher), theme="average"))
    words = [f for f in answer.facts if not has_quantity(f)]
    sentences += [Sentence(ended(desk.text(f)), (f.id,), theme="average") for f in words]
    for one in answer.missing:
        text = f"主要发展指标应高于全省平均水平，全省平均水平为{one.placeholder}。"
        sentences.append(Sentence(text, theme="gap"))
    if benchmarks and not higher:
        text = "电子商务交易规模增长率、应用普及程度等主要发展指标与全省平均水平的比较情况为【待补充：高于全省平均水平的目标值】。"
        sentences.append(Sentence(text, theme="gap"))
    return with_points(sentences, answer.point.id)


def _benchmark_clause(fact: Fact, desk: Desk) -> str:
    return stated(fact, desk.name(fact))


def _beats(target: Fact, benchmark: Fact, desk: Desk) -> bool:
    """A target that is surely higher than the same thing of the province: a rate against a rate of the same name."""
    ours, theirs = _rate(target), _rate(benchmark)
    if ours is None or theirs is None or target.bound in {Bound.AT_MOST, Bound.ABOUT}:
        return False
    stem, other = (_GROWTH_END.sub("", core_name(f.name, desk.sheet.subject)) for f in (target, benchmark))
    growing = [
        bool(_GROWTH_END.search(f.name)) or (f.value is None and f.growth is not None) for f in (target, benchmark)
    ]
    return stem == other and growing[0] == growing[1] and ours > theirs


def _rate(fact: Fact) -> Decimal | None:
    """Per cent: of a rate its value, else its share or growth."""
    if isinstance(fact.value, Decimal):
        return fact.value if fact.unit == "%" else None
    if isinstance(fact.value, tuple):
        return fact.value[0] if fact.unit == "%" else None
    return fact.share if fact.share is not None else fact.growth
