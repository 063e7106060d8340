"""/v1/outlines: the 编制要点 there are, the fact sheet that each of them asks for, and the import of further ones."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.concurrency import run_in_threadpool

from schemas.outline import ImportedOutline, Outline
from schemas.wire import OutlineRow
from service.api.access import Caller, caller
from service.api.body import DOCX_TYPE, XLSX_TYPE, outline_body
from service.api.durable import Durable
from service.api.examples import OUTLINES
from service.api.facts_schema import facts_schema
from service.api.problems import documented
from service.errors import Fault, InputError, OutlineConflictError, StoreUnreachableError
from service.prompt.outline_import import DEFAULT_ID, import_outline
from service.prompt.outlines import all_outlines, load_outline, outline_ids
from service.store import Database, audit
from service.store import outlines as kept

Who = Annotated[Caller, Depends(caller)]
_NO_PLAN = ""
"""The audit's plan for what concerns none."""


def router(durable: Durable | None) -> APIRouter:
    """The routes; without `durable` nothing can be stored."""
    routes = APIRouter(prefix="/v1/outlines", tags=["outlines"])
    _catalogue(routes)
    _importing(routes, durable)
    _single(routes, durable)
    _fact_sheets(routes)
    return routes


def _database(durable: Durable | None) -> Database:
    if durable is None:
        raise StoreUnreachableError("本服务未启用数据库，不能保存编制要点；请去掉 store=true，自行保存返回的结果")
    return durable.plans.database


def _catalogue(routes: APIRouter) -> None:
    @routes.get(
        "",
        summary="List the outlines",
        responses={**documented(503), 200: {"content": {"application/json": {"example": OUTLINES}}}},
    )
    def outlines() -> list[OutlineRow]:
        """Those that ship by id, and after them those that the caller's key has stored."""
        return [
            OutlineRow(
                id=o.id,
                title=o.title,
                subject_word=o.subject_word,
                sections=len(list(o.sections)),
                indicators=len(o.indicators),
                stored=o.id not in outline_ids(),
            )
            for o in all_outlines()
        ]


def _importing(routes: APIRouter, durable: Durable | None) -> None:
    @routes.post(
        ":import",
        summary="Read the text of an outline",
        responses={
            **documented(409, 413, 415, 422, 503),
            201: {"model": ImportedOutline, "description": "Stored; Location says where"},
        },
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
    async def imported(
        *,
        body: Annotated[bytes, Depends(outline_body)],
        who: Who,
        response: Response,
        outline_id: Annotated[str | None, Query(alias="id", description="Id of the outline: a-z, 0-9 and -.")] = None,
        store: Annotated[bool, Query(description="Keep it, for plans, sections and checks to be made on it.")] = False,
    ) -> ImportedOutline:
        """The text (or .docx) of a 编制要点, at most 2 MB → the outline, and remarks on what a person should look at.

        Sections follow the numbering (一、 （一） 1. ……); points and their indicators are taken from the guidance. What
        is noise, has no heading or is numbered out of order is told in `remarks`, each with its line.

        With `store=true` it is kept under its id, which no other outline may have (409); without an `id` one is made.
        It never changes: to correct it, delete it or store another.
        """
        database = _database(durable) if store else None
        if store and outline_id in outline_ids():
            raise OutlineConflictError(f"编号 {outline_id} 已用于自带的编制要点，请另取一个编号")
        made_up = _made_up(body, who) if store else DEFAULT_ID
        read = await run_in_threadpool(_read, body, made_up if outline_id is None else outline_id)
        if database is not None:
            await _keep(database, read, who)
            response.status_code = 201
            response.headers["Location"] = f"/v1/outlines/{read.outline.id}"
        return read


def _made_up(body: bytes, who: Caller) -> str:
    """The same text sent again by the same key has the same id."""
    return f"{DEFAULT_ID}-{hashlib.sha256(who.name.encode() + body).hexdigest()[:8]}"


def _read(body: bytes, outline_id: str) -> ImportedOutline:
    try:
        return import_outline(body, outline_id)
    except InputError as error:
        raise type(error)(error.message, error.faults or [Fault("", error.message)]) from error


async def _keep(database: Database, read: ImportedOutline, who: Caller) -> None:
    async with database.writing() as session:
        if await kept.add(session, read.outline, who.name):
            await audit.record(session, who.name, "store outline", _NO_PLAN, detail={"outline": read.outline.id})


def _single(routes: APIRouter, durable: Durable | None) -> None:
    @routes.get("/{outline}", summary="One outline, complete", responses=documented(404, 503))
    def outline(outline: str) -> Outline:
        """Chapters, sections, guidance (verbatim), required points, indicators, limits and rules."""
        return load_outline(outline)

    @routes.delete(
        "/{outline}", summary="Delete a stored outline", status_code=204, responses=documented(404, 409, 503)
    )
    async def deleted(outline: str, who: Who) -> None:
        """For ever. Refused with 409 for one that ships, and while a plan is on it, deleted plans included."""
        if outline in outline_ids():
            raise OutlineConflictError(f"编制要点 {outline} 随本服务提供，不能删除")
        async with _database(durable).writing() as session:
            await kept.delete(session, outline, who.owner)
            await audit.record(session, who.name, "delete outline", _NO_PLAN, detail={"outline": outline})


def _fact_sheets(routes: APIRouter) -> None:
    @routes.get(
        "/{outline}/facts-schema",
        summary="JSON Schema of the outline's fact sheet",
        responses={
            **documented(404, 503),
            200: {"content": {"application/schema+json": {"schema": {"type": "object"}}}},
        },
        response_class=Response,
    )
    def schema(outline: str) -> Response:
        """JSON Schema (2020-12) of the fact sheet, the indicator ids as an enum.

        `x-indicators` says what each of them measures, in which unit, for which sections, and which department is
        likely to hold it.
        """
        return Response(facts_schema(load_outline(outline)), media_type="application/schema+json")

    @routes.get(
        "/{outline}/facts-template.xlsx",
        summary="The spreadsheet to fill in",
        responses={
            **documented(404, 503),
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
