"""Differences: what is to be added, is lacking to an aim, or lies between a figure and the average it is held against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.facts import Kind
from service.check.numbers.averages import NUMBER_OF
from service.check.numbers.changes import is_meant
from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.parts import AT_EACH, names_own
from service.check.numbers.rivals import year_agrees
from service.check.numbers.scope import Trial, in_scope, levels, same_year
from service.check.numbers.totals import SUM_CUE

_ABOUT = r"(?:[约近超逾达为有了]|大约|接近|将近|超过|突破|不少于|不低于|至少)*"
_MORE = "新增加?|净增加?|新建成?|新开|新设|增设|增建|增加|增长|增|扩充|扩大|再建|提高|上升|扩容|增收|增产|多[出卖销收产缴交发运投招]?|再(?:培训|培养|引进|建设|培育|增加|发展)"
_LESS = "节约|节省|减少|净减|下降|降低|缩减|压减|压缩|缩短|少[卖销收产]?"
_CHANGED = re.compile(rf"(?:(?P<up>{_MORE})|(?P<down>{_LESS})){_ABOUT}$")
_ADDED = re.compile(
    rf"(?:(?:新增|净增|新建|增设|增建|新开|新设|再建|新布局|新引进|新培育|新认定)加?成?了?{_ABOUT}"
    r"|(?:年均|每年)[^，。；]{0,4}(?:培养|培育|引进|发展|增加|认定))[^，。；]{2,}$"
)
_LACKING = re.compile(
    rf"(?:[差缺]|还有|尚有|差距|缺口|差额|缺额|需要?(?:再|另)?(?:建设|新建|新增|建成|增设|培训|培育|引进|完成)?|须|余下|剩余){_ABOUT}$"
)
_LACKING_AFTER = re.compile("的?(?:差距|缺口|差额|缺额)")
_OVER_AIM = re.compile("超(?:出|过|额)?[^，。；]*目标|超额")
_AIM = re.compile("目标|[距离]")
_ALL = re.compile("全覆盖|全面覆盖|全部|100%")
_RUNNING = re.compile("累计")
_YEARLY = re.compile("年均|每年|年平均|逐年")
_MONTHLY, _DAILY = re.compile("月均|每月"), re.compile("日均|每天|每日")
_LAST_YEAR = re.compile("上年|去年|同比|上一年")
_HELD_AGAINST = re.compile(
    r"(?P<up>高于|高出|多于|超过|超出|领先|比[^，。；]*[高多])|(?P<down>低于|少于|落后|差于|比[^，。；]*[低少])|相差|差距"
)
_HELD_BEFORE = re.compile(rf"[，、]?(?:(?P<up>[高多]出?)|(?P<down>[低少]))了?{_ABOUT}")
"""Right after a comparison: 仅为全省平均水平的92.2%，低1350元."""
_WITHOUT = re.compile(
    "没有|尚未|还未|仍未|并未|未[能曾建开设通达实覆接配应触纳被]|尚无|仍无|还无|缺乏|缺少|空白|闲置|空置|不(?:具备|能)|其余|其他|剩余|余下|仍[靠以需]"
)
_IN_SHORT = re.compile("的?(村|乡镇|镇|县)")
"""What a sheet counts as 行政村 and a text calls 村."""
_JUST_BEFORE = 24
"""Characters before a figure in which the clause before may tell of those without."""
_LEFT_OUT = 0.35
"""Share of a rate's name in the clause from which the clause may tell of those without: it turns the name into a sentence."""
_AVERAGE = re.compile("全省|全国|自治区|平均")
_NAMED = 0.8
"""Share of a name that must stand in the claim's own label for the claim to be told of that thing."""
_FEW_THINGS = 3
_SAME = 0.5
"""Share of the longer of two names that both must have for one to be the other's average."""


def is_difference(claim: Claim) -> bool:
    """Whether the wording asks for a difference, whatever the thing's own figure is."""
    told = (_CHANGED, _ADDED, _HELD_AGAINST)
    return any(cue.search(claim.left) for cue in told) or _is_lacking(claim)


def is_nameless_change(context: Context, number: int) -> bool:
    """新增18个, 合计48亿元 with no name of its own: what was told before changed by so much, or comes to so much."""
    claim = context.claims[number]
    worded = claim.sort in ("level", "delta") and (_CHANGED.search(claim.left) or SUM_CUE.search(claim.left))
    return bool(worded) and not context.index.mask(claim.named)


