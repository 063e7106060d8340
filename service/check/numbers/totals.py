"""Totals: sums, remainders, products and gaps that a text computes from facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from schemas.facts import Kind
from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.scope import NAMED_ENOUGH, Trial, agrees, in_scope, levels, same_year, sum_of, summed
from service.text.years import YearMention

_SUMMANDS = 9
_LISTED = re.compile(
    r"(?:^|[，。；：])(?P<items>[^，。；：、\d]{2,10}(?:[、和与及][^，。；：、\d]{2,10}?)+?)(?:等?[两二三四五六]大?(?:[项类种个]|品类|产业|产品))"
    r"(?:特色|主要|重点|产品|产业)*(?P<shared>[^，。；：\d]{0,10}?)(?:(?:合计|共计|总计|共|之和)[^，。；\d]{0,6}|(?:达到?|为|约|近|超过)*)$"
)
_SUMMED = re.compile(
    r"(?:^|[，。；：])(?P<items>[^，。；：、\d]{2,10}(?:[、和与及][^，。；：、\d]{2,16}?)+)(?:合计|共计|总计|之和)[^，。；\d]{0,6}$"
)
_WHOSE = re.compile("^(?:其中|全[市县区州])")
_IN_ALL = re.compile("全部建成后|总数")
SUM_CUE = re.compile("合计|共计|总计|之和|[两二三四五六][类者项]|加起来|共$")
JOINED = re.compile("[与和及加、]")
_REST_CUE = re.compile("其中|其余|剩余|余下|另有|其他|[结节]余|尚余|还剩|闲置|空置")
_EXPORTS, _IMPORTS = re.compile("(?:外贸|货物)?出口(?:总?额|总值)?"), re.compile("(?:外贸|货物)?进口(?:总?额|总值)?")
_BALANCE = re.compile("[顺逆]差")
_ALTOGETHER = re.compile("累计|合计|共|总")
_YEARS_OF_FUND = re.compile(r"([两二三四五])年[^，。；\d]{0,14}(?:合计|共|累计|总)[^，。；\d]{0,6}$")
_YEARS_TOGETHER = re.compile(
    r"([一二两三四五])年(?:间|内)?(?:合计|共计|累计|共|总计|不少于|不低于|至少)[^，。；\d]{0,8}$"
)
_SINCE_YEAR = re.compile(r"((?:19|20)\d\d)年起")
_LAST_YEARS = re.compile("([二两三四五])年(?:来|间|累计|合计|共)")
_YEARS = re.compile("([二两三四五])年")
_OVER_YEARS = re.compile("合计|共|累计|总")
_GAP_CUE = re.compile("超额|超出|相差|差[距额值]|绝对差|之差|超目标|多出|[顺逆]差")


def sums(context: Context, number: int) -> Iterator[Trial]:
    """Sums of two to four amounts, where the text says so or the name of the whole holds those of its parts."""
    claim = context.claims[number]
    label = context.near[number]
    group = unit_group(claim.quantity)
    if SUM_CUE.search(claim.before[-30:]) or _IN_ALL.search(claim.before[-30:]):
        scope = levels(in_scope(context, number, group=group))
    else:
        # 没有“合计”之类的字样时，总量之名须含各项之名：进出口总额。
        scope = levels(n for n in context.index.group(group) if label & n.mask and (n.mask & ~label).bit_count() <= 1)
    clause = claim.clause_before
    joint = context.index.mask(clause) if JOINED.search(clause) else 0
    for size in (2, 3, 4):
        for parts in combinations(scope[:_SUMMANDS], size):
            met = _all_same_year(parts) or _all_named(parts, joint)
            if agrees(claim, sum_of(parts)) and len({p.core for p in parts}) == size and met:
                yield summed(parts)


def sums_of_listed(context: Context, number: int) -> Iterator[Trial]:
    """茶叶、水果两项网络零售额合计11亿元: the figures of the items that the label lists, each with the words that all share."""
    claim = context.claims[number]
    scope = levels(context.index.group(unit_group(claim.quantity)))
    for items, shared in _lists(claim.before):
        met = [
            [n for n in scope if item in (n.entry.fact.name or "") and (n.entry.fact.name or "").endswith(shared)]
            for item in items
        ]
        for year in dict.fromkeys(n.entry.years for found in met for n in found):
            parts = tuple(n for found in met for n in found[:_SUMMANDS] if n.entry.years == year)
            if len(parts) == len(items) > 1:
                yield summed(parts)


def _lists(before: str) -> Iterator[tuple[list[str], str]]:
    """The items of the list that ends the words, and what they share; where no 两项 parts them, wherever it may begin."""
    if (listed := _LISTED.search(before)) is not None:
        yield [i for i in re.split("[、和与及]", listed["items"]) if i], listed["shared"]
    elif (listed := _SUMMED.search(before)) is not None:
        *items, last = (i for i in re.split("[、和与及]", _WHOSE.sub("", listed["items"])) if i)
        for at in range(2, len(last) - 1):
            yield [*items, last[:at]], last[at:]


def sums_over_years(context: Context, number: int) -> Iterator[Trial]:
    """2016—2018年累计8600万件: one thing's figures of every year of the period, together."""
    claim = context.claims[number]
    year = _period(context, claim)
    if year is None or not 1 < year.last - year.first + 1 <= _SUMMANDS or not _ALTOGETHER.search(claim.left):
        return
    scope = levels(in_scope(context, number, group=unit_group(claim.quantity)))
    for thing in {n.core: n for n in scope if n.entry.facet == "value" and not n.entry.benchmark}.values():
        series = {
            n.entry.years[0]: n
            for n in levels(context.index.group(thing.entry.group))
            if n.core == thing.core and n.entry.years and year.holds(n.entry.years[0]) and n.entry.facet == "value"
        }
        if len(series) == year.last - year.first + 1:
            parts = tuple(series[y] for y in sorted(series))
            yield summed(parts)


