"""Intake's faults, told by JSON pointer → the cells of the spreadsheet that the facts came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase

from schemas.facts import FactSheet
from schemas.outline import Outline
from service.errors import FactSheetError, Fault
from service.facts.faults import pointer
from service.facts.form import COLUMN_LABELS, COVER, COVER_LABELS
from service.facts.intake import read_sheet
from service.facts.table import Row
from service.facts.workbook import place

_LABELS = {**COVER_LABELS, **COLUMN_LABELS, "period": "实施期"}
_WORDS = re.compile(rf"(?<![\w-]) ?({'|'.join(sorted(_LABELS, key=len, reverse=True))})(?![\w-])(?:（[^（）]*）)? ?")
_FACT = re.compile(r"/facts/\d+")


def checked(
    data: Mapping[str, object],
    outline: Callable[[str], Outline],
    places: Mapping[str, str],
    faults: Sequence[Fault],
) -> FactSheet:
    """The sheet that holds, or FactSheetError with the faults met so far and those of intake, at their cells.

    `places`: sheet and cell by JSON pointer. Where a cell (or, for a whole fact, its row) has a fault already, what
    intake says about it only follows from that.
    """
    told = {f.pointer for f in faults}
    rows = {_row(where) for where in told}
    try:
        sheet = read_sheet(data, outline=outline)
    except FactSheetError as error:
        more = []
        for fault in error.faults:
            where = _placed(fault.pointer, places)
            follows = _FACT.fullmatch(fault.pointer) and _row(where) in rows
            if where not in told and not follows:
                more.append(Fault(where, in_columns(fault.detail)))
        raise fact_sheet_error([*faults, *more]) from error
    if faults:
        raise fact_sheet_error(faults)
    return sheet


def fact_sheet_error(faults: Sequence[Fault]) -> FactSheetError:
    """The error that tells the first fault and how many more there are."""
    more = f"（另有{len(faults) - 1}处）" if len(faults) > 1 else ""
    return FactSheetError(f"表格有{len(faults)}处需要修改，{faults[0].pointer}：{faults[0].detail}{more}", faults)


def record_places(number: int, row: Row) -> dict[str, str]:
    """JSON pointer → cell, for the fact at this place in the list; the fact itself stands at its name."""
    itself = row.place("indicator", "name", "title")
    fields = {pointer(("facts", number, f)): row.place(f, "indicator", "name", "title") for f in COLUMN_LABELS}
    return {pointer(("facts", number)): itself} | fields


def in_columns(detail: str) -> str:
    """The sentence with the names of JSON fields replaced by those of the columns."""
    return _WORDS.sub(lambda found: f"“{_LABELS[found[1]]}”", detail)


def generated_id(stem: str, year: object, taken: set[str]) -> str:
    """gdp-2016, or gdp-2016-2 where that is taken; from then on the new id is taken too."""
    base = f"{stem}-{year}" if year else stem
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def _row(where: str) -> str:
    sheet, _, cell = where.rpartition("!")
    return f"{sheet}!{cell.lstrip(ascii_uppercase)}"


def _placed(at: str, places: Mapping[str, str]) -> str:
    """The cell of a pointer, or of what it lies in."""
    while at and at not in places:
        at = at.rpartition("/")[0]
    return places.get(at, place(COVER, 1, 1))
