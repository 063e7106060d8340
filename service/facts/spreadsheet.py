"""The filled template (.xlsx) → the fact sheet: intake for people who live in Excel and WPS, with faults by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from schemas.facts import FactSheet, Kind
from schemas.outline import Indicator, Outline
from service.errors import Fault, UnknownOutlineError
from service.facts.cover import read_cover
from service.facts.form import COLUMN_LABELS, COVER, OPTIONS, RELATED, Form, forms
from service.facts.placing import checked, fact_sheet_error, generated_id, record_places
from service.facts.records import Record, is_filled, read_record
from service.facts.table import Row, read_table
from service.facts.workbook import Grid, open_workbook, place

_LAST = 10**9
"""Rows that a person added come after those that the template was filled with."""


def read_spreadsheet(source: bytes, *, outline: Callable[[str], Outline]) -> FactSheet:
    """The fact sheet of a filled template. `outline` resolves an id, raising UnknownOutlineError.

    Raises FileInputError for what cannot be opened, FactSheetError with all faults, each with sheet and cell
    (`二、发展现状!D6`), for what can.
    """
    grids = {g.title.strip(): g for g in open_workbook(source)}
    cover = read_cover(grids.get(COVER))
    if not cover.data:
        raise fact_sheet_error(cover.faults)
    try:
        found = outline(str(cover.data["outline"]))
    except UnknownOutlineError as error:
        cover.faults.append(Fault(cover.places.get("/outline", place(COVER, 1, 1)), error.message))
        raise fact_sheet_error(cover.faults) from error
    faults = [*cover.faults, *_strangers(grids, found)]
    records = []
    for form in forms(found):
        read, wrong = _sheet(grids.get(form.title), form, found)
        records += read
        faults += wrong
    records.sort(key=lambda r: _order(r.row))
    _identify(records, found)
    places = dict(cover.places)
    for number, record in enumerate(records):
        faults += record.faults
        places |= record_places(number, record.row)
    return checked(cover.data | {"facts": [r.fields for r in records]}, outline, places, faults)


def _strangers(grids: Mapping[str, Grid], outline: Outline) -> Iterator[Fault]:
    """Sheets with content that no form reads: better named than silently dropped."""
    known = {COVER, OPTIONS, *(f.title for f in forms(outline))}
    for title, grid in grids.items():
        if title not in known and grid.rows:
            detail = f"模板中没有名为“{title}”的工作表，它的内容不会读取，请移入模板的各表，或删去此表"
            yield Fault(place(grid.title, 1, 1), detail)


def _sheet(grid: Grid | None, form: Form, outline: Outline) -> tuple[list[Record], list[Fault]]:
    if grid is None:
        detail = f"缺少工作表“{form.title}”，请从模板复制回来，没有数据的表留空即可，不要删去或改名"
        return [], [Fault(place(form.title, 1, 1), detail)]
    labels = COLUMN_LABELS if form.is_chapter else {**COLUMN_LABELS, "indicator": RELATED}
    table = read_table(grid, labels, form.fields)
    return [_record(row, form, outline) for row in table.rows if is_filled(row)], list(table.faults)


def _record(row: Row, form: Form, outline: Outline) -> Record:
    indicator = _indicator(row, outline)
    record = read_record(row, unit=indicator.unit if indicator else None)
    if indicator is not None:
        record.fields["indicator"] = indicator.id
    elif "indicator" in row.cells:
        record.fields["indicator"] = str(row.cells["indicator"].content).strip()
    elif form.is_chapter:
        record.fault("indicator", "这一行有内容却没有指标，请从下拉列表选择指标；目录以外的数据请填在后面的“其他”等表")
    record.fields.setdefault("kind", form.kind or (indicator.kind if indicator else Kind.ACTUAL))
    if indicator and "value" not in row.cells and record.fields.get("unit") == indicator.unit:
        record.fields.pop("unit", None)  # the template's own, which no number needs
    return record


def _indicator(row: Row, outline: Outline) -> Indicator | None:
    """By the name that the row shows, or its id."""
    if "indicator" not in row.cells:
        return None
    written = str(row.cells["indicator"].content).strip()
    return outline.indicators_by_id.get(written) or next((i for i in outline.indicators if i.name == written), None)


def _order(row: Row) -> int:
    cell = row.cells.get("order")
    return cell.content if cell is not None and isinstance(cell.content, int) else _LAST


def _identify(records: list[Record], outline: Outline) -> None:
    """Gives an id to each fact that has none: gdp-2016, policy-1."""
    taken = {str(r.fields["id"]) for r in records if "id" in r.fields}
    for record in records:
        if "id" not in record.fields and "id" not in record.row.cells:
            known = str(record.fields.get("indicator", "")) in outline.indicators_by_id
            stem = record.fields["indicator"] if known else record.fields["kind"]
            record.fields["id"] = generated_id(str(stem), record.fields.get("year"), taken)
