"""The pages for people: everything that the API does, for those who do not speak REST. It asks the API's own parts."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from service.api.access import Access
from service.api.plans.desk import Desk
from service.web import assets, plan, section, start


def install(app: FastAPI, desk: Desk, access: Access, writer: Callable[[], tuple[str, str]]) -> None:
    """Adds the pages. `writer` tells name and model of the writer that drafts by default."""
    del access, writer
    for routes in (assets.router(), start.router(desk), plan.router(desk), section.router(desk)):
        app.include_router(routes)
