"""A row of a spreadsheet → the fact that it states, field by field, with every fault at its cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from service.errors import Fault
from service.facts.cells import (
    CellError,
    converted,
    read_choice,
    read_percentage,
    read_quantity,
    read_text,
    read_year,
)
from service.facts.form import BOUND_LABELS, KIND_LABELS
from service.facts.table import Row
from service.facts.workbook import Cell
from service.text.units import read_unit

Read = TypeVar("Read")

CONTENT = (
    "name", "title", "doc_number", "issuer", "year", "value", "upper", "growth", "share", "text", "bound", "source",
    "subject", "id",
)  # fmt: skip
"""Fields of which any one makes the row a fact: what the template does not fill in by itself."""

_TEXTS = ("name", "title", "doc_number", "issuer", "unit", "text", "source", "subject", "id")
_KINDS = {label: kind for kind, label in KIND_LABELS.items()}
_BOUNDS = {label: bound for bound, label in BOUND_LABELS.items()}


@dataclass(slots=True)
class Record:
    """The fact's fields as intake takes them, where each of them stands, and the faults met while reading."""

    row: Row
    fields: dict[str, object] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def read(self, name: str, how: Callable[[Cell], Read]) -> Read | None:
        """What stands in the field's cell; None for an empty one, and for a faulty one, which is noted."""
        cell = self.row.cells.get(name)
        if cell is None:
            return None
        try:
            return how(cell)
        except CellError as error:
            self.faults.append(Fault(cell.place, str(error)))
            return None

    def fault(self, name: str, detail: str, *others: str) -> None:
        """Notes a fault of the field, also where its cell is empty."""
        self.faults.append(Fault(self.row.place(name, *others), detail))


def is_filled(row: Row) -> bool:
    """Whether a person (or a prefilled fact) has put something into the row."""
    return any(name in row.cells for name in CONTENT)


def read_record(row: Row, *, unit: str | None = None) -> Record:
    """The row's own fields. `unit`: the customary one, for a number written without any where the cell is empty."""
    record = Record(row)
    for name in _TEXTS:
        record.fields[name] = record.read(name, read_text)
    record.fields["year"] = record.read("year", read_year)
    record.fields["growth"] = record.read("growth", read_percentage)
    record.fields["share"] = record.read("share", read_percentage)
    record.fields["bound"] = record.read("bound", lambda c: read_choice(c, _BOUNDS))
    record.fields["kind"] = record.read("kind", lambda c: read_choice(c, _KINDS))
    _read_value(record, unit)
    record.fields = {name: value for name, value in record.fields.items() if value is not None}
    return record


def _read_value(record: Record, customary: str | None) -> None:
    value, upper = record.read("value", read_quantity), record.read("upper", read_quantity)
    if value is None:
        if upper is not None and "value" not in record.row.cells:
            record.fault("value", "填了“上限”却没有填“数值”，区间的低值请填在“数值”列；不是区间的，把上限移到“数值”列")
        return
    if upper is not None and value.high is not None:
        record.fault("upper", "“数值”列已经写成了区间，请把“上限”留空，或者两列各填一个数")
        return
    high, high_unit = (upper.low, upper.unit) if upper else (value.high, value.unit)
    unit = _unit(record, value.unit or high_unit, customary)
    ends = [_in_unit(record, "value", value.low, value.unit or high_unit, unit)]
    if high is not None and ends[0] is not None:
        ends.append(_in_unit(record, "upper" if upper else "value", high, high_unit or value.unit, unit))
    numbers = [n for n in ends if n is not None]
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        record.fault(
            "upper", f"上限 {numbers[1]} 小于数值 {numbers[0]}，请把低值填在“数值”列，高值填在“上限”列", "value"
        )
    elif len(numbers) == len(ends):
        record.fields["value"] = numbers[0] if len(numbers) == 1 else numbers


def _unit(record: Record, written: str, customary: str | None) -> str:
    """The row's unit; where its cell is empty the one written behind the number, else the customary one."""
    if "unit" not in record.row.cells:
        stated = written if read_unit(written) else customary
        if stated:
            record.fields["unit"] = stated
    unit = record.fields.get("unit")
    return unit if isinstance(unit, str) else ""


def _in_unit(record: Record, name: str, number: Decimal, written: str, unit: str) -> Decimal | None:
    try:
        return converted(number, written, unit)
    except CellError as error:
        record.fault(name, str(error), "value")
        return None
