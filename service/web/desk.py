"""What the plan's pages share: the plan as it is shown, and the parts of a page that is open already."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from service.api.plans.desk import Desk
from service.errors import UnknownSectionError
from service.jobs.reading import seen
from service.web.frame import HEADERS, is_part, render
from service.web.view import PlanShown, SectionShown, plan_shown, slug


async def shown(desk: Desk, plan: str, owner: str | None) -> PlanShown:
    """The plan; what happens while it is read is told by the events after it. UnknownPlanError."""
    row, request, rows = await desk.plans.whole(plan, owner)
    told = await seen(desk.plans.database, plan, owner)
    return await run_in_threadpool(plan_shown, row, request, rows, told.stale, told.message)


async def section_shown(desk: Desk, plan: str, section: str, owner: str | None) -> tuple[PlanShown, SectionShown]:
    """The plan and one of its sections. UnknownPlanError, UnknownSectionError."""
    page = await shown(desk, plan, owner)
    found = page.section(section)
    if found is None:
        raise UnknownSectionError("这份方案没有这样编号的节，节的编号如 2.1")
    return page, found


async def changed(
    desk: Desk, request: Request, plan: str, owner: str | None, sections: Collection[str] | None = None, said: str = ""
) -> Response:
    """After a change: the parts of the page that differ now; back to the page for a browser without scripts.

    `sections`: those to be shown anew; None: all. `said`: what screen and screen reader are told.
    """
    if not is_part(request):
        place = f"#s-{slug(next(iter(sections)))}" if sections else ""
        return RedirectResponse(f"/plans/{plan}{place}", 303, HEADERS)
    page = await shown(desk, plan, owner)
    anew = [s for s in page.sections if sections is None or s.id in sections]
    return await run_in_threadpool(
        render, request, "parts/changed.html.j2", page=page, anew=anew, said=said, stream=True
    )
