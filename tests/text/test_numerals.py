"""Numerals: Arabic, full-width and Chinese digits."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.numerals import Numeral, fold, read_numeral


def _read(written: str) -> Numeral:
    found = read_numeral(written)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2,000", 2000),
        ("２３．４", "23.4"),
        ("1.1万亿", 1_100_000_000_000),
        ("1亿2000万", 120_000_000),
        ("两千三百亿", 230_000_000_000),
        ("十二万五千", 125_000),
        ("十二万五", 125_000),
        ("一百五", 150),
        ("一千二百零八", 1208),
        ("一亿二千万", 120_000_000),
        ("一万亿", 10**12),
        ("三点八万", 38_000),
        ("二〇一五", 2015),
        ("廿五", 25),
    ],
)
def test_value(written: str, value: int | str) -> None:
    assert _read(written).value == Decimal(value)


@pytest.mark.parametrize(("written", "quantum"), [("1.20万", 100), ("348万", 10_000), ("二十万", 10_000), ("768", 1)])
def test_quantum_is_the_worth_of_the_last_digit_shown(written: str, quantum: int) -> None:
    assert _read(written).quantum == quantum


@pytest.mark.parametrize("written", ["", "三四", "一二三", "点五", "1" * 40, "abc"])
def test_no_numeral(written: str) -> None:
    assert read_numeral(written) is None


_DIGITS = "零一二三四五六七八九"


def _spoken(number: int) -> str:
    """The standard reading of 1 to 9999."""
    out, zero = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            out += ("零" if zero and out else "") + _DIGITS[digit] + name
        zero = digit == 0
    return out


@given(st.integers(1, 9999))
def test_reads_back_what_is_spoken(number: int) -> None:
    assert _read(_spoken(number)).value == number


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_myriads(high: int, low: int) -> None:
    written = f"{_spoken(high)}万{'零' if low < 1000 else ''}{_spoken(low)}"
    assert _read(written).value == high * 10_000 + low


@given(st.decimals(0, 10**9, places=2))
def test_full_width_digits_read_alike(number: Decimal) -> None:
    wide = str(number).translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    assert read_numeral(wide) == read_numeral(str(number))


@given(st.text(alphabet="０１２３4５，,.．％第〔〕万亿 年", max_size=60))
def test_folding_keeps_places(text: str) -> None:
    assert len(fold(text)) == len(text)
