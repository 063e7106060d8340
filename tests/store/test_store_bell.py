"""Who follows a plan is woken by what is committed about it, from any thread, and by nothing else."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event

from schemas.plan import Event, PlanStatus, SectionStatus
from schemas.stored import PlanRow
from service.store import Database, events, plans, sections
from service.store.bell import Bell
from tests.doubles.stored_plans import in_database, new_plan

TOLD = Event(event="plan", status=PlanStatus.DRAFTING)


async def tell(database: Database, plan: PlanRow, key: str) -> None:
    async with database.writing() as session:
        await events.append(session, plan.id, [(key, TOLD)])


def test_a_commit_wakes_those_who_follow_that_plan(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            mine, other = await new_plan(session), await new_plan(session)
        with database.bell.heard(mine.id) as first, database.bell.heard(mine.id) as second:
            await tell(database, other, "a")
            await asyncio.sleep(0)
            assert not first.is_set()
            await asyncio.to_thread(asyncio.run, _elsewhere(database, mine))
            await asyncio.wait_for(asyncio.gather(first.wait(), second.wait()), 5)
            first.clear()
            async with database.writing() as session:
                await plans.set_status(session, mine.id, PlanStatus.DRAFTING)  # no event: nothing to be read
            await asyncio.sleep(0)
            assert not first.is_set()
        await tell(database, mine, "c")

    async def _elsewhere(database: Database, plan: PlanRow) -> None:
        """Another loop with its own connections, as the jobs have."""
        beside = Database(url, bell=database.bell)
        await beside.open()
        await tell(beside, plan, "b")
        await beside.close()

    in_database(url, work)


async def _broken_off(database: Database, plan: PlanRow) -> None:
    async with database.writing() as session:
        await events.append(session, plan.id, [("a", TOLD)])
        raise ZeroDivisionError


def test_what_is_not_committed_wakes_nobody(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
        with database.bell.heard(plan.id) as rung:
            with pytest.raises(ZeroDivisionError):
                await _broken_off(database, plan)
            await asyncio.sleep(0)
            assert not rung.is_set()

    in_database(url, work)


def test_a_loop_that_has_ended_is_passed_over() -> None:
    bell = Bell()

    async def hear() -> None:
        bell.heard("p").__enter__()

    asyncio.run(hear())
    bell.ring(["p"])


def test_a_plan_that_is_held_is_not_asked_for_again(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
        asked: list[str] = []
        async with database.writing() as session:
            connection = await session.connection()

            def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
                if statement.startswith("SELECT plans.last_event"):
                    asked.append(statement)

            event.listen(connection.sync_connection, "before_cursor_execute", note)
            await plans.lock(session, plan.id)
            await events.append(session, plan.id, [("a", TOLD)])
            await sections.set_statuses(session, plan.id, [], SectionStatus.PENDING)
            (second,) = await events.append(session, plan.id, [("b", TOLD)])
        assert asked == []
        assert second.seq == 2
        async with database.reading() as session:
            assert (await plans.get(session, plan.id)).last_event == 2

    in_database(url, work)
