"""Proportions: 7.1∶51.3∶41.6 against shares or amounts of the facts, 2.26∶1 against two amounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.rivals import year_agrees
from service.check.numbers.scope import Trial, in_scope, levels, same_year
from service.check.numbers.values import rounded

_TOWN_AND_COUNTRY = re.compile("城乡[^，。；]*比")
_TOWN, _COUNTRY = re.compile("城镇常住|城镇|城市"), re.compile("农村常住|农村|农牧民|农民")


def proportions(context: Context, number: int) -> Iterator[Trial]:
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
    yield from _of_last(context, number)
    if len(parts) == 2:
        yield from _of_two(context, number)
    if len(parts) == 2 and parts[1] == 1:
        return
    amounts = [
        n
        for n in context.index.group("CNY/元")
        if n.entry.sort == "level" and re.match("第?[一二三]", n.entry.fact.name)
    ]
    for year in {n.entry.years for n in amounts}:
        of_year = [n for n in amounts if n.entry.years == year]
        total = sum((n.entry.low for n in of_year), Decimal(0))
        matched = _in_order(parts, quantum, of_year, lambda n, t=total: n.entry.low / t * 100)  # type: ignore[misc]
        if matched:
            yield matched, claim.quantity.low, "∶".join(n.entry.shown for n in matched)


def _of_last(context: Context, number: int) -> Iterator[Trial]:
    """二者之比为3∶2, 比例为5∶4∶3: of the amounts that the sentence stated last, as many as there are parts."""
    claim = context.claims[number]
    parts, quantum = claim.quantity.parts, claim.quantity.quantum
    stated = [n for n in levels(context.recognised(number)) if not n.made_of]
    last = list({id(n.entry.fact): n for n in stated}.values())[: len(parts)]
    if len(last) < len(parts) or 0 in parts or len({n.entry.group for n in last}) > 1:
        return
    for order in (last[::-1], last) if len(parts) == 2 else (last[::-1],):
        unit = order[-1].entry.low / parts[-1]
        if all(rounded(n.entry.low / unit, quantum) == part for n, part in zip(order, parts, strict=True)):
            yield tuple(order), claim.quantity.low, "∶".join(n.entry.shown for n in order)


def _of_two(context: Context, number: int) -> Iterator[Trial]:
    """2.26∶1 of two amounts of the sentence."""
    parts = context.claims[number].quantity.parts
    if parts[1] == 1:
        yield from _town_to_country(context, number)
        scope = levels(in_scope(context, number))
        words = context.index.mask(context.claims[number].left)
        for one in scope:
            for two in scope:
                named = one.entry.group == "CNY/元" or (words & one.head and words & two.head and one.core != two.core)
                if one is not two and one.entry.group == two.entry.group and named and same_year(one, two):
                    yield (one, two), one.entry.low / two.entry.low, f"{one.entry.shown}÷{two.entry.shown}"


def _town_to_country(context: Context, number: int) -> Iterator[Trial]:
    """城乡居民收入比2.14∶1 names both incomes in one word: what towns have over what the country has."""
    claim = context.claims[number]
    if not _TOWN_AND_COUNTRY.search(claim.left):
        return
    amounts = [n for n in levels(context.index.group("CNY/元")) if not n.entry.benchmark and year_agrees(claim, n)]
    countries = {(_COUNTRY.sub("", n.entry.words), n.entry.years): n for n in amounts if _COUNTRY.search(n.entry.words)}
    for town in amounts:
        country = countries.get((_TOWN.sub("", town.entry.words), town.entry.years))
        if _TOWN.search(town.entry.words) and country is not None:
            yield (town, country), town.entry.low / country.entry.low, f"{town.entry.shown}÷{country.entry.shown}"


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
