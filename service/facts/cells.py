"""What a person typed into a cell → number, year, text or choice, or a sentence that says how to mend it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import TypeVar

from service.facts.catalogue import COUNTED
from service.facts.faults import LARGEST
from service.facts.workbook import Cell
from service.text.numerals import MAGNITUDES
from service.text.units import Unit, read_unit

Choice = TypeVar("Choice")

_EPOCH = date(1899, 12, 30)
"""Day 0 of the spreadsheet calendar, as dates after February 1900 count."""
_YEARS = range(1949, 2101)
_EXACT = Context(prec=15)
"""Digits that a spreadsheet keeps (IEEE 754 double, as Excel shows it); what lies beyond is arithmetic noise."""
_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_QUANTITY = re.compile(rf"({_NUMBER})(?:\s*(?:[-~–—]|至|到)\s*({_NUMBER}))?\s*([^\d\s.,+-].*)?")
_YEAR = re.compile(r"(\d{4})(?:年(?:底|末)?)?")
_BOUND_WORDS = re.compile(
    r"^(约|大约|不低于|不少于|至少|不超过|不高于|近|超过|突破|逾|>=?|<=?|≥|≤)|(?:以上|以下|左右|多)$"
)
_FALL = re.compile(r"下降|减少|降低|下滑")
_SHOWN = 30


class CellError(ValueError):
    """The content does not fit its column; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, or a range written into one cell, with the unit written behind it ("" for none)."""

    low: Decimal
    high: Decimal | None
    unit: str


def read_text(cell: Cell) -> str:
    """Words as they stand, without blanks around them; a number as it is shown."""
    content = _usable(cell)
    if isinstance(content, str):
        return content.strip()
    if isinstance(content, bool) or not isinstance(content, int | float):
        raise CellError(f"{_wrong_sort(content)}，请把单元格格式改为“文本”后重新填写")
    number = _decimal(cell, content)
    return f"{number.normalize():f}"


def read_quantity(cell: Cell) -> Quantity:
    """512.4, ３，２６８.5, 512.4万人, 2～3个, or a cell that shows 6.1% (low 6.1, unit %)."""
    content = _usable(cell)
    if isinstance(content, bool) or not isinstance(content, str | int | float):
        raise CellError(_not_a_number(content))
    if not isinstance(content, str):
        number = _decimal(cell, content)
        return Quantity(number * 100, None, "%") if cell.percent else Quantity(number, None, "")
    folded = _folded(content)
    found = _QUANTITY.fullmatch(folded)
    if not found or (found[3] and not _is_unit(found[3])):
        raise CellError(_why_no_number(content, folded, found[3] if found else None))
    low, high, unit = found.groups()
    return Quantity(_typed(low), _typed(high) if high else None, (unit or "").strip())


def read_percentage(cell: Cell) -> Decimal:
    """Per cent, signed: 6.1, 6.1%, or a cell that shows 6.1%."""
    quantity = read_quantity(cell)
    if quantity.high is not None or quantity.unit not in {"", "%"}:
        raise CellError(f"应填一个百分数，如 6.1 表示 6.1%，下降填负数；“{_shown(cell.content)}”请改为这样的数字")
    return quantity.low


def read_year(cell: Cell) -> int:
    """2016, ２０１６, 2016年, a date of that year, or 2016 in a cell that is formatted as a date."""
    content = _usable(cell)
    if isinstance(content, datetime | date):
        return _year_of(content)
    if isinstance(content, float) and content.is_integer():
        return int(content)
    if isinstance(content, int) and not isinstance(content, bool):
        return content
    found = _YEAR.fullmatch(_folded(content)) if isinstance(content, str) else None
    if not found:
        raise CellError(f"“{_shown(content)}”不是年份，请填四位数字，如 2016")
    return int(found[1])


def read_choice(cell: Cell, choices: Mapping[str, Choice]) -> Choice:
    """One of the choices, by its label."""
    content = _usable(cell)
    label = _folded(content) if isinstance(content, str) else ""
    if label not in choices:
        raise CellError(f"“{_shown(content)}”不在可选项中，请从下拉列表选择：{'、'.join(choices)}")
    return choices[label]


def converted(number: Decimal, written: str, unit: str) -> Decimal:
    """The number, written with one unit, in the row's unit: 5124000人 in a row of 万人 is 512.4; 512.4万 is 512.4万人.

    Raises CellError where the two measure different things.
    """
    if not written or written == unit:
        return number
    full = written + unit.lstrip("".join(MAGNITUDES)) if set(written) <= set(MAGNITUDES) else written
    source, target = read_unit(full), read_unit(unit)
    if source is None or target is None or not _alike(source, target):
        raise CellError(f"数值后面写的单位“{_shown(written)}”与本行单位“{_shown(unit)}”不是一类，请改为一致")
    return _EXACT.divide(number * source.scale, target.scale)


def _alike(one: Unit, other: Unit) -> bool:
    same = (one.dimension, one.base) == (other.dimension, other.base)
    return same or {one.dimension, other.dimension} <= COUNTED


def _usable(cell: Cell) -> object:
    if cell.trouble:
        raise CellError(cell.trouble)
    return cell.content


def _decimal(cell: Cell, content: float) -> Decimal:
    """The shortest decimal that is this double; a formula's result to the digits that a spreadsheet shows."""
    number = _sane(Decimal(repr(content)))
    return _EXACT.plus(number) if cell.computed else number


