"""Numerals: Arabic, full-width and Chinese digits as exact numbers (first step of the quantity reader)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

_FOLDED = {ord("０") + n: ord("0") + n for n in range(10)}
_FOLDED |= {ord("Ａ") + n: ord("A") + n for n in range(26)} | {ord("ａ") + n: ord("a") + n for n in range(26)}
_FOLDED |= {ord(wide): ord(plain) for wide, plain in zip("．％－～∶﹪＋", ".%-~:%+", strict=True)}
_WIDE_GROUP = re.compile(r"，(?=\d{3}(?!\d))")
_BEFORE_GROUP = re.compile(r"(?:^|[^\d.．])\d{1,3}(?:[，,]\d{3})*$")

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "俩": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000, "廿": 20}
_MYRIADS = {"万": 10**4, "亿": 10**8}
MAGNITUDES = {**{c: _PLACES[c] for c in "十百千"}, **_MYRIADS}
HAN_DIGITS = "零〇○一二两三四五六七八九"
HAN_NUMERALS = HAN_DIGITS + "十百千万亿廿"
LONGEST = 24
"""Characters of the longest numeral that is read; a longer run of digits is a code, not a number."""

_ARABIC = re.compile(r"(?P<number>\d[\d,]*(?:\.\d+)?)(?P<magnitude>[十百千万亿]*)(?P<rest>\d+(?:\.\d+)?[百千万]+)?")


class Numeral(NamedTuple):
    """A number and `quantum`, the worth of its last digit shown: 1.2万 is 12000 with quantum 1000."""

    value: Decimal
    quantum: Decimal


def fold(text: str) -> str:
    """The same text, character for character, with full-width digits, letters and signs made plain."""
    return _WIDE_GROUP.sub(_comma, text).translate(_FOLDED)


def _comma(found: re.Match[str]) -> str:
    """１，５６０ is one number: its full-width comma parts thousands."""
    return "," if _BEFORE_GROUP.search(found.string[max(0, found.start() - 12) : found.start()]) else "，"


def read_numeral(written: str) -> Numeral | None:
    """2,000, 1.1万亿, 两千三百亿, 十二万五, 三点八万 … as a number; None for what is no numeral (千百, 三四)."""
    if not written or len(written) > LONGEST:
        return None
    folded = written.translate(_FOLDED)
    return _arabic(folded) if folded[0].isdecimal() else _han(folded)


def _arabic(folded: str) -> Numeral | None:
    found = _ARABIC.fullmatch(folded)
    if found is None:
        return None
    factor = _factor(found["magnitude"])
    number = Decimal(found["number"].replace(",", ""))
    quantum = Decimal(1).scaleb(-len(found["number"].partition(".")[2]))
    if found["rest"] is None:
        return Numeral(number * factor, quantum * factor)
    rest = _arabic(found["rest"])
    if rest is None or rest.value >= factor:
        return None
    return Numeral(number * factor + rest.value, rest.quantum)


def _factor(magnitude: str) -> Decimal:
    factor = Decimal(1)
    for character in magnitude:
        factor *= MAGNITUDES[character]
    return factor


def _han(written: str) -> Numeral | None:
    whole, point, fraction = written.partition("点")
    if point:
        return _han_decimal(whole, fraction)
    if len(written) > 1 and all(c in _DIGITS for c in written):
        # 二〇一五：逐位读数；三四个、一二三产业不在此列。
        if len(written) < 4 and not set(written) & set("零〇○"):
            return None
        return Numeral(Decimal("".join(str(_DIGITS[c]) for c in written)), Decimal(1))
    value = _han_whole(written)
    if value is None:
        return None
    tail = re.search(r"[万亿]+$", written)
    return Numeral(Decimal(value), _factor(tail[0]) if tail else Decimal(1))


def _han_decimal(whole: str, fraction: str) -> Numeral | None:
    digits = fraction.rstrip("百千万亿")
    value = _han_whole(whole)
    if not whole or value is None or not digits or any(c not in _DIGITS for c in digits):
        return None
    factor = _factor(fraction[len(digits) :])
    number = Decimal(f"{value}.{''.join(str(_DIGITS[c]) for c in digits)}")
    return Numeral(number * factor, Decimal(1).scaleb(-len(digits)) * factor)


def _han_whole(written: str) -> int | None:
    """Whole numbers by places; 十二万五 is 125000, 两千三 is 2300."""
    total = section = 0
    digit: int | None = None
    last = 1
    for character in written:
        if character in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[character]
            last = 1 if digit == 0 else last
        elif character in _PLACES:
            section += (1 if digit is None else digit) * _PLACES[character]
            digit, last = None, _PLACES[character]
        elif character in _MYRIADS:
            total, section = _close_section(
                total, section + (digit or 0), _MYRIADS[character], started=bool(last > 1 or digit)
            )
            digit, last = None, _MYRIADS[character]
        else:
            return None
    if digit and last >= 100:
        digit *= last // 10
    return total + section + (digit or 0)


def _close_section(total: int, section: int, myriad: int, *, started: bool) -> tuple[int, int]:
    if section == 0 and not started:
        section = 1
    if section == 0 or (0 < total < myriad and section < 10**4 and myriad == 10**8):
        # 一万亿、三千万亿：万之后再乘亿。
        return (total + section) * myriad, 0
    return total + section * myriad, 0


def read_neighbours(written: str) -> tuple[Numeral, Numeral] | None:
    """三四 is 3 to 4, 十三四 is 13 to 14, 七八十 is 70 to 80."""
    found = re.fullmatch(r"(十?)([一二两三四五六七八九])([二三四五六七八九])(十?[万亿]?)", written)
    if found is None:
        return None
    low, high = read_numeral(found[1] + found[2] + found[4]), read_numeral(found[1] + found[3] + found[4])
    if low is None or high is None or not low.value < high.value <= low.value * 2:
        return None
    counting = "一二三四五六七八九"
    return (low, high) if counting.index(found[3]) - counting.index(found[2].replace("两", "二")) == 1 else None
