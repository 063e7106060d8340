"""Filled templates with one thing wrong each: the fault names the very cell and says how to mend it, nothing crashes."""

import io
from datetime import date, time
from functools import cache
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from schemas.outline import Chapter, Indicator, Outline, Point, Section
from service.errors import FactSheetError, Fault, UnknownOutlineError
from service.export.facts_template import facts_template
from service.facts.form import COLUMN_LABELS, COVER, COVER_LABELS, forms
from service.facts.intake import read_sheet
from service.facts.spreadsheet import read_spreadsheet

HEAD = 3


def _outline() -> Outline:
    money = {"dimension": "CNY", "unit": "亿元", "expects": ("value", "growth"), "department": "市统计局"}
    indicators = (
        Indicator(id="gdp", name="地区生产总值", **money),
        Indicator(id="retail", name="社会消费品零售总额", **money),
        Indicator(id="services", name="第三产业增加值", **{**money, "expects": ("value", "share")}),
        Indicator(id="location", name="城市区位", dimension="text", expects=("text",), department="市统计局"),
    )
    points = tuple(Point(id=i.id, text=i.name, indicators=(i.id,)) for i in indicators)
    section = Section(id="2.1", number="（一）", title="概况", guidance="概况。", points=points, target_length=400)
    return Outline(
        id="small",
        title="编制要点（试验用）",
        document_title="{subject}方案",
        subject_word="市",
        source="试验",
        indicators=indicators,
        chapters=(Chapter(id="2", number="二、", title="发展现状", sections=(section,)),),
    )


OUTLINE = _outline()
CHAPTER = "二、发展现状"
FACTS: list[dict[str, Any]] = [
    {"id": "gdp-2016", "indicator": "gdp", "value": 1105.04, "unit": "亿元", "year": 2016, "growth": 7.8, "share": 12},
    {"id": "gdp-2015", "indicator": "gdp", "value": 1018, "unit": "亿元", "year": 2015, "growth": -1.5, "share": 11},
    {"id": "retail-2016", "indicator": "retail", "value": [400, 450], "unit": "亿元", "year": 2016, "growth": 11, "share": 9},
    {"id": "services-2016", "indicator": "services", "value": 486, "unit": "亿元", "year": 2016, "growth": 9.4, "share": 44},
    {"id": "park", "name": "临港物流园", "kind": "project", "value": 12, "unit": "亿元", "year": 2019, "growth": 1, "share": 2},
    {"id": "bases", "name": "示范基地", "kind": "target", "value": [2, 3], "unit": "个", "year": 2021, "growth": 1, "share": 2},
    {"id": "loans", "name": "网商贷款", "kind": "measure", "value": 3, "unit": "亿元", "year": 2018, "growth": 1, "share": 2},
    {"id": "office", "name": "领导小组", "kind": "organisation", "value": 9, "unit": "家", "year": 2017, "growth": 1, "share": 2},
    {"id": "province", "name": "全省网络零售额", "kind": "benchmark", "value": 7610, "unit": "亿元", "year": 2016, "growth": 31, "share": 5, "subject": "云岭省"},
]  # fmt: skip
SHEET = read_sheet(
    {
        "outline": "small", "subject": {"name": "望海市", "province": "云岭省"}, "plan_year": 2017,
        "period": [2017, 2021], "facts": FACTS,
    },
    outline=lambda _: OUTLINE,
)  # fmt: skip
PLACES = [str(fact["id"]) for fact in FACTS]


@cache
def template() -> bytes:
    return facts_template(OUTLINE, SHEET)


def opened() -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(template()))


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def faults(data: bytes) -> tuple[Fault, ...]:
    with pytest.raises(FactSheetError) as caught:
        read_spreadsheet(data, outline=lambda _: OUTLINE)
    found = caught.value.faults
    assert all(f.detail and "！" not in f.detail for f in found)
    assert not any(word in f.detail for f in found for word in ("unit", "value", "indicator", "year"))
    return found


def column(book: Workbook, sheet: str, field: str) -> int:
    heads = {cell.value: cell.column for cell in book[sheet][HEAD]}
    related = heads.get("对应指标") if field == "indicator" else None
    return int(heads.get(COLUMN_LABELS[field]) or related or 0)


def located(book: Workbook, fact: str, field: str) -> tuple[str, int, int]:
    """Sheet, row and column of a field of a fact."""
    for sheet in book.worksheets[1:-1]:
        identifier = column(book, sheet.title, "id")
        for row in range(HEAD + 1, sheet.max_row + 1):
            if sheet.cell(row, identifier).value == fact:
                return sheet.title, row, column(book, sheet.title, field)
    raise LookupError(fact)


