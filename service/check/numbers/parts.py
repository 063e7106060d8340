"""Parts and wholes: shares, coverage, and what the label names, computed from facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from itertools import takewhile
from operator import or_

from schemas.facts import Kind
from service.check.numbers.averages import NUMBER_OF
from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.rivals import year_agrees
from service.check.numbers.scope import (
    NAMED_ENOUGH,
    Trial,
    former_and_latter,
    in_scope,
    levels,
    plus,
    same_year,
    stated_last,
    sum_of,
    summed,
)
from service.check.numbers.totals import JOINED, SUM_CUE, trade

_COVERAGE = re.compile("覆盖[率面]")
_RISEN_TO = re.compile("(?:提高|上升|提升|增加|扩大)[到至](?:约|近)?")
_ALL_COVERED = re.compile("全覆盖|覆盖[率面](?:达到|为|达)?100%")
_VILLAGES = re.compile("以?上?的?(?:行政|建制)?(?:村|乡镇|镇|县)")
AT_EACH = re.compile("(村|乡镇|镇|县|社区)(?:级|域)?")
_ONE_PROJECT = 0.5
"""Share of 某园总投资 that 某园到位资金 has: both are of one project."""
_ADDED_NAME = re.compile("新增|净增|新建|新设|当年")
_INDUSTRIES = re.compile("第?[一二三](?:、|和|与|、第)?第?[一二三](?:次)?产业?")
_APART_FROM = re.compile("(?:除(?:了)?)?(?P<part>[^，。；、的除]{2,12})[以之]外的(?P<whole>[^，。；]*)$")
_GENERIC = re.compile("电子商务|电商")
"""Goes without saying."""
_CALLED = 0.8
_SHARED = 4
"""Characters that the names of a part and its whole must end in alike."""
_FEWEST, _MOST_LISTED = 2, 6
_TRADE = re.compile("外贸|对外贸易")
"""What a city's imports and exports together are called for short."""
_WHOLE_CUE = re.compile("全省|全国|自治区|全区")
_ALL_OF = re.compile("全[市县区州]|总[数量]")
_OF_WHOLE = re.compile("占|相当于")
_ALONE = re.compile("[，、]?(?:约|仅|只)?占(?:比)?(?:约|近|为)?")
_RATE_CUE = re.compile("占|覆盖|比重|相当于|率|完成|比例|其中|(?:为|不到|不足|超过|接近|近|仅|约)[^，。；]{0,20}的$")


def shares(context: Context, number: int) -> Iterator[Trial]:
    """Part ÷ whole: the whole is named after 占, or is the province's figure of the same thing, or the amount before."""
    claim = context.claims[number]
    yield from _restated(context, number)
    if not _RATE_CUE.search(claim.left + claim.before[-24:]):
        return
    scope = levels(in_scope(context, number))
    wholes = _wholes(context, number, scope)
    if both := former_and_latter(context, number):
        yield both, both[0].entry.low / both[1].entry.low * 100, f"{both[0].entry.shown}÷{both[1].entry.shown}"
    for part in _part_before(context, number) or scope:
        for whole in wholes:
            if whole is part or part.entry.group != whole.entry.group or not _years_meet(claim, part, whole):
                continue
            words = reduce(or_, (n.core for n in part.made_of), part.core)
            alike = (words & whole.core).bit_count() >= 0.5 * whole.core.bit_count()
            if whole.entry.benchmark and (not alike or names_own(context, claim)):
                continue
            yield (part, whole), part.entry.low / whole.entry.low * 100, f"{part.entry.shown}÷{whole.entry.shown}"
    yield from _shares_as_worded(context, number, wholes)


def _shares_as_worded(context: Context, number: int, wholes: list[Named]) -> Iterator[Trial]:
    """Shares of trade, coverage, shares of industries or of several parts together, where the label says so."""
    claim = context.claims[number]
    if "进出口" in claim.before:
        yield from _shares_of_trade(context, number)
    last = context.claims[claim.previous[-1]] if claim.previous else claim
    told = last.left if _RISEN_TO.fullmatch(claim.left) else claim.left
    if _COVERAGE.search(told) or (claim.left.endswith("覆盖") and _VILLAGES.match(claim.right)):
        yield from _coverages(context, number)
    if industries := _INDUSTRIES.search(claim.left):
        yield from _sums_of_shares(context, number, industries[0])
    if SUM_CUE.search(claim.left) or JOINED.search(claim.left.partition("占")[0]):
        yield from _shares_of_sums(context, number, wholes)


def names_own(context: Context, claim: Claim) -> bool:
    """Whether the label names the subject itself (占东川市的7.8%), so that no other place's figure is meant."""
    return any(name in claim.left for name in context.index.own.names if name)


