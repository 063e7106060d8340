"""Who did what to which plan, and when: written with the deed, kept after the plan is gone."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.stored import AuditRow
from service.store.clock import now
from service.store.statements import many
from service.store.tables import AUDIT as A

_COLUMNS = (A.c.id, A.c.at, A.c.who, A.c.action, A.c.plan_id, A.c.section, A.c.detail)


async def record(
    session: AsyncSession,
    who: str,
    action: str,
    plan_id: str,
    section: str | None = None,
    detail: Mapping[str, JsonValue] | None = None,
) -> None:
    """Notes a deed; `detail` never holds a text of the plan nor a key."""
    values = {"at": now(), "who": who, "action": action, "plan_id": plan_id, "section": section}
    await session.execute(insert(A).values({**values, "detail": None if detail is None else dict(detail)}))


async def of_plan(session: AsyncSession, plan_id: str, after: int = 0, limit: int = 500) -> list[AuditRow]:
    """What was done to the plan, first to last, after the entry `after`."""
    query = select(*_COLUMNS).where(A.c.plan_id == plan_id, A.c.id > after).order_by(A.c.id).limit(limit)
    return await many(session, query, AuditRow)
