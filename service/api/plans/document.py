"""What a plan gives: the assembled document, the data request, the provenance."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from schemas.document import ExportOptions
from schemas.draft import Usage
from schemas.plan import Attempt, Gap, Plan
from schemas.provenance import Provenance
from service.api.body import DOCX_TYPE, XLSX_TYPE
from service.api.plans.desk import FRESH, Desk, PlanId, Who
from service.api.problems import documented
from service.assemble.document import assemble
from service.errors import Fault, InputError
from service.export.fonts import Fonts
from service.export.gaps import gaps_json, gaps_markdown
from service.export.protocol import Format
from service.export.provenance import provenance
from service.export.registry import exporter
from service.jobs.reading import calls, plan_of
from service.prompt.outlines import load_outline

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_TEXT = {"schema": {"type": "string"}}
_JSON = "application/json"
_MARKDOWN = "text/markdown; charset=utf-8"
_DOCUMENT = {
    "description": "The document",
    "headers": {"ETag": {"description": "The same bytes have the same one", "schema": {"type": "string"}}},
    "content": {
        DOCX_TYPE: _BINARY,
        "application/pdf": _BINARY,
        "text/markdown": _TEXT,
        "text/html": _TEXT,
        _JSON: {"schema": {"$ref": "#/components/schemas/Document"}},
    },
}
_UNCHANGED = {"description": "The caller has the same bytes already"}
GapsFormat = Literal["json", "xlsx", "md"]


async def _fonts(request: Request) -> Fonts:
    """Dependency: the typefaces that the app's documents name."""
    found = request.app.state.fonts
    assert isinstance(found, Fonts)
    return found


Typefaces = Annotated[Fonts, Depends(_fonts)]


def router(desk: Desk) -> APIRouter:
    """The routes of what a plan gives."""
    routes = APIRouter(prefix="/v1/plans/{plan}", tags=["plans"])
    _document(routes, desk)
    _gaps(routes, desk)
    _provenance(routes, desk)
    return routes


def _document(routes: APIRouter, desk: Desk) -> None:
    @routes.get(
        "/document",
        summary="The assembled plan",
        response_class=Response,
        responses={**documented(404, 409, 422, 501, 503), 200: _DOCUMENT, 304: _UNCHANGED},
    )
    async def document(
        *,
        plan: PlanId,
        who: Who,
        fonts: Typefaces,
        form: Annotated[Format, Query(alias="format", description="Of the file")] = "docx",
        sources: Annotated[
            Literal["none", "footnotes", "comments"], Query(description="How the sources of facts are told")
        ] = "none",
        clean: Annotated[bool, Query(description="The version for submission, without marks and remarks")] = False,
        force: Annotated[bool, Query(description="A clean version even if something remains to be done")] = False,
        if_none_match: Annotated[str | None, Header(description="ETag that the caller has")] = None,
    ) -> Response:
        """As the plan stands now, also while it is drafted: sections that have no text are told as missing.

        A clean version is refused with 409 while errors, placeholders or proposals remain; `errors` lists them all.
        A PDF is made by LibreOffice: 501 where the service's machine has none.
        """
        if clean and sources == "comments":
            told = "报送稿不带批注，来源请用脚注（sources=footnotes）或不注明（sources=none）"
            raise InputError(told, [Fault("/query/sources", told)])
        row, request, rows = await desk.plans.whole(plan, who.owner)
        options = ExportOptions(sources=sources, clean=clean, force=force)
        return await run_in_threadpool(_rendered, plan_of(row, request, rows), form, fonts, options, if_none_match)


def _rendered(plan: Plan, form: Format, fonts: Fonts, options: ExportOptions, if_none_match: str | None) -> Response:
    """Half a second of work for a .docx file, and some more for LibreOffice's .pdf."""
    made = exporter(form, fonts)
    content = made.export(assemble(plan, load_outline(plan.sheet.outline)), options)
    name = f"{plan.title}{'（报送稿）' if options.clean else ''}{made.suffix}"
    return _file(content, made.media_type, name, if_none_match)


def _gaps(routes: APIRouter, desk: Desk) -> None:
    @routes.get(
        "/gaps",
        summary="The data request",
        response_model=list[Gap],
        responses={
            **documented(404, 422, 503),
            200: {"description": "What the facts lack", "content": {XLSX_TYPE: _BINARY, "text/markdown": _TEXT}},
            304: _UNCHANGED,
        },
    )
    async def gaps(
        plan: PlanId,
        who: Who,
        form: Annotated[GapsFormat, Query(alias="format", description="Of the list")] = "json",
        if_none_match: Annotated[str | None, Header(description="ETag that the caller has")] = None,
    ) -> Response:
        """What each section's points ask for and the fact sheet lacks, with the department that is likely to know it.

        The spreadsheet, once filled in, is sent back with `POST …/gaps`.
        """
        row, request, rows = await desk.plans.whole(plan, who.owner)
        return await run_in_threadpool(_request_for_data, plan_of(row, request, rows), form, if_none_match)


def _request_for_data(plan: Plan, form: GapsFormat, if_none_match: str | None) -> Response:
    outline, name = load_outline(plan.sheet.outline), f"{plan.title}数据需求清单"
    if form == "xlsx":
        # openpyxl takes half a second to import; a service that nobody asks for a spreadsheet never pays it.
        from service.export.gaps_xlsx import gaps_xlsx  # noqa: PLC0415

        return _file(gaps_xlsx(plan.gaps, outline, plan.title), XLSX_TYPE, f"{name}.xlsx", if_none_match)
    if form == "md":
        return _file(gaps_markdown(plan.gaps, outline, plan.title), _MARKDOWN, f"{name}.md", if_none_match)
    return _file(gaps_json(plan.gaps), _JSON, None, if_none_match)


def _provenance(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/provenance", summary="Where every section comes from", responses=documented(404, 503))
    async def provenance_of(plan: PlanId, who: Who) -> Provenance:
        """Per section: prompt and template by hash, model, facts used, all calls of all versions, findings of each.

        `template` to `model` are those of the text that stands, and null for a person's. Prompts themselves are not
        shown.
        """
        found, attempts = await calls(desk.plans.database, plan, who.owner)
        record = provenance(found)
        sections = tuple(
            s.model_copy(update={"attempts": attempts[s.id], "usage": _usage(attempts[s.id])}) for s in record.sections
        )
        return record.model_copy(update={"sections": sections, "usage": sum((s.usage for s in sections), Usage())})


def _usage(attempts: tuple[Attempt, ...]) -> Usage:
    return sum((a.usage for a in attempts), Usage())


def _file(content: bytes, media_type: str, name: str | None, if_none_match: str | None) -> Response:
    """The bytes, or 304; `name` where it is a file to be kept (RFC 5987: names are Chinese)."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**FRESH, "ETag": tag}
    known = {t.strip().removeprefix("W/") for t in (if_none_match or "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if name is not None:
        suffix = name.rpartition(".")[2]
        headers["Content-Disposition"] = (
            f"attachment; filename=\"plan.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"
        )
    return Response(content, headers=headers, media_type=media_type)
