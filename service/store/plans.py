"""Plans: made, found, listed, set forward, deleted. Who is to write to one takes `lock` first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, insert, select, update
from sqlalchemy import delete as delete_rows
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.finding import Finding
from schemas.plan import PlanRequest, PlanStatus, SectionStatus
from schemas.stored import PlanRow
from service.errors import Fault, IdempotencyConflictError, InputError, UnknownPlanError
from service.store import held
from service.store.clock import is_id, new_id, now
from service.store.statements import insert_if_absent, many, one
from service.store.tables import PLANS as P
from service.store.tables import REPLIES, SECTIONS

AT_WORK = (PlanStatus.QUEUED, PlanStatus.DRAFTING)
"""The statuses of a plan that takes up capacity."""

_COLUMNS = (
    P.c.id, P.c.owner, P.c.status, P.c.title, P.c.outline, P.c.subject, P.c.request_hash, P.c.idempotency_key, P.c.idempotency_hash,
    P.c.writer, P.c.model, P.c.run, P.c.last_event, P.c.findings, P.c.summary_stale, P.c.created_at, P.c.updated_at, P.c.deleted_at,
)  # fmt: skip


async def create(
    session: AsyncSession,
    *,
    owner: str,
    title: str,
    request: PlanRequest,
    request_hash: str,
    writer: str,
    sections: Sequence[tuple[str, str]],
    model: str | None = None,
    idempotency_key: str | None = None,
    plan_id: str | None = None,
) -> PlanRow:
    """A queued plan with its sections (id, title), all pending; `plan_id` is one of clock.new_id, if it is given.

    An idempotency key seen before gives the plan that it made (its id is not `plan_id` then), or
    IdempotencyConflictError where that was made from another request.
    """
    at = now()
    made = plan_id or new_id(at)
    values: dict[str, object] = {
        "id": made, "owner": owner, "status": PlanStatus.QUEUED, "title": title, "outline": request.sheet.outline,
        "subject": request.sheet.subject.name, "request": request.model_dump(mode="json"),
        "request_hash": request_hash, "idempotency_key": idempotency_key,
        "idempotency_hash": None if idempotency_key is None else request_hash, "writer": writer, "model": model, "run": 1,
        "last_event": 0, "findings": [], "summary_stale": False, "created_at": at, "updated_at": at,
    }  # fmt: skip
    if idempotency_key is None:
        await session.execute(insert(P).values(values))
    elif not await insert_if_absent(session, P, values, ("owner", "idempotency_key")):
        earlier = await by_idempotency_key(session, owner, idempotency_key)
        if earlier is None or earlier.idempotency_hash != request_hash:
            raise IdempotencyConflictError("该 Idempotency-Key 已用于另一份请求，请换用新的键")
        return earlier
    if sections:
        rows = [
            {
                "plan_id": made, "section": section, "position": position, "title": heading,
                "status": SectionStatus.PENDING, "revision": 0, "text": "", "result": None, "updated_at": at,
            }
            for position, (section, heading) in enumerate(sections)
        ]  # fmt: skip
        await session.execute(insert(SECTIONS), rows)
    return await get(session, made)


async def by_idempotency_key(session: AsyncSession, owner: str, key: str) -> PlanRow | None:
    """The plan that this owner made with this key, unless it was deleted since."""
    query = select(*_COLUMNS).where(P.c.owner == owner, P.c.idempotency_key == key)
    return await one(session, query, PlanRow)


async def get(session: AsyncSession, plan_id: str, owner: str | None = None, *, deleted: bool = False) -> PlanRow:
    """The plan; UnknownPlanError too where it is another owner's, or deleted and `deleted` is not asked for."""
    return _found(await one(session, _selected(plan_id, owner, deleted=deleted), PlanRow))


async def lock(session: AsyncSession, plan_id: str, owner: str | None = None, *, deleted: bool = False) -> PlanRow:
    """The plan, held until the transaction ends: nobody else writes to it meanwhile. Errors as `get`."""
    query = _selected(plan_id, owner, deleted=deleted).with_for_update(key_share=True)
    found = _found(await one(session, query, PlanRow))
    held.hold(session, plan_id, found.last_event)
    return found


async def hold(session: AsyncSession, plan_id: str) -> int:
    """As `lock`, of a deleted plan too, for who needs of it only the number of its last event.

    Costs nothing where the transaction holds the plan already.
    """
    known = held.last_event(session, plan_id)
    if known is not None:
        return known
    query = select(P.c.last_event).where(P.c.id == plan_id).with_for_update(key_share=True)
    found: int | None = (await session.execute(query)).scalar()
    if found is None:
        raise _unknown()
    held.hold(session, plan_id, found)
    return found


async def request(session: AsyncSession, plan_id: str) -> PlanRequest:
    """The fact sheet and options that the plan was made from."""
    found = (await session.execute(select(P.c.request).where(P.c.id == plan_id))).first()
    if found is None:
        raise _unknown()
    return PlanRequest.model_validate(found[0])


async def set_request(session: AsyncSession, plan_id: str, wanted: PlanRequest, request_hash: str, title: str) -> None:
    """Other facts for the plan. Its idempotency key still belongs to the request that made it."""
    values: dict[str, object] = {
        "request": wanted.model_dump(mode="json"), "request_hash": request_hash, "title": title,
        "subject": wanted.sheet.subject.name,
    }  # fmt: skip
    await _change(session, plan_id, values)


