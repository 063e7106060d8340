"""The quantity reader: numeral + magnitude + unit in Chinese official prose, with approximators and ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from service.text.numerals import HAN_DIGITS, LONGEST, MAGNITUDES, Numeral, fold, read_numeral
from service.text.structure import Structure
from service.text.units import UNITS, Unit, read_unit

Approach = Literal["exact", "about", "over", "under", "at_most"]
"""How a mention stands to the true value: 约 is about; 突破, 多, 以上 over; 近, 不足 under; 不超过 at_most."""

PERCENT, MULTIPLE = UNITS["%"], UNITS["倍"]
NUMBER = Unit("text", Decimal(1), "")
"""A number that carries no unit (指数为72.6, 网店突破2万)."""
DOUBLING = Unit("ratio", Decimal(1), "番")
"""翻番: low and high are powers of two."""
PROPORTION = Unit("ratio", Decimal(1), "∶")
"""7.1∶51.3∶41.6: the numbers are in `parts`."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A mention at start:end. `low` and `high` (equal but for ranges) and `quantum` are in the unit's base unit.

    `loose`: a small count in Chinese characters (两个市场) or a bare magnitude (千万元), which may be mere phrasing.
    """

    start: int
    end: int
    text: str
    low: Decimal
    high: Decimal
    quantum: Decimal
    unit: Unit
    approach: Approach = "exact"
    loose: bool = False
    parts: tuple[Decimal, ...] = ()

    @property
    def is_range(self) -> bool:
        """Whether it states two ends."""
        return self.low != self.high

    @property
    def digits(self) -> int:
        """Digits that tell the number from others: 2300亿 has two, 640 three."""
        shown = (self.low / self.quantum).to_integral_value() if self.quantum else self.low
        digits = str(abs(int(shown)))
        return len(digits) - len(re.search("(?:00)*$", digits)[0])  # type: ignore[index]


_ARABIC = r"\d++(?:,\d{3}(?!\d))*+(?:\.\d++)?+"
_HAN = rf"[{HAN_DIGITS}十百千万亿廿]++(?:点[{HAN_DIGITS}]++[万亿]*+)?+"
_MAGNITUDE = "[十百千万亿]{0,3}"
_INNER = "[多余几来]?"
_NOTE = r"(?:\[\d{1,3}\])?"
_DASH = r"(?:[-—–~至到]{1,2})"
_START = re.compile(
    rf"""(?P<ratio>(?<![\d.:])\d{{1,4}}(?:\.\d{{1,4}})?(?:[:：]\d{{1,4}}(?:\.\d{{1,4}})?){{1,5}}(?![\d.]))
      | 百分之(?P<hundredth>{_ARABIC}|{_HAN}) | 千分之(?P<thousandth>{_ARABIC}|{_HAN})
      | 第(?P<place>\d{{1,4}}|[{HAN_DIGITS}十百]{{1,4}})(?P<rank>位(?![于居列])|名(?![录单]))?
      | (?P<below>[{HAN_DIGITS}十]{{1,3}})分之(?P<above>[{HAN_DIGITS}十]{{1,3}})
      | 翻(?:了)?(?P<times>[一两二三四五\d])?番
      | (?P<tenths>(?<![\d{HAN_DIGITS}十])[一二两三四五六七八九\d])成(?P<hundredths>[一二三四五六七八九](?![{HAN_DIGITS}十百千万亿个家]))?(?![为立长果功效员交都本品绩年就分熟型])
      | (?P<arabic>(?<![\d.])(?<!\d,){_ARABIC})
      | (?P<han>{_HAN})""",
    re.VERBOSE,
)
_HALF = re.compile("半数|一半|过半(?!年)")
_MORE = re.compile(rf"(?P<second>{_DASH}(?P<to>{_ARABIC}|{_HAN}))")
_UNIT = re.compile(
    "|".join(sorted((re.escape(u) for u in UNITS if u != "级"), key=len, reverse=True)).replace("\\ ", " "),
    re.IGNORECASE,
)
_TAIL = re.compile(rf"{_NOTE}(?P<first>{_MAGNITUDE}){_INNER}(?P<second>{_MAGNITUDE}){_NOTE}")
_STANDS = re.compile("(?:[居列排名]|位[居列次])[^，。；]{0,8}$")
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
    "国": "家际内外",
    "县": "级域区",
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
_HAN_UNITS = frozenset("个项所条台辆架套张座处组间部门支只头件单户家人名位元亩吨年天米种类次场期款篇层级") | {
    "美元", "万元", "人次", "公里", "平方米", "平方公里", "个月", "小时", "分钟", "个百分点", "百分点", "标箱", "工作日", "个工作日", "倍",
}  # fmt: skip
"""Units that follow a numeral in characters; 三网, 四级 and the like are words."""
_LOOSE_UNITS = frozenset("个项条种类次年级层期场套组部门支点")
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
_VAGUE = re.compile(r"(?:[几数上成好近]|过[百千])$")
_RATIO_CUE = re.compile("比|结构|配套")
_STOPS = "，。；、,;（()）\n "
_LEADS_TO_NUMBER = re.compile(r"(?:[为达至到是]|突破|超过|近|约|增加|发展到)$")


class _Read(NamedTuple):
    low: Numeral
    high: Numeral
    unit: Unit
    end: int
    inner: bool
    plain: bool
    """Written in Arabic digits."""


def quantities(text: str) -> tuple[Quantity, ...]:
    """Every quantity of the text in order, structural numerals left out. One pass, linear in the text."""
    return tuple(_scan(text, fold(text)))


def _scan(text: str, folded: str) -> Iterator[Quantity]:
    structure = Structure(folded)
    position = 0
    while found := _START.search(folded, position):
        position = found.end()
        if structure.encloses(found.start()):
            continue
        quantity = _special(text, folded, found) or _amount(text, folded, found, structure)
        if quantity is not None and quantity.end > found.start():
            position = max(position, quantity.end)
            if not (structure.names(quantity.start) and _is_count(quantity.unit)):
                yield quantity


def _is_count(unit: Unit) -> bool:
    return unit.dimension not in ("CNY", "USD", "percent", "percentage_points")


def _make(
    text: str, folded: str, start: int, end: int, low: Numeral, high: Numeral, unit: Unit, *,
    inner: bool = False, loose: bool = False, parts: tuple[Decimal, ...] = (),
) -> Quantity:  # fmt: skip
    return Quantity(
        start=start,
        end=end,
        text=text[start:end],
        low=low.value * unit.scale,
        high=high.value * unit.scale,
        quantum=max(low.quantum, high.quantum) * unit.scale if low is not high else low.quantum * unit.scale,
        unit=unit,
        approach="over" if inner else _approach(folded, start, end),
        loose=loose,
        parts=parts,
    )


def _approach(folded: str, start: int, end: int) -> Approach:
    after, before = folded[end : end + 3], folded[max(0, start - 5) : start]
    for length in (3, 2, 1):
        if (approach := _AFTER_WORDS.get(after[:length])) is not None:
            return approach
    for length in range(len(before), 0, -1):
        if (approach := _BEFORE_WORDS.get(before[-length:])) is not None:
            return approach
    return "exact"


def _special(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    """Per cents in characters, fractions, tenths, doublings and proportions."""
    start, end = found.span()
    if found["ratio"]:
        return _proportion(text, folded, found)
    if written := found["hundredth"] or found["thousandth"]:
        numeral = read_numeral(written)
        if numeral is None:
            return None
        return _percent_range(text, folded, start, end, numeral, PERCENT if found["hundredth"] else UNITS["‰"])
    if found["place"]:
        return _rank(text, folded, found)
    if found["below"]:
        below, above = read_numeral(found["below"]), read_numeral(found["above"])
        if below is None or above is None or not 0 < above.value < below.value:
            return None
        share = Numeral(above.value * 100 / below.value, Decimal(1))
        return _make(text, folded, start, end, share, share, PERCENT)
    if found["tenths"]:
        tenths = read_numeral(found["tenths"])
        hundredths = read_numeral(found["hundredths"]) if found["hundredths"] else None
        if tenths is None or tenths.value >= 10:
            return None
        value = tenths.value * 10 + (hundredths.value if hundredths else 0)
        share = Numeral(value, Decimal(1 if hundredths else 10))
        return _make(text, folded, start, end, share, share, PERCENT, loose=value == 10)
    if found[0].startswith("翻"):
        times = read_numeral(found["times"] or "一")
        factor = Numeral(Decimal(2) ** int(times.value if times else 1), Decimal("0.01"))
        return _make(text, folded, start, end, factor, factor, DOUBLING)
    return None


def _rank(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    """第二位, 居全国第三; other ordinals (第三方, 第一产业) are names."""
    start, end = found.span()
    stands = _STANDS.search(folded[max(0, start - 12) : start]) and folded[end : end + 1] in "，。；、,;（()）)\n"
    numeral = read_numeral(found["place"])
    if numeral is None or not (found["rank"] or stands):
        return None
    return _make(text, folded, start, end, numeral, numeral, UNITS["位"])


def _percent_range(text: str, folded: str, start: int, end: int, low: Numeral, unit: Unit) -> Quantity:
    more = re.compile(rf"{_DASH}百分之(?P<to>{_ARABIC}|{_HAN})").match(folded, end)
    high = read_numeral(more["to"]) if more else None
    if more and high is not None:
        return _make(text, folded, start, more.end(), low, high, unit)
    return _make(text, folded, start, end, low, low, unit)


def _proportion(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    parts = tuple(Decimal(p) for p in re.split("[:：]", found["ratio"]))
    before = folded[max(0, found.start() - 10) : found.start()]
    if len(parts) == 2 and "." not in found["ratio"] and not _RATIO_CUE.search(before):
        return None
    decimals = max(len(p.partition(".")[2]) for p in re.split("[:：]", found["ratio"]))
    quantum = Decimal(1).scaleb(-decimals)
    first, second = Numeral(parts[0], quantum), Numeral(parts[1], quantum)
    made = _make(text, folded, found.start(), found.end(), first, first, PROPORTION, parts=parts)
    return made if second else None


def _amount(text: str, folded: str, found: re.Match[str], structure: Structure) -> Quantity | None:
    written = found["arabic"] or found["han"]
    if written is None or len(written) > LONGEST:
        return None
    start = found.start()
    read = _read(folded, start, found.end(), written)
    if read is None or _refused(folded, start, read, structure):
        return None
    loose = not read.plain and _is_loose(written, read)
    if not read.plain and read.low.value == 1 and not read.inner and read.unit.dimension not in ("CNY", "USD"):
        return None
    return _make(text, folded, start, read.end, read.low, read.high, read.unit, inner=read.inner, loose=loose)


def _is_loose(written: str, read: _Read) -> bool:
    if not any(c in HAN_DIGITS for c in written) and written[0] not in "十廿":
        return True
    return (
        read.low.value <= 12
        and read.unit.dimension in ("count", "duration")
        and not read.inner
        and _symbol(read) in _LOOSE_UNITS
    )


def _symbol(read: _Read) -> str:
    return next((u for u, unit in UNITS.items() if unit is read.unit), "个")


def _read(folded: str, start: int, end: int, written: str) -> _Read | None:
    plain = written[0].isdecimal()
    pair = None if plain else _neighbours(written)
    if pair is not None:
        return _with_unit(folded, end, pair[0], pair[1], inner=False, plain=False, han=True)
    low = read_numeral(written)
    if low is None or (low.value == 0 and not plain):
        return None
    tail = _TAIL.match(folded, end)
    low, high, end, inner = _magnify(folded, end, low, tail)
    return _with_unit(folded, end, low, high, inner=inner, plain=plain, han=not plain)


def _neighbours(written: str) -> tuple[Numeral, Numeral] | None:
    """三四 is 3 to 4, 十三四 is 13 to 14, 七八十 is 70 to 80."""
    found = re.fullmatch(r"(十?)([一二两三四五六七八九])([二三四五六七八九])(十?[万亿]?)", written)
    if found is None:
        return None
    low, high = read_numeral(found[1] + found[2] + found[4]), read_numeral(found[1] + found[3] + found[4])
    if low is None or high is None or not low.value < high.value <= low.value * 2:
        return None
    return (low, high) if read_numeral(found[3]).value - read_numeral(found[2]).value == 1 else None  # type: ignore[union-attr]


def _magnify(folded: str, end: int, low: Numeral, tail: re.Match[str] | None) -> tuple[Numeral, Numeral, int, bool]:
    inner = False
    if tail is not None:
        inner = bool(re.search("[多余几来]", tail[0]))
        factor = Decimal(1)
        for character in tail["first"] + tail["second"]:
            factor *= MAGNITUDES[character]
        low = Numeral(low.value * factor, low.quantum * factor)
        end = tail.end()
        compound = re.compile(r"\d{1,4}[千百]?万").match(folded, end) if tail["first"] == "亿" and not inner else None
        if compound and (rest := read_numeral(compound[0])):
            low, end = Numeral(low.value + rest.value, rest.quantum), compound.end()
    return low, low, end, inner


def _with_unit(
    folded: str, end: int, low: Numeral, high: Numeral, *, inner: bool, plain: bool, han: bool
) -> _Read | None:
    unit, unit_end = _unit(folded, end, han=han)
    more = _MORE.match(folded, unit_end) or _MORE.match(folded, end)
    if more is not None and high == low:
        ranged = _range(folded, more, low, unit, has_unit=unit_end > end, plain=plain)
        if ranged is not None:
            return ranged
    if unit is None:
        return _bare(folded, end, low, inner=inner, plain=plain)
    return _Read(low, high, unit, unit_end, inner, plain)


def _range(
    folded: str, more: re.Match[str], low: Numeral, unit: Unit | None, *, has_unit: bool, plain: bool
) -> _Read | None:
    """The second number of a range, whose magnitude and unit hold for the first where that has none."""
    second = read_numeral(more["to"])
    if second is None or more["to"][0].isdecimal() != plain:
        return None
    tail = _TAIL.match(folded, more.end())
    second, _, end, inner = _magnify(folded, more.end(), second, tail)
    second_unit, end = _unit(folded, end, han=not plain)
    if second_unit is None or (unit is not None and unit.dimension != second_unit.dimension and has_unit):
        return None
    factor = (
        second.quantum
        if second.value > second.quantum > 1 and low.value * second.quantum <= second.value
        else Decimal(1)
    )
    first = Numeral(low.value * factor, low.quantum * factor) if not has_unit and low.value < second.quantum else low
    if unit is not None and has_unit and unit.scale != second_unit.scale:
        first = Numeral(first.value * unit.scale / second_unit.scale, first.quantum * unit.scale / second_unit.scale)
    if not first.value < second.value:
        return None
    return _Read(first, second, second_unit, end, inner, plain)


def _unit(folded: str, at: int, *, han: bool) -> tuple[Unit | None, int]:
    found = _UNIT.match(folded, at)
    while found is not None:
        spelt = found[0].lower()
        following = folded[found.end() : found.end() + 1].lower()
        allowed = not (following and following in _NOT_UNIT_BEFORE.get(spelt, ""))
        if allowed and (not han or spelt in _HAN_UNITS):
            return UNITS[spelt], found.end()
        shorter = spelt[:-1]
        while shorter and shorter not in UNITS:
            shorter = shorter[:-1]
        if not shorter:
            return None, at
        found = re.compile(re.escape(shorter), re.IGNORECASE).match(folded, at)
    return None, at


def _bare(folded: str, end: int, low: Numeral, *, inner: bool, plain: bool) -> _Read | None:
    """A number without a unit counts only when it is large (2万) and Arabic, and no word runs on from it."""
    if plain and (low.quantum >= 1000 or low.quantum < 1 or inner):
        return _Read(low, low, NUMBER, end, inner, plain)
    return None


def _refused(folded: str, start: int, read: _Read, structure: Structure) -> bool:
    before = folded[max(0, start - 2) : start]
    if read.plain and before and before[-1] in ".·+×":
        return True
    if read.plain and before and before[-1].isascii() and before[-1].isalpha() and not _after_letters(read):
        return True
    if not read.plain and _VAGUE.search(before) and read.low.value >= 10:
        return True
    if read.unit is NUMBER:
        following = folded[read.end : read.end + 1]
        if read.low.quantum >= 1000 and following not in "级伏象像次股众":
            return not ("\u4e00" <= following <= "\u9fff" or following in _STOPS)
        lead = _LEADS_TO_NUMBER.search(folded[max(0, start - 4) : start])
        return not lead or following not in _STOPS
    if read.unit.base == "年" and _is_year(folded, start, read):
        return True
    if read.unit.dimension in ("CNY", "USD", "percent", "percentage_points", "permille") and read.plain:
        return False
    if read.low.quantum < 1:
        return False
    return structure.holds(start, read.end)


def _after_letters(read: _Read) -> bool:
    """GDP986.35亿元 is an amount; B2B, IPv6 and ISO9001 are names."""
    return read.unit.dimension in ("CNY", "USD", "percent") or read.low.quantum >= 10**4


def _is_year(folded: str, start: int, read: _Read) -> bool:
    return (
        1900 <= read.high.value <= 2100 or 1900 <= read.low.value <= 2100 or "年" in folded[max(0, start - 3) : start]
    )


def spoken(unit: str | None) -> Unit:
    """The unit of a statistic as its sheet writes it; a number without unit where it has none or an unknown one."""
    return (read_unit(unit) if unit else None) or (Unit("count", Decimal(1), unit) if unit else NUMBER)
