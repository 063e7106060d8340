"""What the jobs of a plan came to, so that a run that is begun again takes up where the last one stopped."""

from __future__ import annotations

from typing import get_args

from pydantic import JsonValue
from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.job import JobKind
from schemas.stored import JobState
from service.store import plans
from service.store.clock import now
from service.store.statements import many, one, only
from service.store.tables import JOBS as J

ASIDE = "@"
"""Between the key of a job that failed and was done again, and the run that it failed in."""
_COLUMNS = (J.c.plan_id, J.c.key, J.c.run, J.c.failed, J.c.state, J.c.at)


async def get_state(session: AsyncSession, plan_id: str, key: str) -> JobState | None:
    """What the job came to; None where it has not ended yet."""
    return await one(session, select(*_COLUMNS).where(J.c.plan_id == plan_id, J.c.key == key), JobState)


async def put_state(
    session: AsyncSession, plan_id: str, key: str, *, run: int, failed: bool, state: JsonValue, read_back: bool = True
) -> JobState:
    """Keeps it, unless the job has a state that stays: the first one, but for a failure of an earlier run.

    That one is kept too, under a key of its own: what it took was paid for. Returns the one that stands, as it is read
    back; `read_back` False spares that for who does not look at it.
    """
    await plans.hold(session, plan_id)
    earlier = await get_state(session, plan_id, key)
    if earlier is not None and not (earlier.failed and earlier.run < run):
        return earlier
    if earlier is not None:
        aside = update(J).where(J.c.plan_id == plan_id, J.c.key == key).values(key=f"{key}{ASIDE}{earlier.run}")
        await session.execute(aside)
    values = {"plan_id": plan_id, "key": key, "run": run, "failed": failed, "state": state, "at": now()}
    if not read_back:
        await session.execute(insert(J).values(values))
        return JobState.model_validate(values)
    return await only(session, insert(J).values(values).returning(*_COLUMNS), JobState)


async def of_sections(session: AsyncSession, plan_id: str, section: str | None = None) -> list[JobState]:
    """Of the jobs on its sections that ended, or on this one, oldest first; those that were done again too."""
    begins = [f"{kind}-{section}-" if section else f"{kind}-" for kind in get_args(JobKind)]
    mine = or_(*(J.c.key.startswith(begin, autoescape=True) for begin in begins))
    return await many(
        session, select(*_COLUMNS).where(J.c.plan_id == plan_id, mine).order_by(J.c.at, J.c.key), JobState
    )


async def states(session: AsyncSession, plan_id: str) -> list[JobState]:
    """Of all jobs that ended, by key."""
    query = select(*_COLUMNS).where(J.c.plan_id == plan_id).order_by(J.c.key)
    return await many(session, query, JobState)