async def listed(
    session: AsyncSession, owner: str | None, cursor: str | None = None, limit: int = 20, search: str | None = None
) -> tuple[list[PlanRow], str | None]:
    """One page, newest first, and the cursor of the next one; plans made meanwhile do not move the pages.

    `owner` None: of all owners. `search`: part of the title or of the subject's name.
    """
    query = select(*_COLUMNS).where(P.c.deleted_at.is_(None)).order_by(P.c.id.desc()).limit(limit + 1)
    if owner is not None:
        query = query.where(P.c.owner == owner)
    if cursor is not None:
        query = query.where(P.c.id < _uncursor(cursor))
    if search:
        query = query.where(
            P.c.title.icontains(search, autoescape=True) | P.c.subject.icontains(search, autoescape=True)
        )  # fmt: skip
    rows = await many(session, query, PlanRow)
    more = len(rows) > limit
    return rows[:limit], _cursor(rows[limit - 1].id) if more else None


async def set_status(session: AsyncSession, plan_id: str, status: PlanStatus) -> None:
    """Where the plan stands now."""
    await _change(session, plan_id, {"status": status})


async def set_findings(
    session: AsyncSession, plan_id: str, findings: Sequence[Finding], summary_stale: bool | None = None
) -> None:
    """The findings of the plan as a whole; `summary_stale` None leaves that as it is."""
    values: dict[str, object] = {"findings": [f.model_dump(mode="json") for f in findings]}
    if summary_stale is not None:
        values["summary_stale"] = summary_stale
    await _change(session, plan_id, values)


async def next_run(session: AsyncSession, plan_id: str) -> int:
    """Counts up how often the plan was begun, and returns the number of the run that begins."""
    statement = update(P).where(P.c.id == plan_id).values(run=P.c.run + 1, updated_at=now()).returning(P.c.run)
    found = (await session.execute(statement)).first()
    if found is None:
        raise _unknown()
    return int(found[0])


async def delete(session: AsyncSession, plan_id: str, owner: str | None = None) -> None:
    """Hides the plan until it is undeleted or purged; its idempotency key is free again."""
    await lock(session, plan_id, owner)
    await _change(session, plan_id, {"deleted_at": now(), "idempotency_key": None, "idempotency_hash": None})


async def undelete(session: AsyncSession, plan_id: str, owner: str | None = None) -> PlanRow:
    """Shows it again; one that was not deleted stays as it is."""
    await lock(session, plan_id, owner, deleted=True)
    await _change(session, plan_id, {"deleted_at": None})
    return await get(session, plan_id, owner)


async def purge(session: AsyncSession, before: datetime) -> list[str]:
    """Removes for ever what was deleted before then, replies of models included; returns the ids."""
    gone = list((await session.execute(select(P.c.id).where(P.c.deleted_at < before))).scalars())
    if gone:
        await session.execute(delete_rows(P).where(P.c.id.in_(gone)))  # takes its other rows with it
    await session.execute(delete_rows(REPLIES).where(REPLIES.c.plan_id.not_in(select(P.c.id))))
    return gone


async def unfinished(session: AsyncSession) -> list[PlanRow]:
    """All that are queued or being drafted, oldest first: what a start takes up again."""
    query = select(*_COLUMNS).where(P.c.deleted_at.is_(None), P.c.status.in_(AT_WORK)).order_by(P.c.id)
    return await many(session, query, PlanRow)


async def held_at_work(session: AsyncSession, owner: str) -> list[PlanRow]:
    """This owner's plans that are queued or being drafted, held until the transaction ends."""
    query = (
        select(*_COLUMNS).where(P.c.owner == owner, P.c.deleted_at.is_(None), P.c.status.in_(AT_WORK)).order_by(P.c.id)
    )
    return await many(session, query.with_for_update(key_share=True), PlanRow)


async def _change(session: AsyncSession, plan_id: str, values: Mapping[str, object]) -> None:
    statement = update(P).where(P.c.id == plan_id).values({**values, "updated_at": now()}).returning(P.c.id)
    if (await session.execute(statement)).first() is None:
        raise _unknown()


def _selected(plan_id: str, owner: str | None, *, deleted: bool) -> Select[*tuple[object, ...]]:
    query = select(*_COLUMNS).where(P.c.id == plan_id)
    if owner is not None:
        query = query.where(P.c.owner == owner)
    return query if deleted else query.where(P.c.deleted_at.is_(None))


def _found(row: PlanRow | None) -> PlanRow:
    if row is None:
        raise _unknown()
    return row


def _unknown() -> UnknownPlanError:
    return UnknownPlanError("没有这份方案，请核对编号；已删除的方案不再显示")


def _cursor(plan_id: str) -> str:
    return base64.urlsafe_b64encode(plan_id.encode()).decode().rstrip("=")


def _uncursor(cursor: str) -> str:
    try:
        plan_id = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        if is_id(plan_id):
            return plan_id
    except (binascii.Error, ValueError):
        pass
    message = "cursor 无效，请原样使用上一页返回的 next_cursor，或省略它从头列出"
    raise InputError(message, [Fault("/cursor", message)])
