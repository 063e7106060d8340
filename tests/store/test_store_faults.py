"""What the database cannot do becomes an error of ours that says how to mend it; what was saved stays, work goes on."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import exc, text

from service.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFaultError,
    StoreFullError,
    StoreReadOnlyError,
    StoreUnreachableError,
)
from service.store import Database, plans
from service.store.faults import translate, translated
from tests.doubles.stored_plans import in_database, new_plan

ERRORS = [
    found
    for _, found in inspect.getmembers(exc, inspect.isclass)
    if issubclass(found, exc.SQLAlchemyError) and found.__module__ == exc.__name__
]


def made(error: type[exc.SQLAlchemyError]) -> exc.SQLAlchemyError:
    """An instance, with a text of a plan in it where errors have one."""
    driver = sqlite3.OperationalError("机密稿")
    if issubclass(error, exc.DBAPIError):
        return error("INSERT INTO revisions …", {"text": "机密稿"}, driver)
    if issubclass(error, exc.StatementError):
        return error("机密稿", "INSERT INTO revisions …", {"text": "机密稿"}, driver)
    return error.__new__(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_of_sqlalchemy_becomes_one_of_ours(error: type[exc.SQLAlchemyError]) -> None:
    given = made(error)
    with pytest.raises(StoreError) as caught, translated():
        raise given
    assert caught.value.__cause__ is given
    assert caught.value.message
    assert "机密稿" not in caught.value.message


def test_there_are_errors_to_translate() -> None:
    assert {exc.OperationalError, exc.TimeoutError, exc.IntegrityError, exc.ArgumentError} <= set(ERRORS)


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        (5, "SQLITE_BUSY", StoreBusyError),
        (517, "SQLITE_BUSY_SNAPSHOT", StoreBusyError),
        (6, "SQLITE_LOCKED", StoreBusyError),
        (13, "SQLITE_FULL", StoreFullError),
        (778, "SQLITE_IOERR_WRITE", StoreFullError),
        (266, "SQLITE_IOERR_READ", StoreUnreachableError),
        (8, "SQLITE_READONLY", StoreReadOnlyError),
        (1032, "SQLITE_READONLY_DBMOVED", StoreReadOnlyError),
        (14, "SQLITE_CANTOPEN", StoreUnreachableError),
        (11, "SQLITE_CORRUPT", StoreDamagedError),
        (26, "SQLITE_NOTADB", StoreDamagedError),
        (1, "SQLITE_ERROR", StoreFaultError),
        (2067, "SQLITE_CONSTRAINT_UNIQUE", StoreFaultError),
    ],
)
def test_the_codes_of_sqlite(code: int, name: str, expected: type[StoreError]) -> None:
    error = sqlite3.OperationalError(name)
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    assert type(translate(error)) is expected
    assert type(translate(exc.OperationalError("COMMIT", {}, error))) is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("40P01", StoreBusyError), ("40001", StoreBusyError), ("55P03", StoreBusyError), ("57014", StoreBusyError),
        ("53300", StoreBusyError), ("53100", StoreFullError), ("25006", StoreReadOnlyError),
        ("42501", StoreReadOnlyError), ("57P01", StoreUnreachableError), ("57P03", StoreUnreachableError),
        ("08006", StoreUnreachableError), ("28P01", StoreUnreachableError), ("3D000", StoreUnreachableError),
        ("58030", StoreUnreachableError), ("XX001", StoreDamagedError), ("23505", StoreFaultError),
        ("42P01", StoreFaultError),
    ],
)  # fmt: skip
def test_the_states_of_postgres(state: str, expected: type[StoreError]) -> None:
    error = psycopg.errors.lookup(state)("said by the server")
    assert type(translate(error)) is expected
    assert type(translate(exc.DBAPIError("COMMIT", {}, error))) is expected
    lost = exc.DBAPIError("COMMIT", {}, error, connection_invalidated=True)
    assert type(translate(lost)) is StoreUnreachableError


def refused(url: str, expected: type[StoreError]) -> StoreError:
    """The error that opening gives."""

    async def nothing(database: Database) -> None: ...

    with pytest.raises(StoreError) as caught:
        in_database(url, nothing)
    assert type(caught.value) is expected
    return caught.value


async def fails(database: Database, work: Callable[[Database], Awaitable[object]], expected: type[StoreError]) -> None:
    """The work gives that error, and afterwards nothing of it is there."""
    async with database.reading() as session:
        before = await plans.listed(session, None, limit=1000)
    with pytest.raises(StoreError) as caught:
        await work(database)
    assert type(caught.value) is expected, caught.value.__cause__
    async with database.reading() as session:
        assert await plans.listed(session, None, limit=1000) == before


async def add_plan(database: Database) -> None:
    async with database.writing() as session:
        await new_plan(session)


async def add_large_plan(database: Database) -> None:
    """Of 1.8 MB."""
    async with database.writing() as session:
        await new_plan(session, title="望海市" * 200_000)


def test_a_lock_that_another_holds_is_waited_for_then_told_and_work_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        other = sqlite3.connect(tmp_path / "product.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await fails(database, add_plan, StoreBusyError)
        other.execute("ROLLBACK")
        other.close()
        await add_plan(database)

    in_database(sqlite_url, work, lock_wait=0.05)


def test_a_row_that_another_holds_is_waited_for_then_told_and_work_goes_on(postgres_url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)

        async def take(database: Database) -> None:
            async with database.writing() as session:
                await plans.next_run(session, plan.id)

        async with database.writing() as session:
            await plans.lock(session, plan.id)
            await fails(database, take, StoreBusyError)
        await take(database)

    in_database(postgres_url, work, lock_wait=0.05)


def test_a_full_database_is_told_nothing_is_broken_and_work_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    async def limit(database: Database, pages: str) -> None:
        async with database.writing() as session:  # SQLite has one connection that writes, so it stays limited
            await session.execute(text(f"PRAGMA max_page_count = {pages}"))

    async def work(database: Database) -> None:
        await add_plan(database)
        await limit(database, "60")
        await fails(database, add_large_plan, StoreFullError)
        await limit(database, "1073741823")
        await add_large_plan(database)

    in_database(sqlite_url, work)
    assert integrity(tmp_path / "product.sqlite") == ("ok", 2)


FULL_DISK = """
import asyncio, json, resource, sys
from service.errors import StoreError
from service.store import Database
from tests.store.test_store_faults import add_plan, add_large_plan

