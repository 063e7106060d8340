"""The template as a spreadsheet program sees it, and read back as the fact sheet it was filled with."""

import io
import re
import time
import zipfile
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from schemas.facts import Bound, Fact, FactSheet, Kind
from service.errors import FactSheetError
from service.export.facts_template import facts_template
from service.facts.form import COLUMN_LABELS, COVER, COVER_LABELS, KIND_LABELS, OPTIONS, UNIT_CHOICES, forms
from service.facts.intake import read_sheet
from service.facts.spreadsheet import read_spreadsheet
from service.prompt.outlines import load_outline, outline_ids
from service.text.units import read_unit
from tests.factories import fact_sheet
from tests.factories import outline as small_outline

CASES = tuple(
    sorted(
        f.name.removesuffix(".json")
        for f in (files("evals") / "datasets").iterdir()
        if f.name.endswith(".json") and f.name != "hostile.json"
    )
)
"""Every shipped sheet, the one without facts too; the hostile one has a test of its own."""
HEAD = 3


@cache
def known(case: str) -> FactSheet:
    return read_sheet((files("evals") / "datasets" / f"{case}.json").read_bytes(), outline=load_outline)


@cache
def blank(outline: str) -> bytes:
    return facts_template(load_outline(outline))


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("case", CASES)
def test_a_prefilled_template_reads_back_as_the_same_sheet(case: str) -> None:
    sheet = known(case)
    assert read_spreadsheet(facts_template(load_outline(sheet.outline), sheet), outline=load_outline) == sheet


def test_of_hostile_facts_only_what_cannot_be_seen_is_lost() -> None:
    """Marks that turn the direction of writing, and line ends of another system; no formula is made of a text."""
    sheet = known("hostile")
    read = read_spreadsheet(facts_template(load_outline(sheet.outline), sheet), outline=load_outline)
    assert [f.id for f in read.facts] == [f.id for f in sheet.facts]
    assert {f.id for f, g in zip(sheet.facts, read.facts, strict=True) if f != g} == {"association", "countermeasures"}
    unseen = str.maketrans("", "", "\u200f\u202a\u202b\u202c\u202d\u202e \r\n")
    for before, after in zip(sheet.facts, read.facts, strict=True):
        assert after.value == before.value
        assert (after.text or "").translate(unseen) == (before.text or "").translate(unseen)


@pytest.mark.parametrize("case", CASES)
def test_a_blank_template_filled_in_reads_as_the_same_facts(case: str) -> None:
    """As a person would: each fact in its indicator's row, further ones in the spare rows, the rest by kind."""
    sheet = known(case)
    book = opened(blank(sheet.outline))
    fill_cover(book, sheet)
    taken: set[tuple[str, int]] = set()
    for fact in sheet.facts:
        fill_in(book, fact, sheet.outline, taken)
    read = read_spreadsheet(saved(book), outline=load_outline)
    assert read.model_copy(update={"facts": ()}) == sheet.model_copy(update={"facts": ()})
    assert sorted(read.facts, key=lambda f: f.id) == sorted(sheet.facts, key=lambda f: f.id)


def fill_cover(book: Workbook, sheet: FactSheet) -> None:
    first, last = sheet.period or (None, None)
    answers = {
        **sheet.subject.model_dump(),
        "outline": sheet.outline,
        "plan_year": sheet.plan_year,
        "first": first,
        "last": last,
    }
    for row, name in enumerate(COVER_LABELS, 4):
        answer = answers[name]
        book[COVER].cell(row, 2).value = "、".join(answer) if isinstance(answer, tuple) else answer


