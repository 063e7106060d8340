"""Clauses for quantities as statistical bulletins word them: value, growth, share, rank, bound, range, target."""

from __future__ import annotations

import re
from decimal import Decimal

from schemas.facts import Bound, Fact

_RATIO_NAME = re.compile(r"(?:率|比重|占比|比例|比率|系数|指数|价格|单价)(?:（[^（）]*）)?$")
_GROWTH_NAME = re.compile(r"(?:增长率|增速|增幅|增长)$")
_RANK_UNITS = frozenset({"位", "名"})


def numeral(number: Decimal) -> str:
    """As the sheet has it, never in scientific notation: 1105.04, 9.0, 680."""
    return format(number, "f")


def amount(fact: Fact) -> str:
    """Value with unit: 680亿元, 2～3个, 15%～30%; "" without a value."""
    unit = fact.unit or ""
    if fact.value is None:
        return ""
    if isinstance(fact.value, tuple):
        low, high = map(numeral, fact.value)
        # GB/T 15835—2011: the sign of a percentage and 万, 亿 stand with both ends of a range.
        kept = unit if unit in {"%", "‰"} else next((s for s in ("万亿", "亿", "万") if unit.startswith(s)), "")
        return f"{low}{kept}～{high}{unit}"
    return f"{numeral(fact.value)}{unit}"


def bounded(quantity: str, bound: Bound) -> str:
    """A bound told in its own direction: 2800亿元以上, 15%以内, 约2800亿元."""
    return {
        Bound.EXACT: quantity,
        Bound.AT_LEAST: f"{quantity}以上",
        Bound.AT_MOST: f"{quantity}以内",
        Bound.ABOUT: f"约{quantity}",
    }[bound]


def change(growth: Decimal) -> str:
    """增长7.8%, 下降3.2%, 与上年持平."""
    if growth == 0:
        return "与上年持平"
    return f"{'增长' if growth > 0 else '下降'}{numeral(abs(growth))}%"


def compared(growth: Decimal) -> str:
    """The same with what it is compared with: 比上年增长7.8%."""
    return change(growth) if growth == 0 else f"比上年{change(growth)}"


def is_ratio(fact: Fact) -> bool:
    """A rate or a share, said with 为: 普及率为52.6%."""
    return bool(_RATIO_NAME.search(fact.name)) or fact.unit in {"%", "‰"}


def is_rank(fact: Fact) -> bool:
    """A place in an order: 第4位."""
    return (fact.unit or "") in _RANK_UNITS and fact.value is not None and bool(re.search("位次|排名|名次", fact.name))


def valued(fact: Fact, name: str) -> str:
    """Name and value of what is: 地区生产总值1105.04亿元, 普及率为52.6%, 位次为第4位."""
    quantity = amount(fact)
    if is_rank(fact):
        return f"{name}为第{quantity}"
    quantity = {Bound.AT_MOST: f"不超过{quantity}"}.get(fact.bound, bounded(quantity, fact.bound))
    return f"{name}{'为' if is_ratio(fact) else ''}{quantity}"


def stated(fact: Fact, name: str, *, first: bool = False) -> str:
    """All quantities of a fact about what is; `first`: the growth says what it is compared with."""
    grown = "" if fact.growth is None else (compared if first else change)(fact.growth)
    if fact.value is not None:
        clause = valued(fact, name)
        if grown:
            clause += f"，{grown}"
        if fact.share is not None:
            clause += f"，占比为{numeral(fact.share)}%"
        return clause
    if fact.share is not None:
        said = f"{name}{'' if is_ratio(fact) else '占比'}为{bounded(f'{numeral(fact.share)}%', fact.bound)}"
        return f"{said}，{grown}" if grown else said
    if fact.growth is None:
        return ""
    if _GROWTH_NAME.search(name):
        return f"{name}为{bounded(f'{numeral(fact.growth)}%', fact.bound)}"
    return f"{name}{grown}"


def aimed(fact: Fact, name: str) -> str:
    """What is to be reached: 电子商务交易额达到2800亿元以上, 物流费用率控制在14%以内."""
    percent = next((p for p in (fact.share, fact.growth) if p is not None), None)
    quantity = amount(fact) or ("" if percent is None else f"{numeral(percent)}%")
    if is_rank(fact):
        return f"{name}达到第{quantity}"
    verb = "控制在" if fact.bound is Bound.AT_MOST else "达到"
    said = f"{name}{verb}{bounded(quantity, fact.bound)}"
    if fact.value is None or percent is None:
        return _growing(said, fact, name)
    if fact.growth is not None:
        said += f"，{change(fact.growth)}"
    if fact.share is not None:
        said += f"，占比达到{numeral(fact.share)}%"
    return said


def _growing(said: str, fact: Fact, name: str) -> str:
    """A target that gives growth only: 交易额增长32%以上."""
    if fact.value is not None or fact.growth is None or fact.share is not None or is_ratio(fact):
        return said
    if _GROWTH_NAME.search(name):
        return said
    return f"{name}{bounded(change(fact.growth), fact.bound)}"
