"""Directions: whether percentage points are told as more or as less, and of what they are held against."""

from __future__ import annotations

import re
from decimal import Decimal

_BOUNDED = re.compile("不[少低]于|不[多高]于|至[少多]")
"""Bounds, which tell neither of more nor of less."""
_FROM = re.compile(r"[由从](?:(?:19|20)\d\d年[末底]?的?)?(?:约|近)?$")
_TO = re.compile(
    r"(?:以上|左右|以下)?(?:大幅|进一步|稳步|逐步|迅速|快速)?"
    r"(?:(?P<up>跃升|攀升|增加|提高|提升|增长|扩大|上升|上涨|发展|壮大|拓展|增|升|扩)|(?P<down>下降|降低|减少|回落|缩减|压缩|压减|缩短|收窄|降|减))[到至为](?:(?:19|20)\d\d年[末底]?的?)?(?:约|近|了)?"
)


def side_of(left: str) -> int:
    """低于全省平均增速1.1个百分点: which side of the average; 0 where nothing is held against another."""
    left = _BOUNDED.sub("", left)
    found = re.search(
        "(?:(?P<over>高于|高出|快于|多于|领先)|低于|慢于|少于|落后)(?!.*(?:高于|高出|快于|低于|慢于))", left
    )
    return 0 if found is None else 1 if found["over"] else -1


def direction(left: str) -> int:
    """Whether the words before tell of more (1) or of less (-1); 0 where of neither."""
    left = _BOUNDED.sub("", left)
    if re.search("高于|提高|上升|增加|高出|提升|快于|领先|增长|高|快|多", left):
        return 1
    return -1 if re.search("低于|下降|降低|回落|减少|收窄|缩小|放缓|趋缓|慢于|低|少", left) else 0


def turned(before: str, between: str, change: Decimal) -> bool:
    """Whether 由6.8元提高到5元 tells the wrong way round: the words before the two figures, between them, the change."""
    told = _TO.fullmatch(between)
    if told is None or not _FROM.search(before):
        return False
    return change <= 0 if told["up"] else change >= 0