def additions(context: Context, number: int) -> Iterator[Trial]:
    """新增18个, 再新建376个, 尚差617个, 年均新建150个: a later figure of one thing less an earlier one."""
    claim = context.claims[number]
    changed = _CHANGED.search(claim.left)
    if changed is None and not _ADDED.search(claim.left) and not _is_lacking(claim):
        return
    down = changed is not None and bool(changed["down"])
    found = False
    core, short = 0, not _named_things(context, number)
    for thing in {id(n): n for n in _things(context, number)}.values():
        if found and thing.core != core and not short:
            return
        core = thing.core
        for base, later, years in _over_years(context, claim, thing):
            change = base.entry.low - later.entry.low if down else later.entry.low - base.entry.low
            if change <= 0:
                continue
            found = True
            shown = "-".join(n.entry.shown for n in ((base, later) if down else (later, base)))
            times = _times(claim, years)
            yield (later, base), change / times, shown if times == 1 else f"（{shown}）÷{times}"


def of_one_year(context: Context, number: int) -> Iterator[Trial]:
    """累计培训3.42万人次，其中2017年1.27万人次: a running total less that of the year before."""
    claim = context.claims[number]
    if claim.year is None or claim.year_reach != "clause" or _RUNNING.search(claim.left):
        return
    for total in levels(context.recognised(number)):
        if not _RUNNING.search(total.entry.fact.name or "") or not year_agrees(claim, total):
            continue
        for before in levels(context.index.group(total.entry.group)):
            if before.core == total.core and total.entry.years and before.entry.years == (total.entry.years[0] - 1,):
                yield (total, before), total.entry.low - before.entry.low, f"{total.entry.shown}-{before.entry.shown}"


def _times(claim: Claim, years: int) -> int:
    """Into how many parts the wording divides a change over so many years: 年均, 月均, 平均每天."""
    for cue, times in ((_YEARLY, 1), (_MONTHLY, 12), (_DAILY, 365)):
        if cue.search(claim.left):
            return years * times
    return 1


def ranges_added(context: Context, number: int) -> Iterator[tuple[tuple[Named, Named], str]]:
    """海外仓增至10～12个，新增4～6个: both ends of an aim less what there is, as far as they are what the claim states."""
    claim = context.claims[number]
    if not _CHANGED.search(claim.left) and not _is_lacking(claim):
        return
    group, quantity = unit_group(claim.quantity), claim.quantity
    told = [*context.recognised(number), *_named_things(context, number)]
    aims = [n for n in context.index.group(group) if any(n.core == t.core for t in told)]
    for aim in aims:
        if aim.entry.low == aim.entry.high or aim.entry.group != group:
            continue
        for base in levels(context.index.group(group)):
            ends = (aim.entry.low - base.entry.low, aim.entry.high - base.entry.low)
            if base.core == aim.core and base.entry.years < aim.entry.years and ends == (quantity.low, quantity.high):
                yield (aim, base), f"{aim.entry.shown}-{base.entry.shown}"


def _is_lacking(claim: Claim) -> bool:
    lacking = _LACKING.search(claim.left) or _LACKING_AFTER.match(claim.right)
    return lacking is not None and _AIM.search(claim.before) is not None


def points_lacking(context: Context, number: int) -> Iterator[Trial]:
    """距离70%的目标还有18.7个百分点: an aim less the newest figure of the same rate, one of them stated before."""
    claim = context.claims[number]
    if not _is_lacking(claim) and "目标" not in claim.left:
        return
    rates = [n for n in context.index.group("percent") if n.entry.facet == "value" and not n.entry.benchmark]
    for stated in context.recognised(number):
        if _ALL.search(claim.left) and stated in rates:
            yield (stated,), Decimal(100) - stated.entry.low, f"100%-{stated.entry.shown}"
        series = [n for n in rates if n.core == stated.core and n.entry.years]
        actual = max((n for n in series if n.entry.fact.kind is Kind.ACTUAL), key=lambda n: n.entry.years, default=None)
        for aim in (n for n in series if n.entry.fact.kind is Kind.TARGET and actual is not None):
            if actual is not None:
                yield (aim, actual), abs(aim.entry.low - actual.entry.low), f"{aim.entry.shown}-{actual.entry.shown}"


def _things(context: Context, number: int) -> Iterator[Named]:
    """What may have changed: the thing that the label names; else what the sentence states before, nearest first, or next."""
    claim = context.claims[number]
    group = unit_group(claim.quantity)
    if called := _named_things(context, number) or _short_things(context, number):
        yield from called
        return
    for stated in context.recognised(number):
        yield from (n for n in levels(stated.made_of or (stated,)) if n.entry.group == group)
    for at in reversed(claim.previous[-2:]):
        fitting = levels(n for n, _ in context.fits[at])
        yield from (n for n in fitting if n.entry.group == group and context.coverage(n, number)[1] >= _SAME)
    following = number + 1
    if following < len(context.claims) and context.claims[following].place.sentence == claim.place.sentence:
        yield from (n for n in levels(n for n, _ in context.fits[following]) if n.entry.group == group)


