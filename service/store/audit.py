"""Who did what to which plan, and when: written with the deed, kept after the plan is gone."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.store.clock import now
from service.store.tables import AUDIT as A


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
