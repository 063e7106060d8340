"""Approximators and bounds: how a number is worded to stand to the true value (约, 突破, 近, 不超过, 以上 …)."""

from __future__ import annotations

import re
from typing import Literal

Approach = Literal["exact", "about", "over", "under", "at_most"]
"""How a mention stands to the true value: 约 is about; 突破, 多, 以上 over; 近, 不足 under; 不超过 at_most."""

_BEFORE: tuple[tuple[Approach, tuple[str, ...]], ...] = (
    ("at_most", ("不超过", "不高于", "不多于", "不大于", "最高", "最多", "至多", "上限", "上限为", "控制在", "低于", "少于", "小于", "降到", "压缩至", "压减至", "压缩到", "最长", "最高不超过")),
    ("over", ("不低于", "不少于", "不小于", "突破", "突破了", "超过", "超过了", "超", "逾", "至少", "最低", "高于", "大于", "多于", "超出", "已超", "冲破", "跨越", "迈上", "站上")),
    ("under", ("接近", "将近", "不足", "不到", "近", "未到", "未达", "逼近", "临近")),
    ("about", ("约", "约为", "约有", "大约", "约达", "大概", "约占", "大致", "左右", "约合", "估计")),
)  # fmt: skip
_AFTER: tuple[tuple[Approach, tuple[str, ...]], ...] = (
    ("over", ("以上", "及以上", "多", "余", "有余", "之多", "大关", "之上")),
    ("about", ("左右", "上下", "前后")),
    ("at_most", ("以下", "以内", "之内", "及以下", "之下")),
)
_BEFORE_WORDS = {word: approach for approach, words in _BEFORE for word in words}
_AFTER_WORDS = {word: approach for approach, words in _AFTER for word in words}
_ROUGHLY = re.compile(
    r"(?:(?P<about>(?<![节集契签特违预])约)|(?P<under>接近|将近|不足|不到|近(?![年期日几来\d一二两三四五六七八九十]))|(?P<over>超过|超出|超(?![市级前])))"
    r"(?:占到?|为|是|相当于|达到?|合)?[^，。；、：（）()\n]{2,20}的$"
)
"""约占网络零售额的三分之一, 接近2019年的两倍: the wording stands before the whole that the number is a part or a multiple of."""
_REACH = 26
_MARK = re.compile("大关")
_NOT_YET = dict(_BEFORE)["under"]


def of_whole(folded: str, start: int, *, part: bool) -> Approach:
    """The wording before the whole of a share or multiple at start; only 约 where it is no `part` or multiple in words."""
    found = _ROUGHLY.search(folded, max(0, start - _REACH), start)
    if found is None or not (part or found["about"]):
        return "exact"
    return "about" if found["about"] else "under" if found["under"] else "over"


def approach(folded: str, start: int, end: int) -> Approach:
    """The wording around a quantity at start:end; what follows it (以上) goes before what precedes it."""
    after, before = folded[end : end + 4].lstrip(" ")[:3], folded[max(0, start - 6) : start].rstrip(" ")[-5:]
    mark = _MARK.match(after)  # 接近100亿元大关: the mark is not passed yet
    for length in () if mark and before.endswith(_NOT_YET) else (3, 2, 1):
        if (found := _AFTER_WORDS.get(after[:length])) is not None:
            return found
    for length in range(len(before), 0, -1):
        if (found := _BEFORE_WORDS.get(before[-length:])) is not None:
            return found
    return "exact"