def _named_things(context: Context, number: int) -> list[Named]:
    """What the label names, by the longest name that it has."""
    claim = context.claims[number]
    own = context.index.mask(claim.named)
    named = [n for n in _values(context, claim) if own and (own & n.core).bit_count() >= _NAMED * n.core_size]
    longest = max((n.core_size for n in named), default=0)
    return [n for n in named if n.core_size == longest]


def _short_things(context: Context, number: int) -> list[Named]:
    """What the label names in short (服务站, 企业), where that may be few things."""
    claim = context.claims[number]
    own = context.index.mask(claim.named)
    short = [n for n in _values(context, claim) if own and _is_short_for(own, n)]
    return short if len({n.core for n in short}) <= _FEW_THINGS else []


def _values(context: Context, claim: Claim) -> list[Named]:
    return [n for n in levels(context.index.group(unit_group(claim.quantity))) if n.entry.facet == "value"]


def _over_years(context: Context, claim: Claim, thing: Named) -> Iterator[tuple[Named, Named, int]]:
    """Pairs (earlier, later, years between) of the thing, one of them the thing itself, as the claim dates them."""
    series = [
        n
        for n in levels(context.index.group(thing.entry.group))
        if n.core == thing.core
        and n.entry.years
        and n.entry.facet == "value"
        and n.entry.benchmark == thing.entry.benchmark
    ]
    spans = claim.year is not None and claim.year.first != claim.year.last
    opens = claim.year.first if claim.year is not None and any(_opens(claim, n) for n in series) else 0
    for later in series:
        before = [n for n in series if n.entry.years < later.entry.years and n.entry.fact.kind is not Kind.TARGET]
        newest = max((n.entry.years for n in before), default=())
        for base in before:
            if (thing in (base, later) or spans) and _dated(
                claim, base, later, opens, newest=base.entry.years == newest
            ):
                yield base, later, later.entry.years[0] - base.entry.years[0]


def _opens(claim: Claim, named: Named) -> bool:
    """Whether the figure is of the year that opens the claim's period: 2018年到2021年累计增加."""
    return claim.year is not None and claim.year.first in named.entry.years


def _dated(claim: Claim, base: Named, later: Named, opens: int, *, newest: bool) -> bool:
    first, last = base.entry.years[0], later.entry.years[0]
    versus, year = claim.versus, claim.year
    if versus is not None and versus.first and versus.role != "before":
        return versus.first == first and (
            year is None or year == versus or claim.year_reach != "clause" or year.holds(last)
        )
    if _LAST_YEAR.search(claim.left):
        return last - first == 1
    if year is None or claim.year_reach not in ("clause", "sentence"):
        return newest
    if year.first != year.last:
        return year.last == last and (first == opens or (not opens and (first == year.first - 1 or newest)))
    return newest and last == year.last


def averages(context: Context, number: int) -> Iterator[Trial]:
    """低于全省平均水平4083元: the figure told before less the average of the same thing, as far as both are of one year."""
    for own, average, change in _against_averages(context, number, unit_group(context.claims[number].quantity)):
        high, low = (own, average) if change > 0 else (average, own)
        yield (own, average), abs(change), f"{high.entry.shown}-{low.entry.shown}"


def relative(context: Context, number: int) -> Iterator[Trial]:
    """比全省平均水平高0.6元，高出23.1%: by how much of the average the figure told before differs from it."""
    groups = {n.entry.group for n in levels(context.recognised(number))}
    for own, average, change in (
        found for group in sorted(groups) for found in _against_averages(context, number, group)
    ):
        shown = f"{own.entry.shown}÷{average.entry.shown}"
        yield (own, average), abs(change) / average.entry.low * 100, f"{shown}-1" if change > 0 else f"1-{shown}"


def over_aim(context: Context, number: int) -> Iterator[Trial]:
    """超出目标8%: by how much of the aim the figure that the sentence states is more."""
    if not _OVER_AIM.search(context.claims[number].left):
        return
    stated = levels(context.recognised(number))
    for own in stated:
        for aim in levels(context.index.group(own.entry.group)):
            if aim.core == own.core and aim.entry.fact.kind is Kind.TARGET and own.entry.low > aim.entry.low:
                value = (own.entry.low / aim.entry.low - 1) * 100
                yield (own, aim), value, f"{own.entry.shown}÷{aim.entry.shown}-1"


