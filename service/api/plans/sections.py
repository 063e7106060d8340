"""/v1/plans/{id}/sections: a section read, edited, written again and restored, and its versions compared."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from schemas.stored import SectionRow
from schemas.wire import Change, SectionView, VersionView
from service.api.body import json_body, only
from service.api.openapi import own_body
from service.api.plans.desk import FRESH, Desk, PlanId, SectionId, Who
from service.api.plans.examples import DIFFERENCE, EDIT_REQUEST, REDRAFT_REQUEST, RESTORE_REQUEST, SECTION, VERSION
from service.api.plans.shapes import (
    EditFields,
    RedraftFields,
    RestoreFields,
    section_view,
    version_view,
)
from service.api.problems import documented
from service.assemble.difference import difference
from service.errors import Fault, InputError, PreconditionRequiredError, UnknownVersionError
from service.jobs.reading import calls_of
from service.prompt.outlines import load_outline

_TAG = re.compile(r'"(\d{1,9})(?:-[0-9a-f]+)?"')
_ETAG = {"ETag": {"description": "To be sent as If-Match with a change", "schema": {"type": "string"}}}
_SECTION = {"headers": _ETAG, "content": {"application/json": {"example": SECTION}}}
_IfMatch = Annotated[str | None, Header(description="ETag of the section that was read; * for whatever stands")]
_Number = Annotated[int, Path(description="Number of a version: 1, 2, 3 …", ge=0, le=2**31 - 1)]


def router(desk: Desk) -> APIRouter:
    """The routes about one section."""
    routes = APIRouter(prefix="/v1/plans/{plan}/sections/{section}", tags=["plan sections"])
    _reading(routes, desk)
    _versions(routes, desk)
    _editing(routes, desk)
    _redrafting(routes, desk)
    _restoring(routes, desk)
    return routes


def _reading(routes: APIRouter, desk: Desk) -> None:
    @routes.get(
        "",
        summary="One section",
        response_model=SectionView,
        responses={
            **documented(404, 503),
            200: _SECTION,
            304: {"description": "It is still as it was when the ETag in If-None-Match was given"},
        },
    )
    async def section(
        plan: PlanId,
        section: SectionId,
        who: Who,
        if_none_match: Annotated[str | None, Header(description="ETag that the caller has")] = None,
    ) -> Response:
        """Text, findings, supports, gaps, all calls of the writer, and the versions.

        The ETag begins with the number of the text's version; it changes too when the checks or the status do.
        """
        answer = await _shown(desk, plan, section, who.owner)
        known = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
        if answer.headers["ETag"] in known or "*" in known:
            return Response(status_code=304, headers={**FRESH, "ETag": answer.headers["ETag"]})
        return answer


def _versions(routes: APIRouter, desk: Desk) -> None:
    @routes.get(
        "/versions/{a}...{b}",
        summary="Compare two versions",
        responses={
            **documented(404, 422, 503),
            200: {"content": {"application/json": {"example": DIFFERENCE}}},
        },
    )
    async def compared(plan: PlanId, section: SectionId, who: Who, a: _Number, b: _Number) -> list[Change]:
        """Runs of text: `equal` and `delete` together are version `a`, `equal` and `insert` version `b`.

        Version 0 is the empty text before the first.
        """
        _, _, known = await desk.plans.section(plan, section, who.owner)
        texts = {0: "", **{v.number: v.text for v in known}}
        if missing := [n for n in (a, b) if n not in texts]:
            raise UnknownVersionError(f"本节（{section}）没有第{missing[0]}版")
        return list(await run_in_threadpool(difference, texts[a], texts[b]))

    @routes.get(
        "/versions/{number}",
        summary="One version",
        responses={**documented(404, 422, 503), 200: {"content": {"application/json": {"example": VERSION}}}},
    )
    async def version(plan: PlanId, section: SectionId, who: Who, number: _Number) -> VersionView:
        """Its text, and what the checks said of it when it was written. A version never changes."""
        _, _, known = await desk.plans.section(plan, section, who.owner)
        found = next((v for v in known if v.number == number), None)
        if found is None:
            raise UnknownVersionError(f"本节（{section}）没有第{number}版")
        return version_view(found)


def _editing(routes: APIRouter, desk: Desk) -> None:
    @routes.put(
        "",
        summary="Replace the text",
        response_model=SectionView,
        responses={**documented(404, 409, 412, 413, 415, 422, 428, 503), 200: _SECTION},
        openapi_extra=own_body(EditFields, EDIT_REQUEST),
    )
    async def edit(
        plan: PlanId,
        section: SectionId,
        who: Who,
        body: Annotated[bytes, Depends(json_body)],
        if_match: _IfMatch = None,
    ) -> Response:
        """A person's text: checked, never rewritten. It becomes a new version, and the section's status `edited`.

        Other sections stay byte for byte; the whole plan is checked with the new text, and a summary that is older is
        marked as stale. Without If-Match the answer is 428; when the section has a newer version, 412 with its
        number, and nothing is written; while the writer is at the section, 409.
        """
        fields = only(body, EditFields)
        text = fields.text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip():
            told = "text 为空，请填写本节文字；要恢复以前的文字，请用 :restore"
            raise InputError(told, [Fault("/text", told)])
        if if_match is None:
            raise PreconditionRequiredError(
                "请在 If-Match 中填写读取本节时返回的 ETag，以免覆盖他人的修改；不问版本则填 *"
            )
        expected = await _expected(desk, plan, section, who.owner, if_match)
        if expected is None:
            _, row, _ = await desk.plans.section(plan, section, who.owner)
            expected = row.revision
        row = await desk.plans.edit(plan, section, who.owner, who.name, expected, text)
        return await _shown(desk, plan, section, who.owner, row)


def _redrafting(routes: APIRouter, desk: Desk) -> None:
    @routes.post(
        ":redraft",
        status_code=202,
        summary="Have the section written again",
        response_model=SectionView,
        responses={
            **documented(404, 409, 413, 415, 422, 503),
            202: {**_SECTION, "description": "The section, at work"},
        },
        openapi_extra=own_body(RedraftFields, REDRAFT_REQUEST),
    )
    async def redraft(
        plan: PlanId, section: SectionId, who: Who, body: Annotated[bytes, Depends(json_body)]
    ) -> Response:
        """The writer starts from the text that stands, a person's included; the other sections stay as they are.

        `GET …/events` of the plan tells when it has ended. 409 while the whole plan is being drafted.
        """
        fields = only(body, RedraftFields)
        row, request, _ = await desk.plans.whole(plan, who.owner)
        await run_in_threadpool(desk.writer, load_outline(row.outline), request.options)
        await desk.plans.redraft(plan, section, who.owner, who.name, fields.instruction)
        return await _shown(desk, plan, section, who.owner, status=202)


def _restoring(routes: APIRouter, desk: Desk) -> None:
    @routes.post(
        ":restore",
        summary="Restore an earlier version",
        response_model=SectionView,
        responses={**documented(404, 409, 412, 413, 415, 422, 503), 200: _SECTION},
        openapi_extra=own_body(RestoreFields, RESTORE_REQUEST),
    )
    async def restore(
        plan: PlanId,
        section: SectionId,
        who: Who,
        body: Annotated[bytes, Depends(json_body)],
        if_match: _IfMatch = None,
    ) -> Response:
        """Its text becomes the newest version; none is lost. If-Match is honoured, and not required."""
        fields = only(body, RestoreFields)
        expected = None if if_match is None else await _expected(desk, plan, section, who.owner, if_match)
        number = fields.version
        if not 0 < number < 2**31:
            raise UnknownVersionError(f"本节（{section}）没有第{number}版")
        row = await desk.plans.restore(plan, section, who.owner, who.name, number, expected)
        return await _shown(desk, plan, section, who.owner, row)


async def _expected(desk: Desk, plan: str, section: str, owner: str | None, if_match: str) -> int | None:
    """The version that the caller has read; None for any. Of several, the one that stands, if it is among them."""
    tags = [tag.strip() for tag in if_match.split(",")]
    if tags == ["*"]:
        return None
    numbers = [int(found[1]) for found in map(_TAG.fullmatch, tags) if found]
    if not numbers:
        told = 'If-Match 应原样填写读取本节时返回的 ETag（带引号，如 "3-5f1c20ab97e4"），或填 *'
        raise InputError(told, [Fault("/header/If-Match", told)])
    if len(numbers) == 1:
        return numbers[0]
    _, row, _ = await desk.plans.section(plan, section, owner)
    return row.revision if row.revision in numbers else max(numbers)


async def _shown(
    desk: Desk, plan: str, section: str, owner: str | None, row: SectionRow | None = None, status: int = 200
) -> Response:
    """The section as the answer, with its ETag; `row` where it is known how it stood after a change."""
    _, now, versions = await desk.plans.section(plan, section, owner)
    shown = row or now
    view = section_view(shown, versions, await calls_of(desk.plans.database, plan, shown))
    body = view.model_dump_json().encode()
    tag = f'"{view.revision}-{hashlib.sha256(body).hexdigest()[:12]}"'
    return Response(body, status, {**FRESH, "ETag": tag}, JSONResponse.media_type)
