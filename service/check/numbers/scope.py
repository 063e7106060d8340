"""Scope: the facts that a computation may draw on, found by what the sentence and paragraph name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from schemas.facts import Kind
from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.values import fit_number, rounded

NAMED_ENOUGH = 0.6
"""Share of a name that must stand in the text around for the fact to be computed with."""
_FORMER = re.compile("后者[为是占达相当于约近]*前者|前者[为是占达相当于约近]*后者")
_LAST = 8
_BEFORE = 4
"""Figures of the sentence before that the one in question may be computed from."""
_TO_AIM = re.compile("目标|测算|[需须]")
_REACH = 30
COMPUTED = ("count", "people", "person_times", "percent", "area", "CNY/元", "USD/美元")
"""Groups whose figures others are computed from."""
MOST = 14
"""Facts of one sentence that a computation may draw on; enough for any sentence a person would write."""

Trial = tuple[tuple[Named, ...], Decimal, str]
"""Facts, the number computed (in the claim's base unit), the computation in words."""


def plus(parts: Iterable[Named]) -> str:
    """The amounts as a sum in words."""
    return "+".join(n.entry.shown for n in parts)


def sum_of(parts: Iterable[Named]) -> Decimal:
    """What the amounts come to together."""
    return sum((n.entry.low for n in parts), Decimal(0))


def summed(parts: tuple[Named, ...]) -> Trial:
    """The amounts together."""
    return parts, sum_of(parts), plus(parts)


def agrees(claim: Claim, value: Decimal) -> bool:
    """Whether a computed number is what the claim states, at the digits shown."""
    quantity = claim.quantity
    if quantity.is_range:
        return False
    same = quantity.approach != "at_most" and rounded(value, quantity.quantum) == quantity.low
    return same or fit_number(quantity.low, quantity.quantum, quantity.approach, value) is not None


def in_scope(context: Context, number: int, *, group: str | None = None) -> list[Named]:
    """Facts that the sentence states or names, nearest first, then those named in the paragraph before."""
    found = context.scopes.get(number)
    if found is None:
        found = context.scopes[number] = _find_scope(context, number)
    return found if group is None else [n for n in found if n.entry.group == group]


def _find_scope(context: Context, number: int) -> list[Named]:
    found: dict[int, Named] = {id(n): n for n in context.recognised(number)}
    near = context.near[number] | context.sentence[number]
    told = (n.entry.group for n in found.values())
    groups = dict.fromkeys((unit_group(context.claims[number].quantity), *told, *COMPUTED))
    for words in (near, near | context.paragraph[number] | context.whole[number]):
        for name in groups:
            for named in context.index.group(name):
                shared = (words & named.core).bit_count()
                if shared and shared >= NAMED_ENOUGH * named.core_size and _is_own_value(named):
                    found.setdefault(id(named), named)
        if len(found) >= MOST:
            break
    return list(found.values())[: 2 * MOST]


def _is_own_value(named: Named) -> bool:
    """Figures in words beside a value mostly repeat it."""
    return named.entry.facet != "words" or named.entry.fact.value is None


def levels(found: Iterable[Named]) -> list[Named]:
    """Amounts with one positive value."""
    return [n for n in found if n.entry.sort == "level" and n.entry.low == n.entry.high and n.entry.low > 0]


def stated_last(context: Context, number: int) -> list[Named]:
    """What the sentence states before the claim, and the last figures of the sentence before; nearest first."""
    claim = context.claims[number]
    found = list(context.recognised(number))[:_LAST]
    first = claim.previous[0] if claim.previous else number
    for at in range(first - 1, max(-1, first - 1 - _BEFORE), -1):
        if context.claims[at].place.paragraph != claim.place.paragraph:
            break
        found += context.taken[at]
    return list({id(n): n for n in found}.values())


def former_and_latter(context: Context, number: int) -> tuple[Named, Named] | None:
    """后者是前者的2倍: the last two amounts of one group that the sentence states, what is measured first."""
    told = _FORMER.search(context.claims[number].left)
    stated = [n for n in levels(context.recognised(number)) if not n.made_of][:2]
    if told is None or len(stated) < 2 or stated[0].entry.group != stated[1].entry.group:
        return None
    latter, former = stated
    return (latter, former) if told[0].startswith("后") else (former, latter)


def same_year(one: Named, two: Named) -> bool:
    """Whether two facts may be of one year."""
    return not one.entry.years or not two.entry.years or bool(set(one.entry.years) & set(two.entry.years))


def over_time(context: Context, number: int) -> Iterator[tuple[Named, Named, int]]:
    """Pairs (earlier, later, years between) of one thing, the later in the claim's year where it has one."""
    claim = context.claims[number]
    for later in called(context, number, [n for n in in_scope(context, number) if not n.made_of]):
        if later.entry.low <= 0 or later.entry.low != later.entry.high or not later.entry.years:
            continue
        dated = claim.year is not None and claim.year_reach != "paragraph" and not _counts_to_aim(claim, later)
        if dated and claim.year is not None and not claim.year.holds(later.entry.years[0]):
            continue
        for earlier in context.index.group(later.entry.group):
            if (
                earlier.core != later.core
                or not earlier.entry.years
                or earlier.entry.low <= 0
                or earlier.entry.sort != later.entry.sort
            ):
                continue
            gap = later.entry.years[0] - earlier.entry.years[0]
            if gap <= 0 or earlier.entry.facet == "words" or earlier.entry.benchmark != later.entry.benchmark:
                continue
            if is_base(context, number, earlier, later):
                yield earlier, later, gap


def _counts_to_aim(claim: Claim, later: Named) -> bool:
    """按目标测算，年均增长19.7%: whatever year the sentence is of, the growth is that up to the aim."""
    asked = re.search("年均|年平均|每年", claim.left) and _TO_AIM.search(claim.before[-_REACH:])
    return asked is not None and later.entry.fact.kind is Kind.TARGET


def is_base(context: Context, number: int, earlier: Named, later: Named) -> bool:
    """Whether the earlier figure is what the claim counts from: of the year that it names, else the newest before an aim."""
    claim = context.claims[number]
    if claim.versus is not None and claim.versus.role != "before" and claim.versus.first:
        return claim.versus.first == earlier.entry.years[0]
    if re.search("上年|去年|同比|上一年", claim.left):
        return later.entry.years[0] - earlier.entry.years[0] == 1
    return claim.versus is not None or later.entry.fact.kind is not Kind.TARGET or _is_newest(context, earlier)


def _is_newest(context: Context, named: Named) -> bool:
    """Whether the sheet has no newer figure of what there is of the thing."""
    return not any(
        other.core == named.core and other.entry.fact.kind is not Kind.TARGET and other.entry.years > named.entry.years
        for other in levels(context.index.group(named.entry.group))
    )


def called(context: Context, number: int, found: list[Named]) -> list[Named]:
    """Those that the claim's label names best, where it names any."""
    near = context.near[number]
    claim = context.claims[number]
    follows_named = bool(near) and bool(claim.previous) and not context.taken[claim.previous[-1]]
    if not context.index.mask(claim.named) and not claim.paired and not follows_named:
        told = next(
            (n for n in context.recognised(number) if n.entry.facet == "value" and n.entry.sort == "level"), None
        )
        if told is not None and (same := [n for n in found if n.core == told.core]):
            return same
    shares = [(near & n.core).bit_count() / (n.core.bit_count() or 1) for n in found]
    best = max(shares, default=0.0)
    if not best and (
        told := next(
            (n for n in context.recognised(number) if n.entry.facet == "value" and n.entry.sort == "level"), None
        )
    ):
        return [n for n in found if n.core == told.core]
    named = [n for n, share in zip(found, shares, strict=True) if share >= 0.8 * best]
    # 名称更长的一项写全了（跨境电子商务交易额），较短的（电子商务交易额）就不是所指。
    full = [n.core for n in named if near & n.core == n.core]
    return [n for n in named if not any(n.core & core == n.core != core for core in full)]
