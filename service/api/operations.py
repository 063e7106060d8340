"""GET /readyz and /metrics: whether the service can work, and what it has done."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from schemas.wire import Part, Readiness
from service.api.access import Caller, caller
from service.api.durable import Durable
from service.api.metrics import MEDIA_TYPE, Metrics
from service.api.problems import documented
from service.errors import FanganError, Fault, NotReadyError
from service.store.counts import Counts, counts

_log = logging.getLogger(__name__)


def router(writer: Callable[[], tuple[str, str]], durable: Durable | None, metrics: Metrics) -> APIRouter:
    """The routes. `writer` tells name and model of the writer that drafts by default."""
    routes = APIRouter(tags=["service"])

    @routes.get("/readyz", summary="Whether the service can work", responses=documented(503))
    async def readyz() -> Readiness:
        """Asks the database, the engine and the settings. 503 names the parts that fail. No model is called."""
        return await _readiness(writer, durable)

    @routes.get(
        "/metrics",
        summary="What is measured, in Prometheus' text form",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(401, 429)},
    )
    async def exposition(_: Annotated[Caller, Depends(caller)]) -> Response:
        """Plans, sections, replies and tokens are of the whole database, the rest of this process.

        Needs an API key where there are keys. Without a database that answers, only the process's own are told.
        """
        ready = True
        try:
            await _readiness(writer, durable)
        except NotReadyError:
            ready = False
        found, waiting = await _stored(durable)
        return Response(metrics.exposed(found, waiting, ready=ready), media_type=MEDIA_TYPE)

    return routes


async def _readiness(writer: Callable[[], tuple[str, str]], durable: Durable | None) -> Readiness:
    """NotReadyError with every part that fails."""
    faults: list[Fault] = []
    endpoint: Part = "none"
    try:
        endpoint = "none" if writer()[0] == "offline" else "ok"
    except FanganError as error:
        faults.append(Fault("/endpoint", error.message))
    if durable is not None:
        await _tried(faults, "/database", durable.ping)
        await _tried(faults, "/engine", durable.working)
    if faults:
        raise NotReadyError("服务暂不能工作：" + "；".join(f.detail for f in faults), faults)
    part: Part = "none" if durable is None else "ok"
    return Readiness(database=part, engine=part, endpoint=endpoint)


async def _tried(faults: list[Fault], pointer: str, what: Callable[[], Awaitable[None]]) -> None:
    try:
        await what()
    except FanganError as error:
        faults.append(Fault(pointer, error.message))


async def _stored(durable: Durable | None) -> tuple[Counts | None, int]:
    """What the database counts, and how many wait in the queues; None where there is none, or it does not answer."""
    if durable is None:
        return None, 0
    try:
        async with durable.plans.database.reading() as session:
            found = await counts(session)
        return found, await durable.crew.engine.waiting()
    except FanganError as error:
        _log.warning("the database does not tell its counts: %s", error.type)
        return None, 0
