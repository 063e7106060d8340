"""A store for one test: a database opened, worked with and closed, and the plan of 望海市 in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.plan import PlanRequest, SectionStatus
from schemas.stored import PlanRow, Revision, StoredReply
from service.store import Database, plans, sections
from service.store.clock import now
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


def reply(plan_id: str, **changes: Any) -> StoredReply:
    """A reply to the first attempt at section 2.1."""
    given: dict[str, Any] = {
        "key": "9e1c", "plan_id": plan_id, "section": "2.1", "revision": 1, "attempt": 1, "model": "qwen3-32b",
        "prompt_hash": "sha256:2c3d", "reply": {"paragraphs": [{"text": "望海市地处云岭省东南沿海。"}], "gaps": []},
        "prompt_tokens": 5200, "completion_tokens": 640, "at": now(),
    }  # fmt: skip
    return StoredReply.model_validate({**given, **changes})
