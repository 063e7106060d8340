"""Masking: an exemplar's passage with its names, titles, periods and figures hidden, so that only the register is taught."""

from __future__ import annotations

import re
from functools import lru_cache

from schemas.exemplar import Exemplar

CITY = "某市"
"""Stands for the exemplar's city under any of its names."""
NUMBER = "N"
"""Stands for any figure; its unit stays, since 户, 家 and 亿元 belong to the register."""
NAME = "××"
"""Stands for what is proper to a name; the kind of thing (工程, 平台, 办法) stays after it."""

_TITLE = re.compile(r"《[^《》]*?(办法|意见|政策|条例|规划|方案|通知|要点)?》")
_FIGURE = re.compile(r"(?<![A-Za-z\d])\d++(?:\.\d++)?+(?:～\d++(?:\.\d++)?+)?+(?!G(?!b))")
_PLANNING_PERIOD = re.compile(r"[“\"]?十[一二三四五]五[”\"]?")


def _marks(exemplar: Exemplar) -> tuple[tuple[str, str], ...]:
    city = exemplar.city
    marks = {
        **dict.fromkeys((city, city.removesuffix("市"), *exemplar.nicknames), CITY),
        **dict.fromkeys(exemplar.local_names, NAME),
        **exemplar.masks,
    }
    return tuple(marks.items())


@lru_cache(maxsize=32)
def _pattern(marks: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """One pattern over all that has a mark, longest first, so that a name inside a longer one is never split off."""
    return re.compile("|".join(re.escape(name) for name, _ in sorted(marks, key=lambda m: -len(m[0]))))


def mask(passage: str, exemplar: Exemplar) -> str:
    """The passage of that exemplar with neutral marks for its content; wording, structure and fixed terms stay.

    Masking a masked passage changes nothing.
    """
    titled = _TITLE.sub(lambda found: f"《{NAME}{found[1] or '文件'}》", passage)
    marks = _marks(exemplar)
    mark_of = dict(marks)
    named = _pattern(marks).sub(lambda found: mark_of[found[0]], titled)
    return _FIGURE.sub(NUMBER, _PLANNING_PERIOD.sub("规划期", named))
