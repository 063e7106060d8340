"""What the jobs of a plan came to, so that a run that is begun again takes up where the last one stopped."""

from __future__ import annotations

from pydantic import JsonValue
from sqlalchemy import Insert, Update, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.stored import JobState
from service.store import plans
from service.store.clock import now
from service.store.statements import many, one, only
from service.store.tables import JobTable as J

_COLUMNS = (J.plan_id, J.key, J.run, J.failed, J.state, J.at)


async def get_state(session: AsyncSession, plan_id: str, key: str) -> JobState | None:
    """What the job came to; None where it has not ended yet."""
    return await one(session, select(*_COLUMNS).where(J.plan_id == plan_id, J.key == key), JobState)


async def put_state(
    session: AsyncSession, plan_id: str, key: str, *, run: int, failed: bool, state: JsonValue
) -> JobState:
    """Keeps it, unless the job has a state that stays: the first one, but for a failure of an earlier run.

    Returns the one that is kept, as it is read back.
    """
    await plans.hold(session, plan_id)
    earlier = await get_state(session, plan_id, key)
    if earlier is not None and not (earlier.failed and earlier.run < run):
        return earlier
    values: dict[str, object] = {"run": run, "failed": failed, "state": state, "at": now()}
    statement: Insert | Update
    if earlier is None:
        statement = insert(J).values({"plan_id": plan_id, "key": key, **values})
    else:
        statement = update(J).where(J.plan_id == plan_id, J.key == key).values(values)
    return await only(session, statement.returning(*_COLUMNS), JobState)


async def states(session: AsyncSession, plan_id: str) -> list[JobState]:
    """Of all jobs that ended, by key."""
    query = select(*_COLUMNS).where(J.plan_id == plan_id).order_by(J.key)
    return await many(session, query, JobState)