def fill_in(book: Workbook, fact: Fact, outline: str, taken: set[tuple[str, int]]) -> None:
    sheets = forms(load_outline(outline))
    names = {i.id: i.name for f in sheets for _, group in f.groups for i in group}
    name = names.get(fact.indicator or "")
    chapter = next((f.title for f in sheets for _, group in f.groups if any(i.name == name for i in group)), None)
    chapter = None if fact.kind is Kind.POLICY else chapter
    title = chapter or next((f.title for f in sheets if f.kind is fact.kind), sheets[-1].title)
    sheet = book[title]
    columns = {cell.value: cell.column for cell in sheet[HEAD]}
    row = free_row(book, title, name, taken, columns)
    low, high = fact.value if isinstance(fact.value, tuple) else (fact.value, None)
    contents: dict[str, Any] = fact.model_dump() | {"value": low, "upper": high, "indicator": name}
    contents["kind"] = KIND_LABELS[fact.kind]
    contents["bound"] = {Bound.AT_LEAST: "不低于", Bound.AT_MOST: "不超过", Bound.ABOUT: "约"}.get(fact.bound)
    for field, content in contents.items():
        label = "对应指标" if field == "indicator" and chapter is None else COLUMN_LABELS.get(field, "")
        column = columns.get(label)
        assert column is not None or content is None or field in {"indicator", "kind"}
        if column is not None and content is not None and (field != "unit" or low is not None):
            sheet.cell(row, column).value = content


def free_row(book: Workbook, title: str, name: str | None, taken: set[tuple[str, int]], columns: dict[Any, Any]) -> int:
    sheet = book[title]
    rows = range(HEAD + 1, sheet.max_row + 40)
    label = columns.get("指标")
    own = [r for r in rows if label and name and sheet.cell(r, label).value == name and (title, r) not in taken]
    spare = [
        r
        for r in rows
        if (title, r) not in taken and not (label and sheet.cell(r, label).value) and not sheet.cell(r, 1).value
    ]
    row = (own or spare)[0]
    taken.add((title, row))
    return row


def test_the_same_facts_give_the_same_bytes() -> None:
    sheet = known("ningbo")
    first = facts_template(load_outline(sheet.outline), sheet)
    time.sleep(2.1)  # the resolution of times in a zip
    assert facts_template(load_outline(sheet.outline), sheet) == first


@pytest.mark.parametrize("outline", outline_ids())
def test_an_empty_template_is_read_and_only_its_cover_missed(outline: str) -> None:
    with pytest.raises(FactSheetError) as caught:
        read_spreadsheet(blank(outline), outline=load_outline)
    assert {fault.pointer.split("!")[0] for fault in caught.value.faults} == {COVER}


@pytest.mark.parametrize("outline", outline_ids())
def test_every_indicator_has_its_row_once(outline: str) -> None:
    book, found = opened(blank(outline)), load_outline(outline)
    rows = [
        str(cell.value)
        for form in forms(found)
        if form.is_chapter
        for (cell,) in book[form.title].iter_rows(min_col=2, max_col=2, min_row=HEAD + 1)
        if cell.value
    ]
    assert sorted(rows) == sorted(i.name for i in found.indicators)


@pytest.mark.parametrize("outline", outline_ids())
def test_every_list_is_a_named_range_of_the_hidden_sheet(outline: str) -> None:
    book = opened(blank(outline))
    assert book[OPTIONS].sheet_state == "hidden"
    lists = [v for s in book.worksheets for v in s.data_validations.dataValidation if v.type == "list"]
    assert len(lists) > 10
    for validation in lists:
        (title, cells) = next(iter(book.defined_names[validation.formula1.removeprefix("=")].destinations))
        values = [cell.value for (cell,) in book[title][cells]]
        assert title == OPTIONS
        assert all(values)
        assert len(values) == len(set(values))


@pytest.mark.parametrize("outline", outline_ids())
def test_prompts_and_error_texts_are_as_long_as_excel_allows(outline: str) -> None:
    for sheet in opened(blank(outline)).worksheets:
        seen: set[str] = set()
        for validation in sheet.data_validations.dataValidation:
            assert 0 < len(validation.promptTitle) <= 32
            assert 0 < len(validation.prompt) <= 255
            assert len(validation.error or "") <= 225
            assert validation.error or validation.type is None or validation.type == "none"
            cells = {c for area in validation.sqref.ranges for row in area.rows for c in row}
            assert not cells & seen, "two rules on one cell damage the file"
            seen |= cells


