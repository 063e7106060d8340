"""Plain arithmetic: differences, sums, shares and averages over what the sentence has just stated, as its wording asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from schemas.facts import Kind
from service.check.numbers.claims import unit_group
from service.check.numbers.context import Context
from service.check.numbers.directions import direction
from service.check.numbers.index import Named
from service.check.numbers.parts import names_own
from service.check.numbers.scope import COMPUTED, Trial, is_base, levels, same_year, stated_last, summed

_APART = re.compile("[比较差余增减多少还剩缺净超扩高低降升未顺逆短省节]")
_TOGETHER = re.compile("合计|共|总|之和|累计|全部|加上|一起|[二两三四五]者|[二两三四五]项")
_LEFT = re.compile("尚|还[需须有差要]|剩|[结节]余|余下|缺口")
_EACH = re.compile("均|每(?![年季月])|单")
_PART = re.compile("[占比率达为过仅近约]|相当|贡献|完成|实现")
_NAMED = 0.8
"""Share of a name in the clause from which its figure may be computed with though the text does not state it."""


def apart(context: Context, number: int) -> Iterator[Trial]:
    """A difference of two amounts, where the wording has more, less, left or lacking."""
    claim = context.claims[number]
    if not _APART.search(claim.left):
        return
    group, sign = unit_group(claim.quantity), claim.sign or direction(claim.left)
    for one, two in _pairs(context, number, [n for n in _operands(context, number) if n.entry.group == group]):
        high, low = (one, two) if one.entry.low > two.entry.low else (two, one)
        if sign and one.core == two.core and (high.entry.years > low.entry.years) != (sign > 0):
            continue
        yield (high, low), high.entry.low - low.entry.low, f"{high.entry.shown}-{low.entry.shown}"


def together(context: Context, number: int) -> Iterator[Trial]:
    """A sum of two or three amounts that the sentence states."""
    claim = context.claims[number]
    if not _TOGETHER.search(claim.before[-30:]) or _LEFT.search(claim.left):
        return
    group = unit_group(claim.quantity)
    stated = [n for n in levels(stated_last(context, number)) if n.entry.group == group]
    for size in (2, 3):
        for parts in combinations(stated, size):
            if len({n.core for n in parts}) == size and all(_meet(parts[0], n) for n in parts):
                yield summed(parts)


def over(context: Context, number: int) -> Iterator[Trial]:
    """One amount as a share of another, the part named or stated before the whole."""
    claim = context.claims[number]
    if not _PART.search(claim.left):
        return
    nameless = not context.index.mask(claim.left)
    last = next(iter(levels(stated_last(context, number))), None)
    for one, two in _pairs(context, number, _operands(context, number)):
        part, whole = (one, two) if one.entry.low < two.entry.low else (two, one)
        if nameless and last is not None and part.core != last.core:
            continue  # 27.6亿元，占4.1%: the share is that of the amount just stated
        if part.entry.group == whole.entry.group and part.core != whole.core:
            yield (part, whole), part.entry.low / whole.entry.low * 100, f"{part.entry.shown}÷{whole.entry.shown}"


def fallen_to(context: Context, number: int) -> Iterator[Trial]:
    """An average: one amount over a number of things."""
    claim = context.claims[number]
    if not _EACH.search(claim.left):
        return
    group, found = unit_group(claim.quantity), _operands(context, number)
    for top in found:
        for bottom in found:
            if top is not bottom and top.entry.group == group and _meet(top, bottom) and top.core != bottom.core:
                yield (top, bottom), top.entry.low / bottom.entry.low, f"{top.entry.shown}÷{bottom.entry.shown}"


def _operands(context: Context, number: int) -> list[Named]:
    """What is stated, the same things in other years, and what the clause names."""
    stated = levels(stated_last(context, number))
    words = context.near[number]
    group = unit_group(context.claims[number].quantity)
    series = [
        n for own in stated if not own.made_of for n in levels(context.index.group(own.entry.group))
        if n.core == own.core and n.entry.facet == "value" and n.entry.benchmark == own.entry.benchmark
    ]  # fmt: skip
    groups = dict.fromkeys([group, *(n.entry.group for n in stated), *(() if stated else COMPUTED)])
    named = [
        n for name in groups for n in levels(context.index.group(name))
        if n.entry.facet == "value" and n.core_size and (words & n.core).bit_count() >= _NAMED * n.core_size
    ]  # fmt: skip
    found = {id(n): n for n in (*stated, *series, *named)}.values()
    own = names_own(context, context.claims[number])
    return [n for n in found if not (own and n.entry.benchmark)]


def _pairs(context: Context, number: int, found: list[Named]) -> Iterator[tuple[Named, Named]]:
    for one, two in combinations(found, 2):
        if one.core != two.core:
            if _meet(one, two):
                yield one, two
        elif one.entry.years and two.entry.years and one.entry.years != two.entry.years:
            earlier, later = (one, two) if one.entry.years < two.entry.years else (two, one)
            if is_base(context, number, earlier, later):
                yield one, two


def _meet(one: Named, two: Named) -> bool:
    """Whether two figures may be computed with: of one year, or of a project or a fund."""
    return same_year(one, two) or {Kind.PROJECT, Kind.POLICY} & {one.entry.fact.kind, two.entry.fact.kind} != set()
