"""The pipeline's steps on the engine: each job a workflow of its own, each decision recorded before it is followed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from schemas.job import Decision, Job
from service.drafting import Work
from service.jobs.workshop import Workshop
from service.writer.protocol import warms_cache

Dispatch = Callable[[Sequence[Job]], Awaitable[None]]
"""Has the jobs done, here or on another machine, and returns when all of them have ended."""


class DurableSteps:
    """Implements service.steps.StepRunner for one run of one plan."""

    def __init__(self, workshop: Workshop, plan_id: str, run: int, dispatch: Dispatch, settled: set[str]) -> None:
        self._workshop = workshop
        self._plan_id = plan_id
        self._run = run
        self._dispatch = dispatch
        self._settled = settled

    async def perform(self, jobs: Sequence[Job]) -> Mapping[str, Work]:
        """Those that no earlier run has done; the first alone where that warms the endpoint's cache."""
        waiting = [job for job in jobs if job.key not in self._settled]
        writer = (await self._workshop.run_of(self._plan_id)).kit.writer
        # Recorded, as the engine needs the same order of steps from a run that is begun again.
        warm = await self.decide("warm", lambda: Decision(sections=("first",) if warms_cache(writer) else ()))
        alone = 1 if len(waiting) > 1 and warm.sections else 0
        for together in (waiting[:alone], waiting[alone:]):
            if together:
                await self._workshop.announce(self._plan_id, self._run, together)
                await self._dispatch(together)
        return await self._workshop.works(self._plan_id, list(jobs))

    async def decide(self, name: str, make: Callable[[], Decision]) -> Decision:
        """As it was decided first."""
        return await self._workshop.decide(self._plan_id, self._run, name, make)
