"""Changes and comparisons: growth, differences, percentage points, multiples and doublings computed from facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from schemas.facts import Kind
from service.check.numbers.claims import unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.scope import MOST, Trial, former_and_latter, in_scope, levels, over_time, same_year
from service.check.numbers.values import rounded

_YEARLY = re.compile("年均|每年平均|复合|年平均")
_WHOSE = re.compile("全国|全省")
_JOINT = re.compile("[、和与及]|以及")
_SHARES = re.compile("比重|占比|份额")
_MOVED = re.compile(r"(?:上年|去年|同期|上一年|[比较](?:19|20)\d\d年)[^，。；]*$|^[，、]?同比")
_LAST_YEARS = re.compile("(?:上年|去年|上一年|同期)的")
_RISEN = re.compile("[由从][^，。；]*$")
_OF_ANOTHER = re.compile(r"(?:相当于|[为是])[^，。；年\d]*的[^，。；年\d]*$")
"""相当于网络零售额的7倍: of another thing, not of the same in another year."""
_ITS = re.compile("(?:相当于|[为是])(?:其|后者)的?$")
"""是其1.1倍: of the thing that the sentence has held it against."""
_APART = re.compile("[二两]者|之间|相差|差距")
_AVERAGE_ALONE = re.compile("(?:[高低快慢]于|高出|低|[比较])(?:全省|全国)(?:平均水平|平均)?[高低快慢]?(?:出)?$")
_OTHER_YEAR = re.compile(r"[比较](?:19|20)\d\d年(?:提高|上升|提升|下降|降低|增加|减少)")
_HELD = re.compile("高于|低于|快于|慢于|高出|比|较|超|领先|落后")
_CALLED = 0.8
"""Share of a name that a label must have to call for its figure."""
_ALIKE = 0.7
"""Share of an average's name that a computed share's two names must have."""
_DOUBLED_OVER = Decimal("1.9")
_DOUBLED = (Decimal("0.95"), Decimal("1.15"))
"""How far from 2, 4, 8 times a 翻番 may be."""


def growths(context: Context, number: int) -> Iterator[Trial]:
    """Growth of one thing between two years, in per cent; yearly over several years (年均)."""
    claim = context.claims[number]
    for earlier, later, gap in over_time(context, number):
        if later.entry.sort != "level" or ("目标" in claim.left and later.entry.fact.kind is not Kind.TARGET):
            continue
        ratio = later.entry.low / earlier.entry.low
        if gap > 1 and _YEARLY.search(claim.left):
            value = (ratio ** (Decimal(1) / gap) - 1) * 100
            shown = f"（{later.entry.shown}÷{earlier.entry.shown}）^（1/{gap}）-1"
        else:
            value = (ratio - 1) * 100
            shown = f"{later.entry.shown}÷{earlier.entry.shown}-1"
        if value * (claim.sign or 1) > 0:
            yield (earlier, later), abs(value), shown


def growth_of_computed(context: Context, number: int) -> Iterator[Trial]:
    """仓储面积增加到39.4万平方米，增长84.1%: the amount just computed over what it was computed from."""
    claim = context.claims[number]
    told = next(context.recognised(number), None)
    if told is None or not told.made_of or told.entry.group == "percent" or claim.sign <= 0:
        return
    for base in levels(told.made_of):
        if base.entry.group == told.entry.group and base.entry.fact.kind is Kind.ACTUAL:
            shown = f"{told.entry.shown}÷{base.entry.shown}-1"
            yield told.made_of, (told.entry.low / base.entry.low - 1) * 100, shown


def deltas(context: Context, number: int) -> Iterator[Trial]:
    """What one thing grew or shrank by, or two things differ by (椪柑比茶叶多0.7亿元)."""
    claim = context.claims[number]
    group = unit_group(claim.quantity)
    for earlier, later, _ in over_time(context, number):
        change = later.entry.low - earlier.entry.low
        if later.entry.group == group and change * (claim.sign or 1) > 0:
            yield (later, earlier), abs(change), _difference(later, earlier, claim.sign)
    scope = levels(in_scope(context, number, group=group))[:MOST]
    words = context.index.mask(claim.left)
    for one, two in combinations(scope, 2):
        high, low = (one, two) if one.entry.low > two.entry.low else (two, one)
        compared = low if claim.sign >= 0 else high
        # 被比的一方须在“比”字后写明：椪柑比茶叶多0.7亿元。
        if (
            one.core != two.core
            and same_year(one, two)
            and words & compared.mask & ~(high if compared is low else low).mask
        ):
            yield (high, low), high.entry.low - low.entry.low, _difference(high, low, 1)


def _difference(later: Named, earlier: Named, sign: int) -> str:
    first, second = (later, earlier) if sign >= 0 else (earlier, later)
    return f"{first.entry.shown}-{second.entry.shown}"


def points(context: Context, number: int) -> Iterator[Trial]:
    """Differences of two per cents: city and province, or two years of one rate."""
    claim = context.claims[number]
    yield from _stated_apart(context, number)
    yield from _share_moved(context, number)
    yield from _share_against(context, number)
    yield from _against_named(context, number)
    yield from _from_one_to_another(context, number)
    scope = [n for n in in_scope(context, number, group="percent") if n.entry.low == n.entry.high][: 2 * MOST]
    for one in scope:
        for two in context.index.group("percent"):
            if one is two or one.core.bit_count() == 0 or two.entry.low != two.entry.high:
                continue
            if not _comparable(context, number, one, two):
                continue
            change = one.entry.low - two.entry.low
            if change and (not claim.sign or change * claim.sign > 0):
                first, second = (one, two) if change > 0 else (two, one)
                yield (one, two), abs(change), f"{first.entry.shown}-{second.entry.shown}"
                if _YEARLY.search(claim.left) and one.core == two.core and one.entry.years > two.entry.years:
                    years = one.entry.years[0] - two.entry.years[0]
                    yield (one, two), abs(change) / years, f"（{first.entry.shown}-{second.entry.shown}）÷{years}"


def _share_moved(context: Context, number: int) -> Iterator[Trial]:
    """占网络零售额的16.1%，较上年提高1.7个百分点: the share just computed less that of the same amounts a year before."""
    claim = context.claims[number]
    at = next((i for i in reversed(claim.previous) if context.claims[i].sort == "share"), None)
    taken = levels(context.taken[at]) if at is not None else []
    if at is None or len(taken) != 2 or not _MOVED.search(claim.left):
        return
    part, whole = taken
    versus = context.claims[number].versus
    base = versus.first if versus is not None and versus.first else None
    for one in _earlier(context, part, base):
        for all_ in _earlier(context, whole, base):
            if one.entry.years == all_.entry.years:
                now, then = part.entry.low / whole.entry.low * 100, one.entry.low / all_.entry.low * 100
                if (now - then) * (claim.sign or 1) > 0:
                    shown = f"{part.entry.shown}÷{whole.entry.shown}-{one.entry.shown}÷{all_.entry.shown}"
                    yield (part, whole, one, all_), abs(now - then), shown
                    quantum = context.claims[at].quantity.quantum
                    yield (part, whole, one, all_), abs(rounded(now, quantum) - rounded(then, quantum)), shown


def _share_against(context: Context, number: int) -> Iterator[Trial]:
    """占社会消费品零售总额的13.1%，高出全省平均水平1.3个百分点: the share just computed against the province's of the same."""
    claim = context.claims[number]
    at = next((i for i in reversed(claim.previous) if context.claims[i].sort == "share"), None)
    taken = levels(context.taken[at]) if at is not None else []
    if len(taken) != 2 or not _WHOSE.search(claim.left):
        return
    (part, whole), both = taken, taken[0].core | taken[1].core
    for average in context.index.group("percent"):
        meant = average.entry.benchmark and average.entry.sort == "share" and is_meant(context, number, average)
        if meant and same_year(part, average) and (both & average.core).bit_count() >= _ALIKE * average.core_size:
            apart = part.entry.low / whole.entry.low * 100 - average.entry.low
            if apart * (claim.sign or 1) > 0:
                shown = f"{part.entry.shown}÷{whole.entry.shown}-{average.entry.shown}"
                yield (part, whole, average), abs(apart), shown


