"""Events: numbered without a gap in the order of commits, each happening once, never missed by who reads on."""

from __future__ import annotations

import asyncio

import pytest

from schemas.plan import Event, SectionStatus
from service.store import Database, events, plans, sections
from tests import factories
from tests.doubles.stored_plans import draft_section, in_database, new_plan


def done(section: str) -> Event:
    """A section is done."""
    return Event(
        event="done",
        section=section,
        status=SectionStatus.DONE,
        finding=factories.finding(factories.OVERVIEW, "680亿元"),
    )


def test_an_event_is_read_back_and_a_key_is_used_once(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            first = await events.append(session, plan.id, [("a", done("2.1")), ("a", done("3")), ("b", done("2.2"))])
            again = await events.append(session, plan.id, [("b", done("3")), ("c", done("3"))])
            assert await events.append(session, plan.id, [("c", done("3"))]) == []
            assert await events.append(session, plan.id, []) == []
        async with database.reading() as session:
            assert await events.after(session, plan.id, 0) == [*first, *again]
            assert await events.after(session, plan.id, 1, limit=1) == [first[1]]
            assert await events.after(session, plan.id, 3) == []
            assert (await plans.get(session, plan.id)).last_event == 3
        assert [(e.seq, e.key, e.event) for e in (*first, *again)] == [
            (1, "a", done("2.1")), (2, "b", done("2.2")), (3, "c", done("3")),
        ]  # fmt: skip

    in_database(url, work)


def test_an_event_stands_and_falls_with_its_fact(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)

        async def fail() -> None:
            async with database.writing() as session:
                await draft_section(session, plan.id)
                await events.append(session, plan.id, [("2.1", done("2.1"))])
                raise RuntimeError("the process is killed here")

        with pytest.raises(RuntimeError, match="killed"):
            await fail()
        async with database.writing() as session:
            assert await sections.revisions(session, plan.id, "2.1") == []
            assert await events.after(session, plan.id, 0) == []
            assert (await events.append(session, plan.id, [("2.1", done("2.1"))]))[0].seq == 1

    in_database(url, work)


def test_who_follows_sees_every_event_once_in_order_while_many_write(url: str) -> None:
    writers, each = 8, 6

    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)

        async def write(n: int) -> None:
            for k in range(each):
                async with database.writing() as session:
                    # Some happen twice, as after a crash, and some transactions write the section first.
                    if n % 2:
                        await draft_section(session, plan.id, "3", text=f"第{k}稿。")
                    keys = [f"{n}-{k}", f"{n}-{k}-again", f"{n}-{k - 1}"]
                    await events.append(session, plan.id, [(key, done("3")) for key in keys])

        async def follow() -> list[int]:
            seen: list[int] = []
            while True:
                ended = writing.done()
                async with database.reading() as session:
                    new = await events.after(session, plan.id, seen[-1] if seen else 0, limit=7)
                seen += [event.seq for event in new]
                if ended and not new:
                    return seen

        writing = asyncio.gather(*(write(n) for n in range(writers)))
        followed = await asyncio.gather(follow(), follow())
        await writing
        async with database.reading() as session:
            keys = [event.key for event in await events.after(session, plan.id, 0)]
        expected = {f"{n}-{k}" for n in range(writers) for k in range(-1, each)}
        assert len(keys) == len(set(keys))
        assert {key for key in keys if not key.endswith("again")} == expected
        assert followed[0] == followed[1] == list(range(1, len(keys) + 1))

    in_database(url, work)
