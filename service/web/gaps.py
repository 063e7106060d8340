"""/plans/{id}/gaps: what is missing and whom to ask; answers taken over; what they let be written again."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from schemas.facts import FactSheet
from schemas.plan import PlanStatus
from service.api.access import Caller
from service.api.fact_sheets import merged
from service.api.plans.desk import Desk, PlanId
from service.errors import FactSheetError, FanganError, FileInputError, PlanBusyError
from service.jobs.reading import plan_of
from service.prompt.outlines import load_outline
from service.store import sections as stored
from service.web.data_request import asked_of, by_department, ready
from service.web.forms import form_of
from service.web.frame import HEADERS, PageRoute, Visitor, render
from service.web.review import placed
from service.web.start import spreadsheet

_AT_WORK = (PlanStatus.QUEUED, PlanStatus.DRAFTING)
_INSTRUCTION = "事实表已补充：{names}。请据此写入原来待补充之处，其余文字尽量保持不变。"
_MOST_NAMES = 40


def router(desk: Desk) -> APIRouter:
    """The routes about what a plan lacks."""
    routes = APIRouter(prefix="/plans/{plan}", include_in_schema=False, route_class=PageRoute)
    _reading(routes, desk)
    _answering(routes, desk)
    return routes


def _reading(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/gaps")
    async def gaps(
        plan: PlanId, request: Request, who: Visitor, added: Annotated[int | None, Query(ge=0, le=99999)] = None
    ) -> Response:
        return await _page(request, desk, plan, who, added=added)

    @routes.get("/gaps.xlsx")
    async def file(
        plan: PlanId, who: Visitor, department: Annotated[str | None, Query(max_length=200)] = None
    ) -> Response:
        """The whole list, or one department's part of it."""
        row, request, rows = await desk.plans.whole(plan, who.owner)
        found = plan_of(row, request, rows)

        def made() -> bytes:
            # openpyxl takes half a second to import; a service that nobody asks for a spreadsheet never pays it.
            from service.export.gaps_xlsx import gaps_xlsx  # noqa: PLC0415

            return gaps_xlsx(asked_of(found.gaps, department), load_outline(row.outline), row.title)

        whose = f"（{department}）" if department else ""
        return spreadsheet(await run_in_threadpool(made), f"{row.title}数据需求清单{whose}")


def _answering(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/gaps")
    async def filled(plan: PlanId, request: Request, who: Visitor) -> Response:
        file = (await form_of(request)).files.get("filled")
        if file is None or not file.content:
            return await _page(request, desk, plan, who, status=422, file="none")
        before: list[int] = []

        def completed(sheet: FactSheet) -> FactSheet:
            found = merged(sheet, file.content, load_outline(sheet.outline))
            before[:] = [len(found.facts) - len(sheet.facts)]
            return found

        try:
            await desk.plans.update_facts(plan, who.owner, who.name, completed)
        except (FactSheetError, FileInputError, PlanBusyError) as error:
            return await _page(request, desk, plan, who, status=error.status, file=file.name, error=error)
        return RedirectResponse(f"/plans/{plan}/gaps?added={before[0]}", 303, HEADERS)

    @routes.post("/gaps/redraft")
    async def redraft(plan: PlanId, request: Request, who: Visitor) -> Response:
        """All sections that were ticked, side by side."""
        form = await form_of(request)
        row, _, rows = await desk.plans.whole(plan, who.owner)
        async with desk.plans.database.reading() as session:
            versions = await stored.all_revisions(session, plan)
        wanted = [
            found
            for found in await asyncio.to_thread(ready, rows, versions, load_outline(row.outline))
            if f"s.{found.section}" in form.fields and not found.at_work
        ]
        if not wanted:
            return await _page(request, desk, plan, who, status=422, file="unticked")
        for found in wanted:
            names = "、".join(found.names[:_MOST_NAMES])
            instruction = _INSTRUCTION.format(names=names) if names else None
            await desk.plans.redraft(plan, found.section, who.owner, who.name, instruction)
        return RedirectResponse(f"/plans/{plan}", 303, HEADERS)


async def _page(
    request: Request,
    desk: Desk,
    plan: str,
    who: Caller,
    *,
    status: int = 200,
    added: int | None = None,
    file: str = "",
    error: FanganError | None = None,
) -> Response:
    row, wanted, rows = await desk.plans.whole(plan, who.owner)
    async with desk.plans.database.reading() as session:
        versions = await stored.all_revisions(session, plan)
    outline = load_outline(row.outline)
    found = plan_of(row, wanted, rows)
    return render(
        request,
        "gaps.html.j2",
        status,
        plan=row,
        busy=row.status in _AT_WORK,
        departments=by_department(found.gaps, outline),
        ready=await asyncio.to_thread(ready, rows, versions, outline),
        added=added,
        file=file,
        message=error.message if error else "",
        faults=placed(error.faults) if error else [],
    )
