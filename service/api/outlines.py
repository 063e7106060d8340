"""/v1/outlines: the 编制要点 that ship, the fact sheet that each of them asks for, and the import of further ones."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from schemas.outline import ImportedOutline, Outline
from schemas.wire import OutlineRow
from service.api.body import DOCX_TYPE, XLSX_TYPE, outline_body
from service.api.examples import OUTLINES
from service.api.facts_schema import facts_schema
from service.api.problems import documented
from service.errors import Fault, InputError
from service.prompt.outline_import import DEFAULT_ID, import_outline
from service.prompt.outlines import load_outline, outline_ids

router = APIRouter(prefix="/v1/outlines", tags=["outlines"])


@router.get(
    "",
    summary="List the outlines",
    responses={200: {"content": {"application/json": {"example": OUTLINES}}}},
)
def outlines() -> list[OutlineRow]:
    """Every outline that ships, by id."""
    return [
        OutlineRow(
            id=o.id,
            title=o.title,
            subject_word=o.subject_word,
            sections=len(list(o.sections)),
            indicators=len(o.indicators),
        )
        for o in map(load_outline, outline_ids())
    ]


@router.post(
    ":import",
    summary="Read the text of an outline",
    responses=documented(413, 415, 422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/plain": {
                    "schema": {"type": "string"},
                    "example": "工作方案编制要点\n一、发展现状\n（一）概况。……",
                },
                DOCX_TYPE: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
def imported(
    body: Annotated[bytes, Depends(outline_body)],
    outline_id: Annotated[str, Query(alias="id", description="Id of the outline: a-z, 0-9 and -.")] = DEFAULT_ID,
    store: Annotated[bool, Query(description="Not supported yet: outlines are returned, not kept.")] = False,
) -> ImportedOutline:
    """The text (or .docx) of a 编制要点, at most 2 MB → the outline, and remarks on what a person should look at.

    Sections follow the numbering (一、 （一） 1. ……); points and their indicators are taken from the guidance. What is
    noise, has no heading or is numbered out of order is told in `remarks`, each with its line.
    """
    if store:
        told = "导入的编制要点暂不能保存，随方案接口（plans API）提供后才能保存；请去掉 store=true，自行保存返回的结果"
        raise InputError(told, [Fault("/store", told)])
    try:
        return import_outline(body, outline_id)
    except InputError as error:
        raise type(error)(error.message, error.faults or [Fault("", error.message)]) from error


@router.get("/{outline}", summary="One outline, complete", responses=documented(404))
def outline(outline: str) -> Outline:
    """Chapters, sections, guidance (verbatim), required points, indicators, limits and rules."""
    return load_outline(outline)


@router.get(
    "/{outline}/facts-schema",
    summary="JSON Schema of the outline's fact sheet",
    responses={**documented(404), 200: {"content": {"application/schema+json": {"schema": {"type": "object"}}}}},
    response_class=Response,
)
def schema(outline: str) -> Response:
    """JSON Schema (2020-12) of the fact sheet, the indicator ids as an enum.

    `x-indicators` says what each of them measures, in which unit, for which sections, and which department is likely
    to hold it.
    """
    return Response(facts_schema(load_outline(outline)), media_type="application/schema+json")


@router.get(
    "/{outline}/facts-template.xlsx",
    summary="The spreadsheet to fill in",
    responses={
        **documented(404),
        200: {"content": {XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
    },
    response_class=Response,
)
def template(outline: str) -> Response:
    """An .xlsx file with a cover, a sheet for each chapter's indicators, and sheets for policies, projects and so on.

    `POST /v1/fact-sheets:parse` reads it back.
    """
    # openpyxl takes half a second to import; a service that nobody asks for a spreadsheet never pays it.
    from service.export.facts_template import facts_template  # noqa: PLC0415

    found = load_outline(outline)
    name = f"attachment; filename=facts-{found.id}.xlsx"
    return Response(facts_template(found), media_type=XLSX_TYPE, headers={"Content-Disposition": name})