def apart_from(context: Context, number: int) -> Iterator[Trial]:
    """珠宝玉石以外的商品网络零售额只有6.3亿元: the whole less the part that is left out."""
    claim = context.claims[number]
    told = _APART_FROM.search(claim.left)
    if told is None:
        return
    words = context.index.mask(told["whole"])
    found = [n for n in levels(context.index.group(unit_group(claim.quantity))) if not n.entry.benchmark]
    wholes = [n for n in found if (words & n.core).bit_count() >= _CALLED * n.core_size > 0 and year_agrees(claim, n)]
    newest = max((n.entry.years for n in wholes if n.entry.fact.kind is not Kind.TARGET), default=())
    for whole in wholes:
        for part in found if claim.year is not None or whole.entry.years == newest else ():
            of_whole = (part.core & whole.core).bit_count() >= _CALLED * whole.core_size
            if told["part"] in (part.entry.fact.name or "") and of_whole and same_year(part, whole):
                yield (whole, part), whole.entry.low - part.entry.low, f"{whole.entry.shown}-{part.entry.shown}"


def shares_of_listed(context: Context, number: int) -> Iterator[Trial]:
    """核桃、油橄榄、花椒网络零售额……，占农产品网络零售额的六成: what the sentence lists, together, whatever it says they came to."""
    claim = context.claims[number]
    head, over, _ = claim.before.rpartition("占")
    if not over or not JOINED.search(head):
        return
    for whole in _wholes(context, number, levels(in_scope(context, number))):
        if whole.made_of or whole.entry.benchmark or not year_agrees(claim, whole):
            continue
        told = [(n, stem) for n in _siblings(context, whole) if len(stem := _stem(n, whole)) > 1 and stem in head]
        if not _FEWEST <= len(told) <= _MOST_LISTED:
            continue
        first, last = min(head.index(stem) for _, stem in told), max(head.index(stem) + len(stem) for _, stem in told)
        if len(JOINED.split(head[first:last])) == len(told):
            parts = tuple(n for n, _ in told)
            yield (*parts, whole), sum_of(parts) / whole.entry.low * 100, f"（{plus(parts)}）÷{whole.entry.shown}"


def _siblings(context: Context, whole: Named) -> list[Named]:
    """Amounts of the whole's year and group."""
    group = levels(context.index.group(whole.entry.group))
    return [n for n in group if n is not whole and n.entry.facet == "value" and n.entry.years == whole.entry.years]


def _stem(part: Named, whole: Named) -> str:
    """核桃 of 核桃网络零售额, where the whole's name ends in 网络零售额 too."""
    name, other = part.entry.fact.name or "", whole.entry.fact.name or ""
    alike = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reversed(name), reversed(other), strict=False))
    )
    return name[: len(name) - alike] if alike >= _SHARED else ""


def _coverages(context: Context, number: int) -> Iterator[Trial]:
    """村级电商服务站1538个，平均覆盖率53.8%: what stands at the villages, towns or counties over the number of them."""
    for whole, part in _covered_of(context, number):
        yield (part, whole), part.entry.low / whole.entry.low * 100, f"{part.entry.shown}÷{whole.entry.shown}"


def _covered_of(context: Context, number: int) -> Iterator[tuple[Named, Named]]:
    """All villages (towns, counties) and the stations that the sentence counts there."""
    counted = levels(context.index.group("count"))
    for part in [*levels(context.recognised(number)), *levels(in_scope(context, number, group="count"))]:
        level = AT_EACH.match(part.entry.fact.name or "")
        for whole in counted if level else ():
            alone = not any(n.core == whole.core and n is not whole for n in counted)
            met = alone or same_year(part, whole)
            if level and NUMBER_OF.sub("", whole.entry.fact.name or "").endswith(level[1]) and met:
                yield whole, part


def _shares_of_trade(context: Context, number: int) -> Iterator[Trial]:
    """占进出口总额的4.8%, where the sheet has exports and imports but not their sum."""
    for out, into in trade(context):
        for part in [*levels(context.recognised(number)), *levels(in_scope(context, number, group=out.entry.group))]:
            if part.entry.group == out.entry.group and same_year(part, out):
                both = (out, into)
                yield (part, *both), part.entry.low / sum_of(both) * 100, f"{part.entry.shown}÷（{plus(both)}）"


def uncovered(context: Context, number: int) -> Iterator[Trial]:
    """行政村覆盖率达到100%，新增站点55个: the number of villages less that of the stations there are."""
    claim = context.claims[number]
    if _ALL_COVERED.search(claim.before):
        for whole, part in _covered_of(context, number):
            yield (whole, part), whole.entry.low - part.entry.low, f"{whole.entry.shown}-{part.entry.shown}"


