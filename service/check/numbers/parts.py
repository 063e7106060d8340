"""Parts and wholes: shares, sums, remainders, averages and products that a text computes from facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from itertools import combinations
from operator import or_

from schemas.facts import Kind
from service.check.numbers.claims import Claim, group_of, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.scope import (
    MOST,
    NAMED_ENOUGH,
    Trial,
    agrees,
    former_and_latter,
    in_scope,
    levels,
    same_year,
)
from service.text.numerals import read_numeral
from service.text.units import UNITS

_SUMMANDS = 9
_IN_ALL = re.compile("全部建成后|总数")
SUM_CUE = re.compile("合计|共计|总计|之和|[两二三四五六][类者项]|加起来|共$")
_JOINED = re.compile("[与和及加、]")
_REST_CUE = re.compile("其中|其余|剩余|余下|另有|其他|[结节]余|尚余|还剩|闲置|空置")
_EACH_CUE = re.compile("亩产|人均|户均|平均|每|单个|均|单体|单位|单[票件店]")
_PER_AREA = re.compile("每(平方公里|公顷)")
_A_SQUARE = re.compile("[/／每](平方公里|公顷)")
_PERIOD = re.compile("([日天月])均")
_FALLEN_TO = ("count", "people", "person_times", "area")
_SEVERAL = re.compile("每(?P<many>[一二两三五十百千万]{1,3}|[0-9]{1,6}[百千万]?)(?=[^日天年月季0-9])")
_TO_THE_MU = re.compile("亩均|每亩|亩产")
_EACH_UNIT = re.compile("每(吨|公斤|斤|千克|标箱|平方米|公里|千瓦时)")
_A_HEAD = re.compile("人均|每[百千万]{0,2}[位个名]?[^，。；]{0,6}[人民]|每[百千万]{0,2}名")
_EACH_OF = re.compile("每[个家]?(行政村|村|乡镇|镇|县|园区|企业|网店|站点|基地)|(村|镇|县|户|店|园|站)均")
"""What an average falls to, in a word too short to name it: 平均每村, 村均 where the sheet counts 行政村."""
_COVERAGE = re.compile("覆盖[率面]")
_ALL_COVERED = re.compile("全覆盖|覆盖[率面](?:达到|为|达)?100%")
_AT_EACH = re.compile("(村|乡镇|镇|县|社区)(?:级|域)?")
_NUMBER_OF = re.compile("(?:总?数量?|个数|户数)$")
_A_HOUSEHOLD = re.compile("户均|每[百千万]?户")
_POPULATION = re.compile("人口")
_ONE_PROJECT = 0.5
"""Share of 某园总投资 that 某园到位资金 has: both are of one project."""
_ADDED_NAME = re.compile("新增|净增|新建|新设|当年")
_INDUSTRIES = re.compile("第?[一二三](?:、|和|与|、第)?第?[一二三](?:次)?产业?")
_ALTOGETHER = re.compile("累计|合计|共|总")
_TRADE = re.compile("外贸|对外贸易")
"""What a city's imports and exports together are called for short."""
_YEARS_TOGETHER = re.compile(
    r"([一二两三四五])年(?:间|内)?(?:合计|共计|累计|共|总计|不少于|不低于|至少)[^，。；\d]{0,8}$"
)
_OVER_YEARS = re.compile("合计|共|累计|总")
_YEARS = re.compile("([二两三四五])年")
_GAP_CUE = re.compile("超额|超出|相差|差[距额值]|绝对差|之差|超目标|多出|[顺逆]差")
_WHOLE_CUE = re.compile("全省|全国|自治区|全区")
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
    if _COVERAGE.search(claim.left):
        yield from _coverages(context, number)
    if industries := _INDUSTRIES.search(claim.left):
        yield from _sums_of_shares(context, number, industries[0])
    if SUM_CUE.search(claim.left) or _JOINED.search(claim.left.partition("占")[0]):
        yield from _shares_of_sums(context, number, wholes)


def names_own(context: Context, claim: Claim) -> bool:
    """Whether the label names the subject itself (占东川市的7.8%), so that no other place's figure is meant."""
    return any(name in claim.left for name in context.index.own.names if name)


def _coverages(context: Context, number: int) -> Iterator[Trial]:
    """村级电商服务站1538个，平均覆盖率53.8%: what stands at the villages, towns or counties over the number of them."""
    for whole, part in _covered_of(context, number):
        yield (part, whole), part.entry.low / whole.entry.low * 100, f"{part.entry.shown}÷{whole.entry.shown}"


