"""API keys: made, listed, revoked. The key itself is never stored."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.stored import KeyRow
from service.errors import InputError
from service.store.clock import now
from service.store.statements import insert_if_absent, many
from service.store.tables import KEYS as K

_COLUMNS = (K.c.name, K.c.sha256, K.c.created_at, K.c.revoked_at, K.c.plans_at_once, K.c.requests_per_minute)


async def add(
    session: AsyncSession,
    name: str,
    sha256: str,
    *,
    plans_at_once: int | None = None,
    requests_per_minute: int | None = None,
) -> KeyRow:
    """A new key. A name is never used again, as plans and the audit go by it: InputError."""
    row = KeyRow(
        name=name, sha256=sha256, created_at=now(), plans_at_once=plans_at_once,
        requests_per_minute=requests_per_minute,
    )  # fmt: skip
    if not await insert_if_absent(session, K, dict(row), ("name",)):
        raise InputError(f"已有名为“{name}”的密钥（含已吊销的），请换一个名称")
    return row


async def all_of(session: AsyncSession, *, revoked: bool = False) -> list[KeyRow]:
    """Keys by name; those that were revoked only when asked for."""
    query = select(*_COLUMNS).order_by(K.c.name)
    if not revoked:
        query = query.where(K.c.revoked_at.is_(None))
    return await many(session, query, KeyRow)


async def plans_at_once(session: AsyncSession, name: str) -> int | None:
    """How many plans of this key are drafted side by side; None where that is left to the settings."""
    found: int | None = (await session.execute(select(K.c.plans_at_once).where(K.c.name == name))).scalar()
    return found


async def revoke(session: AsyncSession, name: str) -> bool:
    """Whether there was such a key in force."""
    statement = update(K).where(K.c.name == name, K.c.revoked_at.is_(None)).values(revoked_at=now()).returning(K.c.name)
    return (await session.execute(statement)).first() is not None
