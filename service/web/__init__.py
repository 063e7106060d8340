"""The pages for people: everything that the API does, for those who do not speak REST. It asks the API's own parts."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from service.api.plans.desk import Desk
from service.web import about, assets, errors, gaps, key, library, plan, section, start
from service.web.about import Surroundings


def install(app: FastAPI, desk: Desk, writer: Callable[[], tuple[str, str]], around: Surroundings) -> None:
    """Adds the pages. `writer` tells name and model of the writer that drafts by default."""
    for routes in (
        assets.router(),
        start.router(desk, writer),
        library.router(desk),
        gaps.router(desk),
        plan.router(desk),
        section.router(desk),
        about.router(writer, around),
        key.router(),
    ):
        app.include_router(routes)
    errors.install(app)