def _typed(text: str) -> Decimal:
    return _sane(Decimal(text.replace(",", "")))


def _sane(number: Decimal) -> Decimal:
    if not number.is_finite() or abs(number) >= LARGEST:
        raise CellError("数值的位数过多，请核对，大数请改用“万”“亿”作单位")
    return number


def _folded(text: str) -> str:
    """Half width, one kind of minus, no formula sign typed as text, no blanks around."""
    folded = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    return folded.removeprefix("=").strip()


def _is_unit(unit: str) -> bool:
    return set(unit) <= set(MAGNITUDES) or read_unit(unit) is not None


def _year_of(moment: date) -> int:
    if moment.year >= _YEARS[0]:
        return moment.year
    day = moment.date() if isinstance(moment, datetime) else moment
    serial = (day - _EPOCH).days  # 2016 typed into a cell that is formatted as a date reads 1905-07-08
    if serial not in _YEARS:
        raise CellError(f"“{day.isoformat()}”不是年份，请把单元格格式改为“常规”，填四位数字，如 2016")
    return serial


def _not_a_number(content: object) -> str:
    if isinstance(content, datetime | date):
        typed = f"（如原来填的是“{content.month}-{content.day}”这样的区间，请把低值填在“数值”列，高值填在“上限”列）"
        return f"被表格识别成了日期 {content:%Y-%m-%d}，请把单元格格式改为“常规”后重新填写{typed}"
    return f"{_wrong_sort(content)}，请改为数字"


def _wrong_sort(content: object) -> str:
    if isinstance(content, bool):
        return "内容是逻辑值（TRUE 或 FALSE）"
    if isinstance(content, time | timedelta):
        return "被表格识别成了时间"
    return f"被表格识别成了日期 {content:%Y-%m-%d}" if isinstance(content, date) else "内容无法识别"


def _why_no_number(content: str, folded: str, tail: str | None) -> str:
    shown = _shown(content)
    if (bound := _BOUND_WORDS.search(folded)) and re.search(r"\d", folded):
        return f"“{shown}”请只填数字，“{bound[0]}”这层意思在“界限”列选择（不低于、不超过、约）"
    if _FALL.search(folded):
        return f"“{shown}”请只填数字，下降填负数，如 -3.2"
    if tail:
        return f"“{shown}”中的“{_shown(tail)}”不是单位，请只填数字，其余内容填在“文字说明”列"
    if re.fullmatch(r"[-—–/无缺暂没有]+", folded):
        return f"“{shown}”不是数字，没有数据的请留空"
    if re.fullmatch(r"[-+]?[\d,]+(?:\.\d+)?\D*", folded):
        return f"“{shown}”的千分位逗号位置不对，请去掉逗号，如 3268.5"
    return f"“{shown}”不是数字，请只填数字，如 1105.04；不是数量的内容请填在“文字说明”列"


def _shown(content: object) -> str:
    text = str(content)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
