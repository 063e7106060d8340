"""The filled data request (gaps.xlsx) and the fact sheet that lacked the data → the fact sheet with them."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.facts import Fact, FactSheet, Kind
from schemas.outline import Indicator, Outline, Point
from service.errors import Fault
from service.facts.form import OPTIONS, PART_FIELDS, REQUEST, REQUEST_LABELS
from service.facts.placing import checked, fact_sheet_error, generated_id, record_places
from service.facts.records import Record, read_record
from service.facts.table import Row, read_table
from service.facts.workbook import open_workbook, place

_EXPECTED = ("asked", "year", "value", "unit", "growth", "share", "text", "source", "indicator", "point", "part")
_ANSWERS = ("value", "upper", "growth", "share", "text")
_BESIDE = ("bound", "source")
"""What says something about an answer, and is none."""


def merge_gaps(sheet: FactSheet, source: bytes, outline: Outline) -> FactSheet:
    """The sheet with one more fact for each row that was filled in; an answer that it has already is not added again.

    Raises FileInputError for what cannot be opened, FactSheetError with all faults by cell (`数据需求清单!H6`) for what
    can, also where an answer contradicts the sheet.
    """
    records, faults, asked = [], list[Fault](), False
    for grid in open_workbook(source):
        if grid.title != OPTIONS and grid.rows:
            table = read_table(grid, REQUEST_LABELS, _EXPECTED)
            faults += table.faults
            asked = asked or any("asked" in row.cells for row in table.rows)
            records += [r for row in table.rows for r in _answered(row, outline)]
    if asked and not records and not faults:
        raise fact_sheet_error([Fault(place(REQUEST, 1, 1), "表中没有填写任何数据，请填写后再提交")])
    data = sheet.model_dump(exclude_none=True)
    facts = data["facts"] = list(data["facts"])
    taken = {f.id for f in sheet.facts}
    places: dict[str, str] = {}
    for record in records:
        known = [f for f in sheet.facts if _same_datum(record, f)]
        faults += record.faults
        faults += (fault for fact in known for fault in _contradiction(record, fact))
        if record.fields and not any(_says_so(record, fact) for fact in known):
            stem = str(record.fields.get("indicator") or record.fields["kind"])
            record.fields["id"] = generated_id(stem, record.fields.get("year"), taken)
            places |= record_places(len(facts), record.row)
            facts.append(record.fields)
    return checked(data, lambda _: outline, places, faults)


def _answered(row: Row, outline: Outline) -> Iterator[Record]:
    """The row's record, where a person has filled it in."""
    if not any(name in row.cells for name in _ANSWERS):
        for name in _BESIDE:
            if name in row.cells:
                record = Record(row)
                record.fault(name, "这一行没有填数据，请补填数值、增速、比重或文字说明中应填的一项，或清空本格")
                yield record
                return
        return
    indicator = outline.indicators_by_id.get(_written(row, "indicator"))
    record = read_record(row, unit=indicator.unit if indicator else None)
    _move_percentage(record, indicator)
    if not row.cells.keys() & {"value", "upper"}:
        record.fields.pop("unit", None)
    _tie(record, indicator, outline)
    yield record


def _written(row: Row, name: str) -> str:
    return str(row.cells[name].content).strip() if name in row.cells else ""


def _move_percentage(record: Record, indicator: Indicator | None) -> None:
    """A growth or share that was asked for and written into the column of values, where its unit (%) stands too."""
    part, value = _written(record.row, "part"), record.fields.get("value")
    asked = part in {"growth", "share"} and part not in record.row.cells and indicator is not None
    if asked and record.fields.get("unit") == "%" and value is not None and not isinstance(value, list):
        record.fields[part] = value
        del record.fields["value"], record.fields["unit"]


def _tie(record: Record, indicator: Indicator | None, outline: Outline) -> None:
    """Says what the answer is about: the indicator that was asked for, else the point's own."""
    written = _written(record.row, "indicator")
    point = _point(record.row, outline)
    alone = point is not None and len(point.indicators) == 1
    if indicator is None and not written and point is not None and alone:
        indicator = outline.indicators_by_id.get(point.indicators[0])
    if indicator is not None:
        record.fields |= {"indicator": indicator.id, "kind": indicator.kind, "name": indicator.name}
        return
    if written:
        record.fields["indicator"] = written  # intake says that there is none, and which are near
    kinds = point.kinds if point is not None else ()
    record.fields |= {"kind": kinds[0] if kinds else Kind.OTHER, "name": _written(record.row, "asked")}


def _point(row: Row, outline: Outline) -> Point | None:
    section, _, name = _written(row, "point").partition("/")
    found = outline.sections_by_id.get(section)
    return next((p for p in found.points if p.id == name), None) if found else None


def _same_datum(record: Record, fact: Fact) -> bool:
    said = tuple(record.fields.get(name) for name in ("indicator", "kind", "year", "name"))
    return said == (fact.indicator, fact.kind, fact.year, fact.name)


def _stated(record: Record) -> dict[str, object]:
    stated = {p: record.fields[p] for p in PART_FIELDS if p in record.fields}
    return {p: tuple(v) if isinstance(v, list) else v for p, v in stated.items()}


def _says_so(record: Record, fact: Fact) -> bool:
    unit = fact.unit if "value" in record.fields else None
    return record.fields.get("unit") == unit and all(getattr(fact, p) == v for p, v in _stated(record).items())


def _contradiction(record: Record, fact: Fact) -> Iterator[Fault]:
    for part, said in _stated(record).items():
        known = getattr(fact, part)
        comparable = part != "text" and (part != "value" or record.fields.get("unit") == fact.unit)
        if comparable and known is not None and known != said:
            detail = f"事实表中已有这一数据（编号 {fact.id}），数字不同，请核对后改正其中一处"
            yield Fault(record.row.place(part), detail)
