"""What a running service does beside its jobs: takes up what was left lying, keeps its lease, forgets what is old."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta

from schemas.job import Job
from schemas.plan import PlanStatus, SectionStatus
from schemas.stored import PlanRow
from service.jobs.endings import fail, give_up
from service.jobs.engine import Engine
from service.jobs.lease import Lease
from service.jobs.names import job_key
from service.jobs.workshop import Workshop
from service.store import jobs, plans, sections
from service.store.clock import now

EVERY = 5.0
"""Seconds between rounds: how long a dead worker's plans wait for another one."""
_RETENTION_EVERY = 3600.0
_GAVE_UP = "起草多次中断，已停止；已完成的章节均已保存，可继续起草，仍不成功的请联系维护人员"
_log = logging.getLogger(__name__)


def leave() -> None:
    """Ends the process at once: whoever lost its lease may no longer touch anything."""
    os._exit(70)


class Upkeep:
    """The rounds of one process."""

    def __init__(
        self, workshop: Workshop, engine: Engine, lease: Lease, retention: timedelta, lost: Callable[[], None] = leave
    ) -> None:
        self._workshop = workshop
        self._engine = engine
        self._lease = lease
        self._retention = retention
        self._lost = lost

    async def forever(self) -> None:
        """Rounds until cancelled; a round that fails is told and does not end them."""
        loop = asyncio.get_running_loop()
        forget_at = loop.time() + EVERY
        while True:
            if not await asyncio.to_thread(self._lease.alive):
                _log.critical("the lease is lost: another process may do our work, so this one ends")
                self._lost()
            await self._tried(self.take_over)
            await self._tried(self.take_up)
            if loop.time() >= forget_at:
                await self._tried(self.forget)
                forget_at = loop.time() + _RETENTION_EVERY
            await asyncio.sleep(EVERY)

    async def take_over(self) -> None:
        """Work of processes that are gone goes back into the queues."""
        for name in await self._engine.executors():
            await self._take_over(name)

    async def _take_over(self, name: str) -> None:
        held = self._lease.of_dead(name)
        dead = await asyncio.to_thread(held.__enter__)
        try:
            if dead:
                taken = await self._engine.take_over(name)
                _log.warning("took over %d pieces of work of %s, which is gone", taken, name)
        finally:
            await asyncio.to_thread(held.__exit__, None, None, None)

    async def take_up(self) -> None:
        """Plans that a crash left between the database and the engine are begun; ones that the engine gave up, ended."""
        async with self._workshop.database.reading() as session:
            left = await plans.unfinished(session)
        for plan in left:
            # Looked at first: a redraft may belong to a run in which nobody asked for the rest of the plan.
            over = await self._workshop.is_over(plan.id, plan.run)
            if not over and await self._engine.ended(plan.id, plan.run):
                await fail(self._workshop.database, plan.id, plan.run, _GAVE_UP)
            elif not over:
                await self._engine.begin(plan.id, plan.run)
            else:
                await self._take_up_redrafts(plan)

    async def _take_up_redrafts(self, plan: PlanRow) -> None:
        waiting = await self._redrafts(plan)
        for job in waiting:
            if await self._engine.redraft_ended(plan.id, plan.run, job):
                await give_up(self._workshop.database, plan.id, plan.run, job, _GAVE_UP)
            else:
                await self._engine.redraft(plan.owner, plan.id, plan.run, job)
        if not waiting and plan.status is PlanStatus.DRAFTING:
            await self._workshop.finish(plan.id, plan.run, f"{plan.run}:left:{plan.last_event}")

    async def forget(self) -> None:
        """Plans deleted long ago go for good, in both databases."""
        async with self._workshop.database.writing() as session:
            gone = await plans.purge(session, now() - self._retention)
        await self._engine.forget(gone)

    async def _redrafts(self, plan: PlanRow) -> list[Job]:
        """Redrafts that were asked for and have not ended."""
        async with self._workshop.database.reading() as session:
            at_work = {r.section for r in await sections.all_of(session, plan.id) if r.status is SectionStatus.DRAFTING}
            if not at_work:
                return []
            states = {s.key: s for s in await jobs.states(session, plan.id)}
        asked = [Job.model_validate(s.state) for k, s in states.items() if k.startswith("job-redraft-")]
        return [j for j in asked if j.section in at_work and j.key not in states and job_key(j) in states]

    @staticmethod
    async def _tried(what: Callable[[], Awaitable[None]]) -> None:
        try:
            await what()
        except Exception:
            _log.exception("upkeep failed, and will be tried again")
