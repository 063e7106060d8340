"""/ and /start: from a filled spreadsheet to an approved brief. Until it is approved, all travels in the page's form."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from schemas.facts import FactSheet, Kind
from schemas.plan import PlanRequest
from service.api.access import LOCAL
from service.api.body import XLSX_TYPE
from service.api.plans.desk import Desk
from service.errors import FactSheetError, FileInputError
from service.facts.sources import read_source
from service.prompt.fact_rows import quantity
from service.prompt.outlines import load_outline, outline_ids
from service.web.data_request import asked_of
from service.web.forms import form_of
from service.web.frame import HEADERS, PageRoute, Visitor, render
from service.web.review import SAMPLES, Review, Wishes, new_nonce, placed, reviewed, sample, wishes_of
from service.web.sheet_form import BOUNDS, HEAD, SheetForm, read_form, with_row

WriterName = Callable[[], tuple[str, str]]
"""Name and model of the writer that drafts by default."""


def router(desk: Desk, writer: WriterName) -> APIRouter:
    """The routes from the start to the plan."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    _choosing(routes, writer)
    _correcting(routes, writer)
    _approving(routes, desk, writer)
    return routes


def _choosing(routes: APIRouter, writer: WriterName) -> None:
    @routes.get("/")
    async def start(request: Request, who: Visitor) -> Response:
        del who
        return _start(request)

    @routes.get("/start/sample")
    async def tried(request: Request, who: Visitor, outline: str = "city-2017") -> Response:
        del who
        sheet = await run_in_threadpool(sample, outline)
        return await _review(request, writer, SheetForm(sheet), sheet, Wishes(new_nonce()), "sample")

    @routes.post("/start")
    async def uploaded(request: Request, who: Visitor) -> Response:
        del who
        file = (await form_of(request)).files.get("sheet")
        if file is None or not file.content:
            return _start(request, "none", status=422)
        try:
            sheet = await run_in_threadpool(lambda: read_source(file.content, outline=load_outline))
        except (FactSheetError, FileInputError) as error:
            return _start(request, file.name, error, error.status)
        return await _review(request, writer, SheetForm(sheet), sheet, Wishes(new_nonce()))

    @routes.get("/start")
    @routes.get("/start/review")
    @routes.get("/start/approve")
    async def reloaded() -> Response:
        return RedirectResponse("/", 303, HEADERS)


def _correcting(routes: APIRouter, writer: WriterName) -> None:
    @routes.post("/start/review")
    async def corrected(request: Request, who: Visitor) -> Response:
        del who
        typed = await form_of(request)
        wishes, (form, sheet) = wishes_of(typed), await run_in_threadpool(read_form, typed.fields)
        added = typed.text("add")
        if added in set(Kind):
            kept = SheetForm(sheet) if sheet is not None else form
            notice = "" if sheet is not None else "faulty"
            return await _review(request, writer, with_row(kept, Kind(added)), sheet, wishes, notice, opened=added)
        return await _review(request, writer, _settled(form, sheet), sheet, wishes, "checked" if sheet else "faulty")

    @routes.post("/start/gaps.xlsx")
    async def request_for_data(request: Request, who: Visitor) -> Response:
        del who
        typed = await form_of(request)
        form, sheet = await run_in_threadpool(read_form, typed.fields)
        if sheet is None:
            return await _review(request, writer, form, None, wishes_of(typed), "faulty")
        return await run_in_threadpool(_gaps_file, sheet)

    @routes.post("/start/facts.xlsx")
    async def facts(request: Request, who: Visitor) -> Response:
        del who
        typed = await form_of(request)
        form, sheet = await run_in_threadpool(read_form, typed.fields)
        if sheet is None:
            return await _review(request, writer, form, None, wishes_of(typed), "faulty")
        return await run_in_threadpool(_facts_file, sheet)


def _approving(routes: APIRouter, desk: Desk, writer: WriterName) -> None:
    @routes.post("/start/approve")
    async def approved(request: Request, who: Visitor) -> Response:
        """What is approved is what was seen: facts that were changed since are shown once more."""
        typed = await form_of(request)
        wishes, (form, sheet) = wishes_of(typed), await run_in_threadpool(read_form, typed.fields)
        if sheet is None or sheet != form.base:
            notice = "faulty" if sheet is None else "changed"
            return await _review(request, writer, _settled(form, sheet), sheet, wishes, notice)
        options = wishes.options
        name, model = await run_in_threadpool(desk.writer, load_outline(sheet.outline), options)
        wanted = PlanRequest(sheet=sheet, options=options)
        made = await desk.plans.create(wanted, who.owner or LOCAL, name, model, wishes.key(form))
        return RedirectResponse(f"/plans/{made.id}", 303, HEADERS)


def _settled(form: SheetForm, sheet: FactSheet | None) -> SheetForm:
    """What was typed becomes the sheet where it holds."""
    return form if sheet is None else SheetForm(sheet)


def _start(
    request: Request, file: str = "", error: FactSheetError | FileInputError | None = None, status: int = 200
) -> Response:
    return render(
        request,
        "start.html.j2",
        status,
        outlines=sorted(map(load_outline, outline_ids()), key=lambda o: -len(list(o.sections))),  # cities first
        samples=SAMPLES,
        file=file,
        message=error.message if error else "",
        faults=placed(error.faults) if error else [],
    )


async def _review(
    request: Request,
    writer: WriterName,
    form: SheetForm,
    sheet: FactSheet | None,
    wishes: Wishes,
    notice: str = "",
    *,
    opened: str = "",
) -> Response:
    name, model = writer()
    review: Review | None = await run_in_threadpool(reviewed, sheet) if sheet is not None else None
    return render(
        request,
        "review.html.j2",
        200 if sheet is not None else 422,
        form=form,
        outline=load_outline(form.base.outline),
        review=review,
        wishes=wishes,
        notice=notice,
        opened=opened,
        heads=HEAD,
        bounds=BOUNDS,
        quantity=quantity,
        writer=name,
        model=model,
    )


def _gaps_file(sheet: FactSheet) -> Response:
    # openpyxl takes half a second to import; a service that nobody asks for a spreadsheet never pays it.
    from service.export.gaps_xlsx import gaps_xlsx  # noqa: PLC0415

    outline = load_outline(sheet.outline)
    title = outline.document_title.format(subject=sheet.subject.name)
    return spreadsheet(gaps_xlsx(asked_of(reviewed(sheet).gaps, None), outline, title), f"{title}数据需求清单")


def _facts_file(sheet: FactSheet) -> Response:
    from service.export.facts_template import facts_template  # noqa: PLC0415 - see _gaps_file

    return spreadsheet(facts_template(load_outline(sheet.outline), sheet), f"{sheet.subject.name}事实表")


def spreadsheet(content: bytes, name: str) -> Response:
    """A file to be kept (RFC 5987: names are Chinese)."""
    told = f"attachment; filename=\"data.xlsx\"; filename*=UTF-8''{quote(name, safe='')}.xlsx"
    return Response(
        content, headers={"Cache-Control": "private, no-cache", "Content-Disposition": told}, media_type=XLSX_TYPE
    )
