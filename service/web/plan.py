"""GET /plans/{id}: a plan with its sections, its marks, its findings."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.api.plans.desk import Desk, PlanId
from service.jobs.reading import seen
from service.web.frame import PageRoute, Visitor, render


def router(desk: Desk) -> APIRouter:
    """The routes of the plan page."""
    routes = APIRouter(prefix="/plans", include_in_schema=False, route_class=PageRoute)

    @routes.get("/{plan}")
    async def page(plan: PlanId, request: Request, who: Visitor) -> Response:
        return render(request, "plan.html.j2", plan=(await seen(desk.plans.database, plan, who.owner)).plan)

    return routes
