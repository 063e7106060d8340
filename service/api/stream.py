"""A drafting as server-sent events: text as it comes, findings, repairs, and last the result."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from schemas.plan import Event, SectionResult
from service.background import Background

Drafting = Callable[[Callable[[Event], None]], Coroutine[object, object, SectionResult]]
"""Starts a drafting that tells its events to the given function."""
PING = 15.0
"""Seconds of silence after which a comment is sent, so that no proxy closes the connection."""
_OF_ONE_SECTION = frozenset({"delta", "finding", "repair"})
_log = logging.getLogger(__name__)


async def stream(background: Background, section: str, drafting: Drafting) -> AsyncIterator[bytes]:
    """The events of drafting this section; the drafting is cancelled when the stream is closed."""
    loop = asyncio.get_running_loop()
    events: asyncio.Queue[Event | None] = asyncio.Queue()

    def emit(event: Event) -> None:
        loop.call_soon_threadsafe(events.put_nowait, event)

    work = asyncio.ensure_future(background.run(drafting(emit)))
    work.add_done_callback(lambda _: events.put_nowait(None))
    streamed = False
    try:
        async for event in _until_none(events):
            if event is None:
                yield KEEPALIVE_COMMENT
            elif _concerns(event, section):
                streamed = streamed or event.event == "delta"
                yield _event(event.event, _data(event))
        for part in await _last(work, streamed=streamed):
            yield part
    finally:
        work.cancel()


async def _until_none(events: asyncio.Queue[Event | None]) -> AsyncIterator[Event | None]:
    """Events until the queue yields None; a None from here means that nothing has happened for a while."""
    while True:
        try:
            event = await asyncio.wait_for(events.get(), PING)
        except TimeoutError:
            yield None
            continue
        if event is None:
            return
        yield event


def _concerns(event: Event, section: str) -> bool:
    """Of other sections, which a summary needs first, only their beginning and end are told."""
    return event.event == "section" or (event.event in _OF_ONE_SECTION and event.section == section)


async def _last(work: asyncio.Future[SectionResult], *, streamed: bool) -> list[bytes]:
    """`done` with the result, or `error` where the program failed: the 200 is long sent.

    A writer that does not stream has its whole text in one `delta` before that.
    """
    try:
        result = await work
    except Exception:
        _log.exception("a stream of a section broke off")
        message = "服务内部出错，已记入日志；请稍后重试，仍有问题请把出错时间告诉管理员"
        return [_event("error", json.dumps({"type": "/problems/internal", "message": message}, ensure_ascii=False))]
    done = [_event("done", result.model_dump_json())]
    if streamed or not result.text:
        return done
    whole = Event(event="delta", section=result.id, text=result.text, attempt=max(1, len(result.attempts)))
    return [_event("delta", _data(whole)), *done]


def _data(event: Event) -> str:
    told = event.model_dump(mode="json", exclude={"event"})
    return json.dumps({k: v for k, v in told.items() if v is not None}, ensure_ascii=False)


def _event(name: str, data: str) -> bytes:
    return format_sse_event(event=name, data_str=data)
