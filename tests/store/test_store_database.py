"""The database: addresses, transactions that are whole or nothing, no lost update, nothing broken by cancelling."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import make_url, text, update

from service.errors import SettingsError, StoreReadOnlyError
from service.store import Database, plans
from service.store.tables import PlanTable
from service.store.types import Moment
from tests.doubles.stored_plans import draft_section, in_database, new_plan


async def count_up(database: Database, plan_id: str) -> None:
    """Reads the plan's run and writes it plus one: loses updates wherever two transactions see the same."""
    async with database.writing() as session:
        run = (await plans.lock(session, plan_id)).run
        await asyncio.sleep(0)
        await session.execute(update(PlanTable).where(PlanTable.id == plan_id).values(run=run + 1))


def test_no_update_is_lost_among_eight_tasks(url: str) -> None:
    async def work(database: Database) -> int:
        async with database.writing() as session:
            plan = await new_plan(session)

        async def many() -> None:
            for _ in range(25):
                await count_up(database, plan.id)

        await asyncio.gather(*(many() for _ in range(8)))
        async with database.reading() as session:
            return (await plans.get(session, plan.id)).run

    assert in_database(url, work) == 1 + 200


def test_no_update_is_lost_between_two_event_loops(url: str) -> None:
    """The API and the engine each have a loop, and so a Database, of their own."""

    async def make(database: Database) -> str:
        async with database.writing() as session:
            return (await new_plan(session)).id

    plan_id = in_database(url, make)
    failures: list[BaseException] = []

    async def work(database: Database) -> None:
        async def many() -> None:
            for _ in range(10):
                await count_up(database, plan_id)

        await asyncio.gather(*(many() for _ in range(4)))

    def run() -> None:
        try:
            in_database(url, work)
        except BaseException as failure:  # told by the test below
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []

    async def read(database: Database) -> int:
        async with database.reading() as session:
            return (await plans.get(session, plan_id)).run

    assert in_database(url, read) == 1 + 3 * 4 * 10


def test_an_error_inside_leaves_nothing_of_the_transaction(url: str) -> None:
    async def fail(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            await draft_section(session, plan.id)
            raise ValueError("一半")

    async def work(database: Database) -> None:
        with pytest.raises(ValueError, match="一半"):
            await fail(database)
        async with database.reading() as session:
            assert await plans.listed(session, None) == ([], None)

    in_database(url, work)


def test_a_reader_sees_one_state_while_others_write(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            first = await new_plan(session)
        async with database.reading() as session:
            assert len((await plans.listed(session, None))[0]) == 1
            async with database.writing() as other:
                await new_plan(other)
                await plans.next_run(other, first.id)
            assert await plans.get(session, first.id) == first
            assert len((await plans.listed(session, None))[0]) == 1
        async with database.reading() as session:
            assert len((await plans.listed(session, None))[0]) == 2

    in_database(url, work)


def test_writing_in_a_reading_session_is_refused(url: str) -> None:
    async def write(database: Database) -> None:
        async with database.reading() as session:
            await new_plan(session)

    async def work(database: Database) -> None:
        with pytest.raises(StoreReadOnlyError):
            await write(database)
        async with database.writing() as session:  # the connection that read can write again
            await new_plan(session)

    in_database(url, work)


def test_tasks_cancelled_at_any_moment_break_nothing(url: str) -> None:
    chance = random.Random(20170301)

    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)

        async def read() -> None:
            async with database.reading() as session:
                await plans.listed(session, None)

        for _ in range(15):
            tasks = [asyncio.create_task(count_up(database, plan.id)) for _ in range(3)]
            tasks += [asyncio.create_task(read()) for _ in range(3)]
            for task in tasks:
                for _ in range(chance.randrange(12)):
                    await asyncio.sleep(0)
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        async with database.reading() as session:
            before = (await plans.get(session, plan.id)).run
        await asyncio.gather(*(count_up(database, plan.id) for _ in range(20)), *(read() for _ in range(20)))
        async with database.reading() as session:
            assert (await plans.get(session, plan.id)).run == before + 20

    in_database(url, work)


def test_a_database_that_is_not_open_says_so(sqlite_url: str) -> None:
    async def use(database: Database) -> None:
        for session in (database.writing, database.reading):
            with pytest.raises(RuntimeError, match="not open"):
                async with session():
                    pass

    async def run() -> None:
        database = Database(sqlite_url)
        await use(database)
        await database.open()
        await database.ping()
        await database.close()
        await database.close()
        await use(database)
        await database.open()
        await database.ping()
        await database.close()

    asyncio.run(run())


def test_the_default_is_a_file_in_the_data_folder_that_is_private_and_survives_power_cuts(tmp_path: Path) -> None:
    folder = tmp_path / "数据 100%"

    async def run() -> None:
        database = Database(None, folder)
        await database.open()
        async with database.writing() as session:
            await new_plan(session)
            found = [
                (await session.execute(text(f"PRAGMA {name}"))).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
        assert found == ["wal", 2, 1, 15_000]
        for file in folder.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file
        await database.close()

    asyncio.run(run())
    with sqlite3.connect(folder / "product.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM plans").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize(
    ("setting", "driver"),
    [
        ("sqlite:///data/product.sqlite", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////var/lib/fangan/product.sqlite", "sqlite+aiosqlite"),
        ("postgresql://fangan:geheim@db/fangan", "postgresql+psycopg"),
        ("postgres://fangan:geheim@db/fangan?sslmode=require", "postgresql+psycopg"),
        ("postgresql+psycopg://fangan:geheim@db/fangan", "postgresql+psycopg"),
    ],
)
def test_addresses_are_read_and_show_no_password(setting: str, driver: str) -> None:
    where = Database(setting).address
    assert where.of_asyncio.drivername == driver
    assert where.of_asyncio.query == make_url(setting).query
    assert (where.file is None) == setting.startswith("postgres")
    assert "geheim" not in str(where)
    assert where.file is None or where.file.is_absolute()


@pytest.mark.parametrize(
    "setting", ["", "sqlite://", "sqlite:///:memory:", "mysql://root:geheim@db/x", "数据库", "postgresql:/geheim", None]
)
def test_other_addresses_are_refused_with_the_way_to_write_them(setting: str | None) -> None:
    with pytest.raises(SettingsError, match="FANGAN_DATABASE_URL") as caught:
        Database(setting)
    assert "geheim" not in caught.value.message


def test_a_moment_without_a_time_zone_is_a_fault() -> None:
    from datetime import UTC, datetime, timedelta, timezone

    from sqlalchemy.dialects import sqlite

    column, dialect = Moment(), sqlite.dialect()
    beijing = datetime(2017, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    assert column.process_bind_param(beijing, dialect) == datetime(2017, 3, 1, 0, 30, tzinfo=UTC)
    assert column.process_result_value(datetime(2017, 3, 1, 0, 30), dialect) == beijing  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        column.process_bind_param(datetime(2017, 3, 1), dialect)  # noqa: DTZ001
