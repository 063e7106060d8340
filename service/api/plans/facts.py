"""A plan's facts: read, replaced, and completed with the filled data request. Texts stay, and are checked anew."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from schemas.facts import FactSheet
from schemas.wire import FactsUpdate
from service.api.access import Caller
from service.api.body import XLSX_TYPE, sheet_body, xlsx_body
from service.api.examples import FACT_SHEET
from service.api.fact_sheets import merged, read
from service.api.openapi import sheet_request
from service.api.plans.desk import FRESH, Desk, PlanId, Who
from service.api.plans.examples import FACTS_UPDATE
from service.api.plans.shapes import plan_view
from service.api.problems import documented
from service.errors import Fault, InputError
from service.jobs.plans import NewFacts
from service.jobs.reading import seen
from service.prompt.outlines import load_outline

_ETAG = {"ETag": {"description": "To be sent as If-Match with other facts", "schema": {"type": "string"}}}
_UPDATE = {"content": {"application/json": {"example": FACTS_UPDATE}}}
_FILLED = {
    "requestBody": {
        "required": True,
        "content": {XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}, "example": "（数据需求清单.xlsx）"}},
    }
}


def router(desk: Desk) -> APIRouter:
    """The routes about a plan's facts."""
    routes = APIRouter(prefix="/v1/plans/{plan}", tags=["plans"])
    _sheet(routes, desk)
    _filled(routes, desk)
    return routes


def _sheet(routes: APIRouter, desk: Desk) -> None:
    @routes.get(
        "/facts",
        summary="The plan's fact sheet",
        response_model_exclude_none=True,
        responses={
            **documented(404, 503),
            200: {"headers": _ETAG, "content": {"application/json": {"example": FACT_SHEET}}},
        },
    )
    async def facts(response: Response, plan: PlanId, who: Who) -> FactSheet:
        """As it stands: what the plan was made from, with what was completed or corrected since."""
        row, request, _ = await desk.plans.whole(plan, who.owner)
        response.headers.update({**FRESH, "ETag": _tag(row.request_hash)})
        return request.sheet

    @routes.put(
        "/facts",
        summary="Replace the fact sheet",
        responses={**documented(404, 409, 412, 413, 415, 422, 503), 200: _UPDATE},
        openapi_extra=sheet_request(FACT_SHEET),
    )
    async def replace(
        plan: PlanId,
        who: Who,
        body: Annotated[bytes, Depends(sheet_body)],
        if_match: Annotated[
            str | None, Header(description="ETag of the facts that were read; honoured if sent")
        ] = None,
    ) -> FactsUpdate:
        """A whole fact sheet of the same outline. All texts stay as they are, and are checked against it.

        409 while the plan is being drafted.
        """
        expected = None if if_match is None or if_match.strip() == "*" else _hash(if_match)
        return await _answer(
            desk, plan, who, await desk.plans.update_facts(plan, who.owner, who.name, lambda _: read(body), expected)
        )


def _filled(routes: APIRouter, desk: Desk) -> None:
    @routes.post(
        "/gaps",
        summary="Complete the facts with the filled data request",
        responses={**documented(404, 409, 413, 415, 422, 503), 200: _UPDATE},
        openapi_extra=_FILLED,
    )
    async def filled(plan: PlanId, who: Who, body: Annotated[bytes, Depends(xlsx_body)]) -> FactsUpdate:
        """The spreadsheet of `GET …/gaps?format=xlsx`, filled in: each answer becomes a fact, and the texts are checked.

        Faults are told by cell (`数据需求清单!H6`), an answer that contradicts the facts too; nothing is stored then.
        409 while the plan is being drafted.
        """

        def completed(sheet: FactSheet) -> FactSheet:
            return merged(sheet, body, load_outline(sheet.outline))

        return await _answer(desk, plan, who, await desk.plans.update_facts(plan, who.owner, who.name, completed))


async def _answer(desk: Desk, plan: str, who: Caller, found: NewFacts) -> FactsUpdate:
    view = plan_view(await seen(desk.plans.database, plan, who.owner))
    return FactsUpdate(answered=found.answered, disagreeing=found.disagreeing, plan=view)


def _tag(request_hash: str) -> str:
    return f'"{request_hash.removeprefix("sha256:")}"'


def _hash(if_match: str) -> str:
    tag = if_match.strip()
    if len(tag) < 2 or tag[0] != '"' or tag[-1] != '"':
        told = "If-Match 应原样填写读取事实表时返回的 ETag（带引号），或填 *"
        raise InputError(told, [Fault("/header/If-Match", told)])
    return f"sha256:{tag[1:-1]}"
