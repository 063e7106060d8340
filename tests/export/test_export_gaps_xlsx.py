"""The data request as a spreadsheet: what it asks, and a sheet that is whole once it has been filled in and merged."""

import io
from importlib.resources import files

import openpyxl
import pytest

from schemas.facts import FactSheet
from schemas.plan import Gap
from service.export.gaps_xlsx import gaps_xlsx
from service.facts.answers import answers
from service.facts.form import REQUEST, REQUEST_LABELS
from service.facts.gaps import section_gaps
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.facts.merging import merge_gaps
from service.prompt.outlines import load_outline

COLUMNS = {field: column for column, field in enumerate(REQUEST_LABELS, 1)}
CASES = ("chongqing", "harbin", "chengdu", "wanghai", "ningbo", "wanghai-base")


def known(case: str) -> FactSheet:
    return read_sheet((files("evals") / "datasets" / f"{case}.json").read_bytes(), outline=load_outline)


def gaps_of(sheet: FactSheet) -> list[Gap]:
    outline = load_outline(sheet.outline)
    ledger = Ledger(sheet, outline)
    return [g for s in outline.sections for g in section_gaps(s, answers(s, ledger))]


def filled(data: bytes, only: str | None = None, **cells: str | float) -> bytes:
    """The request with each row's wanted cell filled in; `cells`: what to write, by field."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[REQUEST]
    for row in range(4, sheet.max_row + 1):
        part = sheet.cell(row, COLUMNS["part"]).value
        asked = sheet.cell(row, COLUMNS["asked"]).value
        if part is None or (only is not None and asked != only):
            continue
        answer = f"已建立{asked}工作制度，由责任部门负责。" if part == "text" else 12.5
        contents: dict[str, str | float] = cells or {str(part): answer, "source": "责任部门复函"}
        for field, content in contents.items():
            sheet.cell(row, COLUMNS[field]).value = content
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("case", CASES)
def test_a_filled_request_closes_every_gap_that_a_fact_can_close(case: str) -> None:
    sheet = known(case)
    outline = load_outline(sheet.outline)
    gaps = gaps_of(sheet)
    merged = merge_gaps(sheet, filled(gaps_xlsx(gaps, outline, "方案")), outline)
    assert merged.facts[: len(sheet.facts)] == sheet.facts
    assert gaps_of(merged) == []
