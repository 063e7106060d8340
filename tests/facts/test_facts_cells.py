"""What people type into cells, and what is read from it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.facts.cells import CellError, converted, read_percentage, read_quantity, read_text, read_year
from service.facts.workbook import Cell


def cell(content: Any, *, percent: bool = False, computed: bool = False) -> Cell:
    return Cell("其他", 4, 6, content, percent=percent, computed=computed)


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize(
    ("typed", "low", "high", "unit"),
    [
        (312.6, "312.6", None, ""), (13275, "13275", None, ""), ("３，２６８.5", "3268.5", None, ""),
        ("3,268.5", "3268.5", None, ""), ("1,105,040", "1105040", None, ""), ("512.4万人", "512.4", None, "万人"),
        ("5 亿元", "5", None, "亿元"), ("−1.5", "-1.5", None, ""), ("－1.5", "-1.5", None, ""), ("+3", "3", None, ""),
        ("2-3", "2", "3", ""), ("2～3个", "2", "3", "个"), ("２至３家", "2", "3", "家"), ("10—15", "10", "15", ""),
        ("6.1%", "6.1", None, "%"), ("６．１％", "6.1", None, "%"), ("512万", "512", None, "万"), ("100Mbps", "100", None, "Mbps"),
        ("＝1105.04", "1105.04", None, ""), (" 12 ", "12", None, ""), ("1.20", "1.20", None, ""), ("9120平方公里", "9120", None, "平方公里"),
    ],
)  # fmt: skip
def test_quantities_as_people_type_them(typed: Any, low: str, high: str | None, unit: str) -> None:
    read = read_quantity(cell(typed))
    assert (read.low, read.high, read.unit) == (Decimal(low), Decimal(high) if high else None, unit)


def test_a_percent_cell_holds_a_hundredth_of_what_it_shows() -> None:
    assert read_percentage(cell(0.061, percent=True)) == Decimal("6.1")
    assert read_percentage(cell(-0.015, percent=True)) == Decimal("-1.5")
    assert read_percentage(cell(6.1)) == Decimal("6.1")
    quantity = read_quantity(cell(0.485, percent=True))
    assert (quantity.low, quantity.unit) == (Decimal("48.5"), "%")


def test_a_formula_s_result_is_read_to_the_digits_that_a_spreadsheet_shows() -> None:
    assert read_quantity(cell(0.1 + 0.2, computed=True)).low == Decimal("0.3")
    assert read_quantity(cell(0.1 + 0.2)).low == Decimal("0.30000000000000004")


@pytest.mark.parametrize(
    ("number", "written", "unit", "expected"),
    [
        ("5124000", "人", "万人", "512.4"), ("512.4", "万人", "万人", "512.4"), ("512.4", "万", "万人", "512.4"),
        ("512.4", "万", "人", "5124000"), ("3000", "万", "亿元", "0.3"), ("3", "亿元", "万元", "30000"), ("1.5", "万亿元", "亿元", "15000"),
        ("20", "户", "家", "20"), ("1", "万户", "个", "10000"), ("100", "公顷", "平方公里", "1"), ("6.1", "%", "%", "6.1"),
        ("12", "", "亿元", "12"),
    ],
)  # fmt: skip
def test_a_number_is_converted_to_the_unit_of_its_row(number: str, written: str, unit: str, expected: str) -> None:
    assert converted(Decimal(number), written, unit) == Decimal(expected)


@pytest.mark.parametrize(
    ("written", "unit"),
    [("亿美元", "亿元"), ("亩", "人"), ("%", "亿元"), ("个百分点", "%"), ("标箱", "立方米"), ("亿欧元", "亿元")],
)
def test_what_measures_something_else_is_refused(written: str, unit: str) -> None:
    with pytest.raises(CellError, match="不是一类"):
        converted(Decimal(1), written, unit)


@pytest.mark.parametrize(
    "typed",
    [2016, 2016.0, "2016", "２０１６", "2016年", "2016 ", "＝2016", "2016年底", date(2016, 12, 31), datetime(2016, 1, 1, 8, tzinfo=UTC), date(1905, 7, 8)],
)  # fmt: skip
def test_years_as_people_type_them(typed: Any) -> None:
    assert read_year(cell(typed)) == 2016


@pytest.mark.parametrize(
    ("content", "text"),
    [(" 位于东海之滨\n", "位于东海之滨"), (2016, "2016"), (12.50, "12.5"), (1e15, "1000000000000000")],
)
def test_texts(content: Any, text: str) -> None:
    assert read_text(cell(content)) == text


NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, places=3, allow_nan=False)


@given(NUMBERS, st.booleans(), st.booleans(), st.sampled_from(["", "亿元", "万人", "%", "家"]))
def test_any_number_is_read_however_it_is_typed(number: Decimal, grouped: bool, full: bool, unit: str) -> None:
    typed = f"{number:,}" if grouped else f"{number:f}"
    read = read_quantity(cell((wide(typed) if full else typed) + unit))
    assert (read.low, read.high, read.unit) == (number, None, unit)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_a_number_cell_keeps_every_digit(number: float) -> None:
    assert float(read_quantity(cell(number)).low) == number


CONTENTS = st.one_of(
    st.text(max_size=40), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times(), st.timedeltas(),
    st.text(alphabet="0123456789.,-+~至年万亿元%约 ％，。", max_size=12),
)  # fmt: skip


@given(CONTENTS, st.booleans(), st.booleans())
def test_any_content_is_read_or_refused_with_a_sentence(content: Any, percent: bool, computed: bool) -> None:
    for read in (read_quantity, read_percentage, read_year, read_text):
        told = ""
        try:
            read(cell(content, percent=percent, computed=computed))
        except CellError as error:
            told = str(error)
        assert not told or 5 < len(told) < 160
