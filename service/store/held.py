"""What a writing transaction knows by itself: the plans that it holds, and those about which it tells something."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

_HELD, _TOLD = "held", "told"


def last_event(session: AsyncSession, plan_id: str) -> int | None:
    """Number of the plan's last event where this transaction holds the plan, so that nobody else can count on."""
    held: dict[str, int] = session.info.get(_HELD, {})
    return held.get(plan_id)


def hold(session: AsyncSession, plan_id: str, last: int) -> None:
    """To be told when the plan was locked, with the number of its last event."""
    session.info.setdefault(_HELD, {})[plan_id] = last


def tell(session: AsyncSession, plan_id: str, last: int) -> None:
    """To be told when events were added to the plan, with the number of the last one."""
    hold(session, plan_id, last)
    session.info.setdefault(_TOLD, set()).add(plan_id)


def told_of(session: AsyncSession) -> Collection[str]:
    """The plans about which the transaction has told something."""
    told: set[str] = session.info.get(_TOLD, set())
    return told
