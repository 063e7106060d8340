"""Shared words of a list: 第一、二、三产业增加值 is said of each of the three, and read so before names meet figures."""

from __future__ import annotations

import re

_ONES = "一二三四五六七八九"
_JOINT = "(?:、|以及|[和与及])"
_NUMBERED_LIST = rf"[{_ONES}](?:{_JOINT}第?[{_ONES}])+(?=次?产业|产|季度|期|类|线|批)"
_NUMBERED = re.compile(rf"(?P<before>.*?)(?P<mark>第?)(?P<list>{_NUMBERED_LIST})(?P<kind>.*)")
_RUN_TOGETHER = re.compile(r"(?<![第一二三四五六七八九十])(一二三|[一二]三|一二)(?=次?产业|产)")
_INDUSTRIES = re.compile(r"(?<![一二、和与及])三次产业(?!结构|比例|比重)")
_TOWN_AND_COUNTRY = re.compile(r"城乡(居民[^、和与及]*)")
_IN_AND_OUT = re.compile(rf"进{_JOINT}?出口([^、和与及]*)")
_LEVELS = re.compile(rf"(?P<levels>(?:国家|[部省市区县州])(?:{_JOINT}(?:国家|[部省市区县州]))+)级")
_SPAN = re.compile(r"((?:19|20)\d\d)年?(?:—|–|-|~|～|至|到)+((?:19|20)\d\d)年")


_SHARING = re.compile(f"{_NUMBERED_LIST}|{_RUN_TOGETHER.pattern}|三次产业|城乡居民|进{_JOINT}?出口|{_LEVELS.pattern}")


def shares_words(listed: str) -> bool:
    """Whether items of the list may share words; cheap, for every quantity is asked."""
    return _SHARING.search(listed) is not None


def spelt_out(listed: str, wanted: int) -> str:
    """The list with what its items share said with each of them; the list itself where it has no `wanted` such items."""
    for spread in (_numbered, _pairs, _levels):
        if (found := spread(listed, wanted)) is not None:
            return found
    return listed


def _numbered(listed: str, wanted: int) -> str | None:
    """第一、二、三产业增加值, 一二三产业, 三次产业 → 第一产业增加值、第二产业增加值、第三产业增加值."""
    if wanted == 3:
        listed = _INDUSTRIES.sub("一、二、三产业", listed)
    listed = _RUN_TOGETHER.sub(lambda m: "、".join(m[0]), listed)
    found = _NUMBERED.fullmatch(listed)
    if found is None:
        return None
    numbers = re.findall(f"[{_ONES}]", found["list"])
    kind = found["kind"].removeprefix("次")
    if len(numbers) != wanted or re.search(_JOINT, kind):
        return None
    mark = "第" if kind.startswith("产业") else found["mark"]
    return found["before"] + "、".join(f"{mark}{n}{kind}" for n in numbers)


def _pairs(listed: str, wanted: int) -> str | None:
    """城乡居民收入 → 城镇居民收入、农村居民收入; 进、出口额 → 进口额、出口额."""
    if wanted != 2:
        return None
    for pattern, first, second in ((_TOWN_AND_COUNTRY, "城镇", "农村"), (_IN_AND_OUT, "进口", "出口")):
        found = pattern.search(listed)
        if found is not None and found.end() == len(listed):
            return f"{listed[: found.start()]}{first}{found[1]}、{second}{found[1]}"
    return None


def _levels(listed: str, wanted: int) -> str | None:
    """国家、省、市级示范基地 → 国家级、省级、市级示范基地."""
    found = _LEVELS.search(listed)
    if found is None:
        return None
    levels = re.split(_JOINT, found["levels"])
    if len(levels) != wanted:
        return None
    return listed[: found.start()] + "、".join(f"{level}级" for level in levels) + listed[found.end() :]


def years_of_span(told: str) -> tuple[list[int], str] | None:
    """2014—2016年，电子商务交易额 → each year, and the name behind them; None where no span of years opens the list."""
    found = list(_SPAN.finditer(told))
    if not found:
        return None
    span = found[-1]
    name = told[span.end() :].removeprefix("间").lstrip("，")
    if re.search(r"[，。；\d]", name):
        return None
    return list(range(int(span[1]), int(span[2]) + 1)), name
