"""The template's first sheet → outline, subject, years: what a fact sheet says beside its facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from service.errors import Fault
from service.facts.cells import CellError, read_text, read_year
from service.facts.form import COVER, COVER_FIELDS_BY_LABEL, COVER_LABELS, plain_label
from service.facts.workbook import Cell, Grid, place

Read = TypeVar("Read")

_SEPARATORS = re.compile(r"[、，,；;\s]+")
_POINTERS = {"outline": "/outline", "plan_year": "/plan_year", "first": "/period", "last": "/period"}
_NEEDED = {"name": "请填写主体的全称，如“望海市”", "plan_year": "请填写编制方案的年份，如 2017"}
_TOP = place(COVER, 1, 1)


@dataclass(slots=True)
class Cover:
    """The fact sheet's fields but `facts`, the cell of each JSON pointer, and the faults."""

    data: dict[str, object] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_cover(grid: Grid | None) -> Cover:
    """Never raises; where the sheet is missing, that is the only fault."""
    cover = Cover()
    if grid is None:
        cover.faults.append(Fault(_TOP, f"缺少工作表“{COVER}”，请用模板重新填写，不要删去或改名"))
        return cover
    at, cells = _answers(grid)
    for name, label in COVER_LABELS.items():
        if name not in at:
            cover.faults.append(Fault(_TOP, f"找不到“{label}”一项，请恢复模板的文字，内容填在它右边的一格"))
    cover.places = {_POINTERS.get(name, f"/subject/{name}"): where for name, where in at.items()}
    for name, detail in _NEEDED.items():
        if name in at and name not in cells:
            cover.faults.append(Fault(at[name], detail))
    texts = {name: _read(cells.get(name), read_text, cover) for name in ("name", "short_name", "province")}
    aliases = [a for a in _SEPARATORS.split(_read(cells.get("aliases"), read_text, cover) or "") if a]
    cover.data = {
        "outline": _read(cells.get("outline"), read_text, cover) or "",
        "subject": {name: text for name, text in texts.items() if text is not None} | {"aliases": aliases},
        "plan_year": _read(cells.get("plan_year"), read_year, cover),
    }
    _read_period(cells, at, cover)
    return cover


def _answers(grid: Grid) -> tuple[dict[str, str], dict[str, Cell]]:
    """Where each field is to be filled in (right of its label), and the cells that are."""
    at: dict[str, str] = {}
    cells = {}
    for number, row in sorted(grid.rows.items()):
        for column, label in sorted(row.items()):
            name = COVER_FIELDS_BY_LABEL.get(plain_label(str(label.content)))
            if name is not None and name not in at:
                at[name] = place(grid.title, number, column + 1)
                if column + 1 in row:
                    cells[name] = row[column + 1]
    return at, cells


def _read_period(cells: dict[str, Cell], at: dict[str, str], cover: Cover) -> None:
    first, last = (_read(cells.get(name), read_year, cover) for name in ("first", "last"))
    if first is not None and last is not None:
        cover.data["period"] = [first, last]
    for name, other in (("first", "last"), ("last", "first")):
        if name not in cells and name in at and other in cells:
            cover.faults.append(Fault(at[name], f"实施期只填了一半，请补填“{COVER_LABELS[name]}”，如 2021"))


def _read(cell: Cell | None, how: Callable[[Cell], Read], cover: Cover) -> Read | None:
    if cell is None:
        return None
    try:
        return how(cell)
    except CellError as error:
        cover.faults.append(Fault(cell.place, str(error)))
        return None
