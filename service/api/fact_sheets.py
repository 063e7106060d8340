"""/v1/fact-sheets: as a person wrote it → the sheet that holds, or all its faults; and completed with answers."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from schemas import Model
from schemas.facts import FactSheet
from schemas.outline import Outline
from schemas.plan import Gap
from service.api.body import XLSX_TYPE, json_body, parse_object, sheet_body, sheet_of, split
from service.api.examples import FACT_SHEET
from service.api.openapi import body_of, sheet_request
from service.api.problems import documented
from service.errors import Fault, FileInputError, InputError
from service.export.gaps import gaps_json, gaps_markdown
from service.facts.gaps import sheet_gaps
from service.facts.sources import read_source
from service.prompt.outlines import load_outline


class Filled(Model):
    """What `POST /v1/fact-sheets:merge` takes beside the fact sheet's fields."""

    filled: str = Field(description="应为文字：填好的数据需求清单（.xlsx），按 base64 编码")


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


@router.post(
    "/v1/fact-sheets:gaps",
    summary="List what a fact sheet lacks",
    response_model=list[Gap],
    responses={
        **documented(413, 415, 422),
        200: {
            "description": "What the outline's points ask for and the sheet lacks",
            "content": {
                XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}},
                "text/markdown": {"schema": {"type": "string"}},
            },
        },
    },
    openapi_extra=sheet_request(FACT_SHEET),
)
def gaps(
    body: Annotated[bytes, Depends(sheet_body)],
    form: Annotated[Literal["json", "xlsx", "md"], Query(alias="format", description="Of the list")] = "json",
) -> Response:
    """The data request of a sheet, before anything is drafted from it; nothing is stored.

    The spreadsheet, once filled in, is sent back with `POST /v1/fact-sheets:merge`.
    """
    sheet = read(body)
    outline = load_outline(sheet.outline)
    lacking, title = sheet_gaps(sheet, outline), outline.document_title.format(subject=sheet.subject.name)
    if form == "xlsx":
        # openpyxl takes half a second to import; a service that nobody asks for a spreadsheet never pays it.
        from service.export.gaps_xlsx import gaps_xlsx  # noqa: PLC0415

        named = {"Content-Disposition": "attachment; filename=gaps.xlsx"}
        return Response(gaps_xlsx(lacking, outline, title), media_type=XLSX_TYPE, headers=named)
    if form == "md":
        return Response(gaps_markdown(lacking, outline, title), media_type="text/markdown; charset=utf-8")
    return Response(gaps_json(lacking), media_type="application/json")


@router.post(
    "/v1/fact-sheets:merge",
    summary="Complete a fact sheet with the filled data request",
    response_model=FactSheet,
    response_model_exclude_none=True,
    responses={**documented(413, 415, 422), 200: {"content": {"application/json": {"example": FACT_SHEET}}}},
    openapi_extra=body_of(
        Filled, {**FACT_SHEET, "filled": "UEsDBBQABgAI…"}, required=("outline", "subject", "plan_year")
    ),
)
def merge(body: Annotated[bytes, Depends(json_body)]) -> FactSheet:
    """The fact sheet's fields and the filled spreadsheet of a data request → the sheet with a fact for each answer.

    Nothing is stored. Faults are told by cell (`数据需求清单!H6`); an answer that contradicts the sheet is one. For a
    stored plan, `POST /v1/plans/{id}/gaps` does the same to its own facts.
    """
    fields, own, faults = split(parse_object(body), Filled)
    sheet, outline = sheet_of(fields, faults)
    assert own is not None  # its faults would have been raised
    try:
        source = base64.b64decode(own.filled, validate=True)
    except ValueError as error:
        told = "filled 不是 base64 编码，请把填好的数据需求清单（.xlsx）按 base64 编码后填入"
        raise InputError(told, [Fault("/filled", told)]) from error
    return merged(sheet, source, outline)


def merged(sheet: FactSheet, source: bytes, outline: Outline) -> FactSheet:
    """The sheet with what the spreadsheet answers. FileInputError, FactSheetError with all faults by cell."""
    # openpyxl takes half a second to import; a service that nobody sends a spreadsheet never pays it.
    from service.facts.merging import merge_gaps  # noqa: PLC0415

    try:
        return merge_gaps(sheet, source, outline)
    except FileInputError as error:
        raise FileInputError(error.message, error.faults or [Fault("", error.message)]) from error


def read(body: bytes) -> FactSheet:
    """The fact sheet, in whichever form it was sent. FileInputError, FactSheetError with all faults."""
    try:
        return read_source(body, outline=load_outline)
    except FileInputError as error:
        raise FileInputError(error.message, error.faults or [Fault("", error.message)]) from error
