"""A database that takes nothing for a while: what was paid for waits until it is kept, and the plan goes on."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from schemas.job import Decision, Job
from schemas.outline import Outline
from schemas.plan import PlanOptions, PlanStatus, SectionStatus
from service.drafting import Kit
from service.errors import PlanCancelledError, StoreBusyError, StoreFaultError, StoreFullError
from service.jobs import till
from service.jobs.endings import fail, give_up
from service.jobs.till import until_stored
from service.jobs.workshop import Workshop
from service.store import Database, events, plans, sections
from tests import factories
from tests.doubles.crewed import CALLS, SIX, House, Shop, apart
from tests.doubles.stored_plans import draft_section, in_database, new_plan


@contextmanager
def full_disk(folder: Path, size: int | None = None) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes, what the database has: to SQLite a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size or os.path.getsize(folder / "product.sqlite"), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Heard(logging.Handler):
    """Messages of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


async def draft_on_a_full_disk(shop: Shop) -> tuple[str, PlanStatus, bool, list[int]]:
    """The disk is full while replies come in, until that was noticed; what a new plan is told meanwhile."""
    heard = Heard()
    logging.getLogger("service.jobs.till").addHandler(heard)
    plan_id = await shop.create()
    await shop.at_work(*SIX[1:])
    with full_disk(shop.house.folder):
        shop.let_go()
        while not heard.told:
            await shop.pause()
        try:
            await shop.create("另一方案")
        except StoreFullError as error:
            message = error.message
    (plan,) = await shop.over(plan_id)
    return message, plan.status, all((await shop.texts(plan_id)).values()), await shop.kept()


