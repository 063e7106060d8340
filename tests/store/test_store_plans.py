"""Plans in the store: made once for one idempotency key, each key sees its own, pages do not move, deletion in steps."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from schemas.plan import Event, PlanOptions, PlanRequest, PlanStatus, SectionStatus
from service.errors import IdempotencyConflictError, InputError, UnknownPlanError
from service.store import Database, audit, events, jobs, plans, replies, sections
from service.store.clock import new_id, now
from service.store.counts import counts
from service.store.ledger import Ledger
from service.store.tables import AUDIT
from tests import factories
from tests.doubles.stored_plans import SECTIONS, draft_section, in_database, new_plan, reply


def test_a_plan_is_read_back_as_it_was_made(url: str) -> None:
    request = PlanRequest(sheet=factories.fact_sheet(), options=PlanOptions(instruction="语气平实，少用套话"))

    async def work(database: Database) -> None:
        async with database.writing() as session:
            made = await new_plan(session, request=request, model="qwen3-32b")
        async with database.reading() as session:
            assert await plans.get(session, made.id) == made
            assert await plans.request(session, made.id) == request
            found = await sections.all_of(session, made.id)
        assert (made.status, made.subject, made.outline, made.run) == (PlanStatus.QUEUED, "望海市", "small", 1)
        assert [(s.section, s.title, s.status, s.revision, s.text) for s in found] == [
            (section, title, SectionStatus.PENDING, 0, "") for section, title in SECTIONS
        ]

    in_database(url, work)


def test_an_idempotency_key_makes_one_plan_however_many_ask_at_once(url: str) -> None:
    async def work(database: Database) -> None:
        async def ask() -> str:
            async with database.writing() as session:
                return (await new_plan(session, owner="市商务局", idempotency_key="一键一案")).id

        ids = set(await asyncio.gather(*(ask() for _ in range(8))))
        assert len(ids) == 1
        async with database.writing() as session:
            with pytest.raises(IdempotencyConflictError):
                await new_plan(session, owner="市商务局", idempotency_key="一键一案", request_hash="another")
            other = await new_plan(session, owner="市发改委", idempotency_key="一键一案", request_hash="another")
            assert other.id not in ids
        async with database.reading() as session:
            assert (await plans.listed(session, None))[0] == [other, *(await plans.listed(session, "市商务局"))[0]]
            assert len(await sections.all_of(session, ids.pop())) == len(SECTIONS)

    in_database(url, work)


def test_an_idempotency_key_stands_for_the_first_request_whatever_the_facts_are_since(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            made = await new_plan(session, idempotency_key="一键一案")
            changed = PlanRequest(sheet=factories.fact_sheet(), options=PlanOptions(instruction="语气平实"))
            await plans.set_request(session, made.id, changed, "another", made.title)
        async with database.writing() as session:
            again = await new_plan(session, idempotency_key="一键一案")
            assert (again.id, again.request_hash) == (made.id, "another")
            assert await plans.request(session, made.id) == changed
            with pytest.raises(IdempotencyConflictError):
                await new_plan(session, idempotency_key="一键一案", request_hash="another")
            await plans.delete(session, made.id)
            assert (await new_plan(session, idempotency_key="一键一案", request_hash="another")).id != made.id

    in_database(url, work)


def test_another_owners_plan_looks_like_none(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            made = await new_plan(session, owner="市商务局")
            said = []
            for plan_id, owner in ((made.id, "市发改委"), (new_id(), "市发改委")):
                with pytest.raises(UnknownPlanError) as caught:
                    await plans.get(session, plan_id, owner)
                with pytest.raises(UnknownPlanError):
                    await plans.lock(session, plan_id, owner)
                with pytest.raises(UnknownPlanError):
                    await plans.delete(session, plan_id, owner)
                said.append(caught.value.message)
            assert said[0] == said[1]
            assert (await plans.get(session, made.id, "市商务局")).id == made.id

    in_database(url, work)


def test_pages_hold_while_plans_are_made_and_deleted(url: str) -> None:
    async def work(database: Database) -> None:
        start = now()
        ids = [new_id(start + timedelta(milliseconds=n)) for n in range(12)]
        async with database.writing() as session:
            for plan_id in ids:
                await new_plan(session, plan_id=plan_id)
        seen: list[str] = []
        cursor = None
        while True:
            async with database.writing() as session:
                page, cursor = await plans.listed(session, "local", cursor, limit=5)
                seen += [plan.id for plan in page]
                await new_plan(session, plan_id=new_id(start + timedelta(hours=1)))
                await plans.delete(session, page[-1 if len(seen) > 5 else 0].id)  # the last is where the next begins
            if cursor is None:
                break
        assert seen == ids[::-1]

    in_database(url, work)


def test_a_search_takes_signs_literally(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            await new_plan(session, title="望海市创建方案（100%达标稿）")
            await new_plan(session, title="云岭基地创建方案_第1稿")
            found = {
                word: [plan.title for plan in (await plans.listed(session, "local", search=word))[0]]
                for word in ("100%", "%", "_", "望海市", "没有")
            }
        assert found["100%"] == found["%"] == ["望海市创建方案（100%达标稿）"]
        assert found["_"] == ["云岭基地创建方案_第1稿"]
        assert len(found["望海市"]) == 2  # both are of that city
        assert found["没有"] == []

    in_database(url, work)


@pytest.mark.parametrize("cursor", ["第二页", "!!!!", "YQ", "_w", "AAAA\x00"])
def test_a_cursor_that_is_none_of_ours_is_a_fault_of_the_request(url: str, cursor: str) -> None:
    async def work(database: Database) -> None:
        async with database.reading() as session:
            with pytest.raises(InputError) as caught:
                await plans.listed(session, "local", cursor)
        assert [fault.pointer for fault in caught.value.faults] == ["/cursor"]

    in_database(url, work)


def test_status_run_and_findings_go_forward(url: str) -> None:
    stale = factories.finding(factories.GOALS, "2000亿元")

    async def work(database: Database) -> None:
        async with database.writing() as session:
            made = await new_plan(session)
            await plans.set_status(session, made.id, PlanStatus.DRAFTING)
            assert await plans.next_run(session, made.id) == 2
            await plans.set_findings(session, made.id, [stale], summary_stale=True)
            await plans.set_findings(session, made.id, [stale, stale])
        async with database.reading() as session:
            found = await plans.get(session, made.id)
            assert (await counts(session)).plans == {PlanStatus.DRAFTING: 1}
            assert [plan.id for plan in await plans.unfinished(session)] == [made.id]
        async with database.writing() as session:
            assert [plan.id for plan in await plans.held_at_work(session, "local")] == [made.id]
            assert await plans.held_at_work(session, "市商务局") == []
            await plans.set_status(session, made.id, PlanStatus.DONE)
            assert await plans.held_at_work(session, "local") == await plans.unfinished(session) == []
        assert (found.status, found.run, found.findings) == (PlanStatus.DRAFTING, 2, (stale, stale))
        assert found.summary_stale
        assert found.updated_at > made.updated_at

    in_database(url, work)


def test_changes_to_no_plan_are_errors(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            for change in (
                plans.set_status(session, "none", PlanStatus.DONE),
                plans.set_findings(session, "none", []),
                plans.next_run(session, "none"),
                plans.request(session, "none"),
                events.append(session, "none", [("a", Event(event="end"))]),
                jobs.put_state(session, "none", "section-2.1-0", run=1, failed=False, state=None),
                draft_section(session, "none"),
            ):
                with pytest.raises(UnknownPlanError):
                    await change

    in_database(url, work)


def test_deleting_hides_undeleting_shows_and_purging_leaves_the_audit_only(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            gone, kept = await new_plan(session, idempotency_key="k"), await new_plan(session)
            for plan in (gone, kept):
                await draft_section(session, plan.id)
                await events.append(session, plan.id, [("done", Event(event="done"))])
                await jobs.put_state(session, plan.id, "section-2.1-0", run=1, failed=False, state={})
                await audit.record(session, "local", "delete", plan.id)
        with closing(Ledger(database.address)) as ledger:
            for plan in (gone, kept):
                ledger.keep(reply(plan.id, key=plan.id))
        async with database.writing() as session:
            await plans.delete(session, gone.id)
            with pytest.raises(UnknownPlanError):
                await plans.get(session, gone.id)
            assert (await plans.get(session, gone.id, deleted=True)).deleted_at is not None
            assert await plans.by_idempotency_key(session, "local", "k") is None
            assert [p.id for p in (await plans.listed(session, None))[0]] == [kept.id]
            assert (await counts(session)).sections[SectionStatus.DONE] == 1
            assert (await plans.undelete(session, gone.id)).deleted_at is None
            await plans.delete(session, gone.id)
            assert await plans.purge(session, now() - timedelta(days=30)) == []
        async with database.writing() as session:
            assert await plans.purge(session, now() + timedelta(seconds=1)) == [gone.id]
            with pytest.raises(UnknownPlanError):
                await plans.get(session, gone.id, deleted=True)
            for read in (sections.all_of, jobs.states):
                assert await read(session, gone.id) == []
                assert await read(session, kept.id) != []
            assert await sections.revisions(session, gone.id, "2.1") == []
            assert await events.after(session, gone.id, 0) == []
            assert await replies.find(session, gone.id) is None
            assert await replies.find(session, kept.id) is not None
            deeds = select(AUDIT.c.action).where(AUDIT.c.plan_id == gone.id)
            assert (await session.execute(deeds)).scalars().all() == ["delete"]

    in_database(url, work)
