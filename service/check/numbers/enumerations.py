"""Enumerations: 三大核心品牌 must follow exactly three names (checks.md, numbers 6: structural where three follow)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_COUNTS = {"三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_COUNTED = re.compile(rf"(?P<count>[{''.join(_COUNTS)}])(?:大(?:类)?|个|项|类)(?=[\u4e00-\u9fff]{{2}})")
_LIST = re.compile(r"[^，。；：:！？\n（）()“”《》【】]{4,80}$")
_VAGUE = re.compile("等|其他|其它|之一|\\d")
_REACH = 90
"""Characters before the count in which the list must lie."""


class Miscount(NamedTuple):
    """A count at start:end that differs from the `listed` names right before it."""

    start: int
    end: int
    listed: int


def miscounts(text: str) -> Iterator[Miscount]:
    """Counts that differ from the list they sum up; only plain lists of three or more names joined by 、 are judged."""
    for found in _COUNTED.finditer(text):
        listed = _LIST.search(text[max(0, found.start() - _REACH) : found.start()])
        if listed is None or listed[0].count("、") < 2 or _VAGUE.search(listed[0]):
            continue
        items = re.split("、", listed[0])
        joined = len(re.split("以及|[和与及]", items[-1]))
        possible = {len(items), len(items) + joined - 1, len(re.split("、|以及|[和与及]", listed[0]))}
        if _COUNTS[found["count"]] not in possible and all(1 < len(i) <= 16 for i in items):
            yield Miscount(found.start(), found.end(), len(items) + joined - 1)
