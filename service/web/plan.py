"""/plans/{id}: a plan with its sections, its marks, its findings; stopped, taken up again, delivered."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from schemas.document import ExportOptions
from schemas.plan import PlanRequest
from schemas.stored import PlanRow, SectionRow
from service.api.plans.desk import Desk, PlanId
from service.api.plans.document import Typefaces
from service.assemble.document import assemble
from service.errors import NotFinalError
from service.export.fonts import Fonts
from service.export.protocol import Format
from service.export.registry import exporter
from service.jobs.reading import plan_of
from service.prompt.outlines import load_outline
from service.web.desk import changed, shown
from service.web.frame import HEADERS, PageRoute, Visitor, render
from service.web.view import slug
from service.web.wording import language_of, wording


def router(desk: Desk) -> APIRouter:
    """The routes of the plan page."""
    routes = APIRouter(prefix="/plans/{plan}", include_in_schema=False, route_class=PageRoute)
    _reading(routes, desk)
    _steering(routes, desk)
    _delivering(routes, desk)
    return routes


def _reading(routes: APIRouter, desk: Desk) -> None:
    @routes.get("")
    async def page(plan: PlanId, request: Request, who: Visitor) -> Response:
        page = await shown(desk, plan, who.owner)
        return await run_in_threadpool(render, request, "plan.html.j2", page=page)

    @routes.get("/parts")
    async def parts(
        plan: PlanId,
        request: Request,
        who: Visitor,
        sections: Annotated[str, Query(max_length=2000)] = "",
        since: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    ) -> Response:
        """The list of sections, and the sections named (`all`: every one), for a page that heard of a change.

        With `since` nothing where nothing has happened after that event: for a page that was out of sight.
        """
        if since is not None and (await desk.plans.get(plan, who.owner)).last_event == since:
            return Response(status_code=204, headers=HEADERS)
        page = await shown(desk, plan, who.owner)
        named = set(sections.split(","))
        anew = [s for s in page.sections if s.id in named or sections == "all"]
        return await run_in_threadpool(
            render, request, "parts/changed.html.j2", page=page, anew=anew, said="", stream=False
        )


def _steering(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/cancel")
    async def cancel(plan: PlanId, request: Request, who: Visitor) -> Response:
        await desk.plans.cancel(plan, who.owner, who.name)
        return await changed(desk, request, plan, who.owner, said=wording(language_of(request))("plan.cancelled"))

    @routes.post("/resume")
    async def resume(plan: PlanId, request: Request, who: Visitor) -> Response:
        row, wanted, _ = await desk.plans.whole(plan, who.owner)
        await run_in_threadpool(desk.writer, load_outline(row.outline), wanted.options)
        await desk.plans.resume(plan, who.owner, who.name)
        return await changed(desk, request, plan, who.owner, said=wording(language_of(request))("plan.resumed"))

    @routes.post("/redraft-summary")
    async def redraft_summary(plan: PlanId, request: Request, who: Visitor) -> Response:
        """Every section of the summary that is older than what it is drawn from."""
        page = await shown(desk, plan, who.owner)
        await run_in_threadpool(desk.writer, page.outline, page.request.options)
        stale = [s.id for s in page.stale if not s.busy]
        for section in stale:
            await desk.plans.redraft(plan, section, who.owner, who.name, None)
        return await changed(desk, request, plan, who.owner, stale, wording(language_of(request))("plan.redrafting"))


def _delivering(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/download")
    async def download(
        *,
        plan: PlanId,
        request: Request,
        who: Visitor,
        fonts: Typefaces,
        form: Annotated[Format, Query(alias="format")] = "docx",
        sources: Literal["none", "footnotes", "comments"] = "none",
        clean: bool = False,
        force: bool = False,
    ) -> Response:
        """The file; where the version for submission is refused, what remains to be done, with its places."""
        options = ExportOptions(
            sources=sources if not clean or sources != "comments" else "none", clean=clean, force=force
        )
        row, wanted, rows = await desk.plans.whole(plan, who.owner)
        try:
            return await run_in_threadpool(_file, row, wanted, rows, form, fonts, options)
        except NotFinalError as refusal:
            document = assemble(plan_of(row, wanted, rows), load_outline(row.outline))
            return render(
                request, "refused.html.j2", plan=row, message=refusal.message, remaining=document.remaining,
                form=form, sources=options.sources, slug=slug,
            )  # fmt: skip


def _file(
    row: PlanRow, request: PlanRequest, rows: list[SectionRow], form: Format, fonts: Fonts, options: ExportOptions
) -> Response:
    """Half a second of work for a .docx file."""
    plan = plan_of(row, request, rows)
    made = exporter(form, fonts)
    content = made.export(assemble(plan, load_outline(row.outline)), options)
    name = f"{plan.title}{'（报送稿）' if options.clean else ''}{made.suffix}"
    told = f"attachment; filename=\"plan{made.suffix}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, headers={**HEADERS, "Content-Disposition": told}, media_type=made.media_type)
