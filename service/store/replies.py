"""The ledger of replies as it is read: what was received once is never bought again. ledger.py keeps them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.stored import Spending, StoredReply
from service.store.statements import one
from service.store.tables import REPLIES as L

COLUMNS = (
    L.c.key, L.c.plan_id, L.c.section, L.c.revision, L.c.attempt, L.c.model, L.c.prompt_hash, L.c.reply, L.c.prompt_tokens,
    L.c.completion_tokens, L.c.at,
)  # fmt: skip


async def find(session: AsyncSession, key: str) -> StoredReply | None:
    """The reply to this call, if it was received before."""
    return await one(session, select(*COLUMNS).where(L.c.key == key), StoredReply)


async def spent(session: AsyncSession, plan_id: str) -> int:
    """Tokens of all replies to this plan."""
    query = select(func.coalesce(func.sum(L.c.prompt_tokens + L.c.completion_tokens), 0)).where(L.c.plan_id == plan_id)
    return int((await session.execute(query)).scalar_one())


async def spending(session: AsyncSession, plan_id: str) -> Spending:
    """Replies to this plan, and their tokens."""
    read, written = (func.coalesce(func.sum(column), 0) for column in (L.c.prompt_tokens, L.c.completion_tokens))
    found = (await session.execute(select(func.count(), read, written).where(L.c.plan_id == plan_id))).one()
    return Spending(calls=int(found[0]), prompt_tokens=int(found[1]), completion_tokens=int(found[2]))