def _against_named(context: Context, number: int) -> Iterator[Trial]:
    """电子商务企业增长30%，高于地区生产总值增速21.8个百分点: the per cent as told, be it computed, against one that is named."""
    claim = context.claims[number]
    told = next((t for i in reversed(claim.previous) if (t := _per_cent_told(context, i)) is not None), None)
    words = context.index.mask(claim.left)
    if told is None or not words or not _HELD.search(claim.left):
        return
    facts, sort, stated, shown = told
    for other in context.index.group("percent"):
        called = other.entry.facet != "words" and (words & other.core).bit_count() >= _CALLED * other.core_size > 0
        if called and other.entry.sort == sort and any(same_year(n, other) for n in facts):
            change = stated - other.entry.low
            if change * (claim.sign or 1) > 0:
                yield (*facts, other), abs(change), f"{shown}-{other.entry.shown}"


def _per_cent_told(context: Context, at: int) -> tuple[tuple[Named, ...], str, Decimal, str] | None:
    """The per cent that a claim states, or that its points were counted from: facts, sort, number, as shown."""
    claim, facts = context.claims[at], context.taken[at]
    if not facts:
        return None
    if claim.quantity.unit.dimension == "percent":
        return facts, claim.sort, claim.quantity.low * (claim.sign or 1), claim.quantity.text
    own = facts[0].entry
    if claim.sort == "points" and own.group == "percent" and not own.benchmark:
        return facts[:1], own.sort, own.low, own.shown
    return None


