"""The quantity reader: numeral + magnitude + unit in Chinese official prose, with approximators and ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from service.text.approaches import Approach, approach, of_whole
from service.text.numerals import HAN_DIGITS, LONGEST, MAGNITUDES, Numeral, fold, read_neighbours, read_numeral
from service.text.structure import Structure
from service.text.unit_reading import BLANKS, past_blank, unit_at
from service.text.units import UNITS, Unit, read_unit

PERCENT = UNITS["%"]
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
    rf"""(?=[\d第翻半{HAN_DIGITS}十百千万亿廿])(?:(?P<ratio>(?<![\d.:])\d{{1,4}}(?:\.\d{{1,4}})?(?:[:：]\d{{1,4}}(?:\.\d{{1,4}})?){{1,5}}(?![\d.]))
      | 百分之(?P<hundredth>{_ARABIC}|{_HAN}) | 千分之(?P<thousandth>{_ARABIC}|{_HAN})
      | 第(?P<place>\d{{1,4}}|[{HAN_DIGITS}十百]{{1,4}})(?P<rank>位(?![于居列])|名(?![录单]))?
      | (?P<below>[{HAN_DIGITS}十]{{1,3}})分之(?P<above>[{HAN_DIGITS}十]{{1,3}})
      | (?P<half>一半|半数)
      | (?P<doubling>翻(?:了)?(?P<times>[一两二三四五\d])?番)
      | (?P<tenths>(?<![\d{HAN_DIGITS}十])[一二两三四五六七八九\d])成(?P<hundredths>[一二三四五六七八九](?![{HAN_DIGITS}十百千万亿个家]))?(?![为立长果功效员交都本品绩年就分熟型])
      | (?P<arabic>(?<![\d.])(?<!\d,){_ARABIC})
      | (?P<han>{_HAN}))""",
    re.VERBOSE,
)
_HUNDREDTH_TO = re.compile(rf"{_DASH}百分之(?P<to>{_ARABIC}|{_HAN})")
_COMPOUND = re.compile(r"\d{1,4}[千百]?万")
_JOINT_POINTS = re.compile(rf"(?P<own>个?)(?:(?:、|以及|[和与及]){_ARABIC}个?)+百分点")
"""5.7个和4.9个百分点: the unit is spelt out behind the last number only."""
_MORE = re.compile(rf"(?P<second>[ ]?{_DASH}[ ]?(?P<to>{_ARABIC}|{_HAN}))")
_TAIL = re.compile(rf"{_NOTE}(?P<first>{_MAGNITUDE}){_INNER}(?P<second>{_MAGNITUDE}){_NOTE}")
_STANDS = re.compile("(?:[居列排名]|位[居列次])[^，。；]{0,8}$")
_LOOSE_UNITS = frozenset("个项条种类次年级层期场套组部门支点")
_VAGUE = re.compile(r"(?:[几数上成好近]|过[百千])$")
_RATIO_CUE = re.compile("比|结构|配套")
_PLAIN_ENOUGH = ("CNY", "USD", "percent", "percentage_points", "permille")
_COUNTED = re.compile("(?:建成|拥有|现有|共有|已有|引进|获批|新增|创建)了?$")
"""Verbs after which even a small count in characters is a statement: 建成三个保税仓库."""
_MAY_NAME = ("count", "duration", "length", "enterprises", "data_rate", "households")
"""Dimensions of which small Arabic numerals occur in names: 1小时物流圈, 最后1公里."""
_OF_WHOLE = re.compile("占[^，。；、]*$")
_OF_WHOLE_REACH = 24
"""占全国的千分之九 is a share, told beside others in per cent."""
_AT_A_TIME = (10, 100, 1000, 10000, 100000)
"""每100人: for how many at a time an average is given, no figure."""
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
    text: str, folded: str, span: tuple[int, int], ends: tuple[Numeral, Numeral], unit: Unit, *,
    inner: bool = False, loose: bool = False, part: bool = False, parts: tuple[Decimal, ...] = (),
) -> Quantity:  # fmt: skip
    (start, end), (low, high) = span, ends
    worded: Approach = "over" if inner else approach(folded, start, end)
    if worded == "exact" and unit.dimension in ("percent", "ratio"):
        worded = of_whole(folded, start, part=part or unit.dimension == "ratio")
    return Quantity(
        start=start,
        end=end,
        text=text[start:end],
        low=low.value * unit.scale,
        high=high.value * unit.scale,
        quantum=max(low.quantum, high.quantum) * unit.scale,
        unit=unit,
        approach=worded,
        loose=loose,
        parts=parts,
    )


def _special(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    """Per cents in characters, fractions, tenths, ranks, doublings and proportions; None for plain numerals."""
    for group, reader in _READERS:
        if found[group]:
            return reader(text, folded, found)
    return None


def _in_hundreds(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    numeral = read_numeral(found["hundredth"] or found["thousandth"])
    if numeral is None:
        return None
    unit = PERCENT if found["hundredth"] else UNITS["‰"]
    if unit is not PERCENT and _OF_WHOLE.search(folded, max(0, found.start() - _OF_WHOLE_REACH), found.start()):
        numeral, unit = Numeral(numeral.value / 10, numeral.quantum / 10), PERCENT
    more = _HUNDREDTH_TO.match(folded, found.end())
    high = read_numeral(more["to"]) if more else None
    if more and high is not None:
        return _make(text, folded, (found.start(), more.end()), (numeral, high), unit)
    return _make(text, folded, found.span(), (numeral, numeral), unit)


def _fraction(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    below, above = read_numeral(found["below"]), read_numeral(found["above"])
    if below is None or above is None or not 0 < above.value < below.value:
        return None
    share = Numeral(above.value * 100 / below.value, Decimal(1))
    return _make(text, folded, found.span(), (share, share), PERCENT, part=True)


def _half(text: str, folded: str, found: re.Match[str]) -> Quantity:
    """一半: mere phrasing more often than a figure."""
    half = Numeral(Decimal(50), Decimal(1))
    return _make(text, folded, found.span(), (half, half), PERCENT, loose=True, part=True)


def _tenths(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    tenths = read_numeral(found["tenths"])
    hundredths = read_numeral(found["hundredths"]) if found["hundredths"] else None
    if tenths is None or tenths.value >= 10:
        return None
    value = tenths.value * 10 + (hundredths.value if hundredths else 0)
    share = Numeral(value, Decimal(1 if hundredths else 10))
    return _make(text, folded, found.span(), (share, share), PERCENT, loose=value == 10, part=True)


def _doubling(text: str, folded: str, found: re.Match[str]) -> Quantity:
    times = read_numeral(found["times"] or "一")
    factor = Numeral(Decimal(2) ** int(times.value if times else 1), Decimal("0.01"))
    return _make(text, folded, found.span(), (factor, factor), DOUBLING)


def _rank(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    """第二位, 居全国第三; other ordinals (第三方, 第一产业) are names."""
    start, end = found.span()
    stands = _STANDS.search(folded[max(0, start - 12) : start]) and folded[end : end + 1] in "，。；、,;（()）)\n"
    numeral = read_numeral(found["place"])
    if numeral is None or not (found["rank"] or stands):
        return None
    return _make(text, folded, (start, end), (numeral, numeral), UNITS["位"])


def _proportion(text: str, folded: str, found: re.Match[str]) -> Quantity | None:
    parts = tuple(Decimal(p) for p in re.split("[:：]", found["ratio"]))
    before = folded[max(0, found.start() - 10) : found.start()]
    if len(parts) == 2 and "." not in found["ratio"] and not _RATIO_CUE.search(before):
        return None
    decimals = max(len(p.partition(".")[2]) for p in re.split("[:：]", found["ratio"]))
    first = Numeral(parts[0], Decimal(1).scaleb(-decimals))
    return _make(text, folded, found.span(), (first, first), PROPORTION, parts=parts)


_READERS: tuple[tuple[str, Callable[[str, str, re.Match[str]], Quantity | None]], ...] = (
    ("ratio", _proportion),
    ("hundredth", _in_hundreds),
    ("thousandth", _in_hundreds),
    ("place", _rank),
    ("below", _fraction),
    ("half", _half),
    ("tenths", _tenths),
    ("doubling", _doubling),
)


def _amount(text: str, folded: str, found: re.Match[str], structure: Structure) -> Quantity | None:
    written = found["arabic"] or found["han"]
    if written is None or len(written) > LONGEST:
        return None
    start = found.start()
    read = _read(folded, start, found.end(), written)
    if read is None or _refused(folded, start, read, structure):
        return None
    loose = not read.plain and _is_loose(written, read)
    if (
        not read.plain
        and read.low == read.high
        and read.low.value == 1
        and not read.inner
        and read.unit.dimension not in ("CNY", "USD")
    ):
        return None
    ends = (read.low, read.high)
    loose = loose and not (any(c in HAN_DIGITS for c in written) and _COUNTED.search(folded[max(0, start - 4) : start]))
    return _make(text, folded, (start, read.end), ends, read.unit, inner=read.inner, loose=loose and ends[0] == ends[1])


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
    pair = None if plain else read_neighbours(written)
    if pair is not None:
        return _with_unit(folded, end, pair[0], pair[1], inner=False, plain=False, han=True)
    low = read_numeral(written)
    if low is None or (low.value == 0 and not plain):
        return None
    at = past_blank(folded, start, end) if plain else end
    low, high, at, inner = _magnify(folded, at, low, _TAIL.match(folded, at))
    return _with_unit(folded, at, low, high, inner=inner, plain=plain, han=not plain)


def _magnify(folded: str, end: int, low: Numeral, tail: re.Match[str] | None) -> tuple[Numeral, Numeral, int, bool]:
    inner = False
    if tail is not None:
        inner = bool(re.search("[多余几来]", tail[0]))
        factor = Decimal(1)
        for character in tail["first"] + tail["second"]:
            factor *= MAGNITUDES[character]
        low = Numeral(low.value * factor, low.quantum * factor)
        end = tail.end()
        compound = _COMPOUND.match(folded, end) if tail["first"] == "亿" and not inner else None
        if compound and (rest := read_numeral(compound[0])):
            low, end = Numeral(low.value + rest.value, rest.quantum), compound.end()
    return low, low, end, inner


def _with_unit(
    folded: str, end: int, low: Numeral, high: Numeral, *, inner: bool, plain: bool, han: bool
) -> _Read | None:
    if plain and (joint := _JOINT_POINTS.match(folded, end)):
        return _Read(low, high, UNITS["百分点"], joint.end("own"), inner, plain)
    unit, unit_end = unit_at(folded, end, han=han)
    if plain and unit is None and folded[end - 1] in MAGNITUDES and folded.startswith(BLANKS, end):
        unit, unit_end = unit_at(folded, end + 1, han=han)
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
    at = past_blank(folded, more.start(), more.end()) if plain else more.end()
    second, _, end, inner = _magnify(folded, at, second, _TAIL.match(folded, at))
    second_unit, end = unit_at(folded, end, han=not plain)
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


def _bare(folded: str, end: int, low: Numeral, *, inner: bool, plain: bool) -> _Read | None:
    """A number without a unit counts only when it is large (2万) and Arabic, and no word runs on from it."""
    if plain and (low.quantum >= 1000 or low.quantum < 1 or inner):
        return _Read(low, low, NUMBER, end, inner, plain)
    return None


def _refused(folded: str, start: int, read: _Read, structure: Structure) -> bool:
    if _runs_on(folded, start, read) or (start > 0 and folded[start - 1] == "每" and read.low.value in _AT_A_TIME):
        return True
    if read.unit is NUMBER:
        return not _stands_alone(folded, start, read)
    if read.unit.base == "年" and _is_year(folded, start, read):
        return True
    if read.plain and read.unit.dimension in _PLAIN_ENOUGH:
        return False
    if read.plain and (read.low.value >= 100 or read.unit.dimension not in _MAY_NAME):
        return False
    return read.low.quantum >= 1 and structure.holds(start, read.end)


def _runs_on(folded: str, start: int, read: _Read) -> bool:
    """Whether the numeral is the tail of a code (B2B, 7×24) or of a vague number (数百, 几十)."""
    before = folded[max(0, start - 2) : start]
    if before[-1:] == "道" and read.plain and folded[read.end - 1] == "线":
        return True  # 国道201线
    if not read.plain:
        return bool(_VAGUE.search(before)) and read.low.value >= 10
    if not before:
        return False
    return before[-1] in ".·+×" or (before[-1].isascii() and before[-1].isalpha() and not _after_letters(read))


def _stands_alone(folded: str, start: int, read: _Read) -> bool:
    """Whether a number without a unit is a number: 带动1.2万农牧民, 指数为72.6."""
    following = folded[read.end : read.end + 1]
    if read.low.quantum >= 1000 and following not in "级伏象像次股众":
        return "\u4e00" <= following <= "\u9fff" or following in _STOPS
    return bool(_LEADS_TO_NUMBER.search(folded[max(0, start - 4) : start])) and following in _STOPS


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
