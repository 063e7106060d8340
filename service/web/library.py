"""/plans: the list, with search, pages, and plans that are deleted and brought back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from schemas.plan import PlanStatus, SectionStatus
from schemas.stored import PlanRow
from service.api.access import Caller
from service.api.plans.desk import Desk, PlanId
from service.errors import InputError, UnknownPlanError
from service.jobs.reading import page
from service.store import plans as stored
from service.store.clock import is_id
from service.web.frame import HEADERS, PageRoute, Visitor, render

ON_A_PAGE = 20
_WRITTEN = (SectionStatus.DONE, SectionStatus.NEEDS_REVIEW, SectionStatus.EDITED)
LOOKS = {
    PlanStatus.QUEUED: "busy", PlanStatus.DRAFTING: "busy", PlanStatus.DONE: "ok", PlanStatus.NEEDS_REVIEW: "warn",
    PlanStatus.FAILED: "bad", PlanStatus.CANCELLED: "",
}  # fmt: skip
"""How a status is shown."""


def router(desk: Desk) -> APIRouter:
    """The routes of the list."""
    routes = APIRouter(prefix="/plans", include_in_schema=False, route_class=PageRoute)

    @routes.get("")
    async def plans(
        request: Request,
        who: Visitor,
        q: Annotated[str, Query(max_length=200)] = "",
        cursor: Annotated[str, Query(max_length=200)] = "",
        deleted: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        if not q.isprintable():
            raise InputError("查找的文字中有控制字符，请删除后再查找")
        rows, more = await page(desk.plans.database, who.owner, cursor or None, ON_A_PAGE, q.strip() or None)
        lines = [(row, sum(progress.get(s, 0) for s in _WRITTEN), sum(progress.values())) for row, progress in rows]
        gone = await _deleted(desk, deleted, who) if deleted else None
        return render(
            request, "plans.html.j2", lines=lines, more=more, q=q.strip(), cursor=cursor, gone=gone, looks=LOOKS
        )

    @routes.post("/{plan}/delete")
    async def delete(plan: PlanId, who: Visitor) -> Response:
        await desk.plans.delete(plan, who.owner, who.name)
        return RedirectResponse(f"/plans?deleted={plan}", 303, HEADERS)

    @routes.post("/{plan}/undelete")
    async def undelete(plan: PlanId, who: Visitor) -> Response:
        await desk.plans.undelete(plan, who.owner, who.name)
        return RedirectResponse("/plans", 303, HEADERS)

    return routes


async def _deleted(desk: Desk, plan: str, who: Caller) -> PlanRow | None:
    """The plan that was just deleted; None where it is not, or not this caller's."""
    if not is_id(plan):
        return None
    try:
        async with desk.plans.database.reading() as session:
            found = await stored.get(session, plan, who.owner, deleted=True)
    except UnknownPlanError:
        return None
    return found if found.deleted_at is not None else None
