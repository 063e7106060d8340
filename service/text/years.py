"""Years and periods of a text, with the part they play: when a thing was, by when it is due, what it is compared to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from service.text.numerals import fold, read_numeral

Role = Literal["in", "until", "from", "versus", "before", "event"]
"""2016年; 到2020年; 由2014年的; 比2015年, 是2015年的(几倍); 上年; 2014年成立, which dates nothing but itself."""

_HAN_YEAR = "[一二][九〇零○][〇零○一二三四五六七八九]{2}"
_YEAR = re.compile(
    rf"""(?P<versus>(?:比|较|相比|对比|相较于?|为|是|同|与|和|低于|高于|超)(?=(?:[12]\d{{3}}|{_HAN_YEAR}|上年|去年|前年)))?
    (?:(?P<first>(?<!\d)(?:19|20)\d\d(?!\d)|{_HAN_YEAR})(?:年)?(?:[-—–~至到]{{1,2}}|年至|年到)
       (?P<last>(?:19|20)\d\d(?!\d)|{_HAN_YEAR})(?=年)
     | (?P<year>(?<!\d)(?:19|20)\d\d(?=年|[)）])|{_HAN_YEAR}(?=年))
     | “?十(?P<plan>[一二三四])五”?(?P<plan_end>期末|末|收官)?
     | (?P<before>上年|去年|上一年|前一年))""",
    re.VERBOSE,
)
_RISES_TO = re.compile(r"(?:截|截止|[加高降升少长展大])[到至]$|截[至止]$")
_FROM = re.compile(r"(?:由|从|自|在)$")
_FACTOR = re.compile(
    r"年?的?(?:\d[\d.,]*[^\d，。；、]{1,4}的)?(?:接近|将近|近|约|超过|超)?(?:\d[\d.]*|[一二两三四五六七八九十]{1,3})(?:多)?倍"
)
_BASE = re.compile(r"^年[^，。；]{0,24}的?基础上")
_SET_BESIDE = re.compile("年?[底末]?相?比")
"""与2017年相比."""
_SINCE = re.compile("年?以来")
_BY = re.compile("年?[底末]?[以之]?前")
_EVENT = re.compile(
    r"年?(?:\d{1,2}月)?[初底末]?[^，。；\d]{0,6}(?:成立|创办|组建|印发|出台|获批|挂牌|启动|开工|投产|(?:建成|投用|投运|竣工)后)"
    r"|年?(?:\d{1,2}月)?[初底末]?(?:全面|全部|整体|正式)?(?:建成|竣工|完工)?(?:建成|竣工|完工|投用|投运|投产|投入使用|投入运营|交付使用)(?=[，。；、）)\n]|$)"
)
_PLANS = {"一": (2006, 2010), "二": (2011, 2015), "三": (2016, 2020), "四": (2021, 2025)}


@dataclass(frozen=True, slots=True)
class YearMention:
    """A year or period at start:end; both zero for 上年, which depends on the year before it."""

    start: int
    end: int
    first: int
    last: int
    role: Role

    def holds(self, year: int) -> bool:
        """Whether the year lies in the period."""
        return self.first <= year <= self.last


def years(text: str) -> tuple[YearMention, ...]:
    """All years of the text in order."""
    return tuple(_years(fold(text)))


def _years(folded: str) -> Iterator[YearMention]:
    for found in _YEAR.finditer(folded):
        start, end = found.span()
        if found["before"]:
            yield YearMention(start, end, 0, 0, "versus" if found["versus"] else "before")
            continue
        if found["plan"]:
            first, last = _PLANS[found["plan"]]
            first = last if found["plan_end"] else first
        else:
            first, last = _number(found["first"] or found["year"]), _number(found["last"] or found["year"])
        yield YearMention(start, end, first, last, _role(folded, found))


def _number(written: str) -> int:
    numeral = read_numeral(written)
    return int(numeral.value) if numeral else 0


def _role(folded: str, found: re.Match[str]) -> Role:
    start, end = found.span()
    before, after = folded[max(0, start - 3) : start], folded[end : end + 32]
    if _FACTOR.match(after) or _SINCE.match(after):
        return "versus"
    if found["versus"] in ("比", "较", "相比", "对比", "相较", "相较于", "低于", "高于", "超"):
        return "versus"
    if found["versus"] in ("与", "和", "同") and _SET_BESIDE.match(after):
        return "versus"
    if _BASE.search(after):
        return "from"
    if _BY.match(after):
        return "until"
    if before.endswith("于") or _EVENT.match(after):
        return "event"
    if before.endswith(("到", "至", "力争", "确保")) and not _RISES_TO.search(before):
        return "until"
    return "from" if _FROM.search(before) and re.match("年[^，。；起]{0,30}(?:到|至|为)", after) else "in"