@pytest.mark.parametrize("outline", outline_ids())
def test_what_is_to_be_filled_in_is_open_and_the_rest_is_not(outline: str) -> None:
    book = opened(blank(outline))
    for form in forms(load_outline(outline)):
        sheet = book[form.title]
        heads = {cell.value: cell for cell in sheet[HEAD]}
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        assert str(sheet.freeze_panes).endswith("4")
        fitted = sheet.sheet_properties.pageSetUpPr
        assert fitted is not None
        assert fitted.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert all(cell.protection.locked for cell in heads.values())
        row = HEAD + 2
        for label in ("数值", "单位", "来源", "编号"):
            if label in heads:
                assert not sheet[f"{heads[label].coordinate.rstrip('0123456789')}{row}"].protection.locked
        if form.is_chapter:
            assert sheet[f"{heads['指标'].coordinate.rstrip('0123456789')}{row}"].protection.locked


def test_rows_may_be_added_below_the_last() -> None:
    sheet = known("ningbo")
    book = opened(facts_template(load_outline("city-2017"), sheet))
    other = book["其他"]
    assert not other.column_dimensions["B"].protection.locked
    row = other.max_row + 1
    for column, content in enumerate(("高校数量", 2015, 14, None, "所"), 1):
        other.cell(row, column).value = content
    read = read_spreadsheet(saved(book), outline=load_outline)
    assert read.facts[: len(sheet.facts)] == sheet.facts
    (added,) = read.facts[len(sheet.facts) :]
    assert (added.name, added.value, added.unit, added.year) == ("高校数量", Decimal(14), "所", 2015)
    assert added.id == "actual-2015"


def test_a_required_cell_is_red_until_some_row_of_its_indicator_has_it() -> None:
    book = opened(blank("city-2017"))
    sheet = book["二、城市经济社会发展现状与战略定位"]
    rules = {str(area.sqref): rule.formula[0] for area in sheet.conditional_formatting for rule in area.rules}
    growth, last = next(formula for formula in rules.values() if "增速" in formula), sheet.max_row
    filled = f'COUNTIFS($B$4:$B${last},$B4,$I$4:$I${last},"<>")=0'
    assert growth == f'AND(LEFT($A4,1)="★",ISNUMBER(FIND("增速",$A4)),{filled})'
    marks = {sheet.cell(r, 2).value: sheet.cell(r, 1).value for r in range(4, sheet.max_row + 1)}
    assert marks["地区生产总值"] == "★数值、增速"
    assert marks["第三产业增加值"] == "★数值、比重"
    text = next(formula for formula in rules.values() if "文字" in formula)
    assert "COUNTIF(政策对应指标,$B4)" in text
    assert book.defined_names["政策对应指标"].attr_text.startswith("'政策文件'!$E$4:$E$")


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 574", "-5%", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1", "#N/A", "=cmd|' /C calc'!A0"]
)
def test_text_is_never_a_formula(text: str) -> None:
    sheet = fact_sheet({"id": "x", "name": text, "text": text, "source": text, "kind": "other"}, subject={"name": text})
    data = facts_template(small_outline(), sheet)
    book = opened(data)
    cells = [c for s in book.worksheets for row in s.iter_rows() for c in row if c.value is not None]
    assert not [c for c in cells if c.data_type in {"f", "e"}]
    written = [c for c in cells if c.value == text.strip() or c.value == text.replace("\t", " ")]
    assert len(written) == 4
    assert all(c.quotePrefix for c in written if text.strip()[0] in "=+-@")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/")]
    assert not any(b"<f>" in part for part in parts)