def _period(context: Context, claim: Claim) -> YearMention | None:
    """The years that the claim spans: 2015—2017年, or 三年来 up to the newest year."""
    told = _LAST_YEARS.search(claim.before)
    if told is None or (claim.year is not None and claim.year.first != claim.year.last):
        return claim.year
    newest = context.index.newest
    return YearMention(0, 0, newest - "一二三四五".index(told[1].replace("两", "二")), newest, "in")


def _all_same_year(parts: tuple[Named, ...]) -> bool:
    projects = all(p.entry.fact.kind is Kind.PROJECT for p in parts)
    return projects or all(same_year(parts[0], p) for p in parts[1:])


def _all_named(parts: tuple[Named, ...], words: int) -> bool:
    """Whether the label itself names all of them, be they of different years: 运营面积与二期建筑面积合计."""
    return all((words & p.core).bit_count() >= NAMED_ENOUGH * p.core_size > 0 for p in parts)


def trade(context: Context) -> list[tuple[Named, Named]]:
    """Exports and imports of one year."""
    sheet = [n for n in levels(context.index.named) if n.entry.facet == "value" and not n.entry.benchmark]
    exports = [n for n in sheet if _EXPORTS.fullmatch(n.entry.fact.name or "")]
    imports = [n for n in sheet if _IMPORTS.fullmatch(n.entry.fact.name or "")]
    return [
        (o, i) for o in exports for i in imports if o.entry.years == i.entry.years and o.entry.group == i.entry.group
    ]


def rests(context: Context, number: int) -> Iterator[Trial]:
    """其中, 其余: the whole less a part, both stated in the sentence."""
    claim = context.claims[number]
    if not _REST_CUE.search(claim.before):
        return
    stated = [n for n in levels(context.recognised(number)) if n.entry.group == unit_group(claim.quantity)]
    for whole in stated:
        for part in stated:
            if whole is not part and whole.entry.low > part.entry.low:
                yield (whole, part), whole.entry.low - part.entry.low, f"{whole.entry.shown}-{part.entry.shown}"


