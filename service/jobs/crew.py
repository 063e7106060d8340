"""Everything of a process that drafts durable plans, started and stopped in the right order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from service.jobs.engine import Engine, Limits
from service.jobs.lease import FileLease, Lease, PostgresLease
from service.jobs.passing import Passing, unnoticed
from service.jobs.till import Till
from service.jobs.upkeep import Upkeep
from service.jobs.workshop import KitFor, Workshop
from service.prompt.shelves import put_up, take_down
from service.store import Database
from service.store.address import address
from service.store.bell import Bell
from service.store.shelf import StoredOutlines

GRACE = 20.0
"""Seconds that calls under way get to end when the service stops; what they bring is kept."""
_ENGINE_FILE = "engine.sqlite"


class Crew:
    """One process's part in the drafting; `start` and `stop` are awaited on the loop that jobs run on."""

    def __init__(
        self,
        url: str | None,
        folder: Path,
        executor: str,
        *,
        kit_for: KitFor,
        limits: Limits,
        retention: timedelta,
        closing: Callable[[], Awaitable[None]],
        passing: Passing = unnoticed,
    ) -> None:
        """`closing` closes the connections of the writers that `kit_for` gives: they are the crew's alone."""
        where = address(url, folder)
        beside = (where.file or folder / _ENGINE_FILE).with_name(_ENGINE_FILE)
        engine_url = f"sqlite:///{beside}" if where.sqlite else where.of_threads.render_as_string(hide_password=False)
        self.url, self.folder = url, folder
        self.engine = Engine(engine_url, executor)
        self._lease: Lease = (
            FileLease(beside.with_name("fangan.lock")) if where.sqlite else PostgresLease(where.of_threads, executor)
        )
        self._till = Till(where, closing, passing)
        # What jobs write can be made again from the replies, which are kept through power cuts.
        self.bell = Bell()
        """Rung by what the jobs commit; the routes' database is to ring the same one."""
        database = Database(url, folder, through_power_cuts=False, bell=self.bell)
        self._workshop = Workshop(database, kit_for, self._till)
        self.outlines = StoredOutlines(url, folder)
        """Those that were imported; other than the rest of the crew they may be asked from any thread."""
        self._limits = limits
        self._retention = retention
        self._upkeep: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Takes the lease, opens both databases, takes up what was left. SettingsError, StoreError."""
        await asyncio.to_thread(self._lease.hold)
        try:
            await self._workshop.database.open()
            put_up(self.outlines)  # plans that are taken up again may be on them
            await self.engine.start(self._workshop, self._limits)
        except BaseException:
            take_down(self.outlines)
            await asyncio.to_thread(self._lease.release)
            raise
        upkeep = Upkeep(self._workshop, self.engine, self._lease, self._retention)
        self._upkeep = asyncio.ensure_future(upkeep.forever())

    async def stop(self) -> None:
        """Begins nothing more, waits for calls under way, leaves the rest to the next start."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.gather(self._upkeep, return_exceptions=True)
        await self._till.close(GRACE)
        await asyncio.to_thread(self.engine.stop)  # and with it the threads that to_thread uses on this loop
        await self._workshop.database.close()
        take_down(self.outlines)
        self.outlines.close()
        self._lease.release()

    @property
    def working(self) -> bool:
        """Whether its rounds go on, each of which makes sure of the lease and ends the process without it; asks nobody."""
        return self._upkeep is not None and not self._upkeep.done()
