"""Directions: whether percentage points are told as more or as less, and of what they are held against."""

from __future__ import annotations

import re


def side_of(left: str) -> int:
    """低于全省平均增速1.1个百分点: which side of the average; 0 where nothing is held against another."""
    found = re.search(
        "(?:(?P<over>高于|高出|快于|多于|领先)|低于|慢于|少于|落后)(?!.*(?:高于|高出|快于|低于|慢于))", left
    )
    return 0 if found is None else 1 if found["over"] else -1


def direction(left: str) -> int:
    """Whether the words before tell of more (1) or of less (-1); 0 where of neither."""
    if re.search("高于|提高|上升|增加|高出|提升|快于|领先|增长|高|快|多", left):
        return 1
    return -1 if re.search("低于|下降|降低|回落|减少|收窄|缩小|慢于|低|少", left) else 0
