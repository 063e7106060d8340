"""Outline (and what is known already) → facts-template.xlsx, the spreadsheet that a city's offices fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from schemas.facts import Bound, Fact, FactSheet, Kind
from schemas.outline import Indicator, Outline
from service.errors import FactSheetError, Fault
from service.export.template_cover import add_cover
from service.export.template_page import Page
from service.export.template_rules import add_rules
from service.export.workbook import (
    BAND,
    FAINT,
    FIXED,
    HEAD,
    HINT,
    INPUT,
    LONGEST_TEXT,
    MARK,
    TITLE,
    WANTED,
    Align,
    Choices,
    Content,
    Look,
    define,
    fit,
    lay_out,
    put,
    redden,
    saved,
    unlock,
)
from service.facts.form import (
    BOUND_LABELS,
    COLUMN_LABELS,
    KIND_LABELS,
    OPTIONS,
    PART_FIELDS,
    PART_LABELS,
    POLICY_INDICATORS,
    RELATED,
    Form,
    forms,
    required_indicators,
)

_HEAD_ROW = 3
_SPARE_CHAPTER, _SPARE_KIND = 12, 20
"""Empty rows at the end of a chapter's sheet and of the others."""
_WIDTHS: Mapping[str, float] = {
    "required": 11, "indicator": 22, "meaning": 20, "department": 15, "name": 22, "title": 34, "doc_number": 22,
    "issuer": 16, "year": 7, "value": 11, "upper": 9, "unit": 9, "growth": 10, "share": 10, "text": 40, "bound": 8,
    "source": 22, "subject": 11, "kind": 8, "id": 18, "order": 6,
}  # fmt: skip
_CENTRED = frozenset({"year", "unit", "bound", "kind"})
_NUMBERS = frozenset({"value", "upper", "growth", "share"})
_GIVEN = frozenset({"required", "meaning", "department", "order"})
_SPARE_HEADING = "补充行：同一指标有几个年份或几条数据的，第一条填在上面，其余的在这里选择指标后填写"


@dataclass(frozen=True, slots=True)
class _Known:
    """Names of indicators by id, those that must be answered, and the place of each fact in its sheet by id."""

    names: Mapping[str, str]
    required: frozenset[str]
    order: Mapping[str, int]


def facts_template(outline: Outline, sheet: FactSheet | None = None) -> bytes:
    """The .xlsx file: cover, a sheet for each chapter's indicators, sheets for policies, projects, targets and so on.

    `sheet` fills it with what is known; the filled file reads back as the same fact sheet. The same input gives the
    same bytes. Raises FactSheetError for a text that is longer than a cell holds (32767 characters).
    """
    if sheet is not None:
        _refuse_long(sheet)
    book = Workbook()
    front = book.active
    assert isinstance(front, Worksheet)
    add_cover(front, outline, sheet)
    placed = _placed(outline, sheet.facts if sheet else ())
    known = _Known(
        names={i.id: i.name for i in outline.indicators},
        required=required_indicators(outline),
        order={f.id: n for n, f in enumerate(sheet.facts if sheet else (), 1)},
    )
    pages = [_page(book, form, placed[form.title], known) for form in forms(outline)]
    choices = Choices(book, OPTIONS)
    for page in pages:
        add_rules(page, choices)
    return saved(book, f"{outline.document_title.replace('{subject}', '')}事实表")


def _refuse_long(sheet: FactSheet) -> None:
    faults = [
        Fault(f"/facts/{n}/{name}", f"文字超过{LONGEST_TEXT}个字符，表格的一格放不下，请拆成几条事实")
        for n, fact in enumerate(sheet.facts)
        for name in ("name", "title", "text", "source")
        if len(getattr(fact, name) or "") > LONGEST_TEXT
    ]
    if faults:
        raise FactSheetError(f"事实表有{len(faults)}处文字放不进表格，{faults[0].pointer}：{faults[0].detail}", faults)