async def run() -> None:
    database = Database(sys.argv[1])
    await database.open()
    await add_plan(database)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    said = []
    for _ in range(3):
        try:
            await add_large_plan(database)
        except StoreError as error:
            said.append([error.type, error.message])
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await add_plan(database)
    await database.close()
    print(json.dumps(said))

asyncio.run(run())
"""


def test_a_disk_that_takes_no_more_is_told_nothing_is_broken_and_work_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, sqlite_url], check=True, capture_output=True, text=True, timeout=120,
        cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert [kind for kind, _ in said] == ["store-full"] * 3
    assert "磁盘已满" in said[0][1]
    assert integrity(tmp_path / "product.sqlite") == ("ok", 2)


def integrity(file: Path) -> tuple[str, int]:
    """What SQLite says of the file, and how many plans are in it."""
    connection = sqlite3.connect(file)
    said: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    count: int = connection.execute("SELECT count(*) FROM plans").fetchone()[0]
    connection.close()
    return said, count


def test_a_server_that_cannot_be_reached_is_told_without_its_password() -> None:
    with socket.socket() as nobody:  # bound, not listening: refuses
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        error = refused(f"postgresql://fangan:geheim@127.0.0.1:{port}/fangan", StoreUnreachableError)
    assert "FANGAN_DATABASE_URL" in error.message
    assert "geheim" not in error.message


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("不是目录", encoding="utf-8")
    assert "file" in refused(f"sqlite:///{tmp_path}/file/product.sqlite", StoreUnreachableError).message
    refused(f"sqlite:///{tmp_path}", StoreUnreachableError)


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "product.sqlite"
    file.write_text("望海市创建方案" * 1000, encoding="utf-8")
    before = file.read_bytes()
    assert "备份" in refused(f"sqlite:///{file}", StoreDamagedError).message
    assert file.read_bytes() == before


def test_a_connection_that_the_server_ends_is_told_and_the_next_is_new(postgres_url: str) -> None:
    async def ended(database: Database) -> None:
        async with database.writing() as session:
            await new_plan(session)
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            async with database.writing() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await new_plan(session)

    async def work(database: Database) -> None:
        await fails(database, ended, StoreUnreachableError)
        await asyncio.gather(*(add_plan(database) for _ in range(12)))

    in_database(postgres_url, work)


def test_a_server_that_was_restarted_meanwhile_is_not_noticed(postgres_url: str) -> None:
    async def work(database: Database) -> None:
        await add_plan(database)
        await database.ping()
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as admin:
            await admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await add_plan(database)
        await database.ping()

    in_database(postgres_url, work)


def test_a_server_that_only_reads_is_told(postgres_url: str) -> None:
    async def nothing(database: Database) -> None: ...

    in_database(postgres_url, nothing)
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        setting = f"ALTER DATABASE {admin.info.dbname} SET default_transaction_read_only = on"
        admin.execute(setting.encode())

    async def work(database: Database) -> None:
        await fails(database, add_plan, StoreReadOnlyError)

    in_database(postgres_url, work)
