"""GET /: where a plan begins."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.api.plans.desk import Desk
from service.web.frame import PageRoute, Visitor, render


def router(desk: Desk) -> APIRouter:
    """The routes of the start page."""
    del desk
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/")
    async def start(request: Request, who: Visitor) -> Response:
        del who
        return render(request, "start.html.j2")

    return routes