def _covered_of(context: Context, number: int) -> Iterator[tuple[Named, Named]]:
    """All villages (towns, counties) and the stations that the sentence counts there."""
    counted = levels(context.index.group("count"))
    for part in levels(context.recognised(number)):
        level = _AT_EACH.match(part.entry.fact.name or "")
        for whole in counted if level else ():
            if level and _NUMBER_OF.sub("", whole.entry.fact.name or "").endswith(level[1]) and same_year(part, whole):
                yield whole, part


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
    stated = [n for n in levels(context.recognised(number)) if not n.made_of]
    for whole in wholes:
        alike = [n for n in stated if n.entry.group == whole.entry.group and n is not whole]
        for size in range(2, min(len(alike), 6) + 1):
            total = sum((n.entry.low for n in alike[:size]), Decimal(0))
            shown = "+".join(n.entry.shown for n in reversed(alike[:size]))
            yield (*alike[:size], whole), total / whole.entry.low * 100, f"（{shown}）÷{whole.entry.shown}"


def _sums_of_shares(context: Context, number: int, told: str) -> Iterator[Trial]:
    """二三产业合计占比85.5%: the shares of the industries told of, together."""
    ordinals = re.findall("[一二三]", told)
    shares_of = [n for n in context.index.group("percent") if n.entry.facet == "share" and not n.entry.benchmark]
    parts = [n for o in ordinals for n in shares_of if re.match(f"第?{o}次?产", n.entry.fact.name)]
    if len(parts) == len(ordinals) and all(same_year(parts[0], n) for n in parts):
        yield tuple(parts), sum((n.entry.low for n in parts), Decimal(0)), "+".join(n.entry.shown for n in parts)


def _years_meet(claim: Claim, part: Named, whole: Named) -> bool:
    added = _ADDED_NAME.search(part.entry.fact.name) and not _ADDED_NAME.search(whole.entry.fact.name)
    if part.core == whole.core and not whole.entry.benchmark and not added:
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
    label = claim.left.rpartition("占")[2] if "占" in claim.left else claim.left
    if _WHOLE_CUE.search(label):
        return [n for n in context.index.named if n.entry.benchmark and n.entry.sort == "level"]
    if _TRADE.search(label):
        trade = [n for n in levels(context.index.named) if "进出口" in n.entry.fact.name and not n.entry.benchmark]
        shortest = min((n.core_size for n in trade), default=0)
        scope = [*scope, *(n for n in trade if n.core_size == shortest)]
    words = context.index.mask(label)
    named = [n for n in scope if words & n.core and (words & n.core).bit_count() >= NAMED_ENOUGH * n.core.bit_count()]
    best = max(((words & n.core).bit_count() for n in named), default=0)
    named += [n for n in scope if n.made_of and words & n.core and n not in named]
    short = [n for n in scope if words and not words & ~n.core and words & n.head]
    return (
        [n for n in named if n.made_of or (words & n.core).bit_count() == best]
        or short
        or ([] if words.bit_count() >= 4 else scope)
    )


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
    clause = claim.before[len(claim.before) - (claim.quantity.start - claim.place.clause) :]
    joint = context.index.mask(clause) if _JOINED.search(clause) else 0
    for size in (2, 3, 4):
        for parts in combinations(scope[:_SUMMANDS], size):
            total = sum((p.entry.low for p in parts), Decimal(0))
            met = _all_same_year(parts) or _all_named(parts, joint)
            if agrees(claim, total) and len({p.core for p in parts}) == size and met:
                yield parts, total, "+".join(p.entry.shown for p in parts)


def sums_over_years(context: Context, number: int) -> Iterator[Trial]:
    """2016—2018年累计8600万件: one thing's figures of every year of the period, together."""
    claim = context.claims[number]
    year = claim.year
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
            yield parts, sum((n.entry.low for n in parts), Decimal(0)), "+".join(n.entry.shown for n in parts)


def _all_same_year(parts: tuple[Named, ...]) -> bool:
    projects = all(p.entry.fact.kind is Kind.PROJECT for p in parts)
    return projects or all(same_year(parts[0], p) for p in parts[1:])


def _all_named(parts: tuple[Named, ...], words: int) -> bool:
    """Whether the label itself names all of them, be they of different years: 运营面积与二期建筑面积合计."""
    return all((words & p.core).bit_count() >= NAMED_ENOUGH * p.core_size > 0 for p in parts)


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


