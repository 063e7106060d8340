"""Imported outlines: kept under an id of their own, never changed, and deleted only while no plan is on them."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.outline import Outline
from service.errors import OutlineConflictError, UnknownOutlineError
from service.store.clock import now
from service.store.statements import insert_if_absent
from service.store.tables import OUTLINES as T
from service.store.tables import PLANS
from service.store.types import dumps


async def add(session: AsyncSession, outline: Outline, owner: str) -> bool:
    """Whether it is new; False where this owner has the same one under this id. OutlineConflictError for another one."""
    data = outline.model_dump(mode="json")
    sha256 = hashlib.sha256(dumps(data).encode()).hexdigest()
    values = {"id": outline.id, "owner": owner, "data": data, "sha256": sha256, "created_at": now()}
    if await insert_if_absent(session, T, values, ("id",)):
        return True
    query = select(T.c.id).where(T.c.id == outline.id, T.c.owner == owner, T.c.sha256 == sha256)
    if (await session.execute(query)).first() is None:
        raise OutlineConflictError(
            f"编号 {outline.id} 已用于另一份编制要点，请另取一个编号，或先删除原有的（有方案使用时不能删除）"
        )
    return False


async def hold(session: AsyncSession, outline_id: str) -> None:
    """Keeps it from being deleted until the transaction ends. UnknownOutlineError where it is not there any more."""
    if (await session.execute(select(T.c.id).where(T.c.id == outline_id).with_for_update(read=True))).first() is None:
        raise UnknownOutlineError(f"编号为“{outline_id[:64]}”的编制要点已被删除，请重新导入")


async def delete(session: AsyncSession, outline_id: str, owner: str | None) -> None:
    """For ever. UnknownOutlineError, also for another owner's; OutlineConflictError while a plan is on it.

    A deleted plan counts until it is purged, as it can be brought back.
    """
    query = select(T.c.id).where(T.c.id == outline_id)
    if owner is not None:
        query = query.where(T.c.owner == owner)
    if (await session.execute(query.with_for_update())).first() is None:
        raise UnknownOutlineError(f"没有编号为“{outline_id[:64]}”的已导入的编制要点")
    if (await session.execute(select(PLANS.c.id).where(PLANS.c.outline == outline_id).limit(1))).first():
        raise OutlineConflictError(
            f"编制要点 {outline_id} 有方案正在使用（含已删除而尚可恢复的），不能删除；如需修改，请以新的编号导入"
        )
    await session.execute(delete_rows(T).where(T.c.id == outline_id))
