"""Bases: how much or how many times a figure of the sentence differs from the earlier one that it is held against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.facts import Kind
from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.scope import Trial
from service.check.numbers.sorts import OF_BASE

_CHANGED = re.compile(
    r"[，、]?(?:[一二两三四五]年)?(?:间|内)?(?:累计|共|净)?(?:(?P<up>增加|增长|提高|上升|新增|增|多)|(?P<down>减少|下降|降低|减|少))了?"
    r"(?:约|近|超过|不少于|不低于|至少)?"
)
_ADDED = re.compile("(?:新增|净增)加?了?[^，。；]{2,}$")
_OF_AIM = re.compile("[为是](?:[^，。；]{0,6}年)?目标值?$")
_TIMES = re.compile(r"(?:.*的|[，、]?(?:约)?(?:为|是)(?:19|20)\d\d年的?)?(?:约|近|超过)?")


def is_addition(claim: Claim) -> bool:
    """Whether a thing is told of as newly added: 新增电子商务从业人员9.2万人."""
    return _ADDED.search(claim.left) is not None


def is_change(claim: Claim) -> bool:
    """Whether the claim is told of nothing but a change: …186家，增加314家."""
    return _CHANGED.fullmatch(claim.left) is not None


def changes_from_base(context: Context, number: int) -> Iterator[Trial]:
    """达到500家，比2016年的186家增加314家: the amount stated before less the base right behind 比2016年的."""
    changed = _CHANGED.fullmatch(context.claims[number].left)
    if changed is None:
        return
    for head, base in _held_against(context, number):
        change = head.entry.low - base.entry.low
        if (change > 0) == bool(changed["up"]):
            high, low = (head, base) if change > 0 else (base, head)
            yield (head, base), abs(change), f"{high.entry.shown}-{low.entry.shown}"


def multiples_of_base(context: Context, number: int) -> Iterator[Trial]:
    """网络零售额400亿元，约为2016年96.5亿元的4.1倍: the amount stated before over the base."""
    claim = context.claims[number]
    if claim.sign or not _TIMES.fullmatch(claim.left):
        return
    for head, base in _held_against(context, number):
        yield (head, base), head.entry.low / base.entry.low, f"{head.entry.shown}÷{base.entry.shown}"


def _held_against(context: Context, number: int) -> Iterator[tuple[Named, Named]]:
    """The nearest base of the sentence with the figure of the same thing for a later year, before it or right after."""
    claim = context.claims[number]
    at = _base_before(context, number)
    if at is None:
        return
    for base in _amounts(context, at, claim):
        heads = [n for before in reversed(context.claims[at].previous) for n in _amounts(context, before, claim)]
        heads += [n for between in range(at + 1, number) for n in _amounts(context, between, claim)]
        if number + 1 < len(context.claims) and context.claims[number + 1].place.sentence == claim.place.sentence:
            heads += [n for n, _ in context.fits[number + 1] if _is_amount(n, claim)]
        for head in heads:
            later = base.entry.years and head.entry.years > base.entry.years
            if head.core == base.core and (later or (base.entry.fact.kind is Kind.TARGET and head is not base)):
                yield head, base
                return


def _base_before(context: Context, number: int) -> int | None:
    """The claim that the one in question is held against: worded 比2016年的, or the first of two years' amounts."""
    claim = context.claims[number]
    for at in reversed(claim.previous):
        earlier = context.claims[at]
        if OF_BASE.search(earlier.left) or _OF_AIM.search(earlier.left):
            return at
        if not _told_of_base(earlier):
            break
    counted = [at for at in claim.previous[-4:] if context.claims[at].quantity.unit.dimension != "duration"]
    amounts = [at for at in counted[-2:] if any(True for _ in _amounts(context, at, claim))]
    return amounts[0] if len(amounts) == 2 else None


def _told_of_base(claim: Claim) -> bool:
    """Whether the claim, between the base and the one in question, also compares with the base, or counts years."""
    return claim.sort in ("multiple", "delta") or claim.quantity.unit.dimension == "duration" or is_change(claim)


def _amounts(context: Context, at: int, claim: Claim) -> Iterator[Named]:
    return (named for named in context.taken[at] if _is_amount(named, claim))


def _is_amount(named: Named, claim: Claim) -> bool:
    entry = named.entry
    alike = claim.sort == "multiple" or entry.group == unit_group(claim.quantity)
    return not named.made_of and alike and entry.sort == "level" and entry.low == entry.high > Decimal(0)
