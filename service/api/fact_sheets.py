"""POST /v1/fact-sheets:parse: a fact sheet as a person wrote it → the sheet that holds, or all its faults."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from schemas.facts import FactSheet
from service.api.body import sheet_body
from service.api.examples import FACT_SHEET
from service.api.openapi import sheet_request
from service.api.problems import documented
from service.errors import Fault, FileInputError
from service.facts.sources import read_source
from service.prompt.outlines import load_outline

router = APIRouter(tags=["fact sheets"])


@router.post(
    "/v1/fact-sheets:parse",
    summary="Validate and normalise a fact sheet",
    response_model=FactSheet,
    response_model_exclude_none=True,
    responses={**documented(413, 415, 422), 200: {"content": {"application/json": {"example": FACT_SHEET}}}},
    openapi_extra=sheet_request(FACT_SHEET),
)
def parse(body: Annotated[bytes, Depends(sheet_body)]) -> FactSheet:
    """Reads JSON, YAML (UTF-8) or the filled template (.xlsx), at most 2 MB; nothing is stored.

    Every fault is named at once, by JSON pointer or, for a spreadsheet, by sheet and cell (`其他!D6`). The sheet comes
    back with names, titles and document numbers filled in from what each fact says elsewhere.
    """
    return read(body)


def read(body: bytes) -> FactSheet:
    """The fact sheet, in whichever form it was sent. FileInputError, FactSheetError with all faults."""
    try:
        return read_source(body, outline=load_outline)
    except FileInputError as error:
        raise FileInputError(error.message, error.faults or [Fault("", error.message)]) from error
