"""Strict JSON refuses what would be silently misread."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.strict_json import StrictJSONError, loads


def test_numbers_with_a_point_keep_their_digits() -> None:
    assert loads('{"value": 1105.040, "year": 2016}') == {"value": Decimal("1105.040"), "year": 2016}


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', "NaN", "[Infinity]", '["\\udc00"]', '{"\\ud834": 1}', "{", "[" * 100_000, "1" * 5000]
)
def test_refusals(text: str) -> None:
    with pytest.raises(StrictJSONError):
        loads(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1, "b": }', "第1行第15列不是合法的 JSON（这里缺少一个值，或者多了一个逗号）"),
        ('{"a": 1,}', "多余的逗号|多了逗号"),
        ("{“a”: 1}", "中文引号"),
        ('{"a" 1}', "缺少英文冒号"),
        ('{"a": 1\n "b": 2}', "第2行第2列.*缺少英文逗号"),
        ('["a', "没有结束，缺少英文双引号"),
        ('["a\nb"]', "换行或制表符"),
        ('["\\x"]', "反斜杠"),
        ('["\\u12"]', "反斜杠"),
        ("{} {}", "多余的文字"),
    ],
)
def test_what_is_wrong_is_told_in_chinese_with_its_place(text: str, told: str) -> None:
    with pytest.raises(StrictJSONError, match=told) as refused:
        loads(text)
    assert not re.search("[a-z]{4}", str(refused.value))


@given(st.text())
def test_arbitrary_text_raises_nothing_else(text: str) -> None:
    try:
        loads(text)
    except StrictJSONError:
        return


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_agrees_with_the_standard_reader_on_good_json(value: dict[str, object]) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        return
    assert loads(text) == value