def _against_averages(context: Context, number: int, group: str) -> Iterator[tuple[Named, Named, Decimal]]:
    """Figures with the average that they are held against, and how far they are above it."""
    claim = context.claims[number]
    held = _HELD_AGAINST.search(claim.left) or (
        _HELD_BEFORE.fullmatch(claim.left) if _AVERAGE.search(claim.before) else None
    )
    if held is None or names_own(context, claim):
        return
    stated = [n for n in levels(context.recognised(number)) if n.entry.group == group]
    for own in stated or levels(in_scope(context, number, group=group)):
        if own.entry.benchmark or own.made_of:
            continue
        for average in levels(context.index.group(group)):
            if not average.entry.benchmark or not same_year(own, average) or not is_meant(context, number, average):
                continue
            alike = (own.core & average.core).bit_count() >= _SAME * max(own.core_size, average.core_size)
            change = own.entry.low - average.entry.low
            either = not held["up"] and not held["down"]
            if alike and change and (either or (change > 0) == bool(held["up"])):
                yield own, average, change


def those_without(context: Context, number: int) -> Iterator[Trial]:
    """还有924个行政村没有站点: all that the claim names, less those that the text or the sheet tells of as having it."""
    claim = context.claims[number]
    clause = claim.clause_after
    if not _WITHOUT.search(claim.left + clause):
        return
    group, words = unit_group(claim.quantity), context.near[number]
    stated = [n for n in levels(context.recognised(number)) if n.entry.group == group]
    short = _IN_SHORT.match(claim.right)
    counted = [n for n in levels(context.index.group(group)) if n.entry.facet == "value" and not n.entry.benchmark]
    for whole in levels(context.index.group(group)):
        called = (words & whole.core).bit_count() >= _NAMED * whole.core_size
        in_short = short is not None and whole.entry.fact.name.endswith(short[1])
        if not called and not in_short and whole not in stated:
            continue
        missing = context.index.mask(clause) if whole in stated else 0
        among = [
            n
            for n in counted
            if _is_among(n, whole) or _is_at_each(n, whole) or _is_called(missing, n) or _is_short_for(missing, n)
        ]
        for part in [*stated, *among]:
            if part.core != whole.core and part.entry.low < whole.entry.low and same_year(part, whole):
                yield (whole, part), whole.entry.low - part.entry.low, f"{whole.entry.shown}-{part.entry.shown}"


def _is_among(part: Named, whole: Named) -> bool:
    """建有电商服务站的贫困村 of all 贫困村."""
    return part.core_size > whole.core_size and _is_called(part.core, whole)


def _is_at_each(part: Named, whole: Named) -> bool:
    """村级电商服务站 of 行政村."""
    level = AT_EACH.match(part.entry.fact.name or "")
    return level is not None and NUMBER_OF.sub("", whole.entry.fact.name or "").endswith(level[1])


def _is_short_for(words: int, named: Named) -> bool:
    """服务站 for 村级电商服务站: the words are the name's last and nothing but parts of it."""
    return bool(words & named.head) and not words & ~named.core


def _is_called(words: int, named: Named) -> bool:
    return bool(named.core_size) and (words & named.core).bit_count() >= _NAMED * named.core_size


def complements(context: Context, number: int) -> Iterator[Trial]:
    """还有31.6%的行政村没有服务站点: what is left to a hundred of the part that the sheet, or the sentence before, states."""
    claim = context.claims[number]
    clause = claim.clause_after
    if not _WITHOUT.search(f"{claim.before[-_JUST_BEFORE:]}{clause}"):
        return
    words = context.near[number] | context.index.mask(claim.right)
    parts = [
        n
        for n in context.index.group("percent")
        if n.entry.sort in ("rate", "share") and n.entry.low == n.entry.high and n.entry.facet != "words"
    ]
    for at in reversed(claim.previous):
        told = context.claims[at]
        if told.sort in ("share", "rate") and context.taken[at]:
            yield context.taken[at], Decimal(100) - told.quantity.low, f"100%-{told.quantity.text}"
            break
    covered = [(words & n.telling[0]).bit_count() / (n.telling[0].bit_count() or 1) for n in parts]
    best = max(covered, default=0.0)
    for part, share in zip(parts, covered, strict=True):
        if share == best >= _LEFT_OUT and year_agrees(claim, part):
            yield (part,), Decimal(100) - part.entry.low, f"100%-{part.entry.shown}"
