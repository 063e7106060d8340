"""Sections of a plan and their versions: texts change only by adding a version, and a version never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.plan import SectionResult, SectionStatus
from schemas.stored import Revision, RevisionKind, SectionRow
from service.errors import EditConflictError, UnknownSectionError, UnknownVersionError
from service.store import plans
from service.store.clock import now
from service.store.statements import many, one
from service.store.tables import REVISIONS as R
from service.store.tables import SECTIONS as S
from service.store.types import storable

_SECTION = (
    S.c.plan_id,
    S.c.section,
    S.c.position,
    S.c.title,
    S.c.status,
    S.c.revision,
    S.c.text,
    S.c.result,
    S.c.updated_at,
)
_REVISION = (R.c.plan_id, R.c.section, R.c.number, R.c.kind, R.c.who, R.c.why, R.c.at, R.c.text, R.c.result)


async def all_of(session: AsyncSession, plan_id: str) -> list[SectionRow]:
    """All sections in the outline's order."""
    query = select(*_SECTION).where(S.c.plan_id == plan_id).order_by(S.c.position)
    return await many(session, query, SectionRow)


async def standing(session: AsyncSession, plan_id: str) -> dict[str, tuple[int, SectionStatus]]:
    """Version and status of each section: what tells whether `all_of` read a while ago still holds."""
    query = select(S.c.section, S.c.revision, S.c.status).where(S.c.plan_id == plan_id).order_by(S.c.position)
    return {row[0]: (int(row[1]), SectionStatus(row[2])) for row in await session.execute(query)}


async def get(session: AsyncSession, plan_id: str, section: str) -> SectionRow:
    """One section; UnknownSectionError where the plan has none of that id."""
    query = select(*_SECTION).where(S.c.plan_id == plan_id, S.c.section == section)
    row = await one(session, query, SectionRow)
    if row is None:
        raise _unknown(section)
    return row


async def set_status(session: AsyncSession, plan_id: str, section: str, status: SectionStatus) -> None:
    """Where the section stands now."""
    await _change(session, plan_id, section, {"status": status})


async def set_statuses(session: AsyncSession, plan_id: str, wanted: Sequence[str], status: SectionStatus) -> None:
    """Where these sections stand now."""
    await plans.hold(session, plan_id)
    changed = update(S).where(S.c.plan_id == plan_id, S.c.section.in_(wanted)).values(status=status, updated_at=now())
    await session.execute(changed)


async def set_result(
    session: AsyncSession, plan_id: str, section: str, status: SectionStatus, result: SectionResult
) -> None:
    """What the checks say of the text that is there; neither the text nor its version changes."""
    await _change(session, plan_id, section, {"status": status, "result": result.model_dump(mode="json")})


async def add_revision(
    session: AsyncSession,
    plan_id: str,
    section: str,
    expected: int | None,
    *,
    kind: RevisionKind,
    who: str,
    why: str | None,
    text: str,
    result: SectionResult,
    status: SectionStatus,
) -> Revision:
    """The next version, which becomes the section's text.

    `expected`: the version that the caller has seen; EditConflictError where the section has another one by now.
    """
    await plans.hold(session, plan_id)
    current = (
        await session.execute(select(S.c.revision).where(S.c.plan_id == plan_id, S.c.section == section))
    ).scalar()
    if current is None:
        raise _unknown(section)
    if expected is not None and expected != current:
        raise EditConflictError(
            f"本节已有更新的版本（第 {current} 版，您所见为第 {expected} 版），未保存；请重新读取后再修改"
        )
    dumped = result.model_dump(mode="json")
    made = Revision(
        plan_id=plan_id,
        section=section,
        number=current + 1,
        kind=kind,
        who=storable(who),
        why=storable(why) if why is not None else None,
        at=now(),
        text=storable(text),
        result=result,
    )
    await session.execute(insert(R).values({**dict(made), "result": dumped}))
    changes = {"status": status, "revision": made.number, "text": text, "result": dumped}
    await _change(session, plan_id, section, changes)
    return made


async def revisions(session: AsyncSession, plan_id: str, section: str) -> list[Revision]:
    """All versions, first to last."""
    query = select(*_REVISION).where(R.c.plan_id == plan_id, R.c.section == section).order_by(R.c.number)
    return await many(session, query, Revision)


async def all_revisions(session: AsyncSession, plan_id: str) -> list[Revision]:
    """All versions of all sections; those of one section first to last."""
    query = select(*_REVISION).where(R.c.plan_id == plan_id).order_by(R.c.section, R.c.number)
    return await many(session, query, Revision)


async def revision(session: AsyncSession, plan_id: str, section: str, number: int) -> Revision:
    """One version; UnknownVersionError where there is none of that number."""
    query = select(*_REVISION).where(R.c.plan_id == plan_id, R.c.section == section, R.c.number == number)
    row = await one(session, query, Revision)
    if row is None:
        raise UnknownVersionError(f"本节（{section}）没有第 {number} 版")
    return row


async def written_at(session: AsyncSession, plan_id: str) -> dict[str, datetime]:
    """When the text that a section has was written; sections without one are left out."""
    query = (
        select(R.c.section, R.c.at)
        .join(S, (S.c.plan_id == R.c.plan_id) & (S.c.section == R.c.section) & (S.c.revision == R.c.number))
        .where(R.c.plan_id == plan_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def progress(session: AsyncSession, plan_ids: Sequence[str]) -> dict[str, dict[SectionStatus, int]]:
    """How many sections of each status these plans have; statuses that none has are left out."""
    query = (
        select(S.c.plan_id, S.c.status, func.count()).where(S.c.plan_id.in_(plan_ids)).group_by(S.c.plan_id, S.c.status)
    )
    found: dict[str, dict[SectionStatus, int]] = {i: {} for i in plan_ids}
    for plan_id, status, number in await session.execute(query):
        found[plan_id][SectionStatus(status)] = int(number)
    return found


async def _change(session: AsyncSession, plan_id: str, section: str, values: Mapping[str, object]) -> None:
    await plans.hold(session, plan_id)
    statement = (
        update(S)
        .where(S.c.plan_id == plan_id, S.c.section == section)
        .values({**values, "updated_at": now()})
        .returning(S.c.section)
    )
    if (await session.execute(statement)).first() is None:
        raise _unknown(section)


def _unknown(section: str) -> UnknownSectionError:
    return UnknownSectionError(f"这份方案没有编号为“{section}”的一节")