def _earlier(context: Context, named: Named, year: int | None) -> list[Named]:
    """The same thing in the year, or in the year before."""
    alike = [n for n in levels(context.index.group(named.entry.group)) if n.core == named.core and n.entry.years]
    return [n for n in alike if named.entry.years and n.entry.years[0] == (year or named.entry.years[0] - 1)]


def _stated_apart(context: Context, number: int) -> Iterator[Trial]:
    """二者相差35.5个百分点, 由低25%扩大到低30%，再扩大5个百分点: the last two per cents that the sentence states."""
    claim = context.claims[number]
    stated = [n for n in context.recognised(number) if n.entry.group == "percent" and n.entry.low == n.entry.high]
    if _APART.search(claim.left) and stated:
        yield from _apart_from_named(context, number, stated)
    told = list({id(n.entry.fact): n for n in reversed(stated)}.values())[-2:]
    if len(told) < 2:
        return
    two, one = told
    if one.entry.sort != two.entry.sort:
        return
    change = one.entry.low - two.entry.low
    over_time = one.core == two.core and one.entry.years != two.entry.years and not _against_average(claim.left)
    if _APART.search(claim.left) or (over_time and change * (claim.sign or 1) > 0):
        first, second = (one, two) if change > 0 else (two, one)
        yield (one, two), abs(change), f"{first.entry.shown}-{second.entry.shown}"


def _apart_from_named(context: Context, number: int, stated: list[Named]) -> Iterator[Trial]:
    """42.3%，与大型企业相差34.5个百分点: the rate just told and another of the same year that the clause names."""
    own, words = stated[0], context.index.mask(context.claims[number].left)
    for other in context.index.group("percent"):
        if (
            other.entry.sort == own.entry.sort
            and other.entry.low == other.entry.high
            and words & other.core & ~own.core
            and same_year(own, other)
        ):
            high, low = (own, other) if own.entry.low > other.entry.low else (other, own)
            yield (own, other), high.entry.low - low.entry.low, f"{high.entry.shown}-{low.entry.shown}"


