"""How the jobs of a plan are run: at once in this process here, on the durable engine in service/jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from schemas.job import Decision, Job
from service.drafting import Run, Work
from service.repair.loop import Emit
from service.writer.protocol import warms_cache


class StepRunner(Protocol):
    """Runs jobs and keeps decisions; the order of both is the pipeline's."""

    async def perform(self, jobs: Sequence[Job]) -> Mapping[str, Work]:
        """Does the jobs side by side; returns the sections' work by section id, in the order of the jobs."""
        ...

    async def decide(self, name: str, make: Callable[[], Decision]) -> Decision:
        """The decision of that name: made now, or as it was recorded when this run was interrupted."""
        ...


class AtOnce:
    """Implements StepRunner in memory: nothing is stored, an interrupted run is lost."""

    def __init__(self, run: Run, emit: Emit) -> None:
        self._run = run
        self._emit = emit
        self._works: dict[str, Work] = {}
        self._decisions: dict[str | None, Decision] = {None: Decision()}

    async def perform(self, jobs: Sequence[Job]) -> Mapping[str, Work]:
        """All of them side by side; the first alone where that warms the endpoint's cache for the others."""
        for job in jobs:
            self._works.setdefault(job.section, Work(self._run.kit.outline.sections_by_id[job.section]))
        alone = 1 if len(jobs) > 1 and warms_cache(self._run.kit.writer) else 0
        for together in (jobs[:alone], jobs[alone:]):
            await asyncio.gather(*(self._one(job) for job in together))
        return {job.section: self._works[job.section] for job in jobs}

    async def decide(self, name: str, make: Callable[[], Decision]) -> Decision:
        """Made now."""
        self._decisions[name] = make()
        return self._decisions[name]

    async def _one(self, job: Job) -> None:
        await self._run.perform(job, self._works[job.section], self._decisions[job.decision], self._emit)
