"""States of jobs, API keys and the audit."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from service.errors import InputError
from service.store import Database, audit, jobs, keys
from service.store.tables import AUDIT
from tests.doubles.stored_plans import in_database, new_plan


def test_a_jobs_state_stays_but_for_a_failure_of_an_earlier_run(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            key = "section-2.1-0"
            assert await jobs.get_state(session, plan.id, key) is None
            failed = await jobs.put_state(session, plan.id, key, run=1, failed=True, state={"failure": "deadline"})
            assert await jobs.put_state(session, plan.id, key, run=1, failed=False, state="late") == failed
            good = await jobs.put_state(session, plan.id, key, run=2, failed=False, state={"texts": {"b": 1, "a": 2}})
            assert (good.run, good.failed, good.state) == (2, False, {"texts": {"b": 1, "a": 2}})
            assert await jobs.put_state(session, plan.id, key, run=3, failed=True, state=None) == good
            none = await jobs.put_state(session, plan.id, "decision-lengths", run=1, failed=False, state=None)
            aside = failed.model_copy(update={"key": "section-2.1-0@1"})
            assert await jobs.states(session, plan.id) == [none, good, aside]
            assert await jobs.of_sections(session, plan.id) == await jobs.of_sections(session, plan.id, "2.1")
            assert await jobs.of_sections(session, plan.id, "2.1") == [aside, good]
            assert await jobs.of_sections(session, plan.id, "2") == []
            assert list(good.state["texts"]) == ["b", "a"]  # type: ignore[index,call-overload,arg-type]

    in_database(url, work)


def test_two_workers_that_end_the_same_job_go_on_with_the_same_state(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)

        async def end(n: int) -> str:
            async with database.writing() as session:
                kept = await jobs.put_state(session, plan.id, "summary-1-0", run=1, failed=False, state=f"第{n}份")
                return str(kept.state)

        assert len(set(await asyncio.gather(*(end(n) for n in range(6))))) == 1

    in_database(url, work)


def test_a_key_is_listed_as_it_was_made_until_it_is_revoked(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            made = await keys.add(session, "市商务局", "a1" * 32, plans_at_once=3, requests_per_minute=60)
            other = await keys.add(session, "市发改委", "b2" * 32)
            assert (made.sha256, made.plans_at_once, made.requests_per_minute) == ("a1" * 32, 3, 60)
            assert {key.name: key for key in await keys.all_of(session)} == {"市商务局": made, "市发改委": other}
            with pytest.raises(InputError, match="市商务局"):
                await keys.add(session, "市商务局", "d4" * 32)
            assert await keys.revoke(session, "市商务局")
            assert not await keys.revoke(session, "市商务局")
            assert not await keys.revoke(session, "没有的")
            assert await keys.all_of(session) == [other]
            gone = {key.name: key.revoked_at is not None for key in await keys.all_of(session, revoked=True)}
            assert gone == {"市商务局": True, "市发改委": False}
            with pytest.raises(InputError):
                await keys.add(session, "市商务局", "e5" * 32)

    in_database(url, work)


def test_the_audit_tells_who_did_what_in_order(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            for action, detail in (("create", None), ("edit", {"revision": 2}), ("restore", {"version": 1})):
                await audit.record(session, "市商务局", action, "plan-1", "2.1" if detail else None, detail)
            await audit.record(session, "市发改委", "cancel", "plan-2")
        async with database.reading() as session:
            columns = (AUDIT.c.who, AUDIT.c.action, AUDIT.c.section, AUDIT.c.detail)
            rows = await session.execute(select(*columns).where(AUDIT.c.plan_id == "plan-1").order_by(AUDIT.c.id))
        assert [tuple(row) for row in rows] == [
            ("市商务局", "create", None, None), ("市商务局", "edit", "2.1", {"revision": 2}),
            ("市商务局", "restore", "2.1", {"version": 1}),
        ]  # fmt: skip

    in_database(url, work)