def _from_one_to_another(context: Context, number: int) -> Iterator[Trial]:
    """由14.6%提升到28.6%，提高14个百分点: the two per cents as the sentence has them, be they facts' or computed."""
    claim = context.claims[number]
    told = [at for at in claim.previous if context.claims[at].quantity.unit.dimension == "percent"][-2:]
    if len(told) < 2 or not all(context.taken[at] for at in told) or not _RISEN.search(context.claims[told[0]].left):
        return
    first, last = (context.claims[at].quantity for at in told)
    if (last.low - first.low) * (claim.sign or 1) > 0:
        facts = (*context.taken[told[0]], *context.taken[told[1]])
        yield facts, abs(last.low - first.low), f"{last.text}-{first.text}"


def _one_share(one: Named, two: Named) -> bool:
    """Whether both are one thing's share, the sheet telling one as 占比 of a figure, the other as a figure of its own."""
    own = one if one.entry.facet == "share" else two
    other = two if own is one else one
    return (
        own.entry.facet == "share" and one.entry.sort == two.entry.sort == "share" and own.core & other.core == own.core
    )


def _against_average(left: str) -> bool:
    """低于全省4.3个百分点: held against nothing but the province's or the nation's."""
    return _AVERAGE_ALONE.search(left) is not None


def _comparable(context: Context, number: int, one: Named, two: Named) -> bool:
    claim = context.claims[number]
    shared = (one.core & two.core).bit_count()
    if one.entry.benchmark or (_SHARES.search(claim.left) and "growth" in (one.entry.sort, two.entry.sort)):
        return False
    if two.entry.benchmark:
        sorts = {one.entry.sort, two.entry.sort}
        alike = shared >= 0.5 * max(one.core.bit_count(), two.core.bit_count()) or _named_short(
            context, number, one, two
        )
        told = any(f"{year}年" in claim.left for year in two.entry.years)
        if told and not claim.benchmark and _OTHER_YEAR.search(claim.left):
            return False
        return (
            alike
            and is_meant(context, number, two)
            and (told or same_year(one, two))
            and (len(sorts) == 1 or "growth" not in sorts)
        )
    if _against_average(claim.left):
        return False
    alike = one.core == two.core or _one_share(one, two)
    if alike and one.entry.sort == two.entry.sort and one.entry.years and two.entry.years:
        gap = one.entry.years[0] - two.entry.years[0]
        if claim.versus is not None and claim.versus.first:
            return gap > 0 and claim.versus.first == two.entry.years[0]
        return gap == 1 if re.search("上年|去年|同比|上一年", claim.left) else gap > 0
    words = context.index.mask(claim.left)
    differs = two.mask & ~one.mask
    if one.core != two.core and one.core & two.core == two.core and words & two.core == two.core:
        differs = two.core if any(n.core == one.core for n in context.recognised(number)) else 0
    if re.search("前者|后者", claim.left):
        return one.core != two.core and one.entry.sort == two.entry.sort and same_year(one, two)
    return bool(
        one.core != two.core
        and one.entry.sort == two.entry.sort
        and same_year(one, two)
        and words & differs
        and re.search("比|高于|低于|较|快于|慢于", claim.left)
    )


def _named_short(context: Context, number: int, own: Named, average: Named) -> bool:
    """厂房空置率7.4%，低于全省平均空置率6.1个百分点: the average by words of its name alone, right after a rate of its kind."""
    words = context.index.mask(context.claims[number].left)
    return (
        bool(words)
        and not words & ~average.mask
        and own.head == average.head
        and any(own is told for told in context.recognised(number))
    )


def is_meant(context: Context, number: int, benchmark: Named) -> bool:
    """Whether the benchmark is the nation's where the claim is held against 全国, and not where against 全省."""
    whose = _whose(context, number)
    fact = benchmark.entry.fact
    return whose is None or (whose == "全国") == ("全国" in f"{fact.name}{fact.subject or ''}")


