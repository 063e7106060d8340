"""Lists that pair names with quantities: 分别, 前者, 后者 (the text says once what holds for each)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from service.check.numbers.shared import shares_words, spelt_out, years_of_span
from service.text.clauses import Place
from service.text.quantities import Quantity

_PARTED = re.compile("、|以及|[和与及]")
_BETWEEN = re.compile(r"(?:及?以[上下内]|左右|[，、和与及以元的一次性了约近达为])*")
_REACH = 200
"""Characters before a quantity in which the list that it belongs to may begin."""
_DATED = re.compile(
    r"(?P<years>(?:(?:19|20)\d\d年?[末底]?(?:、|以及|[和与及]|(?=[^\d]))){2,})，?(?P<name>[^，。；\d]*)$"
)
_AGAINST = re.compile("分别(?P<verb>[高低快慢]于|高出|占|领先|落后)(?P<items>[^，。；\\d]*[、和与及][^，。；\\d]*)$")
_CHANGED = re.compile("[增加减少高低多降]")
_LATTER = re.compile("(前者|后者)[^，。；]*$")
_REACHED = re.compile(r"(?:分别|实现|完成|达到?|为)+$")
_ITEM_START = re.compile(r".*(?:其中|完成|实现|达到|对|的)")


class Pairing(NamedTuple):
    """What a quantity is paired with: a name spelt out in the list, or the claim at index `source` before it."""

    name: str | None
    source: int
    key: str = ""
    """What tells the item from the others of its list: 省级 of 省级电子商务示范企业."""
    like: int | None = None
    """The first of the list, of whose sort (an increase) all are."""
    left: str = ""
    """What the item would have before it, were it told alone."""
    year: int = 0
    """The item's own year, where the list is one of years: 2015年、2016年……分别."""


def pair_up(folded: str, found: Sequence[Quantity], places: Sequence[Place]) -> dict[int, Pairing]:
    """Pairings by index of the quantity."""
    pairings: dict[int, Pairing] = {}
    index = 0
    while index < len(found):
        place = places[index]
        start = place.clause
        if index and found[index - 1].end > start and not found[index - 1].loose:
            start = found[index - 1].end
        start = max(start, found[index].start - _REACH)
        lead = folded[start : found[index].start]
        if "分别" in lead:
            run = _run(folded, found, places, index)
            pairings |= _paired(folded, found, places, index, run, start)
            index = run
            continue
        if shared := _without_parting(folded, found, places, index, lead):
            pairings |= shared
            index += len(shared)
            continue
        if latter := _LATTER.search(lead):
            source = _earlier(found, places, index, latter[1])
            if source is not None:
                pairings[index] = Pairing(None, source)
        index += 1
    return pairings


def _without_parting(
    folded: str, found: Sequence[Quantity], places: Sequence[Place], first: int, lead: str
) -> dict[int, Pairing]:
    """第一、二、三产业增加值99.45亿元、519.37亿元、486.22亿元: items that share their words need no 分别."""
    if not shares_words(lead):
        return {}
    lead = _REACHED.sub("", lead)
    end = _run(folded, found, places, first)
    wanted = end - first
    if wanted < 2 or spelt_out(lead, wanted) == lead:
        return {}
    return _named(_names(folded, places[first], lead, found[first].start, wanted), first)


def _named(names: Sequence[tuple[str, str]], first: int) -> dict[int, Pairing]:
    """Each quantity from the first on with its item of the list, and the words that open the list."""
    short = max(2, len(names[0][1])) if names else 0
    return {first + i: Pairing(f"{lead}|{item}", first, item[:short]) for i, (lead, item) in enumerate(names)}


def _run(folded: str, found: Sequence[Quantity], places: Sequence[Place], first: int) -> int:
    """End (exclusive) of the quantities that follow each other with nothing but joints between them."""
    end = first + 1
    while (
        end < len(found)
        and places[end].sentence == places[first].sentence
        and found[end].unit.dimension == found[first].unit.dimension
        and _BETWEEN.fullmatch(folded[found[end - 1].end : found[end].start])
    ):
        end += 1
    return end