VALUES: list[tuple[Any, str]] = [
    ("很多", "不是数字"), ("1,05.04", "千分位"), ("约1105", "界限"), ("不低于25", "界限"), ("25以上", "界限"),
    (True, "逻辑值"), (date(2016, 2, 3), "日期"), (time(12, 30), "时间"), ("=A1*2", "公式"), ("#DIV/0!", "错误值"),
    ("—", "留空"), (10**19, "位数过多"), ("下降3.2%", "负数"), ("12万立方米", "不是一类"), ("12蒲式耳", "不是单位"),
    ("1105.04.2", "数字"), ("三千亿", "不是数字"),
]  # fmt: skip
PERCENTAGES: list[tuple[Any, str]] = [
    ("很快", "不是数字"), ("7.8个百分点", "百分数"), (date(2016, 2, 3), "日期"), (False, "逻辑值"),
    ("=B2", "公式"), ("3-5", "百分数"), ("#REF!", "错误值"),
]  # fmt: skip
YEARS: list[tuple[Any, str]] = [
    ("去年", "年份"), (1899, "1949至2100"), (2016.5, "年份"), (True, "年份"), (time(1, 2), "年份"), ("20166", "年份"),
    ("=YEAR(A1)", "公式"), (date(1912, 1, 1), "年份"),
]  # fmt: skip
TEXTS: list[tuple[Any, str]] = [(True, "逻辑值"), (date(2016, 5, 1), "日期"), ("=A1", "公式"), ("#N/A", "错误值")]
DAMAGES = [
    *(("value", *v) for v in VALUES), *(("growth", *v) for v in PERCENTAGES), *(("share", *v) for v in PERCENTAGES),
    *(("year", *v) for v in YEARS), *(("text", *v) for v in TEXTS), *(("source", *v) for v in TEXTS),
    ("bound", "大概", "可选项"), ("bound", 5, "可选项"), ("upper", "很多", "不是数字"), ("upper", 0.001, "小于数值"),
    ("id", "编号一", "只能用英文字母"),
]  # fmt: skip


@pytest.mark.parametrize("further", [0, 2, 5])
@pytest.mark.parametrize("number", range(len(DAMAGES)))
def test_a_damaged_cell_is_named(number: int, further: int) -> None:
    """Every kind of damage in three of the sheets, one file for each."""
    field, content, says = DAMAGES[number]
    book = opened()
    sheet, row, at = located(book, PLACES[(number + further) % len(PLACES)], field)
    book[sheet].cell(row, at).value = content
    found = faults(saved(book))
    assert [f.pointer for f in found] == [f"{sheet}!{get_column_letter(at)}{row}"]
    assert says in found[0].detail


@pytest.mark.parametrize("turn", range(len(VALUES)))
def test_all_damaged_cells_are_named_at_once(turn: int) -> None:
    """Nine facts with six damaged cells each: every place meets every kind of damage in one of the turns."""
    book, expected = opened(), {}
    kinds = {
        "value": VALUES,
        "growth": PERCENTAGES,
        "share": PERCENTAGES,
        "year": YEARS,
        "text": TEXTS,
        "source": TEXTS,
    }
    for number, place in enumerate(PLACES):
        for field, damages in kinds.items():
            content, says = damages[(turn + number) % len(damages)]
            sheet, row, at = located(book, place, field)
            book[sheet].cell(row, at).value = content
            expected[f"{sheet}!{get_column_letter(at)}{row}"] = says
    found = faults(saved(book))
    assert {f.pointer for f in found} == set(expected)
    assert len(found) == len(expected) == 54
    assert all(expected[f.pointer] in f.detail for f in found)


COVERED = {name: f"B{row}" for row, name in enumerate(COVER_LABELS, 4)}
COVER_DAMAGES: list[tuple[str, Any, str]] = [
    ("name", None, "全称"), ("plan_year", None, "年份"), ("first", None, "只填了一半"), ("last", None, "只填了一半"),
    ("plan_year", "明年", "不是年份"), ("plan_year", 17, "1949至2100"), ("first", "十三五", "不是年份"),
    ("last", 2010, ""), ("name", "望" * 61, "60个字"), ("name", True, "逻辑值"), ("province", date(2016, 1, 1), "日期"),
    ("name", "=A1", "公式"), ("outline", "smal", "没有编号"), ("outline", None, "没有编号"), ("short_name", "#REF!", "错误值"),
]  # fmt: skip


def resolve(name: str) -> Outline:
    if name != OUTLINE.id:
        raise UnknownOutlineError(f"没有编号为“{name}”的编制要点")
    return OUTLINE


@pytest.mark.parametrize("number", range(len(COVER_DAMAGES)))
def test_a_damaged_cover_is_named(number: int) -> None:
    field, content, says = COVER_DAMAGES[number]
    book = opened()
    book[COVER][COVERED[field]] = content
    with pytest.raises(FactSheetError) as caught:
        read_spreadsheet(saved(book), outline=resolve)
    places = {f"{COVER}!{COVERED[field]}"} | (
        {f"{COVER}!{COVERED['first']}"} if (field, content) == ("last", 2010) else set()
    )
    assert {f.pointer for f in caught.value.faults} <= places
    assert says in caught.value.faults[0].detail


