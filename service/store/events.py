"""What happened to a plan, in the order it was committed: written with the fact itself, read by whoever follows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.plan import Event
from schemas.stored import StoredEvent
from service.store import held, plans
from service.store.clock import now
from service.store.statements import many, one
from service.store.tables import EVENTS as E
from service.store.tables import PLANS

_COLUMNS = (E.c.plan_id, E.c.seq, E.c.key, E.c.data.label("event"), E.c.at)


async def append(session: AsyncSession, plan_id: str, events: Sequence[tuple[str, Event]]) -> list[StoredEvent]:
    """Adds the events (key, event) whose key the plan does not have yet, and returns those.

    The plan is held from the first number to the commit, so that who reads after number n misses none before it.
    """
    last = await plans.hold(session, plan_id)
    keys = [key for key, _ in events]
    there = set((await session.execute(select(E.c.key).where(E.c.plan_id == plan_id, E.c.key.in_(keys)))).scalars())
    fresh = {key: event for key, event in reversed(events) if key not in there}  # of equal keys the first stays
    at = now()
    added = [
        StoredEvent(plan_id=plan_id, seq=last + n, key=key, event=event, at=at)
        for n, (key, event) in enumerate(reversed(fresh.items()), 1)
    ]
    if added:
        rows = [
            {"plan_id": plan_id, "seq": e.seq, "key": e.key, "data": e.event.model_dump(mode="json"), "at": at}
            for e in added
        ]
        await session.execute(insert(E), rows)
        counted = update(PLANS).where(PLANS.c.id == plan_id).values(last_event=last + len(added))
        await session.execute(counted)
        held.tell(session, plan_id, last + len(added))
    return added


async def after(session: AsyncSession, plan_id: str, seq: int, limit: int = 500) -> list[StoredEvent]:
    """The next events after number `seq`; 0 begins with the first."""
    query = select(*_COLUMNS).where(E.c.plan_id == plan_id, E.c.seq > seq).order_by(E.c.seq).limit(limit)
    return await many(session, query, StoredEvent)


async def last_end(session: AsyncSession, plan_id: str) -> StoredEvent | None:
    """The last `end` of the plan: how its drafting ended, and why where it failed."""
    is_end = E.c.data["event"].as_string() == "end"
    query = select(*_COLUMNS).where(E.c.plan_id == plan_id, is_end).order_by(E.c.seq.desc()).limit(1)
    return await one(session, query, StoredEvent)
