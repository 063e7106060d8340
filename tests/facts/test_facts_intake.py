"""A sheet comes in whole, or every fault of it comes out at once, each with its place and how to mend it."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import Fact, FactSheet, Kind
from service.errors import FactSheetError, FanganError, FileInputError
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline

WANGHAI = (files("evals") / "datasets" / "wanghai.json").read_bytes()


def sheet(*facts: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "outline": "city-2017",
        "subject": {"name": "望海市", "province": "云岭省"},
        "plan_year": 2017,
        "period": [2017, 2021],
        "facts": list(facts),
        **changes,
    }


def read(*facts: Mapping[str, Any], **changes: Any) -> FactSheet:
    return read_sheet(sheet(*facts, **changes), outline=load_outline)


def faults(data: object, where: str = "") -> dict[str, str]:
    with pytest.raises(FactSheetError) as caught:
        read_sheet(data, outline=load_outline, where=where)  # type: ignore[arg-type]
    found = {f.pointer: f.detail for f in caught.value.faults}
    assert len(found) == len(caught.value.faults)
    return found


def fault(**fact: Any) -> str:
    """The one fault of a sheet with this fact."""
    (detail,) = faults(sheet({"id": "x", "name": "数据", "value": 1, "unit": "个", **fact})).values()
    return detail


def fact(**fields: Any) -> Fact:
    return read({"id": "x", **fields}).facts[0]


# --- what is accepted --------------------------------------------------------------------------------------------


def test_json_yaml_bytes_text_and_objects_give_one_sheet() -> None:
    data = json.loads(WANGHAI)
    expected = read_sheet(WANGHAI, outline=load_outline)
    text = yaml.safe_dump(data, allow_unicode=True)
    for source in (WANGHAI.decode(), b"\xef\xbb\xbf" + WANGHAI, data, text, text.encode()):
        assert read_sheet(source, outline=load_outline) == expected
    assert expected.facts[2].value == Decimal("1105.04")


def test_no_facts_yet_is_a_sheet() -> None:
    assert read().facts == ()
    data = sheet()
    del data["facts"], data["period"]
    assert read_sheet(data, outline=load_outline).facts == ()


def test_the_name_comes_from_the_indicator_or_the_title() -> None:
    assert fact(indicator="gdp", value=1105.04, unit="亿元").name == "地区生产总值"
    assert fact(kind="policy", title="望海市电子商务促进办法").name == "望海市电子商务促进办法"
    assert fact(indicator="gdp", name="GDP", value=1105.04, unit="亿元").name == "GDP"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "《望海市促进电子商务发展的若干意见》（望政发〔2015〕8号）"},
        {"name": "若干意见", "text": "市政府印发《望海市促进电子商务发展的若干意见》（望政发[2015]8 号）"},
        {"name": "望海市促进电子商务发展的若干意见", "text": "文号：望政发〔2015〕8号"},
        {"title": "《望海市促进电子商务发展的若干意见》", "doc_number": "望政发〔2015〕8号"},
    ],
)
def test_a_policy_is_read_from_where_it_stands(fields: dict[str, str]) -> None:
    policy = fact(kind="policy", **fields)
    assert (policy.title, policy.doc_number) == ("望海市促进电子商务发展的若干意见", "望政发〔2015〕8号")


def test_a_policy_that_names_several_documents_or_an_amount_gets_no_title() -> None:
    several = fact(
        kind="policy", name="已出台的文件", text="《甲办法》（望政发〔2015〕1号）、《乙办法》（望政发〔2015〕2号）"
    )
    assert (several.title, several.doc_number) == (None, None)
    amount = fact(kind="policy", name="市级农村电商专项资金管理办法", value=1500, unit="万元")
    assert amount.title is None


@pytest.mark.parametrize(
    ("indicator", "unit"),
    [("gdp", "万亿元"), ("imports-exports", "亿元"), ("imports-exports", "万美元"), ("parcels", "亿件"),
     ("service-enterprises", "个"), ("service-enterprises", "户"), ("parks", "家"), ("location", "平方公里")],
)  # fmt: skip
def test_units_of_the_indicators_dimension_are_accepted(indicator: str, unit: str) -> None:
    assert fact(indicator=indicator, value=12, unit=unit).unit == unit


@pytest.mark.parametrize("unit", ["位", "个工作日", "万标箱", "Mbps", "组", None])
def test_without_an_indicator_any_unit_is_accepted(unit: str | None) -> None:
    assert fact(name="某项数据", value=3, unit=unit).unit == unit


# --- what is refused ---------------------------------------------------------------------------------------------


def test_all_faults_come_at_once_in_the_order_of_their_places() -> None:
    data = sheet(
        {"id": "a b", "name": "甲", "value": 1},
        {"name": "乙", "value": True},
        {"id": "c", "indicator": "gpd", "value": 1, "unit": "亿元"},
        {"id": "c", "kind": "目标", "bound": "min", "text": "丙"},
        "丁",  # type: ignore[arg-type]
        plan_year="2017年",
        年份=2017,
    )
    found = faults(data)
    assert list(found) == [
        "/facts/0/id", "/facts/1/id", "/facts/1/value", "/facts/2/indicator", "/facts/3/bound", "/facts/3/id",
        "/facts/3/kind", "/facts/4", "/plan_year", "/年份",
    ]  # fmt: skip
    assert all(detail and not detail.endswith("。") for detail in found.values())


@pytest.mark.parametrize(
    ("value", "mended"),
    [
        ("１,105.04", "写成数字 1105.04"),
        ("1105.04亿元", "写成数字 1105.04，单位“亿元”写入 unit"),
        ("2-3个", "写成 [2, 3]，单位“个”写入 unit"),
        ("2～3", "写成 [2, 3]"),
        ("若干", "不能是文字“若干”"),
        ([3, 2], "写成 [2, 3]"),
        ([1, 2, 3], "[低值, 高值]"),
        (["1", 2], "[低值, 高值]"),
        (True, "不能是 true"),
        (math.nan, "不是有限的数"),
        (-math.inf, "不是有限的数"),
        ({}, "应为数字或 [低值, 高值]"),
        (1e300, "位数过多"),
        (Decimal("1e-999999999"), "位数过多"),
    ],
)
def test_numbers_say_how_to_write_them(value: object, mended: str) -> None:
    assert mended in fault(value=value)


def test_growth_and_share_are_per_cent() -> None:
    assert "写成数字 7.8" in fault(growth="7.8%")
    assert "growth（增速）" in fault(growth=[1, 2])
    assert "share（比重）" in fault(share=False)


@pytest.mark.parametrize("share", [-0.1, 100.1, 250, "45%"])
def test_a_share_is_a_part_of_a_whole(share: object) -> None:
    (place,) = faults(
        sheet(
            {"id": "a", "name": "第三产业增加值", "share": 44, "year": 2016},
            {"id": "b", "name": "网络零售额", "share": share},
        )
    )
    assert place == "/facts/1/share"
    if not isinstance(share, str):
        assert "0至100之间" in fault(share=share)


def test_a_share_may_be_all_or_nothing() -> None:
    assert [fact(name="宽带覆盖率", share=s).share for s in (0, 100)] == [0, 100]


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000"])
def test_blank_words_say_nothing(blank: str) -> None:
    for empty in ({"text": blank}, {"title": blank}, {"text": blank, "title": blank, "name": "电子商务发展"}):
        (detail,) = faults(sheet({"id": "x", **empty})).values()
        assert "没有内容" in detail
    assert fact(name=blank, indicator="gdp", value=3, unit="亿元").name == "地区生产总值"
    assert "没有名称" in faults(sheet({"id": "x", "name": blank, "value": 3, "unit": "个"}))["/facts/0/name"]
    assert "全称" in faults(sheet(subject={"name": blank}))["/subject/name"]


def test_an_unknown_indicator_lists_near_ones() -> None:
    assert "gdp（地区生产总值）" in fault(indicator="gpd")
    assert "“地区生产总值”的编号是 gdp" in fault(indicator="地区生产总值")
    assert "“社会消费品零售总额”的编号是 retail-sales" in fault(indicator="社零总额")
    assert "指标目录" in fault(indicator="zzzzqqqq")


def test_a_unit_of_another_dimension_or_none_is_refused() -> None:
    assert "不能用单位“亿美元”" in fault(indicator="gdp", unit="亿美元")
    assert "不认识单位" in fault(indicator="gdp", unit="颗粒度")
    assert "没有单位" in fault(indicator="gdp", unit=None)
    assert "如“万人”" in fault(indicator="population", unit="家")


def test_unknown_fields_name_the_right_one() -> None:
    assert "year（年份）" in fault(年份=2016)
    assert "doc_number（文号）" in fault(docnumber="x")
    assert "short_name" in faults(sheet(subject={"name": "望海市", "shortname": "望海"}))["/subject/shortname"]


def test_ids_years_kinds_and_empty_facts() -> None:
    duplicate = faults(sheet({"id": "x", "text": "甲"}, {"id": "x", "text": "乙"}))
    assert "与第1条事实重复" in duplicate["/facts/1/id"]
    assert "英文字母" in fault(id="地区")
    assert "1949至2100" in fault(year=1900)
    assert "写成数字 2016" in fault(year="2016年")
    assert "写成数字 2016" in fault(year="2016")
    assert "target（目标）" in fault(kind="goal")
    assert "at_least（不低于）" in fault(bound="min")
    assert "至少填写一项" in faults(sheet({"id": "x", "name": "甲"}))["/facts/0"]
    assert "没有名称" in faults(sheet({"id": "x", "value": 3, "unit": "个"}))["/facts/0/name"]


@pytest.mark.parametrize(
    ("changes", "pointer", "hint"),
    [
        ({"outline": "city-2018"}, "/outline", "city-2017"),
        ({"facts": 5}, "/facts", "列表"),
        ({"period": [2021, 2017]}, "/period", "不能晚于"),
        ({"period": [2017]}, "/period", "两个数字"),
        ({"period": ["2017", "2021"]}, "/period", "两个数字"),
        ({"plan_year": True}, "/plan_year", "四位年份"),
        ({"subject": None}, "/subject", "望海市"),
        ({"subject": {"name": ""}}, "/subject/name", "全称"),
    ],
)
def test_faults_of_the_sheet_itself(changes: dict[str, Any], pointer: str, hint: str) -> None:
    assert hint in faults(sheet(**changes))[pointer]


def test_the_length_of_the_period_is_a_matter_of_the_checks() -> None:
    assert read(period=[2017, 2017]).period == (2017, 2017)
    assert read(period=[2017, 2030]).period == (2017, 2030)


@pytest.mark.parametrize("source", ["", b"", "{}", {}, "# 空\n"])
def test_an_empty_document_says_so(source: Any) -> None:
    assert "是空的" in faults(source)[""]


@pytest.mark.parametrize("source", ["[]", "- 1\n", "事实", [1]])
def test_what_is_no_object_says_so(source: Any) -> None:
    assert "应是一个对象" in faults(source)[""]


def test_a_sheet_without_a_subject_is_at_fault() -> None:
    data = sheet()
    del data["subject"]
    assert "缺少 subject（主体）" in faults(data)["/subject"]


def test_control_characters_are_refused_where_they_stand() -> None:
    assert "控制字符" in faults(sheet({"id": "x", "text": "甲\x07乙"}))["/facts/0/text"]
    assert "控制字符" in faults(sheet({"id": "x", "text": "甲\ud800"}))["/facts/0/text"]
    assert fact(text="甲\n乙\t丙").text == "甲\n乙\t丙"


def test_pointers_start_where_the_sheet_stands() -> None:
    assert list(faults({}, where="/sheet")) == ["/sheet"]
    assert list(faults(sheet({"id": "x"}), where="/sheet")) == ["/sheet/facts/0"]
    assert list(faults(sheet(**{"a/b~c": 1}))) == ["/a~1b~0c"]


# --- anything at all ---------------------------------------------------------------------------------------------

_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["gdp", "亿元", "target", "2016年", "1,105.04", "《办法》（望政发〔2015〕8号）", "city-2017"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
_FIELDS = st.dictionaries(
    st.sampled_from([*Fact.model_fields, "年份"]), _PLAIN, max_size=8
)  # fmt: skip


def _survives(data: object) -> None:
    outcome: FactSheet | FanganError
    try:
        outcome = read_sheet(data, outline=load_outline)  # type: ignore[arg-type]
    except (FactSheetError, FileInputError) as error:
        outcome = error
    if isinstance(outcome, FactSheet):
        assert FactSheet.model_validate_json(outcome.model_dump_json()) == outcome
    else:
        assert outcome.message
        assert all(f.detail for f in outcome.faults)
        assert outcome.faults or isinstance(outcome, FileInputError)


@given(_PLAIN)
def test_any_object_is_a_sheet_or_faults(data: object) -> None:
    _survives(data)


@settings(deadline=None)
@given(
    st.lists(_FIELDS, max_size=4), st.dictionaries(st.sampled_from([*FactSheet.model_fields, "x"]), _PLAIN, max_size=3)
)
def test_mutated_sheets_are_sheets_or_faults(facts: list[dict[str, Any]], changes: dict[str, Any]) -> None:
    _survives(sheet(*facts, **changes))


@given(st.integers(0, len(WANGHAI) - 1), st.binary(max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_a_sheet_or_faults(at: int, put: bytes) -> None:
    _survives(WANGHAI[:at] + put + WANGHAI[at + len(put) :])


def test_kinds_of_a_policy_fact_stay() -> None:
    assert fact(kind="policy", name="某办法", text="拟制定").kind is Kind.POLICY