def products(context: Context, number: int) -> Iterator[Trial]:
    """A number of things times what falls to each; a day's or a year's amount over the year or the years told."""
    claim = context.claims[number]
    group = unit_group(claim.quantity)
    stated = levels(context.recognised(number))[:6]
    if (years := _YEARS_OF_FUND.search(claim.before)) and not stated:
        many = Decimal("一二三四五".index(years[1].replace("两", "二")) + 1)
        funds = [n for n in levels(in_scope(context, number, group=group)) if "每年" in n.entry.words]
        yield from (((n,), n.entry.low * many, f"{n.entry.shown}×{many}") for n in funds)
    if years := _YEARS_TOGETHER.search(claim.before):
        many = Decimal("一二三四五".index(years[1].replace("两", "二")) + 1)
        yearly = (n for n in stated if n.entry.group == group and re.search("每年|年均", claim.before))
        yield from (((n,), n.entry.low * many, f"{n.entry.shown}×{many}") for n in yearly)
    if _OVER_YEARS.search(claim.left) and (many := _years_told(claim)) > 1:
        named = [n for n in levels(in_scope(context, number, group=group)) if "每年" in n.entry.words]
        told = re.search("每年|年均", claim.before)
        funds = [n for n in stated if n.entry.group == group and (told or "每年" in n.entry.words)] or named
        yield from (((n,), n.entry.low * many, f"{n.entry.shown}×{many}") for n in funds)
    if re.search("年均|每年", claim.left) and (years := _YEARS.search(claim.before)):
        many = Decimal("一二三四五".index(years[1].replace("两", "二")) + 1)
        total = (n for n in stated if n.entry.group == group)
        yield from (((n,), n.entry.low / many, f"{n.entry.shown}÷{many}") for n in total)
    if re.search("年均|每年", claim.left) and (many := _years_told(claim)) > 1:
        total = (n for n in stated if n.entry.group == group)
        yield from (((n,), n.entry.low / many, f"{n.entry.shown}÷{many}") for n in total)
    if "年" in claim.left:
        daily = (n for n in stated if n.entry.group == group and "日均" in n.entry.words)
        yield from (((n,), n.entry.low * 365, f"{n.entry.shown}×365") for n in daily)
    if not re.search("合计|共|总|累计", claim.left):
        return
    for one, two in combinations(stated, 2):
        if group in (one.entry.group, two.entry.group) and one.entry.group != two.entry.group:
            yield (one, two), one.entry.low * two.entry.low, f"{one.entry.shown}×{two.entry.shown}"


def gaps(context: Context, number: int) -> Iterator[Trial]:
    """超额20亿元, 与城镇居民收入差距19560元: what two amounts of the sentence differ by, or the last of them and one named."""
    claim = context.claims[number]
    if not _GAP_CUE.search(claim.left):
        return
    group = unit_group(claim.quantity)
    stated = [n for n in levels(context.recognised(number)) if n.entry.group == group]
    words = context.index.mask(claim.left)
    own = next((n for n in stated if not n.made_of), None)
    if not own and JOINED.search(claim.left):
        stated = _named_apart(context, number, words)
    named = [(own, n) for n in levels(in_scope(context, number, group=group)) if own and _other_named(words, own, n)]
    pairs = [(one, two) for one, two in combinations(stated, 2) if own or same_year(one, two)]
    if _BALANCE.search(claim.left):
        pairs += trade(context)
    for one, two in [*pairs, *named]:
        high, low = (one, two) if one.entry.low > two.entry.low else (two, one)
        yield (high, low), high.entry.low - low.entry.low, f"{high.entry.shown}-{low.entry.shown}"


def _years_told(claim: Claim) -> Decimal:
    """How many years 2018—2020年 or 2018年起……到2020年 are; one where the text tells no such period."""
    if claim.year is None:
        return Decimal(1)
    since = _SINCE_YEAR.search(claim.before)
    first = int(since[1]) if since is not None and claim.year.first == claim.year.last else claim.year.first
    return Decimal(claim.year.last - first + 1)


def _named_apart(context: Context, number: int, words: int) -> list[Named]:
    """Amounts that the label names (猕猴桃与代销特产网络零售额相差), without those whose name is but a part of another's."""
    scope = levels(in_scope(context, number, group=unit_group(context.claims[number].quantity)))
    named = [n for n in scope if _all_named((n,), words)]
    return [n for n in named if not any(n.core & o.core == n.core != o.core for o in named)][:_SUMMANDS]


def _other_named(words: int, own: Named, other: Named) -> bool:
    return same_year(own, other) and bool(words & other.core & ~own.core)


def parts_of(context: Context, number: int) -> Iterator[Trial]:
    """A stated per cent of a stated amount: 5000万元，其中30%（1500万元）."""
    stated = list(context.recognised(number))
    wholes = [n for n in levels(stated) if n.entry.group == unit_group(context.claims[number].quantity)]
    for share in (n for n in stated if n.entry.group == "percent" and n.entry.sort in ("rate", "share")):
        for whole in wholes:
            yield (whole, share), whole.entry.low * share.entry.low / 100, f"{whole.entry.shown}×{share.entry.low:f}%"
