"""The HTTP face put together: routes, problems, description. It reads no environment and keeps no state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from schemas.wire import Health, KindOfProblem
from service.api import checks, docs, exemplars, fact_sheets, openapi, operations, outlines, plans, problems, sections
from service.api.access import Access, caller
from service.api.durable import Durable
from service.api.guard import Guard
from service.api.metrics import Metrics
from service.api.problems import documented
from service.background import Background

_TAGS = [
    {"name": "plans", "description": "Whole plans: drafted, kept, delivered"},
    {"name": "plan sections", "description": "One section of a plan: edited, written again, restored"},
    {"name": "sections", "description": "Drafting"},
    {"name": "checks", "description": "Checking what a person wrote"},
    {"name": "fact sheets", "description": "Reading what is known"},
    {"name": "outlines", "description": "编制要点: what a plan must treat"},
    {"name": "exemplars", "description": "Approved plans whose register is taught"},
    {"name": "service", "description": "The service itself"},
]


def make_app(
    kit_for: sections.KitFor,
    writer: Callable[[], tuple[str, str]],
    background: Background,
    durable: Durable | None = None,
    *,
    access: Access,
    metrics: Metrics,
    telemetry: bool = False,
) -> FastAPI:
    """The app. `writer` tells name and model of the writer that drafts by default, for /healthz.

    Without `durable` nothing is stored, and there are no plans. `telemetry`: spans and measures go where the
    OTEL_ variables say.
    """
    app = FastAPI(
        title="fangan 方案",
        version=version("fangan"),
        docs_url=None,  # both pages load scripts from elsewhere
        redoc_url=None,
        openapi_tags=_TAGS,
        lifespan=lambda _: _running(background, durable),
        # Logs would tell what a request held.
        telemetry={"auto_configure": telemetry, "tracing": telemetry, "metrics": telemetry, "logs": False},
    )
    app.state.access = access
    app.add_middleware(Guard, keyed=access.needed, observed=metrics.answered)
    for routes in (
        outlines.router(durable),
        exemplars.router,
        fact_sheets.router,
        sections.router(kit_for, background),
        checks.router(),
        *plans.routers(durable, kit_for),
    ):
        app.include_router(routes, dependencies=[Depends(caller)], responses=documented(401, 429))
    app.include_router(operations.router(writer, durable, metrics))
    _service(app, writer)
    problems.install(app)
    openapi.describe(app)
    return app


@asynccontextmanager
async def _running(background: Background, durable: Durable | None) -> AsyncIterator[None]:
    """What runs as long as the app does; all of it is stopped too when the start fails."""
    try:
        if durable is not None:
            await durable.start()
        yield
    finally:
        if durable is not None:
            await durable.stop()
        background.stop()


def _service(app: FastAPI, writer: Callable[[], tuple[str, str]]) -> None:
    """The routes about the service itself."""

    @app.get("/healthz", tags=["service"], summary="Whether the service runs, and who drafts")
    async def healthz() -> Health:
        """Answers as long as the process runs. No model is called."""
        name, model = writer()
        return Health(status="ok", version=app.version, writer=name, model=model)

    @app.get("/problems", tags=["service"], summary="List the problem types")
    async def problem_types() -> list[KindOfProblem]:
        """Every `type` that an error may have."""
        return list(problems.kinds())

    @app.get("/problems/{slug}", tags=["service"], summary="One problem type", responses=documented(404))
    async def problem_type(slug: str) -> KindOfProblem:
        """What the `type` of a problem refers to."""
        for kind in problems.kinds():
            if kind.type == problems.address(slug):
                return kind
        raise HTTPException(404)

    @app.get("/docs", include_in_schema=False)
    async def documentation() -> HTMLResponse:
        return HTMLResponse(docs.page(app.openapi()), headers={"Content-Security-Policy": docs.POLICY})
