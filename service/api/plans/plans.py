"""/v1/plans: plans made, listed, read, cancelled, taken up again, deleted and brought back."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.concurrency import run_in_threadpool

from schemas.plan import PlanOptions, PlanRequest
from schemas.wire import PlanPage, PlanView
from service.api.access import LOCAL
from service.api.body import exemplar_faults, json_body, outline_or_none, parse_object, section_fault, sheet_of, split
from service.api.openapi import body_of
from service.api.plans.desk import Desk, PlanId, Who
from service.api.plans.examples import PLAN, PLAN_REQUEST, PLANS
from service.api.plans.shapes import PlanFields, plan_line, plan_view
from service.api.problems import documented
from service.errors import Fault, InputError
from service.jobs.reading import page, seen
from service.prompt.outlines import load_outline

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_PLAN = {"content": {"application/json": {"example": PLAN}}}
_LOCATION = {"Location": {"description": "Path of the plan", "schema": {"type": "string"}}}


def router(desk: Desk) -> APIRouter:
    """The routes about plans as a whole."""
    routes = APIRouter(prefix="/v1/plans", tags=["plans"])
    _making(routes, desk)
    _reading(routes, desk)
    _steering(routes, desk)
    return routes


def _making(routes: APIRouter, desk: Desk) -> None:
    @routes.post(
        "",
        status_code=202,
        summary="Draft a plan",
        responses={
            **documented(409, 413, 415, 422, 503),
            202: {**_PLAN, "description": "The plan, queued", "headers": _LOCATION},
        },
        openapi_extra=body_of(PlanFields, PLAN_REQUEST, required=("outline", "subject", "plan_year")),
    )
    async def create(
        response: Response,
        who: Who,
        body: Annotated[bytes, Depends(json_body)],
        idempotency_key: Annotated[
            str | None,
            Header(description="1 to 200 visible characters. The same key and body give the same plan, and draft once"),
        ] = None,
    ) -> PlanView:
        """Stores the plan and begins to draft it; the answer comes at once. What is stored outlives the service's end.

        The body is the fact sheet's fields plus the options. It is refused as a whole, with every fault, before
        anything is stored. `GET …/events` follows the drafting.
        """
        key = _key(idempotency_key)
        request, writer, model = await run_in_threadpool(_request, body, desk)
        made = await desk.plans.create(request, who.owner or LOCAL, writer, model, key)
        response.headers["Location"] = f"/v1/plans/{made.id}"
        return plan_view(await seen(desk.plans.database, made.id, who.owner))


def _reading(routes: APIRouter, desk: Desk) -> None:
    @routes.get(
        "",
        summary="List the plans",
        responses={**documented(422, 503), 200: {"content": {"application/json": {"example": PLANS}}}},
    )
    async def plans(
        who: Who,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before", max_length=200)] = None,
        limit: Annotated[int, Query(description="Plans on a page", ge=1, le=100)] = 20,
        q: Annotated[
            str | None, Query(description="Part of the title or of the subject's name", max_length=200)
        ] = None,
    ) -> PlanPage:
        """Newest first; plans made meanwhile do not move the pages. Deleted ones are left out."""
        if q and not q.isprintable():
            raise InputError("q 中有控制字符，请删除后再查找", [Fault("/query/q", "q 中有控制字符，请删除后再查找")])
        rows, more = await page(desk.plans.database, who.owner, cursor or None, limit, q)
        return PlanPage(plans=tuple(plan_line(row, progress) for row, progress in rows), next_cursor=more)

    @routes.get("/{plan}", summary="One plan", responses={**documented(404, 503), 200: _PLAN})
    async def plan(plan: PlanId, who: Who) -> PlanView:
        """Where it and its sections stand, with numbers of findings and gaps; texts are read section by section."""
        return plan_view(await seen(desk.plans.database, plan, who.owner))


def _steering(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/{plan}:cancel", summary="Stop the drafting", responses={**documented(404, 503), 200: _PLAN})
    async def cancel(plan: PlanId, who: Who) -> PlanView:
        """No further model call is made; what is drafted stays. A plan that has ended stays as it is."""
        await desk.plans.cancel(plan, who.owner, who.name)
        return plan_view(await seen(desk.plans.database, plan, who.owner))

    @routes.post(
        "/{plan}:resume",
        status_code=202,
        summary="Draft what is missing",
        responses={**documented(404, 503), 202: {**_PLAN, "description": "The plan, queued again"}},
    )
    async def resume(plan: PlanId, who: Who) -> PlanView:
        """Drafts the sections that failed, were cancelled or never begun; texts that are there stay as they are.

        A plan that is being drafted goes on.
        """
        row, request, _ = await desk.plans.whole(plan, who.owner)
        await run_in_threadpool(desk.writer, load_outline(row.outline), request.options)
        await desk.plans.resume(plan, who.owner, who.name)
        return plan_view(await seen(desk.plans.database, plan, who.owner))

    @routes.delete("/{plan}", status_code=204, summary="Delete a plan", responses=documented(404, 503))
    async def delete(plan: PlanId, who: Who) -> None:
        """Stops its drafting and hides it. `:undelete` brings it back, until the service purges it for good."""
        await desk.plans.delete(plan, who.owner, who.name)

    @routes.post(
        "/{plan}:undelete", summary="Bring a deleted plan back", responses={**documented(404, 503), 200: _PLAN}
    )
    async def undelete(plan: PlanId, who: Who) -> PlanView:
        """As it was, its drafting cancelled; one that was not deleted stays as it is."""
        await desk.plans.undelete(plan, who.owner, who.name)
        return plan_view(await seen(desk.plans.database, plan, who.owner))


def _key(given: str | None) -> str | None:
    if given is not None and not _KEY.fullmatch(given):
        told = "Idempotency-Key 应为1至200个可见的英文字符，如 UUID"
        raise InputError(told, [Fault("/header/Idempotency-Key", told)])
    return given


def _request(body: bytes, desk: Desk) -> tuple[PlanRequest, str, str]:
    """The request, and the writer and model that will draft. Raises with every fault at once; NotConfiguredError."""
    fields, options, faults = split(parse_object(body), PlanFields)
    if options is not None:
        outline = outline_or_none(fields)
        for number, section in enumerate(options.sections or ()):
            faults += section_fault(outline, section, ("sections", number))
        if options.sections == ():
            faults.append(Fault("/sections", "sections 为空，没有要起草的节；省略它则起草全部各节"))
        faults += exemplar_faults(options.exemplars)
    sheet, outline = sheet_of(fields, faults)
    assert options is not None  # its faults would have been raised
    chosen = PlanOptions.model_validate(dict(options))
    return PlanRequest(sheet=sheet, options=chosen), *desk.writer(outline, chosen)