def _whose(context: Context, number: int) -> str | None:
    """全省 or 全国, by place in a list (分别高于全省、全国5.7个和4.9个百分点); None where the text leaves it open."""
    first = number
    while first and context.claims[first].sort == "points" and _JOINT.fullmatch(context.claims[first].left):
        first -= 1
    left = context.claims[first].left
    told = _WHOSE.findall(left)
    if len(told) != 1 and "分别" not in left:
        return None
    return told[number - first] if number - first < len(told) else None


def multiples(context: Context, number: int) -> Iterator[Trial]:
    """How many times one amount is another."""
    claim = context.claims[number]
    if claim.sign > 0 or _LAST_YEARS.search(claim.left):
        for named in context.recognised(number):
            yield from _as_multiple(context, named, more=claim.sign <= 0)
    words = context.index.mask(claim.left)
    for earlier, later, _ in () if words and _OF_ANOTHER.search(claim.left) else over_time(context, number):
        ratio = later.entry.low / earlier.entry.low
        shown = f"{later.entry.shown}÷{earlier.entry.shown}"
        if claim.sign > 0:
            yield (later, earlier), ratio - 1, f"{shown}-1"
        else:
            yield (later, earlier), ratio, shown
    told = claim.versus is not None and claim.quantity.start - claim.versus.start <= len(claim.left)
    if claim.versus is None or not claim.versus.first or (words and not told):
        yield from _of_two_things(context, number, words)


def _of_two_things(context: Context, number: int, words: int) -> Iterator[Trial]:
    """投递量约为业务量的3.8倍: one amount over another of the same year, which the claim names, or over an average."""
    if both := former_and_latter(context, number):
        yield both, both[0].entry.low / both[1].entry.low, f"{both[0].entry.shown}÷{both[1].entry.shown}"
    its = _ITS.search(context.claims[number].left) is not None
    scope = levels(in_scope(context, number))[:MOST]
    for one in scope:
        for two in [*scope, *(n for n in context.index.named if n.entry.benchmark)]:
            if one is two or not two.entry.low or not _alike(one, two) or not _meet(one, two):
                continue
            if words & two.mask or two.entry.benchmark or its:
                yield (one, two), one.entry.low / two.entry.low, f"{one.entry.shown}÷{two.entry.shown}"


def _alike(one: Named, two: Named) -> bool:
    """Whether both are amounts of one kind; 人次 are held against 人."""
    groups = {one.entry.group, two.entry.group}
    return len(groups) == 1 or groups == {"people", "person_times"}


def _meet(one: Named, two: Named) -> bool:
    """Whether two figures can be held against each other: of one year, or of two projects, whose years are their ends."""
    return same_year(one, two) or one.entry.fact.kind is two.entry.fact.kind is Kind.PROJECT


def _as_multiple(context: Context, named: Named, *, more: bool) -> Iterator[Trial]:
    """增长1.2倍, or (`more`) 是上年的2.2倍, where the sheet says that the amount just told grew by 124.8 %."""
    for grown in context.index.group("percent"):
        same = grown.entry.fact is named.entry.fact and grown.entry.facet == "growth"
        if same and grown is not named:
            shown = f"{grown.entry.shown}÷100" + ("+1" if more else "")
            yield (grown,), grown.entry.low / 100 + more, shown


def doublings(context: Context, number: int) -> Iterator[Trial]:
    """翻番: whether the later is about twice, four times … the earlier."""
    claim = context.claims[number]
    for earlier, later, _ in over_time(context, number):
        ratio = later.entry.low / earlier.entry.low / claim.quantity.low
        over = claim.quantity.approach == "over" or "多" in claim.right[:2]
        if _DOUBLED[0] <= ratio <= (_DOUBLED_OVER if over else _DOUBLED[1]):
            yield (
                (later, earlier),
                claim.quantity.low,
                f"{later.entry.shown}÷{earlier.entry.shown}≈{claim.quantity.low:f}倍，",
            )
