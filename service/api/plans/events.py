"""GET /v1/plans/{id}/events: what happened to a plan, replayed from where the client was, then as it happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from schemas.plan import Event
from schemas.stored import PlanRow, StoredEvent
from service.api.plans.desk import Desk, PlanId, Who
from service.api.plans.examples import PLAN_EVENTS
from service.api.problems import documented
from service.errors import StoreError, UnknownPlanError
from service.jobs.plans import Plans
from service.jobs.reading import happened
from service.store.plans import AT_WORK

PAUSE = 0.03
"""Seconds between two looks at least: what is committed in a row is read together."""
LOOK = 0.4
"""Seconds after which a look is taken that nothing in this process gave cause for: others may work on the plan."""
PING = 15.0
"""Seconds of silence after which a comment is sent, so that no proxy closes the connection."""
_MOST = 2**31 - 1
_TEXT = {"type": "string"}
_ITEM = {
    "type": "object",
    "required": ["event", "data", "id"],
    "properties": {
        "event": {**_TEXT, "enum": ["plan", "section", "finding", "repair", "end"]},
        "data": {**_TEXT, "contentMediaType": "application/json"},
        "id": {**_TEXT, "pattern": "^[0-9]+$"},
    },
}
"""One event, as OpenAPI 3.2 describes the items of a stream."""
_log = logging.getLogger(__name__)


def router(desk: Desk) -> APIRouter:
    """The route of a plan's events."""
    routes = APIRouter(prefix="/v1/plans", tags=["plans"])

    @routes.get(
        "/{plan}/events",
        summary="Follow a plan",
        response_class=Response,
        responses={
            **documented(404, 422, 503),
            200: {
                "description": "The events, until the plan is at rest",
                "content": {"text/event-stream": {"itemSchema": _ITEM, "example": PLAN_EVENTS}},
            },
        },
    )
    async def follow(
        plan: PlanId,
        who: Who,
        last_event_id: Annotated[
            int | None, Header(description="Number of the last event that was received", ge=0, le=_MOST)
        ] = None,
        after: Annotated[
            int | None, Query(description="The same, for clients that cannot send the header", ge=0, le=_MOST)
        ] = None,
    ) -> Response:
        """Server-sent events in the order in which they were stored, numbered 1, 2, 3 … as their `id`.

        First those after Last-Event-ID, then what happens, within half a second: `plan` (queued), `section` (begins or
        ends), `finding` (of the text that is there now), `repair`, and last `end` with the plan's status, after which
        the stream is closed; a plan at rest gives its `end` at once. An `end` after which the plan was taken up
        again is left out, so that its number is missing. A client that reconnects sees each event once.
        """
        await desk.plans.get(plan, who.owner)
        seq = last_event_id if last_event_id is not None else after or 0
        return EventSourceResponse(
            _follow(desk.plans, plan, seq), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )

    return routes


async def _follow(plans: Plans, plan_id: str, seq: int) -> AsyncIterator[bytes]:
    """Ends without `end` where the database does not answer: the client comes back and misses nothing."""
    wait = LOOK if plans.database.shared else PING
    told = time.monotonic()
    try:
        with plans.database.bell.heard(plan_id) as rung:
            while True:
                rung.clear()
                plan, news = await happened(plans.database, plan_id, seq)
                for stored in news:
                    seq = stored.seq
                    if stored.event.event != "end":
                        yield _told(stored)
                if plan.status not in AT_WORK and seq >= plan.last_event:
                    yield _end(plan, news)
                    return
                if news:
                    told = time.monotonic()
                elif time.monotonic() - told >= PING:
                    told = time.monotonic()
                    yield KEEPALIVE_COMMENT
                if seq >= plan.last_event:
                    await asyncio.sleep(PAUSE)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(rung.wait(), wait)
    except (StoreError, UnknownPlanError) as error:
        _log.warning("the events of plan %s broke off: %s", plan_id, error.type)


def _end(plan: PlanRow, news: list[StoredEvent]) -> bytes:
    """The closing `end`: the stored one, or, where a section was changed since, the plan's status as it is now."""
    if news and news[-1].event.event == "end":
        return _told(news[-1])
    why = next((n.event.text for n in reversed(news) if n.event.event == "end"), None)
    return _event(Event(event="end", status=plan.status, text=why), plan.last_event)


def _told(stored: StoredEvent) -> bytes:
    return _event(stored.event, stored.seq, at=stored.at.isoformat())


def _event(event: Event, seq: int, **more: str) -> bytes:
    told = event.model_dump(mode="json", exclude={"event"})
    data = {**{k: v for k, v in told.items() if v is not None}, **more}
    return format_sse_event(event=event.event, data_str=json.dumps(data, ensure_ascii=False), id=str(seq))
