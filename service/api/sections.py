"""POST /v1/sections: one section drafted now, as JSON or as a stream of what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse
from pydantic import Field

from schemas import Model
from schemas.outline import Outline
from schemas.plan import PlanOptions, PlanRequest, SectionResult
from service.api.body import exemplar_faults, json_body, outline_or_none, parse_object, section_fault, sheet_of, split
from service.api.examples import SECTION_REQUEST, SECTION_RESULT, SECTION_STREAM
from service.api.openapi import body_of
from service.api.problems import documented, error_class
from service.api.stream import stream
from service.background import Background
from service.pipeline import Kit, draft_section

KitFor = Callable[[Outline, PlanOptions], Kit]
"""Puts together what a run needs; raises UnknownExemplarError and NotConfiguredError."""
T = TypeVar("T")


class SectionOptions(Model):
    """What `POST /v1/sections` takes beside the fact sheet's fields."""

    section: str = Field(description="应为文字：要起草的节的编号，如 2.1")
    exemplars: tuple[str, ...] | None = Field(None, description="应为列表：可用的范例的编号；null 表示全部")
    model: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="应为文字：所用模型的名称；null 表示服务设置的模型，offline 表示离线起草器"
    )
    instruction: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="应为文字，不超过2000个字符：对本节写法的补充要求"
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """A request that has passed every check of its input."""

    request: PlanRequest
    section: str
    kit: Kit


def router(kit_for: KitFor, background: Background) -> APIRouter:
    """The route, drafting with the kits of `kit_for` on the loop of `background`."""
    routes = APIRouter(tags=["sections"])

    @routes.post(
        "/v1/sections",
        summary="Draft one section",
        response_model=SectionResult,
        responses={
            **documented(413, 415, 422, 502, 503, 504),
            200: {
                "description": "The section; with `Accept: text/event-stream` the stream of its making",
                "content": {
                    "application/json": {"example": SECTION_RESULT},
                    "text/event-stream": {"schema": {"type": "string"}, "example": SECTION_STREAM},
                },
            },
        },
        openapi_extra=body_of(SectionOptions, SECTION_REQUEST, required=("outline", "subject", "plan_year")),
    )
    async def draft(request: Request, body: Annotated[bytes, Depends(json_body)]) -> Response:
        """Drafts, checks and repairs one section. The body is the fact sheet's fields plus the options.

        A section of the summary is drawn from the sections that it summarises, which are drafted first. When nothing
        can be drafted the answer is a problem whose `type` says why.

        With `Accept: text/event-stream` the answer is a stream, started only when the whole input has been found
        valid: `section` (a section begins or ends), `delta` (`text` to append; a new `attempt` or an empty `text`
        starts the text afresh), `finding` (of the delivered draft), `repair` (whether an attempt replaced the draft),
        and last `done` with the result, whose `status` is `failed` and whose `failure` says why if nothing could be
        drafted. A writer that does not stream has its whole text in one `delta`.

        Closing the connection cancels the drafting.
        """
        job = await run_in_threadpool(_job, body, kit_for)
        drafting = partial(draft_section, job.request, job.section, job.kit)
        if "text/event-stream" in request.headers.get("accept", "").lower():
            return EventSourceResponse(
                stream(background, job.section, drafting),
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
        result = await _while_present(request, background.run(drafting()))
        if result is None:
            return Response(status_code=499)  # nobody reads it; the access log does
        if result.failure is not None:
            raise error_class(result.failure.type)(result.failure.message)
        return Response(result.model_dump_json(), media_type=JSONResponse.media_type)

    return routes


def _job(body: bytes, kit_for: KitFor) -> _Job:
    """Raises InputError or FactSheetError with every fault of the request, NotConfiguredError for a missing endpoint."""
    fields, options, faults = split(parse_object(body), SectionOptions)
    if options is not None:
        faults += section_fault(outline_or_none(fields), options.section, ("section",))
        faults += exemplar_faults(options.exemplars)
    sheet, outline = sheet_of(fields, faults)
    assert options is not None  # its faults would have been raised
    chosen = PlanOptions(exemplars=options.exemplars, model=options.model, instruction=options.instruction)
    return _Job(PlanRequest(sheet=sheet, options=chosen), options.section, kit_for(outline, chosen))


async def _while_present(request: Request, work: Awaitable[T]) -> T | None:
    """The result of `work`, which is cancelled when the caller leaves (None): nobody pays for what nobody reads."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
