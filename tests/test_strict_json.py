"""Strict JSON refuses what would be silently misread."""

from __future__ import annotations

import json
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
