"""Reads the unit that follows a numeral in running text, and tells it from the head of another word (家庭, 条件)."""

from __future__ import annotations

import re

from service.text.units import UNITS, Unit

_LONGEST = max(map(len, UNITS)) + 1
_NOT_UNIT_BEFORE: dict[str, str] = {
    "家": "庭电具居政乡禽畜",
    "人": "均",
    "个": "人体性",
    "条": "件例",
    "位": "于居列置",
    "名": "列牌称义录单优品企镇城",
    "台": "州湾商阶",
    "件": "均",
    "年": "",
    "天": "猫津然河水府",
    "户": "均籍外口",
    "面": "积向对",
    "期": "间末货望",
    "分": "别为成之布类工公",
    "点": "多",
    "所": "有以",
    "组": "织成建",
    "部": "门分署",
    "支": "持付撑队",
    "级": "",
    "口": "岸径",
    "层": "次面",
    "门": "店户",
    "场": "所",
    "对": "接外口",
    "重": "要点大",
    "代": "表",
    "路": "径",
    "线": "上下",
    "段": "",
    "站": "式",
    "城": "市区镇乡",
    "国": "家际内外道",
    "县": "级域区道",
    "村": "级淘民",
    "镇": "级",
    "手": "机段",
    "道": "路",
    "双": "创",
    "行": "业",
    "字": "",
    "单": "位个",
    "票": "据",
    "包": "括裹",
    "周": "边期",
    "月": "",
    "日": "",
    "集": "聚群成",
    "批": "发",
    "种": "植养",
    "类": "",
    "本": "地市级省科",
    "列": "入为",
    "班": "列",
    "列次": "",
    "m": "abcdefghijklmnopqrstuvwxyz",
    "g": "abcdefghijklmnopqrstuvwxyz",
}
"""Characters after which a unit is the head of another word: 家庭, 条件, 位于."""
_UNIT_AFTER_ALL = re.compile("家电(?:子商|商)")
"""2184家电子商务企业 has no 家电."""
_HAN_UNITS = frozenset("个项所条台辆架套张座处组间部门支只头件单户家人名位元亩吨年天米种类次场期款篇层级") | {
    "美元", "万元", "人次", "公里", "平方米", "平方公里", "个月", "小时", "分钟", "个百分点", "百分点", "标箱", "工作日", "个工作日", "倍",
}  # fmt: skip
"""Units that follow a numeral in characters; 三网, 四级 and the like are words."""

BLANKS = (" ", "\u00a0", "\u2009", "\u3000")
"""Blanks that some set between a number and its unit."""
_NO_BLANK_BEFORE = ("", *BLANKS, *"年月日号")


def _by_first() -> dict[str, tuple[str, ...]]:
    spelt: dict[str, list[str]] = {}
    for unit in sorted(UNITS.keys() - {"级"}, key=lambda u: (-len(u), u)):
        spelt.setdefault(unit[0], []).append(unit)
    return {first: tuple(units) for first, units in spelt.items()}


_BY_FIRST = _by_first()
"""Units by their first character, longest first."""


def unit_at(folded: str, at: int, *, han: bool) -> tuple[Unit | None, int]:
    """The unit at a place and its end; None where none stands. `han`: the numeral is in Chinese characters."""
    ahead = folded[at : at + _LONGEST].lower()
    for spelt in _BY_FIRST.get(ahead[:1], ()):
        if not ahead.startswith(spelt) or (han and spelt not in _HAN_UNITS):
            continue
        following = ahead[len(spelt) : len(spelt) + 1]
        heads_word = following and following in _NOT_UNIT_BEFORE.get(spelt, "")
        if not heads_word or _UNIT_AFTER_ALL.match(ahead):
            return UNITS[spelt], at + len(spelt)
    return None, at


def past_blank(folded: str, start: int, end: int) -> int:
    """Past the blank of 7.8 亿元; what follows a number at the head of a line (1 人才队伍) or an ordinal is no unit."""
    if not folded.startswith(BLANKS, end) or folded[end + 1 : end + 2] in _NO_BLANK_BEFORE:
        return end
    return end if folded[max(0, start - 2) : start].rstrip(" ")[-1:] in ("", "\n", "第") else end + 1
