"""Sorts of claim: whether a figure is an amount, a change, a share, another per cent … by the words beside it."""

from __future__ import annotations

import re
from typing import Literal

from service.check.numbers.directions import direction, side_of
from service.text.quantities import DOUBLING, PROPORTION, Quantity

Sort = Literal["level", "growth", "share", "rate", "delta", "points", "rank", "multiple", "doubling", "proportion"]
"""What is claimed: an amount, a change in per cent, a part of a whole, another per cent, a change in units …"""

Told = tuple[Sort, int]

_APPROXIMATORS = r"(?:[约近超逾达为了有至]|将近|接近|突破|超过|不低于|不少于|不超过|高达|大约|左右|仅|只|已|就|均|也|分别|约为|保持|在|率|最低|最高|至少)*"
_UP = "增长|增加|增|上升|提高|提升|上涨|涨|递增|增速|增幅|增长率|增长速度|涨幅|扩大|多|高|净增|快|增长均"
_DOWN = "下降|降低|减少|回落|下滑|缩减|压缩|降幅|收窄|缩短|萎缩|放缓|趋缓|负增长|降|减|跌|少|低|慢|减轻|压减"
_CHANGE = re.compile(rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN})){_APPROXIMATORS}$")
_CHANGE_AFTER = re.compile(
    r"^(?:以上|左右)?的?(?:年均|平均|年)?(?:(?P<up>增速|增幅|增长率|增长|涨幅|提升|提高)|(?P<down>降幅|下降|降低))(?![到至了])"
)
OF_BASE = re.compile(
    r"[比较为是由从](?:(?:19|20)\d\d年[末底]?|上年(?:同期)?的?(?=的)|去年(?:同期)?的?(?=的))的?(?:约|近)?$"
)
_CHANGE_NEXT = re.compile("(?:提高|提升|上升|增加|下降|降低|回落|减少)了?[^，。；]{0,4}$")
_LEVEL_TO = re.compile(rf"[到至]{_APPROXIMATORS}$")
_SHARE = re.compile("占|比重|占比|份额|相当于")
_COMPARED = re.compile("比|较|高于|低于|快于|慢于|高出|相差|同比|多于|少于")
_NET_CHANGE = re.compile(rf"(?:净增|净减|增加了?|减少了?|增收了?|多出?|少|新增加|高出?|低){_APPROXIMATORS}$")
_CHANGED_ALONE = re.compile(rf"(?:净增|净减|净增加|净减少|增加了|减少了){_APPROXIMATORS}$")
BENCHMARK = re.compile(
    "全省|全国|全区(?=固|平|网|电|企)|自治区(?!级)|省平均|省均|省级平均|本省|我省|国家平均|全球|省内平均|全行业平均"
)
_LED_TO = re.compile("(?:提高|提升|上升|加快|回升|下降|回落|放缓|降低|[升降])[到至为]")


def sort_of(quantity: Quantity, left: str, right: str, last: Told | None) -> Told:
    """The sort of a figure between the words `left` and `right`, and whether it is more (1) or less (-1).

    `last` is what the last per cent of the sentence was read as.
    """
    unit = quantity.unit
    if unit is DOUBLING:
        return "doubling", 1
    if unit is PROPORTION:
        return "proportion", 0
    change = _CHANGE.search(left)
    sign = 0 if change is None else 1 if change["up"] else -1
    if unit.dimension == "percentage_points":
        return "points", side_of(left) or sign or direction(left)
    if unit.dimension == "ratio":
        return "multiple", sign
    if unit.dimension == "rank":
        return "rank", 0
    if unit.dimension == "percent":
        return _percent_sort(left, right, change, sign, last)
    if _is_delta(left, change):
        return "delta", sign
    return "level", 0


def _percent_sort(left: str, right: str, change: re.Match[str] | None, sign: int, last: Told | None) -> Told:
    if OF_BASE.search(left) and _CHANGE_NEXT.match(right):
        if _SHARE.search(left):
            return "share", 0
        return last or ("rate", 0)
    after = _CHANGE_AFTER.match(right)
    if after is not None:
        return "growth", 1 if after["up"] else -1
    if change is not None and change[0][:1] in "高低多少快慢":
        change = None
    if change is not None and not _LEVEL_TO.search(left):
        return "growth", sign
    if re.search("增速|增幅|增长(?:率|速度|目标)|降幅", left):
        return "growth", -1 if "降幅" in left else 1
    if _SHARE.search(left):
        return "share", 0
    alone = not left.strip("和与、及，")
    # 增长31.2%，全省平均28%: still growth; 增长31.2%，全省…普及率为48.5%: the clause names a rate of its own.
    goes_on = alone or _LED_TO.fullmatch(left) or (BENCHMARK.search(left + right) and "率" not in left)
    if last is not None and last[0] == "growth" and goes_on:
        return "growth", last[1]
    return "rate", 0


def _is_delta(left: str, change: re.Match[str] | None) -> bool:
    if change is None or _LEVEL_TO.search(left):
        return False
    return bool(_NET_CHANGE.search(left) and _COMPARED.search(left)) or bool(_CHANGED_ALONE.search(left))
