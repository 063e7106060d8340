"""JSON or YAML, bytes or text, comes in as plain data; what is dangerous or unreadable is refused in Chinese."""

import tracemalloc
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FileInputError
from service.facts.loading import MAX_BYTES, load


@pytest.mark.parametrize("text", ['{"a": 1.50}', "a: 1.50\n", '\ufeff{"a": 1.50}', "\ufeffa: 1.50\n"])
def test_json_and_yaml_with_and_without_bom_are_the_same(text: str) -> None:
    assert load(text) == load(text.encode()) == {"a": Decimal("1.50")}


def test_yaml_reads_the_core_types_and_nothing_more() -> None:
    text = "年份: 2016\n小数: -0.5\n科学: 1e3\n是: yes\n日期: 2016-01-01\n时: 1:30\n空:\n否: false\n引: '1'\n"
    assert load(text) == {
        "年份": 2016, "小数": Decimal("-0.5"), "科学": Decimal("1e3"), "是": "yes", "日期": "2016-01-01", "时": "1:30",
        "空": None, "否": False, "引": "1",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "  \n", "\ufeff", b"", "# 只有注释\n"])
def test_an_empty_document_is_none(text: str | bytes) -> None:
    assert load(text) is None


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ('{"a": 1, "a": 2}', "重复"),
        ("a: 1\na: 2\n", "第2行的键“a”重复"),
        ("a: &x 1\nb: *x\n", "锚点"),
        ("a: !!python/object/apply:os.system [ls]\n", "标签"),
        ("a: !!binary aGk=\n", "标签"),
        ("x: " + "[" * 30 + "]" * 30, "嵌套"),
        ("x: " + "[" * 60_000, "YAML"),
        ("[" * 60_000, "JSON"),
        ("---\na: 1\n---\nb: 2\n", "YAML"),
        ("? [1, 2]\n: 3\n", "键不是文字"),
        ("a: " + "9" * 5000, "数字"),
        ('{"a": ' + "9" * 5000 + "}", "数字"),
        ('{"a": NaN}', "NaN"),
        ('{"a": "\\ud800"}', "代理字符"),
        ("a: \ud800", "YAML"),
        ("a: \x00", "YAML"),
        ("a: [1, 2", "行"),
        ('{"a": 1,}', "第1行"),
        ("地区生产总值".encode("gbk"), "UTF-8"),
        ("a: 1".encode("utf-16"), "UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(source: str | bytes, hint: str) -> None:
    with pytest.raises(FileInputError) as caught:
        load(source)
    assert hint in caught.value.message


def test_five_megabytes_are_refused_before_they_are_read() -> None:
    sources = (b"a" * 5_000_000, "a" * 5_000_000, ("中" * 1_000_000).encode())
    tracemalloc.start()
    for source in sources:
        with pytest.raises(FileInputError, match="2MB"):
            load(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500_000, "not even decoded"
    assert MAX_BYTES == 2_000_000


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_input_is_plain_data_or_refused(source: str | bytes) -> None:
    value: object = None
    with suppress(FileInputError):
        value = load(source)
    stack = [value]
    while stack:
        item = stack.pop()
        assert item is None or isinstance(item, str | int | Decimal | bool | list | dict)
        stack.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