def test_a_full_disk_is_told_and_the_plan_goes_on_when_there_is_room(tmp_path: Path) -> None:
    house = House(tmp_path, latency=(0.1, 0.3), held=SIX[1:])
    message, status, drafted, kept = apart(house, draft_on_a_full_disk)
    assert "磁盘已满" in message
    assert status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    assert drafted
    assert len(kept) == len(house.paid()) == CALLS, "each reply was bought once"
    with closing(sqlite3.connect(tmp_path / "product.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def begin_on_a_full_disk(shop: Shop) -> tuple[PlanStatus, int, bool, list[int]]:
    """The disk is full at the moment when the engine writes down that a job begins."""
    engine, full = shop.crew.engine, [True]
    started = engine.started

    async def on_a_full_disk(*given: Any) -> Any:
        if not full:
            return await started(*given)
        full.clear()
        with full_disk(shop.house.folder, 1):
            return await started(*given)

    engine.started = on_a_full_disk  # type: ignore[assignment]
    plan_id = await shop.create()
    (plan,) = await shop.over(plan_id)
    return plan.status, plan.run, all((await shop.texts(plan_id)).values()), await shop.kept()


def test_a_plan_that_the_engine_could_not_write_down_is_begun_again(tmp_path: Path) -> None:
    house = House(tmp_path)
    status, run, drafted, kept = apart(house, begin_on_a_full_disk)
    assert status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    assert (run, drafted) == (2, True)
    assert len(kept) == len(house.paid()) == CALLS


async def draft_while_locked(shop: Shop) -> tuple[PlanStatus, bool, list[int]]:
    """Another program holds the database while replies come in."""
    plan_id = await shop.create()
    await shop.at_work(*SIX[1:])
    with closing(
        sqlite3.connect(shop.house.folder / "product.sqlite", isolation_level=None, timeout=30, check_same_thread=False)
    ) as other:
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")  # waits for its turn, as any program would
        shop.let_go()
        while "2.3" not in [section for _, section, _ in shop.house.paid()]:
            await shop.pause()
        other.execute("ROLLBACK")
    (plan,) = await shop.over(plan_id)
    return plan.status, all((await shop.texts(plan_id)).values()), await shop.kept()


def test_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    house = House(tmp_path, latency=(0.1, 0.3), held=SIX[1:])
    status, drafted, kept = apart(house, draft_while_locked)
    assert status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    assert drafted
    assert len(kept) == len(house.paid()) == CALLS


def test_what_must_not_be_lost_is_tried_until_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(till, "_PAUSES", (0.0,))
    answers = iter([StoreBusyError("数据库正忙"), StoreFullError("磁盘已满"), None])

    async def store() -> str:
        if (error := next(answers)) is not None:
            raise error
        return "stored"

    assert asyncio.run(until_stored(store)) == "stored"


def test_what_the_database_will_never_take_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    async def store() -> None:
        tries.append(1)
        raise StoreFaultError("使用数据库时发生内部错误")

    with pytest.raises(StoreFaultError):
        asyncio.run(until_stored(store))
    assert tries == [1]


def test_a_run_that_was_cancelled_leaves_no_decision_to_the_next_one(tmp_path: Path) -> None:
    """It has seen half of the sections: what it would decide about the summary is wrong for the plan taken up again."""

    async def decide() -> None:
        database = Database(None, tmp_path)
        await database.open()
        try:
            async with database.writing() as session:
                plan = await new_plan(session)
            workshop = Workshop(database, _no_kit)
            async with database.writing() as session:
                await plans.set_status(session, plan.id, PlanStatus.CANCELLED)
            with pytest.raises(PlanCancelledError):
                await workshop.decide(plan.id, 1, "agree", lambda: Decision(texts={"2.1": "半篇"}))
            async with database.writing() as session:
                run = await plans.next_run(session, plan.id)
                await plans.set_status(session, plan.id, PlanStatus.DRAFTING)
            decided = await workshop.decide(plan.id, run, "agree", lambda: Decision(texts={"2.1": "全篇"}))
            again = await workshop.decide(plan.id, run, "agree", lambda: Decision(texts={"2.1": "另一篇"}))
            assert decided == again == Decision(texts={"2.1": "全篇"})
        finally:
            await database.close()

    asyncio.run(decide())


def test_a_run_that_is_given_up_leaves_a_plan_that_can_be_taken_up_again(tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            await draft_section(session, plan.id, "2.1")
            await sections.set_status(session, plan.id, "2.2", SectionStatus.DRAFTING)
            await plans.set_status(session, plan.id, PlanStatus.DRAFTING)
        await fail(database, plan.id, plan.run, "没有配置模型接口")
        async with database.reading() as session:
            rows = {row.section: row.status for row in await sections.all_of(session, plan.id)}
            assert (await plans.get(session, plan.id)).status is PlanStatus.FAILED
        assert rows == {"2.1": SectionStatus.DONE, "2.2": SectionStatus.CANCELLED, "3": SectionStatus.CANCELLED}
        await fail(database, plan.id, plan.run, "再次")  # it has ended
        assert await ends(database, plan.id) == [(PlanStatus.FAILED, "没有配置模型接口")]

    in_database(f"sqlite:///{tmp_path / 'product.sqlite'}", work)


def test_a_redraft_that_is_given_up_leaves_the_text_and_puts_the_plan_to_rest(tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            for section in ("2.1", "2.2", "3"):
                await draft_section(session, plan.id, section)
            await sections.set_status(session, plan.id, "2.1", SectionStatus.DRAFTING)
            await plans.set_status(session, plan.id, PlanStatus.DRAFTING)
        job = Job(kind="redraft", section="2.1", number=7)
        for _ in range(2):
            await give_up(database, plan.id, plan.run, job, "没有配置模型接口")
        async with database.reading() as session:
            row = await sections.get(session, plan.id, "2.1")
            assert (row.status, row.text, row.revision) == (SectionStatus.DONE, factories.OVERVIEW, 1)
            assert (await plans.get(session, plan.id)).status is PlanStatus.DONE
        assert await ends(database, plan.id) == [(PlanStatus.DONE, None)]

    in_database(f"sqlite:///{tmp_path / 'product.sqlite'}", work)


async def ends(database: Database, plan_id: str) -> list[tuple[object, str | None]]:
    """Status and text of every end that was told."""
    async with database.reading() as session:
        told = [e.event for e in await events.after(session, plan_id, 0)]
    return [(event.status, event.text) for event in told if event.event == "end"]


def _no_kit(outline: Outline, options: PlanOptions) -> Kit:
    raise AssertionError("nothing is drafted here")
