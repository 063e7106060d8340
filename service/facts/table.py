"""A sheet → its rows by field, whatever the order of its columns, with what is wrong in its shape."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from service.errors import Fault
from service.facts.form import plain_label
from service.facts.workbook import Cell, Grid, place

_HEAD_ROWS = 15
"""The heading stands in the first rows."""
_HEAD_LABELS = 3
"""A row with at least this many of the labels is the heading."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row under the heading: its filled cells by field."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    columns: Mapping[str, int]

    def place(self, field: str, *others: str) -> str:
        """Sheet and cell of the field, or of the first of the others that has a column here."""
        column = next((self.columns[f] for f in (field, *others) if f in self.columns), 1)
        return place(self.sheet, self.number, column)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in order, and the faults of the sheet's shape."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_table(grid: Grid, labels: Mapping[str, str], expected: Collection[str]) -> Table:
    """The rows below the heading. `labels`: heading by field; `expected`: fields that must have a column."""
    head, columns, twice = _heading(grid, {plain_label(label): field for field, label in labels.items()})
    if head is None:
        named = "、".join(f"“{labels[f]}”" for f in list(expected)[:3])
        detail = f"工作表“{grid.title}”找不到表头，请恢复模板的表头行（{named}等列）；不是数据的工作表请删去"
        return Table(faults=(Fault(place(grid.title, 1, 1), detail),))
    faults = [Fault(c.place, f"“{c.content}”列出现了两次，请只保留一列") for c in twice]
    for field in expected:
        if field not in columns:
            detail = f"缺少“{labels[field]}”列，请恢复模板的表头（没有数据的列可以留空，不能删去）"
            faults.append(Fault(place(grid.title, head, 1), detail))
    faults += _merged(grid, head, columns)
    return Table(tuple(_rows(grid, head, columns)), tuple(faults))


def _heading(grid: Grid, fields: Mapping[str, str]) -> tuple[int | None, dict[str, int], list[Cell]]:
    for number in sorted(grid.rows):
        if number > _HEAD_ROWS:
            break
        columns: dict[str, int] = {}
        twice = []
        for column, cell in sorted(grid.rows[number].items()):
            field = fields.get(plain_label(str(cell.content)))
            if field in columns:
                twice.append(cell)
            elif field is not None:
                columns[field] = column
        if len(columns) >= _HEAD_LABELS:
            return number, columns, twice
    return None, {}, []


def _merged(grid: Grid, head: int, columns: Mapping[str, int]) -> Iterator[Fault]:
    """Of areas with content in the table's columns: only the first cell of an area has a value."""
    used = set(columns.values())
    for top, left, bottom, right in grid.merged:
        if bottom >= head and used & set(range(left, right + 1)) and left in grid.rows.get(top, {}):
            area = f"{place('', top, left)[1:]}:{place('', bottom, right)[1:]}"
            yield Fault(place(grid.title, top, left), f"{area} 是合并单元格，请取消合并，每行每列各填一格")


def _rows(grid: Grid, head: int, columns: Mapping[str, int]) -> Iterator[Row]:
    for number in sorted(n for n in grid.rows if n > head):
        cells = {field: grid.rows[number][column] for field, column in columns.items() if column in grid.rows[number]}
        if cells:
            yield Row(grid.title, number, cells, columns)
