"""A store for one test: a database opened, worked with and closed, and the plan of 望海市 in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.plan import PlanRequest, SectionStatus
from schemas.stored import PlanRow, Revision
from service.store import Database, plans, sections
from tests import factories

T = TypeVar("T")

SECTIONS = (("2.1", "基本概况"), ("2.2", "需求分析"), ("3", "发展目标"))


def in_database(url: str, work: Callable[[Database], Awaitable[T]], **options: Any) -> T:
    """Opens the database in a new event loop, does the work, closes it."""

    async def run() -> T:
        database = Database(url, **options)
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


async def new_plan(session: AsyncSession, **changes: Any) -> PlanRow:
    """A queued plan of three sections."""
    given: dict[str, Any] = {
        "owner": "local",
        "title": "望海市创建国家电子商务示范城市工作方案",
        "request": PlanRequest(sheet=factories.fact_sheet()),
        "request_hash": "5f2d",
        "writer": "offline",
        "sections": SECTIONS,
    }
    return await plans.create(session, **{**given, **changes})


async def draft_section(
    session: AsyncSession, plan_id: str, section: str = "2.1", expected: int | None = None, **changes: Any
) -> Revision:
    """The writer's next version of a section."""
    text = changes.pop("text", factories.OVERVIEW)
    given: dict[str, Any] = {
        "kind": "draft",
        "who": "fangan",
        "why": None,
        "text": text,
        "result": factories.section(section, text, "基本概况"),
        "status": SectionStatus.DONE,
    }
    return await sections.add_revision(session, plan_id, section, expected, **{**given, **changes})
