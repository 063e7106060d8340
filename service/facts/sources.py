"""A fact sheet's bytes in whichever form a person has it → the fact sheet: JSON, YAML, or the filled template."""

from __future__ import annotations

from collections.abc import Callable

from schemas.facts import FactSheet
from schemas.outline import Outline
from service.facts.intake import read_sheet

_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0"
"""First bytes of an .xlsx file, and of an old or encrypted one, which the spreadsheet reader refuses with a reason."""


def read_source(source: bytes, *, outline: Callable[[str], Outline]) -> FactSheet:
    """The fact sheet. Raises FileInputError for what cannot be read, FactSheetError with faults by pointer or by cell."""
    if not source.startswith((_ZIP, _OLE)):
        return read_sheet(source, outline=outline)
    # openpyxl takes as long to import as all the rest of the command line, and most sheets are JSON or YAML.
    from service.facts.spreadsheet import read_spreadsheet  # noqa: PLC0415

    return read_spreadsheet(source, outline=outline)
