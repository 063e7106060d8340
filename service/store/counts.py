"""How much there is of everything: what an operator watches, the same from whichever process is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.store.tables import PLANS as P
from service.store.tables import REPLIES as R
from service.store.tables import SECTIONS as S


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the whole database; plans that were deleted are left out."""

    plans: Mapping[str, int]
    """By status."""
    sections: Mapping[str, int]
    """By status."""
    replies: int
    """Kept in the ledger: what was paid for."""
    prompt_tokens: int
    completion_tokens: int


async def counts(session: AsyncSession) -> Counts:
    """As they stand now."""
    there = select(P.c.id).where(P.c.deleted_at.is_(None))
    plans = await _by(session, P.c.status, P.c.deleted_at.is_(None))
    sections = await _by(session, S.c.status, S.c.plan_id.in_(there))
    paid = select(
        func.count(), func.coalesce(func.sum(R.c.prompt_tokens), 0), func.coalesce(func.sum(R.c.completion_tokens), 0)
    ).select_from(R)
    replies, prompts, completions = (await session.execute(paid)).one()
    return Counts(plans, sections, int(replies), int(prompts), int(completions))


async def _by(session: AsyncSession, column: Column[str], where: ColumnElement[bool]) -> dict[str, int]:
    query = select(column, func.count()).where(where).group_by(column)
    return dict((await session.execute(query)).all())
