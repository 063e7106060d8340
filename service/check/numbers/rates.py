"""Rates held against each other: one growth as a multiple of another, a computed share against what the sheet says it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from service.check.numbers.changes import is_meant
from service.check.numbers.claims import Claim
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.scope import Trial, levels, same_year
from service.check.numbers.sorts import OF_BASE

_GROWTH = re.compile("增[速幅]|增长[率速]")
_AVERAGE = re.compile("全省|全国|全[市县区州]|自治区|平均")
_BOTH = 2
_HELD = re.compile("高于|低于|高出|比|较|超|领先|落后")
_BEFORE = re.compile("上年|去年|上一年|同期|[比较](?:19|20)\\d\\d年")
_WHOSE = re.compile("^(?:全省|全国|全[市县区州]|自治区)(?:平均)?")
_RATIO = re.compile("的?(?:平均)?(?:比重|比例|占比|份额)$")
_CALLED = 0.8
"""Share of a name in the label from which its growth is meant."""
_ALIKE = 0.7
"""Share of a stated share's name that the two amounts' names must have."""


def growths_over(context: Context, number: int) -> Iterator[Trial]:
    """增长73.8%，增速是全省平均水平的2.0倍: the growth told last over the average's, or over another's that is named."""
    claim = context.claims[number]
    own = next((n for n in context.recognised(number) if n.entry.sort == "growth"), None)
    if own is None or own.entry.benchmark or not _GROWTH.search(claim.left) or claim.sign:
        return
    words, average = context.index.mask(claim.left), _AVERAGE.search(claim.left) is not None
    for other in context.index.group("percent"):
        if other.entry.sort != "growth" or not same_year(own, other) or other.entry.low <= 0:
            continue
        shared = (own.core & other.core).bit_count()
        alike = average and other.entry.benchmark and is_meant(context, number, other)
        called = not other.entry.benchmark and (words & other.core).bit_count() >= _CALLED * other.core_size > 0
        if (alike and shared >= _ALIKE * own.core_size) or (called and other.core != own.core):
            yield (own, other), own.entry.low / other.entry.low, f"{own.entry.shown}÷{other.entry.shown}"


def from_base(context: Context, number: int) -> Iterator[Trial]:
    """8.5%，较2016年的6.8%提高1.7个百分点: the per cent told first, be it computed, less the one it is held against."""
    claim = context.claims[number]
    told = [i for i in claim.previous if context.claims[i].quantity.unit.dimension == "percent"][-2:]
    if len(told) != _BOTH or not all(context.taken[i] for i in told):
        return
    own, base = (context.claims[i] for i in told)
    alike = own.sort == base.sort or {own.sort, base.sort} <= {"rate", "share"}
    change = own.quantity.low - base.quantity.low
    if alike and OF_BASE.search(base.left) and change * (claim.sign or 1) > 0:
        facts = (*context.taken[told[0]], *context.taken[told[1]])
        yield facts, abs(change), f"{own.quantity.text}-{base.quantity.text}"


def share_since(context: Context, number: int) -> Iterator[Trial]:
    """占社会消费品零售总额的8.5%，比2016年提高1.7个百分点: the share just computed less the one that the sheet states."""
    claim = context.claims[number]
    at = next((i for i in reversed(claim.previous) if context.claims[i].sort == "share"), None)
    amounts = levels(context.taken[at]) if at is not None else []
    if at is None or len(amounts) != 2 or not _BEFORE.search(claim.left):
        return
    part, whole = amounts
    both = part.core | whole.core
    for stated in context.index.group("percent"):
        alike = stated.entry.sort == "share" and (both & stated.core).bit_count() >= _ALIKE * stated.core_size > 0
        if not alike or stated.entry.benchmark or not _is_of_base(claim, part, stated):
            continue
        shown = f"{part.entry.shown}÷{whole.entry.shown}-{stated.entry.shown}"
        for now in (part.entry.low / whole.entry.low * 100, context.claims[at].quantity.low):
            if (change := now - stated.entry.low) * (claim.sign or Decimal(1)) > 0:
                yield (part, whole, stated), abs(change), shown


def shares_apart(context: Context, number: int) -> Iterator[Trial]:
    """第三产业占地区生产总值的47.4%，高于第二产业9.8个百分点: the share just computed less that of another part of the whole."""
    claim = context.claims[number]
    at = next((i for i in reversed(claim.previous) if context.claims[i].sort == "share"), None)
    amounts = levels(context.taken[at]) if at is not None else []
    if len(amounts) != 2 or not _HELD.search(claim.left):
        return
    part, whole = amounts
    words = context.index.mask(claim.left)
    for other in levels(context.index.group(part.entry.group)):
        if not words & other.core & ~part.core or not same_year(part, other) or other.entry.benchmark:
            continue
        change = (part.entry.low - other.entry.low) / whole.entry.low * 100
        if other is not whole and change * (claim.sign or 1) > 0:
            shown = f"（{part.entry.shown}-{other.entry.shown}）÷{whole.entry.shown}"
            yield (part, other, whole), abs(change), shown


def share_against_named(context: Context, number: int) -> Iterator[Trial]:
    """网络零售额占社零总额比重比全省低6.5个百分点: the share that the label asks for, computed, against the average's."""
    claim = context.claims[number]
    words = context.near[number] | context.index.mask(claim.left)
    if not _AVERAGE.search(claim.left) or "占" not in claim.before:
        return
    for average in context.index.group("percent"):
        called = (words & average.core).bit_count() >= _CALLED * average.core_size > 0
        if average.entry.sort != "share" or not average.entry.benchmark or not called:
            continue
        part, over, whole = _WHOSE.sub("", average.entry.fact.name or "").partition("占")
        for one in _named_just(context, part) if over else ():
            for all_ in _named_just(context, _RATIO.sub("", whole)):
                if same_year(one, all_) and same_year(one, average) and one.entry.group == all_.entry.group:
                    apart = one.entry.low / all_.entry.low * 100 - average.entry.low
                    if apart * (claim.sign or 1) > 0:
                        shown = f"{one.entry.shown}÷{all_.entry.shown}-{average.entry.shown}"
                        yield (one, all_, average), abs(apart), shown


def _named_just(context: Context, name: str) -> list[Named]:
    """The subject's own amounts of that name."""
    return [n for n in levels(context.index.named) if n.entry.fact.name == name and not n.entry.benchmark]


def _is_of_base(claim: Claim, part: Named, stated: Named) -> bool:
    """Whether the stated share is of the year that the claim counts from: the one that it names, else the year before."""
    if not part.entry.years or not stated.entry.years:
        return False
    base = claim.versus.first if claim.versus is not None and claim.versus.first else part.entry.years[0] - 1
    return stated.entry.years[0] == base < part.entry.years[0]