def test_fonts_are_written_in_the_order_of_the_schema() -> None:
    with zipfile.ZipFile(io.BytesIO(blank("base"))) as archive:
        styles = archive.read("xl/styles.xml").decode()
    order = ["b", "sz", "color", "name", "family", "scheme"]
    fonts = re.findall(r"<font>(.*?)</font>", styles)
    assert len(fonts) > 3
    for font in fonts:
        names = re.findall(r"<(\w+)", font)
        assert names == sorted(names, key=order.index)
        assert "sz" in names


def test_a_text_longer_than_a_cell_is_refused() -> None:
    sheet = fact_sheet({"id": "x", "name": "区位", "text": "望" * 32_768})
    with pytest.raises(FactSheetError) as caught:
        facts_template(small_outline(), sheet)
    assert caught.value.faults[0].pointer == "/facts/0/text"


def test_every_unit_that_is_offered_measures_what_it_is_offered_for() -> None:
    for dimension, units in UNIT_CHOICES.items():
        alike = {"enterprises", "households", "count"}
        for unit in units:
            read = read_unit(unit)
            assert read is not None, unit
            assert read.dimension == dimension or {read.dimension, dimension} <= alike, unit


def test_several_years_of_one_indicator_stand_in_rows_of_their_own() -> None:
    facts = [
        {"id": f"gdp-{y}", "indicator": "gdp", "name": "GDP", "value": 1000 + y, "unit": "亿元", "year": y}
        for y in (2014, 2015, 2016)
    ]
    sheet = fact_sheet(*facts)
    assert read_spreadsheet(facts_template(small_outline(), sheet), outline=lambda _: small_outline()) == sheet


def test_a_zero_is_given_a_column_where_its_sheet_has_none() -> None:
    zeros: dict[str, Any] = {"kind": "policy", "value": 0, "unit": "个", "growth": 0, "share": 0}
    sheet = fact_sheet({"id": "p", "name": "电子商务扶持政策", "text": "已出台扶持政策", **zeros})
    assert read_spreadsheet(facts_template(small_outline(), sheet), outline=lambda _: small_outline()) == sheet


SHARES = st.one_of(st.integers(0, 100).map(Decimal), st.decimals(0, 100, places=4))
NUMBERS = st.one_of(
    st.integers(-(10**14), 10**14).map(Decimal),
    st.decimals(-(10**9), 10**9, places=4),
    st.decimals(-(10**6), 10**6, places=14),
)
TEXTS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")) | st.sampled_from("\n="), min_size=1, max_size=60
).map(lambda t: " ".join(t.split(" ")).strip()).filter(bool)  # fmt: skip


@st.composite
def facts(draw: st.DrawFn, number: int) -> dict[str, Any]:
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    value = draw(st.sampled_from([low, [low, high], None]))
    fact: dict[str, Any] = {
        "id": f"f{number}", "name": draw(TEXTS), "text": draw(TEXTS), "source": draw(st.none() | TEXTS),
        "kind": draw(st.sampled_from(list(Kind))), "bound": draw(st.sampled_from(list(Bound))),
        "year": draw(st.none() | st.integers(1949, 2100)), "growth": draw(st.none() | NUMBERS), "share": draw(st.none() | SHARES),
        "subject": draw(st.none() | TEXTS),
    }  # fmt: skip
    return fact | (
        {"value": value, "unit": draw(st.sampled_from(["亿元", "个", "蒲式耳"]))} if value is not None else {}
    )


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_facts_read_back_as_they_were(data: st.DataObject) -> None:
    outline = small_outline()
    chosen = [data.draw(facts(n)) for n in range(data.draw(st.integers(0, 6)))]
    given_facts = read_sheet(
        {"outline": "small", "subject": {"name": "望海市"}, "plan_year": 2017, "facts": chosen},
        outline=lambda _: outline,
    )
    assert read_spreadsheet(facts_template(outline, given_facts), outline=lambda _: outline) == given_facts
