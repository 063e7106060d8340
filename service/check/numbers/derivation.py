"""Derivation: whether a figure that no fact states can be recomputed from facts that the text names (checks.md, numbers 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.values import fit_number, rounded

_NAMED_ENOUGH = 0.6
_COMPUTED = ("count", "people", "person_times", "percent", "area", "CNY/元", "USD/美元")
"""Groups whose figures others are computed from."""
_SUMMANDS = 9
_MOST = 14
"""Facts of one sentence that a derivation may draw on; enough for any sentence a person would write."""
_SUM_CUE = re.compile("合计|共计|总计|之和|[两二三四五六][类者项]|加起来|共$")
_REST_CUE = re.compile("其中|其余|剩余|余下|另有|其他")
_EACH_CUE = re.compile("人均|户均|平均|每|单个|均|单体|单位")
_WHOLE_CUE = re.compile("全省|全国|自治区|全区")
_RATE_CUE = re.compile("占|比重|相当于|率|完成|比例|其中|为.{0,12}的$")
_YEARLY = re.compile("年均|每年平均|复合|年平均")
_DOUBLED = (Decimal("0.95"), Decimal("1.15"))
"""How far from 2, 4, 8 times a 翻番 may be."""


class Derivation(NamedTuple):
    """The facts computed with, and the computation in words."""

    named: tuple[Named, ...]
    how: str


def derive(context: Context, number: int) -> Derivation | None:
    """The first computation that gives the claimed figure, tried in the order of how plainly the text asks for it."""
    claim = context.claims[number]
    for recipe in _RECIPES.get(claim.sort, ()):
        for named, value, shown in recipe(context, number):
            if _agrees(claim, value):
                return Derivation(named, f"推算：{shown}={claim.quantity.text}")
    return None


Trial = tuple[tuple[Named, ...], Decimal, str]
"""Facts, the number computed (in the claim's base unit), the computation in words."""


def _agrees(claim: Claim, value: Decimal) -> bool:
    quantity = claim.quantity
    if quantity.is_range:
        return False
    same = quantity.approach != "at_most" and rounded(value, quantity.quantum) == quantity.low
    return same or fit_number(quantity.low, quantity.quantum, quantity.approach, value) is not None


def asks_for_derivation(claim: Claim) -> bool:
    """Whether the wording itself says that the figure is computed from others."""
    if claim.sort in ("delta", "points", "multiple", "doubling", "share"):
        return True
    return bool(claim.sort == "level" and re.search("人均|户均|平均每|合计|相差|其余", claim.left))


def _scope(context: Context, number: int, *, group: str | None = None) -> list[Named]:
    """Facts that the sentence states or names, nearest first, then those named in the paragraph before."""
    found = context.scopes.get(number)
    if found is None:
        found = context.scopes[number] = _find_scope(context, number)
    return found if group is None else [n for n in found if n.entry.group == group]


def _find_scope(context: Context, number: int) -> list[Named]:
    found: dict[int, Named] = {id(n): n for n in context.recognised(number)}
    near = context.near[number] | context.sentence[number]
    groups = dict.fromkeys((unit_group(context.claims[number].quantity), *_COMPUTED))
    for words in (near, near | context.paragraph[number]):
        for name in groups:
            for named in context.index.group(name):
                shared = (words & named.core).bit_count()
                if shared and shared >= _NAMED_ENOUGH * named.core_size and _is_own_value(named):
                    found.setdefault(id(named), named)
        if len(found) >= _MOST:
            break
    return list(found.values())[: 2 * _MOST]


def _is_own_value(named: Named) -> bool:
    """Figures in words beside a value mostly repeat it."""
    return named.entry.facet != "words" or named.entry.fact.value is None


def _levels(found: Iterable[Named]) -> list[Named]:
    return [n for n in found if n.entry.sort == "level" and n.entry.low == n.entry.high and n.entry.low > 0]


def _same_year(one: Named, two: Named) -> bool:
    return not one.entry.years or not two.entry.years or bool(set(one.entry.years) & set(two.entry.years))


def _shares(context: Context, number: int) -> Iterator[Trial]:
    """Part ÷ whole: the whole is named after 占, or is the province's figure of the same thing, or the amount before."""
    claim = context.claims[number]
    if not _RATE_CUE.search(claim.left + claim.before[-24:]):
        return
    scope = _levels(_scope(context, number))
    wholes = _wholes(context, number, scope)
    for part in scope:
        for whole in wholes:
            if whole is part or part.entry.group != whole.entry.group or not _years_meet(claim, part, whole):
                continue
            if whole.entry.benchmark and not (part.core & whole.core).bit_count() >= 0.5 * whole.core.bit_count():
                continue
            yield (part, whole), part.entry.low / whole.entry.low * 100, f"{part.entry.shown}÷{whole.entry.shown}"
    if _SUM_CUE.search(claim.left):
        yield from _shares_of_sums(context, number, wholes)


def _shares_of_sums(context: Context, number: int, wholes: list[Named]) -> Iterator[Trial]:
    """三类合计占……的73.2%: the last two, three … amounts before, together."""
    stated = [n for n in _levels(context.recognised(number)) if not n.made_of]
    for whole in wholes:
        alike = [n for n in stated if n.entry.group == whole.entry.group and n is not whole]
        for size in range(2, min(len(alike), 6) + 1):
            total = sum((n.entry.low for n in alike[:size]), Decimal(0))
            shown = "+".join(n.entry.shown for n in reversed(alike[:size]))
            yield (*alike[:size], whole), total / whole.entry.low * 100, f"（{shown}）÷{whole.entry.shown}"


def _years_meet(claim: Claim, part: Named, whole: Named) -> bool:
    if part.core == whole.core and not whole.entry.benchmark:
        return re.search("完成|目标", claim.left) is not None
    return _same_year(part, whole) and (
        claim.year is None or not part.entry.years or any(claim.year.holds(y) for y in part.entry.years)
    )


def _wholes(context: Context, number: int, scope: list[Named]) -> list[Named]:
    claim = context.claims[number]
    label = claim.left.rpartition("占")[2] if "占" in claim.left else claim.left
    if _WHOLE_CUE.search(label):
        return [n for n in context.index.named if n.entry.benchmark and n.entry.sort == "level"]
    words = context.index.mask(label)
    named = [n for n in scope if words and (words & n.core).bit_count() >= _NAMED_ENOUGH * n.core.bit_count()]
    best = max(((words & n.core).bit_count() for n in named), default=0)
    return [n for n in named if (words & n.core).bit_count() == best] or ([] if words.bit_count() >= 4 else scope)


def _over_time(context: Context, number: int) -> Iterator[tuple[Named, Named, int]]:
    """Pairs (earlier, later, years between) of one thing, the later in the claim's year where it has one."""
    claim = context.claims[number]
    for later in _called(context, number, _scope(context, number)):
        if later.entry.low <= 0 or later.entry.low != later.entry.high or not later.entry.years:
            continue
        if claim.year is not None and claim.year_reach != "paragraph" and not claim.year.holds(later.entry.years[0]):
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
            if claim.versus is not None and claim.versus.role != "before" and claim.versus.first:
                if claim.versus.first != earlier.entry.years[0]:
                    continue
            elif re.search("上年|去年|同比|上一年", claim.left) and gap != 1:
                continue
            yield earlier, later, gap


def _called(context: Context, number: int, found: list[Named]) -> list[Named]:
    """Those that the claim's label names best, where it names any."""
    near = context.near[number]
    shares = [(near & n.core).bit_count() / (n.core.bit_count() or 1) for n in found]
    best = max(shares, default=0.0)
    return [n for n, share in zip(found, shares, strict=True) if share >= 0.8 * best]


def _growths(context: Context, number: int) -> Iterator[Trial]:
    claim = context.claims[number]
    for earlier, later, gap in _over_time(context, number):
        if later.entry.sort != "level":
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


def _deltas(context: Context, number: int) -> Iterator[Trial]:
    claim = context.claims[number]
    group = unit_group(claim.quantity)
    for earlier, later, _ in _over_time(context, number):
        change = later.entry.low - earlier.entry.low
        if later.entry.group == group and change * (claim.sign or 1) > 0:
            yield (later, earlier), abs(change), _difference(later, earlier, claim.sign)
    scope = _levels(_scope(context, number, group=group))[:_MOST]
    words = context.index.mask(claim.left)
    for one, two in combinations(scope, 2):
        high, low = (one, two) if one.entry.low > two.entry.low else (two, one)
        compared = low if claim.sign >= 0 else high
        # 被比的一方须在“比”字后写明：椪柑比茶叶多0.7亿元。
        if (
            one.core != two.core
            and _same_year(one, two)
            and words & compared.mask & ~(high if compared is low else low).mask
        ):
            yield (high, low), high.entry.low - low.entry.low, _difference(high, low, 1)


def _difference(later: Named, earlier: Named, sign: int) -> str:
    first, second = (later, earlier) if sign >= 0 else (earlier, later)
    return f"{first.entry.shown}-{second.entry.shown}"


def _points(context: Context, number: int) -> Iterator[Trial]:
    """Differences of two per cents: city and province, or two years of one rate."""
    claim = context.claims[number]
    scope = [n for n in _scope(context, number, group="percent") if n.entry.low == n.entry.high][: 2 * _MOST]
    for one in scope:
        for two in context.index.group("percent"):
            if one is two or one.core.bit_count() == 0 or two.entry.low != two.entry.high:
                continue
            if not _comparable(context, number, one, two):
                continue
            change = one.entry.low - two.entry.low
            if change * (claim.sign or 1) > 0:
                first, second = (one, two) if change > 0 else (two, one)
                yield (one, two), abs(change), f"{first.entry.shown}-{second.entry.shown}"


def _comparable(context: Context, number: int, one: Named, two: Named) -> bool:
    claim = context.claims[number]
    shared = (one.core & two.core).bit_count()
    if one.entry.benchmark:
        return False
    if two.entry.benchmark:
        sorts = {one.entry.sort, two.entry.sort}
        alike = shared >= 0.5 * max(one.core.bit_count(), two.core.bit_count())
        return alike and _same_year(one, two) and (len(sorts) == 1 or "growth" not in sorts)
    if one.core == two.core and one.entry.sort == two.entry.sort and one.entry.years and two.entry.years:
        gap = one.entry.years[0] - two.entry.years[0]
        if claim.versus is not None and claim.versus.first:
            return gap > 0 and claim.versus.first == two.entry.years[0]
        return gap == 1 if re.search("上年|去年|同比|上一年", claim.left) else gap > 0
    words = context.index.mask(claim.left)
    differs = two.mask & ~one.mask
    return bool(
        one.core != two.core
        and one.entry.sort == two.entry.sort
        and _same_year(one, two)
        and words & differs
        and re.search("比|高于|低于|较", claim.left)
    )


def _multiples(context: Context, number: int) -> Iterator[Trial]:
    claim = context.claims[number]
    for earlier, later, _ in _over_time(context, number):
        ratio = later.entry.low / earlier.entry.low
        shown = f"{later.entry.shown}÷{earlier.entry.shown}"
        if claim.sign > 0:
            yield (later, earlier), ratio - 1, f"{shown}-1"
        else:
            yield (later, earlier), ratio, shown
    if claim.versus is not None and claim.versus.first:
        return
    words = context.index.mask(claim.left)
    scope = _levels(_scope(context, number))[:_MOST]
    for one in scope:
        for two in [*scope, *(n for n in context.index.named if n.entry.benchmark)]:
            if one is two or one.entry.group != two.entry.group or not two.entry.low or not _same_year(one, two):
                continue
            if words & two.mask or two.entry.benchmark:
                yield (one, two), one.entry.low / two.entry.low, f"{one.entry.shown}÷{two.entry.shown}"


def _doublings(context: Context, number: int) -> Iterator[Trial]:
    claim = context.claims[number]
    for earlier, later, _ in _over_time(context, number):
        ratio = later.entry.low / earlier.entry.low / claim.quantity.low
        if _DOUBLED[0] <= ratio <= _DOUBLED[1]:
            yield (
                (later, earlier),
                claim.quantity.low,
                f"{later.entry.shown}÷{earlier.entry.shown}≈{claim.quantity.low:f}倍，",
            )


def _sums(context: Context, number: int) -> Iterator[Trial]:
    claim = context.claims[number]
    label = context.near[number]
    group = unit_group(claim.quantity)
    if _SUM_CUE.search(claim.before[-30:]):
        scope = _levels(_scope(context, number, group=group))
    else:
        # 没有“合计”之类的字样时，总量之名须含各项之名：进出口总额。
        scope = _levels(n for n in context.index.group(group) if label & n.mask and (n.mask & ~label).bit_count() <= 1)
    for size in (2, 3, 4):
        for parts in combinations(scope[:_SUMMANDS], size):
            total = sum((p.entry.low for p in parts), Decimal(0))
            if _agrees(claim, total) and len({p.core for p in parts}) == size and _all_same_year(parts):
                yield parts, total, "+".join(p.entry.shown for p in parts)


def _all_same_year(parts: tuple[Named, ...]) -> bool:
    return all(_same_year(parts[0], p) for p in parts[1:])


def _rests(context: Context, number: int) -> Iterator[Trial]:
    claim = context.claims[number]
    if not _REST_CUE.search(claim.before):
        return
    stated = [n for n in _levels(context.recognised(number)) if n.entry.group == unit_group(claim.quantity)]
    for whole in stated:
        for part in stated:
            if whole is not part and whole.entry.low > part.entry.low:
                yield (whole, part), whole.entry.low - part.entry.low, f"{whole.entry.shown}-{part.entry.shown}"


def _each(context: Context, number: int) -> Iterator[Trial]:
    claim = context.claims[number]
    if not _EACH_CUE.search(claim.left):
        return
    group = unit_group(claim.quantity)
    scope = _levels(_scope(context, number))
    tops = [n for n in scope if group in (n.entry.group, "number")][:_MOST]
    bottoms = [n for n in scope if n.entry.group in ("count", "people", "person_times", "area")]
    bottoms += [
        n for n in _levels(context.index.group("people")) if "人均" in claim.left and "人口" in n.entry.fact.name
    ]
    for top in tops:
        for bottom in bottoms[:_MOST]:
            if top is not bottom and _same_year(top, bottom):
                yield (top, bottom), top.entry.low / bottom.entry.low, f"{top.entry.shown}÷{bottom.entry.shown}"


def _products(context: Context, number: int) -> Iterator[Trial]:
    claim = context.claims[number]
    if not re.search("合计|共|总", claim.left):
        return
    stated = _levels(context.recognised(number))[:6]
    for one, two in combinations(stated, 2):
        if unit_group(claim.quantity) in (one.entry.group, two.entry.group) and one.entry.group != two.entry.group:
            yield (one, two), one.entry.low * two.entry.low, f"{one.entry.shown}×{two.entry.shown}"


def _gaps(context: Context, number: int) -> Iterator[Trial]:
    """超额20亿元: what two amounts of the sentence differ by."""
    claim = context.claims[number]
    if not re.search("超额|超出|相差|差距|超目标|多出", claim.left):
        return
    stated = [n for n in _levels(context.recognised(number)) if n.entry.group == unit_group(claim.quantity)]
    for one, two in combinations(stated, 2):
        high, low = (one, two) if one.entry.low > two.entry.low else (two, one)
        yield (high, low), high.entry.low - low.entry.low, f"{high.entry.shown}-{low.entry.shown}"


def _parts(context: Context, number: int) -> Iterator[Trial]:
    """A stated per cent of a stated amount: 5000万元，其中30%（1500万元）."""
    stated = list(context.recognised(number))
    wholes = [n for n in _levels(stated) if n.entry.group == unit_group(context.claims[number].quantity)]
    for share in (n for n in stated if n.entry.group == "percent" and n.entry.sort in ("rate", "share")):
        for whole in wholes:
            yield (whole, share), whole.entry.low * share.entry.low / 100, f"{whole.entry.shown}×{share.entry.low:f}%"


def _proportions(context: Context, number: int) -> Iterator[Trial]:
    """7.1∶51.3∶41.6 against shares that the sheet states or amounts that it can be computed from; a∶1 against two amounts."""
    claim = context.claims[number]
    parts, quantum = claim.quantity.parts, claim.quantity.quantum
    for named in context.index.named:
        if named.entry.parts == parts:
            yield (named,), claim.quantity.low, "与事实一致："
    shares = [n for n in context.index.group("percent") if n.entry.sort in ("share", "rate")]
    matched = _in_order(parts, quantum, shares, lambda n: n.entry.low)
    if matched:
        yield matched, claim.quantity.low, "∶".join(n.entry.shown for n in matched)
    if len(parts) == 2 and parts[1] == 1:
        scope = _levels(_scope(context, number, group="CNY/元"))
        for one in scope:
            for two in scope:
                if one is not two and _same_year(one, two):
                    yield (one, two), one.entry.low / two.entry.low, f"{one.entry.shown}÷{two.entry.shown}"
        return
    levels = [
        n
        for n in context.index.group("CNY/元")
        if n.entry.sort == "level" and re.match("第?[一二三]", n.entry.fact.name)
    ]
    for year in {n.entry.years for n in levels}:
        of_year = [n for n in levels if n.entry.years == year]
        total = sum((n.entry.low for n in of_year), Decimal(0))
        matched = _in_order(parts, quantum, of_year, lambda n, t=total: n.entry.low / t * 100)  # type: ignore[misc]
        if matched:
            yield matched, claim.quantity.low, "∶".join(n.entry.shown for n in matched)


def _in_order(
    parts: tuple[Decimal, ...], quantum: Decimal, found: Iterable[Named], value: Callable[[Named], Decimal]
) -> tuple[Named, ...]:
    """The entries that give the parts one by one, in the order of 第一, 第二, 第三 where their names have it."""
    candidates = list(found)
    matched: list[Named] = []
    for place, part in enumerate(parts):
        ordinal = "一二三四"[place] if place < 4 else ""
        fits = [n for n in candidates if rounded(value(n), quantum) == part and n not in matched]
        ranked = [n for n in fits if re.search(f"第?{ordinal}(?:次)?产", n.entry.fact.name)]
        other = [n for n in fits if not re.search("第?[一二三](?:次)?产", n.entry.fact.name)]
        if not ranked and not other:
            return ()
        matched.append((ranked or other)[0])
    return tuple(matched)


_Recipe = Callable[[Context, int], Iterator[Trial]]
_RECIPES: dict[str, tuple[_Recipe, ...]] = {
    "share": (_shares,),
    "rate": (_shares,),
    "growth": (_growths,),
    "delta": (_deltas,),
    "points": (_points,),
    "multiple": (_multiples,),
    "doubling": (_doublings,),
    "proportion": (_proportions,),
    "level": (_each, _rests, _sums, _products, _parts, _gaps),
}
