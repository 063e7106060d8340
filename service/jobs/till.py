"""Where replies are bought: on a loop of its own, which is free to take one in and keep it whatever the jobs compute."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from schemas.draft import Reply
from schemas.stored import StoredReply
from service.background import Background
from service.errors import StoreError
from service.jobs.passing import Passing, unnoticed
from service.store.address import Address
from service.store.ledger import Ledger

T = TypeVar("T")
_log = logging.getLogger(__name__)
_PAUSES = (0.2, 1.0, 5.0, 15.0)
"""Seconds between tries at a database that does not take what must not be lost; the last one again and again."""


async def until_stored(what: Callable[[], Awaitable[T]]) -> T:
    """The result of `what`, tried again while the database is busy, full or away: what is at hand is worth waiting."""
    tried = 0
    while True:
        try:
            return await what()
        except StoreError as error:
            if error.status != 503:  # it would never take it
                raise
            _log.warning("the database does not take it, trying again: %s", error.type)
        await asyncio.sleep(_PAUSES[min(tried, len(_PAUSES) - 1)])
        tried += 1


async def nothing_to_close() -> None:
    """For writers that hold no connections."""


class Till:
    """All calls of a process, by key. One that was begun is seen through, also when nobody waits for it any more.

    Its methods are called on the loop of the jobs; writers are asked on the till's own, so their connections must be
    used nowhere else. `closing` is awaited there at the end: it closes them.
    """

    def __init__(
        self,
        address: Address,
        closing: Callable[[], Awaitable[None]] = nothing_to_close,
        passing: Passing = unnoticed,
    ) -> None:
        self.passing = passing
        self.closed = False
        """No call is begun any more: the process ends."""
        self._ledger = Ledger(address)
        self._background = Background(closing)
        self._calls: dict[str, asyncio.Future[Reply]] = {}

    async def buy(self, key: str, ask: Callable[[], Awaitable[Reply]], row: Callable[[Reply], StoredReply]) -> Reply:
        """The reply to this call as the ledger has it; asked for now, unless it is being asked for already."""
        if self.closed:
            await asyncio.Event().wait()  # until the process ends: the next one does it
        if key not in self._calls:
            call = asyncio.ensure_future(self._background.run(self._bought(ask, row)))
            self._calls[key] = call
            call.add_done_callback(lambda _: self._calls.pop(key))
        return await asyncio.shield(self._calls[key])

    async def close(self, seconds: float) -> None:
        """Begins no further call, waits for those that are under way, so that what is paid is kept, and closes."""
        self.closed = True
        if self._calls:
            await asyncio.wait(set(self._calls.values()), timeout=seconds)
        await asyncio.to_thread(self._background.stop)
        self._ledger.close()

    async def _bought(self, ask: Callable[[], Awaitable[Reply]], row: Callable[[Reply], StoredReply]) -> Reply:
        reply = await ask()
        self.passing("reply received")
        bought = row(reply)

        async def keep() -> StoredReply:
            return self._ledger.keep(bought)  # no await between the reply and the commit

        kept = await until_stored(keep)
        self.passing("reply kept")
        return Reply.model_validate(kept.reply)
