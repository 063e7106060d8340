"""Runs and redrafts that cannot go on: ended, with what was drafted kept, and said so to whoever follows."""

from __future__ import annotations

import logging
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.job import Job
from schemas.plan import Event, Failure, PlanStatus, SectionStatus
from service.jobs.names import over_key
from service.jobs.recheck import AT_WORK, given_up
from service.jobs.till import until_stored
from service.jobs.workshop import wanted
from service.pipeline import plan_status
from service.store import Database, events, jobs, plans, sections

_log = logging.getLogger(__name__)


async def fail(database: Database, plan_id: str, run: int, message: str) -> None:
    """Ends a run that cannot go on; what was drafted stays. Nothing for one that has ended."""

    async def mark() -> None:
        async with database.writing() as session:
            plan = await plans.lock(session, plan_id, deleted=True)
            if not wanted(plan, run) or await jobs.get_state(session, plan_id, over_key(run)) is not None:
                return
            _log.error("plan %s cannot go on: %s", plan_id, message)
            for row in await sections.all_of(session, plan_id):
                if row.status in AT_WORK:
                    await sections.set_status(session, plan_id, row.section, given_up(row))
            await plans.set_status(session, plan_id, PlanStatus.FAILED)
            await jobs.put_state(session, plan_id, over_key(run), run=run, failed=False, state=None)
            end = Event(event="end", status=PlanStatus.FAILED, text=message)
            await events.append(session, plan_id, [(f"{run}:end", end)])

    await until_stored(mark)


async def begin_again(database: Database, plan_id: str, run: int) -> None:
    """Puts a run that broke off for want of room, say, back among the plans that wait; what it has done is not done again."""

    async def mark() -> None:
        async with database.writing() as session:
            plan = await plans.lock(session, plan_id, deleted=True)
            if not wanted(plan, run) or await jobs.get_state(session, plan_id, over_key(run)) is not None:
                return
            await queue_again(session, plan_id, (SectionStatus.DRAFTING,))

    await until_stored(mark)


async def queue_again(session: AsyncSession, plan_id: str, left: Collection[SectionStatus]) -> int:
    """The plan's next run, queued and told: sections without a text that stand at one of `left` are to be drafted."""
    for row in await sections.all_of(session, plan_id):
        if row.status in left and not row.text:
            await sections.set_status(session, plan_id, row.section, SectionStatus.PENDING)
    run = await plans.next_run(session, plan_id)
    await plans.set_status(session, plan_id, PlanStatus.QUEUED)
    await events.append(session, plan_id, [(f"{run}:queued", Event(event="plan", status=PlanStatus.QUEUED))])
    return run


async def give_up(database: Database, plan_id: str, run: int, job: Job, message: str) -> None:
    """Ends a redraft that cannot be done: the text stays, the plan is at rest. Nothing for one that has ended."""

    async def mark() -> None:
        async with database.writing() as session:
            plan = await plans.lock(session, plan_id, deleted=True)
            row = await sections.get(session, plan_id, job.section)
            if not wanted(plan, run) or row.status is not SectionStatus.DRAFTING:
                return
            _log.error("plan %s: %s cannot be done: %s", plan_id, job.key, message)
            status = given_up(row)
            await sections.set_status(session, plan_id, job.section, status)
            failure = Failure(type="redraft", message=message)
            told = Event(event="section", section=job.section, status=status, failure=failure)
            await events.append(session, plan_id, [(f"{run}:{job.key}:given-up", told)])
            rows = await sections.all_of(session, plan_id)
            if not any(r.status is SectionStatus.DRAFTING for r in rows):
                stands = plan_status([r.result for r in rows if r.result], plan.findings)
                await plans.set_status(session, plan_id, stands)
                await events.append(session, plan_id, [(f"{run}:{job.key}:end", Event(event="end", status=stands))])

    await until_stored(mark)