def _placed(outline: Outline, facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Facts by the sheet they go to: their indicator's chapter, else the sheet of their kind, else the last one.

    A document always goes to the policies, where its number and issuer have columns.
    """
    sheets = forms(outline)
    chapters = {i.id: f.title for f in sheets for _, group in f.groups for i in group}
    kinds = {f.kind: f.title for f in sheets if f.kind is not None}
    related = {i.id for f in sheets if f.kind is Kind.POLICY for i in f.offered}
    placed: dict[str, list[Fact]] = {f.title: [] for f in sheets}
    for fact in facts:
        policy = fact.kind is Kind.POLICY and fact.indicator in {None, *related}
        chapter = None if policy else chapters.get(fact.indicator or "")
        by_kind = kinds.get(fact.kind) if policy or fact.indicator is None else None
        placed[chapter or by_kind or sheets[-1].title].append(fact)
    return placed


def _page(book: Workbook, form: Form, facts: Sequence[Fact], known: _Known) -> Page:
    sheet = book.create_sheet(form.title)
    extra = [f for f in COLUMN_LABELS if f not in form.fields and any(_content(fact, f) is not None for fact in facts)]
    fields = [*(f for f in form.fields if f != "order"), *extra, "order"]
    page = Page(sheet, form, {name: column for column, name in enumerate(fields, 1)})
    put(sheet, 1, 1, form.heading, TITLE)
    hint = "★为必填，红色格还没有填；没有数据的请留空" if form.is_chapter else "空行不够时，接着往下填"
    put(sheet, 2, 1, hint, HINT)
    for name, column in page.columns.items():
        related = name == "indicator" and not form.is_chapter
        put(sheet, _HEAD_ROW, column, RELATED if related else COLUMN_LABELS[name], HEAD)
    sheet.row_dimensions[1].height, sheet.row_dimensions[_HEAD_ROW].height = 28, 26
    if form.is_chapter:
        _chapter_rows(page, facts, known)
    else:
        for fact in [*facts, *([None] * _SPARE_KIND)]:
            page.rows[_next(page)] = None
            _write(page, _shown(None, fact, known))
    _finish(page)
    return page


def _chapter_rows(page: Page, facts: Sequence[Fact], known: _Known) -> None:
    for section, indicators in page.form.groups:
        _band(page, section.number + section.title)
        for indicator in indicators:
            given = [f for f in facts if f.indicator == indicator.id]
            for number, fact in enumerate(given or [None]):
                page.rows[_next(page)] = indicator
                marks = _marks(indicator, known.required) if number == 0 else {}
                _write(page, _shown(indicator, fact, known) | marks)
    _band(page, _SPARE_HEADING)
    for _ in range(_SPARE_CHAPTER):
        page.rows[_next(page)] = None
        _write(page, {})


def _next(page: Page) -> int:
    return max(page.sheet.max_row, _HEAD_ROW) + 1


def _band(page: Page, text: str) -> None:
    row = _next(page)
    for column in page.columns.values():
        put(page.sheet, row, column, None, BAND)
    put(page.sheet, row, page.columns["required"], text, _BAND_TEXT)


_BAND_TEXT = Look(fill=BAND.fill, colour=BAND.colour, bold=True, box=False)


def _marks(indicator: Indicator, required: frozenset[str]) -> dict[str, Content]:
    """What the first row of an indicator says about it."""
    parts = "、".join(PART_LABELS[p] for p in indicator.expects)
    return {
        "required": f"{'★' if indicator.id in required else '☆'}{parts}",
        "meaning": indicator.meaning,
        "department": indicator.department,
    }


def _shown(indicator: Indicator | None, fact: Fact | None, known: _Known) -> dict[str, Content]:
    """What a row shows of its indicator and its fact; without a fact, what the indicator alone says."""
    if fact is not None:
        shown = {name: _content(fact, name) for name in COLUMN_LABELS}
        return shown | {
            "order": known.order[fact.id],
            "indicator": known.names.get(fact.indicator or "", fact.indicator),
        }
    if indicator is None:
        return {}
    return {"indicator": indicator.name, "unit": indicator.unit, "kind": KIND_LABELS[indicator.kind]}


def _write(page: Page, contents: Mapping[str, Content]) -> None:
    """Writes the sheet's next row."""
    row = _next(page)
    indicator = page.rows[row]
    for name, column in page.columns.items():
        put(page.sheet, row, column, contents.get(name), _look(name, page.form, indicator))
    fit(page.sheet, row, {name: contents.get(name) for name in page.columns}, _WIDTHS)


def _content(fact: Fact, name: str) -> Content:
    """What the column shows of the fact."""
    if name == "value":
        return fact.value[0] if isinstance(fact.value, tuple) else fact.value
    if name == "upper":
        return fact.value[1] if isinstance(fact.value, tuple) else None
    if name == "kind":
        return KIND_LABELS[fact.kind]
    if name == "bound":
        return None if fact.bound is Bound.EXACT else BOUND_LABELS[fact.bound]
    return getattr(fact, name, None)


def _look(name: str, form: Form, indicator: Indicator | None) -> Look:
    if name in {"meaning", "department"}:
        return FAINT
    if name == "required":
        return MARK
    if name == "indicator" and form.is_chapter:
        return FIXED if indicator else INPUT
    align: Align = "center" if name in _CENTRED else "right" if name in _NUMBERS else "left"
    return Look(
        fill=WANTED.fill if indicator is not None and name in indicator.expects else None,
        open=True,
        align=align,
        number_format="0" if name == "year" else "@" if name in {"doc_number", "id", "title"} else "General",
    )


def _finish(page: Page) -> None:
    first, last = _HEAD_ROW + 1, page.sheet.max_row
    if page.form.is_chapter:
        named = f"${page.letter('indicator')}${first}:${page.letter('indicator')}${last}"
        mark, one = f"${page.letter('required')}{first}", f"${page.letter('indicator')}{first}"
        for part in PART_FIELDS:
            letter = page.letter(part)
            filled = f'COUNTIFS({named},{one},${letter}${first}:${letter}${last},"<>")'
            asked = f'LEFT({mark},1)="★",ISNUMBER(FIND("{PART_LABELS[part]}",{mark}))'
            elsewhere = f"+COUNTIF({POLICY_INDICATORS},{one})" if part == "text" else ""
            redden(page.sheet, f"{letter}{first}:{letter}{last}", f"AND({asked},{filled}{elsewhere}=0)")
    elif page.form.kind is Kind.POLICY:
        # A rule may name cells of another sheet only by a defined name (Excel up to 2007).
        where = (
            f"'{page.sheet.title}'!${page.letter('indicator')}${first}:${page.letter('indicator')}${last + _SPARE_KIND}"
        )
        define(page.sheet, POLICY_INDICATORS, where)
    widths = {column: _WIDTHS[name] for name, column in page.columns.items()}
    printed = max(column for name, column in page.columns.items() if name in {"source", "text"})
    frozen = f"{get_column_letter(page.columns['indicator' if page.form.is_chapter else page.form.fields[0]] + 1)}4"
    lay_out(page.sheet, widths, head=_HEAD_ROW, frozen=frozen, printed=printed)
    unlock(page.sheet, (column for name, column in page.columns.items() if name not in _GIVEN))
    page.sheet.column_dimensions[page.letter("order")].hidden = True