def _paired(
    folded: str, found: Sequence[Quantity], places: Sequence[Place], first: int, end: int, start: int
) -> dict[int, Pairing]:
    wanted = end - first
    lead = folded[start : found[first].start]
    if wanted < 2:
        return _of_several_sorts(folded, found, places, first) if _CHANGED.search(lead) else {}
    if dated := _dated(folded[max(places[first].sentence, start - _REACH) : start + lead.index("分别")]):
        own, name = dated
        if len(own) == wanted and not _PARTED.search(name):
            return {first + i: Pairing(name, first, year=year) for i, year in enumerate(own)}
    if held := _held_against(lead, wanted):
        return {first + i: Pairing(one, first, like=first, left=one) for i, one in enumerate(held)}
    if named := _named(_names(folded, places[first], lead[: lead.index("分别")], start, wanted), first):
        return named
    earlier = [i for i in range(max(0, first - 8), first) if places[i].sentence == places[first].sentence]
    levels = [i for i in earlier if found[i].unit.dimension != found[first].unit.dimension] or earlier
    if len(levels) < wanted:
        return {}
    return {first + i: Pairing(None, levels[len(levels) - wanted + i]) for i in range(wanted)}


def _held_against(lead: str, wanted: int) -> list[str]:
    """分别高于地区生产总值和第二产业1.6个和1.7个百分点: what each of the figures is held against."""
    found = _AGAINST.search(lead)
    items = [i for i in _PARTED.split(found["items"]) if i] if found else []
    return [f"{found['verb']}{item}" for item in items] if found and len(items) == wanted else []


def _of_several_sorts(
    folded: str, found: Sequence[Quantity], places: Sequence[Place], first: int
) -> dict[int, Pairing]:
    """9000家、15万人，分别比2016年增加4080家和6.4万人: changes of the amounts told before, each in its own unit."""
    end = first + 1
    while end < len(found) and _BETWEEN.fullmatch(folded[found[end - 1].end : found[end].start]):
        end += 1
    last = range(first - (end - first), first)
    if end - first < 2 or last.start < 0 or places[last.start].sentence != places[first].sentence:
        return {}
    units = [(q.unit.dimension, q.unit.base) for q in found[last.start : end]]
    if units[: len(last)] != units[len(last) :]:
        return {}
    return {first + i: Pairing(None, at, like=first if i else None) for i, at in enumerate(last)}


def _dated(told: str) -> tuple[list[int], str] | None:
    """The years that open a list, and what is told of each: 2014、2015、2016年交易额, 2014—2016年，交易额."""
    if found := _DATED.search(told):
        return [int(year) for year in re.findall(r"\d{4}", found["years"])], found["name"]
    return years_of_span(told)


def _names(folded: str, place: Place, listed: str, start: int, wanted: int) -> list[tuple[str, str]]:
    """The items of the list before 分别, each after the words that open the list."""
    listed = spelt_out(listed, wanted)
    if not _PARTED.search(listed):
        # 名单在前一个分句：“对……国家级、省级示范企业的，分别给予……”。
        previous = folded[max(place.sentence, start - _REACH) : start].rstrip("，")
        listed = re.split("[，；：]", previous)[-1] if not listed.strip() else listed
        if "分别" in listed:
            return []
    items = [i for i in re.split("、|以及|和|与|及", listed) if i]
    if len(items) != wanted:
        items = [i for i in re.split("、", listed) if i]
        if len(items) == wanted - 1 and (parts := re.split("以及|和|与|及", items[-1], maxsplit=1))[1:]:
            items = [*items[:-1], *parts]
    if len(items) != wanted:
        return []
    lead = _ITEM_START.match(items[0])
    prefix = items[0][: lead.end()] if lead else ""
    first = items[0][len(prefix) :]
    return [(prefix, item) for item in (first, *items[1:])]


def _earlier(found: Sequence[Quantity], places: Sequence[Place], index: int, which: str) -> int | None:
    same = [
        i
        for i in range(max(0, index - 8), index)
        if places[i].sentence == places[index].sentence and found[i].unit.dimension != "percent"
    ]
    if len(same) < 2:
        return None
    return same[-1] if which == "后者" else same[-2]
