"""The data request as a spreadsheet: what it asks, and a sheet that is whole once it has been filled in and merged."""

import io
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from schemas.facts import FactSheet, Kind
from schemas.plan import Gap
from service.errors import FactSheetError
from service.export.gaps_xlsx import gaps_xlsx
from service.facts.answers import answers
from service.facts.form import REQUEST, REQUEST_LABELS
from service.facts.gaps import section_gaps
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.facts.merging import merge_gaps
from service.prompt.outlines import load_outline

COLUMNS = {field: column for column, field in enumerate(REQUEST_LABELS, 1)}
CASES = ("chongqing", "harbin", "chengdu", "wanghai", "ningbo", "wanghai-base")


def known(case: str) -> FactSheet:
    return read_sheet((files("evals") / "datasets" / f"{case}.json").read_bytes(), outline=load_outline)


def gaps_of(sheet: FactSheet) -> list[Gap]:
    outline = load_outline(sheet.outline)
    ledger = Ledger(sheet, outline)
    return [g for s in outline.sections for g in section_gaps(s, answers(s, ledger))]


def filled(data: bytes, only: str | None = None, **cells: Any) -> bytes:
    """The request with each row's wanted cell filled in; `cells`: what to write, by field."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[REQUEST]
    for row in range(4, sheet.max_row + 1):
        part = sheet.cell(row, COLUMNS["part"]).value
        asked = sheet.cell(row, COLUMNS["asked"]).value
        if part is None or (only is not None and asked != only):
            continue
        answer = f"已建立{asked}工作制度，由责任部门负责。" if part == "text" else 12.5
        contents: dict[str, Any] = cells or {str(part): answer, "source": "责任部门复函"}
        for field, content in contents.items():
            sheet.cell(row, COLUMNS[field]).value = content
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("case", CASES)
def test_a_filled_request_closes_every_gap_that_a_fact_can_close(case: str) -> None:
    sheet = known(case)
    outline = load_outline(sheet.outline)
    gaps = gaps_of(sheet)
    merged = merge_gaps(sheet, filled(gaps_xlsx(gaps, outline, "方案")), outline)
    assert merged.facts[: len(sheet.facts)] == sheet.facts
    assert gaps_of(merged) == []


CITY = load_outline("city-2017")
NINGBO = known("ningbo")
REQUESTED = gaps_xlsx(gaps_of(NINGBO), CITY, "宁波市创建国家电子商务示范城市工作方案")
AT = {field: get_column_letter(column) for field, column in COLUMNS.items()}


def rows(data: bytes) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data))[REQUEST]
    found = []
    for row in range(4, sheet.max_row + 1):
        cells = {field: sheet.cell(row, column).value for field, column in COLUMNS.items()}
        found += [cells | {"row": row}] if cells["part"] else []
    return found


def row_of(asked: str) -> int:
    return next(int(r["row"]) for r in rows(REQUESTED) if r["asked"] == asked)


def faults(data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(FactSheetError) as caught:
        merge_gaps(NINGBO, data, CITY)
    return [(f.pointer, f.detail) for f in caught.value.faults]


def test_a_datum_that_several_sections_need_is_asked_once_and_names_them() -> None:
    volume = [r for r in rows(REQUESTED) if r["asked"] == "电子商务交易额目标"]
    assert [(r["sections"].count("、") >= 1, r["department"], r["unit"], r["part"]) for r in volume] == [
        (True, "市商务局", "亿元", "value")
    ]
    assert {(g.name, g.unit, g.year) for g in gaps_of(NINGBO)} == {
        (r["asked"], r["unit"] if r["part"] != "text" else None, r["year"]) for r in rows(REQUESTED)
    }


def test_rows_stand_by_department_and_are_numbered() -> None:
    departments = [r["department"] for r in rows(REQUESTED)]
    assert len(list(groupby(departments))) == len(set(departments))
    for _, group in groupby(rows(REQUESTED), key=lambda r: r["department"]):
        numbers = [r["number"] for r in group]
        assert numbers == list(range(1, len(numbers) + 1))


def test_growth_and_share_are_told_from_values() -> None:
    parts = {r["asked"]: r["part"] for r in rows(REQUESTED)}
    assert parts["进出口总额"] == "value"
    assert parts["进出口总额增速"] == "growth"
    assert parts["电子商务交易额年均增长率目标"] == "value"
    assert parts["全省电子商务交易额增速"] == "growth"
    assert parts["城市区位"] == "text"


def test_answers_become_facts_of_the_indicator_that_was_asked_for() -> None:
    merged = merge_gaps(NINGBO, filled(REQUESTED, "进出口总额增速", growth="7.8%", source="宁波海关"), CITY)
    (fact,) = merged.facts[len(NINGBO.facts) :]
    assert (fact.indicator, fact.name, fact.growth, fact.value, fact.unit) == (
        "imports-exports", "进出口总额", Decimal("7.8"), None, None,
    )  # fmt: skip
    assert (fact.source, fact.id) == ("宁波海关", f"imports-exports-{fact.year}")


def test_a_growth_written_into_the_column_of_values_is_understood() -> None:
    merged = merge_gaps(NINGBO, filled(REQUESTED, "进出口总额增速", value=-4.7), CITY)
    assert merged.facts[-1].growth == Decimal("-4.7")


def test_an_answer_is_converted_to_the_unit_that_was_asked_for() -> None:
    merged = merge_gaps(NINGBO, filled(REQUESTED, "电子商务交易额目标", value="15000000万元"), CITY)
    fact = merged.facts[-1]
    assert (fact.value, fact.unit, fact.kind, fact.year) == (Decimal(1500), "亿元", Kind.TARGET, 2020)


def test_merging_twice_adds_nothing() -> None:
    data = filled(REQUESTED)
    once = merge_gaps(NINGBO, data, CITY)
    assert merge_gaps(once, data, CITY) == once


def test_an_answer_that_contradicts_the_sheet_is_named() -> None:
    once = merge_gaps(NINGBO, filled(REQUESTED, "电子商务交易额目标", value=1500), CITY)
    with pytest.raises(FactSheetError) as caught:
        merge_gaps(once, filled(REQUESTED, "电子商务交易额目标", value=1600), CITY)
    (fault,) = caught.value.faults
    assert fault.pointer == f"{REQUEST}!{AT['value']}{row_of('电子商务交易额目标')}"
    assert once.facts[-1].id in fault.detail


DAMAGES: list[tuple[str, dict[str, Any], str, str]] = [
    ("电子商务交易额目标", {"value": "很多"}, "value", "不是数字"),
    ("电子商务交易额目标", {"value": "12万人"}, "value", "不是一类"),
    ("电子商务交易额目标", {"value": 12, "unit": "万人"}, "unit", "不能用单位"),
    ("电子商务交易额目标", {"value": "=A1"}, "value", "公式"),
    ("电子商务交易额目标", {"value": 12, "year": "明年"}, "year", "不是年份"),
    ("电子商务交易额目标", {"value": 12, "year": 3000}, "year", "1949至2100"),
    ("电子商务交易额目标", {"value": 12, "upper": 10}, "upper", "小于数值"),
    ("电子商务交易额目标", {"source": "市商务局"}, "source", "没有填数据"),
    ("电子商务交易额目标", {"value": 12, "bound": "大概"}, "bound", "可选项"),
    ("电子商务交易额目标", {"value": 12, "indicator": "target-volum"}, "indicator", "target-volume"),
    ("进出口总额增速", {"growth": "下降3%"}, "growth", "负数"),
    ("城市区位", {"text": True}, "text", "逻辑值"),
]


@pytest.mark.parametrize("number", range(len(DAMAGES)))
def test_a_damaged_answer_is_named(number: int) -> None:
    asked, cells, field, says = DAMAGES[number]
    ((place, detail),) = faults(filled(REQUESTED, asked, **cells))
    assert place == f"{REQUEST}!{AT[field]}{row_of(asked)}"
    assert says in detail


def test_a_request_that_nobody_filled_in_is_told() -> None:
    assert faults(REQUESTED) == [(f"{REQUEST}!A1", "表中没有填写任何数据，请填写后再提交")]


def test_a_lost_column_is_named() -> None:
    book = openpyxl.load_workbook(io.BytesIO(REQUESTED))
    book[REQUEST].cell(3, COLUMNS["indicator"]).value = None
    stream = io.BytesIO()
    book.save(stream)
    assert any("缺少“指标编号”列" in detail for _, detail in faults(stream.getvalue()))


def test_copies_of_several_departments_may_stand_in_one_file() -> None:
    book = openpyxl.load_workbook(io.BytesIO(filled(REQUESTED, "城市区位")))
    copy = book.copy_worksheet(book[REQUEST])
    copy.title = "市商务局"
    for row in range(4, copy.max_row + 1):
        copy.cell(row, COLUMNS["text"]).value = None
        copy.cell(row, COLUMNS["source"]).value = None
    copy.cell(row_of("电子商务交易额目标"), COLUMNS["value"]).value = 1500
    stream = io.BytesIO()
    book.save(stream)
    merged = merge_gaps(NINGBO, stream.getvalue(), CITY)
    assert [f.indicator for f in merged.facts[len(NINGBO.facts) :]] == ["location", "target-volume"]


def test_what_the_writer_asked_for_beyond_the_indicators_becomes_a_fact_of_the_point() -> None:
    section = CITY.sections_by_id["2.3"]
    point = section.points[0]
    gap = Gap(
        section="2.3",
        point=point.id,
        point_text=point.text,
        name=point.text,
        question="有哪些？",
        department="市商务局",
    )
    data = filled(gaps_xlsx([gap], CITY, "方案"), text="渔业和海岛旅游需要网上销售渠道")
    fact = merge_gaps(NINGBO, data, CITY).facts[-1]
    assert fact.text == "渔业和海岛旅游需要网上销售渠道"
    assert fact.indicator == (point.indicators[0] if len(point.indicators) == 1 else None)


def test_no_gaps_no_rows_and_the_same_bytes_each_time() -> None:
    empty = gaps_xlsx([], CITY, "方案")
    assert rows(empty) == []
    assert merge_gaps(NINGBO, empty, CITY) == NINGBO
    assert gaps_xlsx(gaps_of(NINGBO), CITY, "方案") == gaps_xlsx(gaps_of(NINGBO), CITY, "方案")


def test_a_question_is_never_a_formula() -> None:
    gap = Gap(
        section="2.1", point="x", point_text="", name="=1+1", question="@SUM(A1)", department="-市", indicator="gdp"
    )
    book = openpyxl.load_workbook(io.BytesIO(gaps_xlsx([gap], CITY, "=1")))
    assert not [c for row in book[REQUEST].iter_rows() for c in row if c.data_type == "f"]