def each(context: Context, number: int) -> Iterator[Trial]:
    """Averages: per head, per household, per park, per day."""
    claim = context.claims[number]
    per = _PER_AREA.search(claim.left) or _A_SQUARE.match(claim.right)
    if not per and not _EACH_CUE.search(claim.left):
        return
    group = unit_group(claim.quantity)
    scope = levels(in_scope(context, number))
    if period := _PERIOD.search(claim.left):
        days = {"日": Decimal(365), "天": Decimal(365), "月": Decimal(12)}[period[1]]
        for top in scope:
            if top.entry.group == group:
                yield (top,), top.entry.low / days, f"{top.entry.shown}÷{days}"
    if per:
        yield from _densities(context, scope, group, Decimal(10**6 if per[1] == "平方公里" else 10**4))
        return
    tops = [n for n in scope if group in (n.entry.group, "number")][:MOST]
    many, bottoms = _fall_to(context, claim, scope)
    for top in tops:
        for bottom in bottoms:
            if top is not bottom and (same_year(top, bottom) or top.entry.fact.kind is Kind.POLICY):
                shown = f"{top.entry.shown}÷{bottom.entry.shown}" + (f"×{many}" if many != 1 else "")
                yield (top, bottom), top.entry.low / bottom.entry.low * many, shown


def _fall_to(context: Context, claim: Claim, scope: list[Named]) -> tuple[Decimal, list[Named]]:
    """每百名常住人口, 每万户, 人均: for how many at a time, and the figures of what the amount falls to."""
    bottoms = [n for n in scope if n.entry.group in _FALLEN_TO][:MOST]
    many = Decimal(1)
    if several := _SEVERAL.search(claim.left):
        numeral = read_numeral(several["many"].replace("百万", "一百万").replace("千万", "一千万"))
        many = numeral.value if numeral else many
    if _TO_THE_MU.search(claim.left):
        areas = levels(context.index.group("area"))
        many, bottoms = UNITS["亩"].scale, [n for n in scope if n.entry.group == "area"] or areas[: len(areas) == 1]
    if (measured := _EACH_UNIT.search(claim.left)) and (unit := UNITS.get(measured[1])):
        weighed = [n for n in scope if n.entry.group == group_of(unit.dimension, unit.base)]
        many, bottoms = unit.scale, [*weighed, *bottoms]
    if _A_HEAD.search(claim.left):
        bottoms += [n for n in levels(context.index.group("people")) if _POPULATION.search(n.entry.fact.name)]
    if _A_HOUSEHOLD.search(claim.left):
        bottoms += [n for n in levels(context.index.group("count")) if re.search("户数|家庭", n.entry.fact.name)]
    if each_of := _EACH_OF.search(claim.left):
        thing = each_of[1] or each_of[2]
        counted = levels(context.index.group("count"))
        bottoms += [n for n in counted if _NUMBER_OF.sub("", n.entry.fact.name).endswith(thing)][:MOST]
    return many, bottoms


def _densities(context: Context, scope: list[Named], group: str, square_metres: Decimal) -> Iterator[Trial]:
    """平均每平方公里343人: an amount of the sentence over the subject's area, also where a description states it."""
    areas = [n for n in levels(context.index.group("area")) if "面积" in n.entry.words and not n.entry.benchmark]
    for top in scope:
        for area in areas:
            if top.entry.group == group and (same_year(top, area) or area.entry.facet == "words"):
                value = top.entry.low / (area.entry.low / square_metres)
                yield (top, area), value, f"{top.entry.shown}÷{area.entry.shown}"


def products(context: Context, number: int) -> Iterator[Trial]:
    """A number of things times what falls to each; a day's or a year's amount over the year or the years told."""
    claim = context.claims[number]
    group = unit_group(claim.quantity)
    stated = levels(context.recognised(number))[:6]
    if years := _YEARS_TOGETHER.search(claim.before):
        many = Decimal("一二三四五".index(years[1].replace("两", "二")) + 1)
        yearly = (n for n in stated if n.entry.group == group and re.search("每年|年均", claim.before))
        yield from (((n,), n.entry.low * many, f"{n.entry.shown}×{many}") for n in yearly)
    if _OVER_YEARS.search(claim.left) and claim.year is not None and claim.year.last > claim.year.first:
        many = Decimal(claim.year.last - claim.year.first + 1)
        yearly = (n for n in stated if n.entry.group == group and re.search("每年|年均", claim.before + n.entry.words))
        yield from (((n,), n.entry.low * many, f"{n.entry.shown}×{many}") for n in yearly)
    if re.search("年均|每年", claim.left) and (years := _YEARS.search(claim.before)):
        many = Decimal("一二三四五".index(years[1].replace("两", "二")) + 1)
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
    if not own and _JOINED.search(claim.left):
        stated = _named_apart(context, number, words)
    named = [(own, n) for n in levels(in_scope(context, number, group=group)) if own and _other_named(words, own, n)]
    pairs = [(one, two) for one, two in combinations(stated, 2) if own or same_year(one, two)]
    for one, two in [*pairs, *named]:
        high, low = (one, two) if one.entry.low > two.entry.low else (two, one)
        yield (high, low), high.entry.low - low.entry.low, f"{high.entry.shown}-{low.entry.shown}"


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