def _restated(context: Context, number: int) -> Iterator[Trial]:
    """占64%，近三分之二来自苹果: the share just told, once more in words."""
    claim = context.claims[number]
    at = next((i for i in reversed(claim.previous) if context.claims[i].sort in ("share", "rate")), None)
    if at is not None and context.taken[at] and not claim.quantity.text[0].isdecimal():
        yield context.taken[at], context.claims[at].quantity.low, context.claims[at].quantity.text


def _part_before(context: Context, number: int) -> list[Named]:
    """652.4亿元，增长33.6%，占95.9%: without a name of its own, the share is that of the amount before it."""
    claim = context.claims[number]
    if not _ALONE.fullmatch(claim.left):
        return []
    for at in reversed(claim.previous):
        if found := [n for n in levels(context.taken[at]) if not n.made_of]:
            return found
        if context.claims[at].sort != "growth":
            return []
    return []


def _shares_of_sums(context: Context, number: int, wholes: list[Named]) -> Iterator[Trial]:
    """三类合计占……的73.2%: the last two, three … amounts before, together."""
    told = list(context.recognised(number)) or stated_last(context, number)
    amounts = [n for n in levels(told) if not n.made_of]
    for whole in wholes:
        alike = [n for n in amounts if n.entry.group == whole.entry.group and n is not whole]
        for size in range(2, min(len(alike), 6) + 1):
            told_of = alike[:size]
            shown = f"（{plus(reversed(told_of))}）÷{whole.entry.shown}"
            yield (*told_of, whole), sum_of(told_of) / whole.entry.low * 100, shown


def _sums_of_shares(context: Context, number: int, told: str) -> Iterator[Trial]:
    """二三产业合计占比85.5%: the shares of the industries told of, together."""
    ordinals = re.findall("[一二三]", told)
    shares_of = [n for n in context.index.group("percent") if n.entry.facet == "share" and not n.entry.benchmark]
    parts = [n for o in ordinals for n in shares_of if re.match(f"第?{o}次?产", n.entry.fact.name)]
    if len(parts) == len(ordinals) and all(same_year(parts[0], n) for n in parts):
        yield summed(tuple(parts))


def _years_meet(claim: Claim, part: Named, whole: Named) -> bool:
    added = _ADDED_NAME.search(part.entry.fact.name) and not _ADDED_NAME.search(whole.entry.fact.name)
    if part.core == whole.core and not part.made_of and not whole.entry.benchmark and not added:
        return re.search("完成|目标", claim.left) is not None
    if part.entry.fact.kind is whole.entry.fact.kind is Kind.PROJECT:
        return bool(part.made_of) or (part.core & whole.core).bit_count() >= _ONE_PROJECT * whole.core_size
    if Kind.POLICY in (part.entry.fact.kind, whole.entry.fact.kind):
        return True
    return same_year(part, whole) and (
        claim.year is None or not part.entry.years or any(claim.year.holds(y) for y in part.entry.years)
    )


def _wholes(context: Context, number: int, scope: list[Named]) -> list[Named]:
    claim = context.claims[number]
    label = _OF_WHOLE.split(claim.left)[-1]
    if _WHOLE_CUE.search(label):
        return [n for n in context.index.named if n.entry.benchmark and n.entry.sort == "level"]
    if _TRADE.search(label):
        trade = [n for n in levels(context.index.named) if "进出口" in n.entry.fact.name and not n.entry.benchmark]
        shortest = min((n.core_size for n in trade), default=0)
        scope = [*scope, *(n for n in trade if n.core_size == shortest)]
    if spelt := [n for n in levels(context.index.named) if _is_without_generic(label, n)]:
        return spelt
    words = context.index.mask(label)
    named = [n for n in scope if words & n.core and (words & n.core).bit_count() >= NAMED_ENOUGH * n.core.bit_count()]
    best = max(((words & n.core).bit_count() for n in named), default=0)
    named += [n for n in scope if n.made_of and words & n.core and n not in named]
    everything = levels(context.index.named) if _ALL_OF.search(label) and not named else scope
    short = [n for n in everything if words and not words & ~n.core and words & n.head]
    return (
        [n for n in named if n.made_of or (words & n.core).bit_count() == best]
        or short
        or ([] if words.bit_count() >= 4 else scope)
    )


def _is_without_generic(label: str, named: Named) -> bool:
    """入驻企业 for 入驻电子商务企业."""
    name = named.entry.fact.name or ""
    short = _GENERIC.sub("", name)
    own = named.entry.facet == "value" and not named.entry.benchmark
    return own and len(short) >= _SHARED and short != name and label.strip("的约近为了到达总数全部") == short