SHEETS = [form.title for form in forms(OUTLINE)]


@pytest.mark.parametrize("title", [COVER, *SHEETS])
@pytest.mark.parametrize("renamed", [True, False])
def test_a_sheet_that_is_missing_or_renamed_is_named(title: str, renamed: bool) -> None:
    book = opened()
    if renamed:
        book[title].title = "我的表"
    else:
        del book[title]
    found = [f.pointer for f in faults(saved(book))]
    assert f"{title}!A1" in found
    assert ("我的表!A1" in found) == (renamed and title != COVER)


@pytest.mark.parametrize("title", SHEETS)
def test_each_missing_or_doubled_column_is_named(title: str) -> None:
    form = next(f for f in forms(OUTLINE) if f.title == title)
    book = opened()
    heads = {cell.value: cell for cell in book[title][HEAD]}
    for field in form.fields[::3]:
        cell = heads[COLUMN_LABELS[field]]
        label, cell.value = str(cell.value), "别的"
        assert any(
            f.pointer == f"{title}!A{HEAD}" and label.partition("（")[0] in f.detail for f in faults(saved(book))
        )
        cell.value = label
    book[title].cell(HEAD, 40).value = "来源"
    assert [(f.pointer, "两次" in f.detail) for f in faults(saved(book))] == [(f"{title}!AN{HEAD}", True)]


def test_a_sheet_without_its_heading_is_named() -> None:
    book = opened()
    for cell in book["其他"][HEAD]:
        cell.value = None
    found = faults(saved(book))
    assert ("其他!A1", True) in [(f.pointer, "找不到表头" in f.detail) for f in found]


@pytest.mark.parametrize("number", range(len(PLACES)))
def test_merged_cells_are_named(number: int) -> None:
    book = opened()
    sheet, row, at = located(book, PLACES[number], "year")
    book[sheet].merge_cells(start_row=row, end_row=row + 1, start_column=at, end_column=at)
    letter = get_column_letter(at)
    found = faults(saved(book))
    assert found[0].pointer == f"{sheet}!{letter}{row}"
    assert f"{letter}{row}:{letter}{row + 1} 是合并单元格" in found[0].detail


@pytest.mark.parametrize("number", range(len(PLACES)))
def test_a_doubled_id_is_named(number: int) -> None:
    book = opened()
    places = [located(book, place, "id") for place in PLACES]
    sheet, row, at = places[number]
    book[sheet].cell(row, at).value = PLACES[number - 1]
    later, row, at = places[max(number, (number - 1) % len(PLACES))]  # facts are read in the sheet's own order
    assert [f.pointer for f in faults(saved(book))] == [f"{later}!{get_column_letter(at)}{row}"]


def test_a_row_without_an_indicator_and_an_unknown_one_are_named() -> None:
    book = opened()
    sheet, row, at = located(book, "gdp-2016", "indicator")
    book[sheet].cell(row, at).value = "地区总产值"
    book[sheet].cell(row + 1, at).value = None
    first, second = faults(saved(book))
    assert (first.pointer, "下拉" in first.detail) == (f"{sheet}!{get_column_letter(at)}{row + 1}", True)
    assert (second.pointer, "地区生产总值" in second.detail) == (f"{sheet}!{get_column_letter(at)}{row}", True)


@pytest.mark.parametrize(("unit", "says"), [("万人", "不能用单位"), ("蒲式耳", "不认识单位"), ("亿美元", "不能用单位")])
def test_a_foreign_unit_is_named(unit: str, says: str) -> None:
    book = opened()
    for place in PLACES[:4]:
        sheet, row, at = located(book, place, "unit")
        before, book[sheet].cell(row, at).value = book[sheet].cell(row, at).value, unit
        found = faults(saved(book))
        assert [(f.pointer, says in f.detail) for f in found] == [(f"{sheet}!{get_column_letter(at)}{row}", True)]
        book[sheet].cell(row, at).value = before


def test_a_row_with_a_name_and_no_content_is_named() -> None:
    book = opened()
    sheet, row, _ = located(book, "province", "value")
    book[sheet].cell(row + 1, column(book, sheet, "name")).value = "全省快递业务量"
    found = faults(saved(book))
    assert [f.pointer for f in found] == [f"{sheet}!{get_column_letter(column(book, sheet, 'name'))}{row + 1}"]


def test_an_upper_end_without_a_value_is_named() -> None:
    book = opened()
    sheet, row, at = located(book, "bases", "value")
    book[sheet].cell(row, at).value = None
    assert [f.pointer for f in faults(saved(book))] == [f"{sheet}!{get_column_letter(at)}{row}"]
