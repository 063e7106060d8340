"""/about: who drafts, what is contacted, where plans are kept; what a person in charge of data asks first."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import APIRouter, Request, Response

from service.prompt.outlines import load_outline, outline_ids
from service.web.frame import PageRoute, Visitor, render


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the service was set up with. `endpoint`: host of the model endpoint, where one is configured."""

    endpoint: str | None = None
    database: str | None = None
    """Its kind; None: nothing is stored."""
    telemetry: bool = False


def router(writer: Callable[[], tuple[str, str]], around: Surroundings) -> APIRouter:
    """The one route. `writer` tells name and model of the writer that drafts by default."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/about")
    async def about(request: Request, who: Visitor) -> Response:
        del who
        name, model = writer()
        return render(
            request,
            "about.html.j2",
            offline=name == "offline",
            model=model,
            around=around,
            version=version("fangan"),
            python=platform.python_version(),
            outlines=[load_outline(i) for i in outline_ids()],
        )

    return routes
