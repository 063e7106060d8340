"""The events of one job: those of its course at once, those of its result in the result's own transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.plan import Event, SectionResult, SectionStatus
from service.jobs.till import until_stored
from service.store import Database, events


class EventLog:
    """Gives each event a key that is the same when the job is done again after a crash, so that none is told twice."""

    def __init__(self, database: Database, plan_id: str, name: str) -> None:
        self._database = database
        self._plan_id = plan_id
        self._name = name
        self._count = 0
        self._writing: asyncio.Task[None] | None = None

    def emit(self, event: Event) -> None:
        """What happens on the way: repairs. Beginning, findings and end are told by `begun` and `ended`."""
        if event.event != "repair":
            return
        self._count += 1
        self._writing = asyncio.ensure_future(self._write(self._writing, (f"{self._name}:{self._count}", event)))

    async def flush(self) -> None:
        """Returns when everything emitted is stored."""
        if self._writing is not None:
            await self._writing

    async def begun(self, session: AsyncSession, section: str) -> None:
        """The section is being drafted."""
        await events.append(session, self._plan_id, [begun(self._name, section)])

    async def ended(self, session: AsyncSession, result: SectionResult, status: SectionStatus) -> None:
        """The findings, and where the section stands."""
        await events.append(session, self._plan_id, told(self._name, result, status))

    async def _write(self, before: asyncio.Task[None] | None, entry: tuple[str, Event]) -> None:
        if before is not None:
            await before

        async def append() -> None:
            async with self._database.writing() as session:
                await events.append(session, self._plan_id, [entry])

        await until_stored(append)


def begun(name: str, section: str) -> tuple[str, Event]:
    """Key and event of a section's beginning to be drafted."""
    return f"{name}:begin", Event(event="section", section=section, status=SectionStatus.DRAFTING)


def told(name: str, result: SectionResult, status: SectionStatus) -> Sequence[tuple[str, Event]]:
    """Key and event of each finding of a section, and last of its status."""
    findings = [
        (f"{name}:finding:{n}", Event(event="finding", section=result.id, finding=finding))
        for n, finding in enumerate(result.findings)
    ]
    end = Event(event="section", section=result.id, status=status, failure=result.failure)
    return [*findings, (f"{name}:end", end)]
