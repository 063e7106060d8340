"""Imported outlines kept: by owner, one to an id, not deleted under a plan, read as they are at the moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schemas.outline import Outline
from service.errors import OutlineConflictError, StoreDamagedError, StoreError, UnknownOutlineError
from service.prompt.outline_import import import_outline
from service.store import Database, outlines, plans
from service.store.address import address
from service.store.clock import now
from service.store.migrations import engine_for, upgrade
from service.store.shelf import StoredOutlines
from tests import factories
from tests.doubles.stored_plans import in_database, new_plan

TEXT = (Path(__file__).parents[1] / "data" / "outlines-import" / "crossborder.txt").read_bytes()


def outline(outline_id: str = "crossborder", text: bytes = TEXT) -> Outline:
    return import_outline(text, outline_id).outline


def changed(outline_id: str = "crossborder") -> Outline:
    return outline(outline_id, TEXT.replace("1200字".encode(), "1500字".encode()))


def test_it_is_found_as_it_was_stored_by_its_owner_alone(url: str) -> None:
    shelf = StoredOutlines(url)

    async def work(database: Database) -> None:
        async with database.writing() as session:
            assert await outlines.add(session, outline(), "市商务局")
            assert await outlines.add(session, outline("kuajing"), "市发改委")
        found = await asyncio.to_thread(shelf.find, "crossborder", "市商务局")
        assert found == outline()
        assert await asyncio.to_thread(shelf.find, "crossborder", None) is found
        assert await asyncio.to_thread(shelf.find, "crossborder", "市发改委") is None
        assert await asyncio.to_thread(shelf.find, "没有", None) is None
        assert [o.id for o in await asyncio.to_thread(shelf.all, None)] == ["crossborder", "kuajing"]
        assert [o.id for o in await asyncio.to_thread(shelf.all, "市发改委")] == ["kuajing"]

    in_database(url, work)
    shelf.close()


def test_an_id_is_given_once(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            assert await outlines.add(session, outline(), "市商务局")
            assert not await outlines.add(session, outline(), "市商务局")
        for other, owner in ((changed(), "市商务局"), (outline(), "市发改委")):
            with pytest.raises(OutlineConflictError, match="请另取一个编号"):
                async with database.writing() as session:
                    await outlines.add(session, other, owner)

    in_database(url, work)


def test_deleted_and_stored_anew_it_is_the_new_one(url: str) -> None:
    shelf = StoredOutlines(url)

    async def work(database: Database) -> None:
        for kept in (outline(), changed()):
            async with database.writing() as session:
                await outlines.add(session, kept, "local")
            assert await asyncio.to_thread(shelf.find, "crossborder", None) == kept
            async with database.writing() as session:
                await outlines.delete(session, "crossborder", None)
            assert await asyncio.to_thread(shelf.find, "crossborder", None) is None
        with pytest.raises(UnknownOutlineError):
            async with database.writing() as session:
                await outlines.delete(session, "crossborder", None)

    in_database(url, work)
    shelf.close()


def test_it_is_not_deleted_under_a_plan_nor_by_another(url: str) -> None:
    small = outline().model_copy(update={"id": factories.fact_sheet().outline})

    async def work(database: Database) -> None:
        async with database.writing() as session:
            await outlines.add(session, small, "市商务局")
            await outlines.hold(session, small.id)
            plan = await new_plan(session, owner="市商务局")
        with pytest.raises(UnknownOutlineError):
            async with database.writing() as session:
                await outlines.delete(session, small.id, "市发改委")
        for turn in ("before", "after"):
            with pytest.raises(OutlineConflictError, match="有方案正在使用"):
                async with database.writing() as session:
                    await outlines.delete(session, small.id, "市商务局")
            async with database.writing() as session:
                if turn == "before":
                    await plans.delete(session, plan.id)
        async with database.writing() as session:
            assert await plans.purge(session, now()) == [plan.id]
            await outlines.delete(session, small.id, "市商务局")
        with pytest.raises(UnknownOutlineError, match="已被删除"):
            async with database.writing() as session:
                await outlines.hold(session, small.id)

    in_database(url, work)


def test_a_plan_made_and_its_outline_deleted_at_once_never_both(url: str) -> None:
    """Whichever comes first: a plan whose outline is gone could never be drafted."""
    small = outline().model_copy(update={"id": factories.fact_sheet().outline})

    async def work(database: Database) -> None:
        async def make() -> None:
            async with database.writing() as session:
                await outlines.hold(session, small.id)
                await asyncio.sleep(0.01)
                await new_plan(session)

        async def remove() -> None:
            async with database.writing() as session:
                await outlines.delete(session, small.id, None)

        for _ in range(5):
            async with database.writing() as session:
                await outlines.add(session, small, "local")
            done = await asyncio.gather(make(), remove(), return_exceptions=True)
            failed = [d for d in done if d is not None]
            assert len(failed) == 1
            assert isinstance(failed[0], OutlineConflictError | UnknownOutlineError)
            async with database.writing() as session:
                for row in (await plans.listed(session, None))[0]:
                    await plans.delete(session, row.id)
                await plans.purge(session, now())
                if done[1] is not None:
                    await outlines.delete(session, small.id, None)

    in_database(url, work)


def test_where_no_database_is_there_are_no_outlines_and_none_is_made(tmp_path: Path) -> None:
    shelf = StoredOutlines(folder=tmp_path / "none")
    assert shelf.find("crossborder", None) is None
    assert shelf.all(None) == []
    assert not (tmp_path / "none").exists()


def test_a_database_of_an_earlier_version_has_none_until_it_is_brought_forward(url: str) -> None:
    upgrade(address(url), "0001")
    shelf = StoredOutlines(url)
    assert shelf.find("crossborder", None) is None

    async def work(database: Database) -> None:
        async with database.writing() as session:
            await outlines.add(session, outline(), "local")

    in_database(url, work)
    assert shelf.find("crossborder", None) == outline()
    shelf.close()


def test_what_cannot_be_read_is_told(sqlite_url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            await outlines.add(session, outline(), "local")

    in_database(sqlite_url, work)
    engine = engine_for(address(sqlite_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("""UPDATE outlines SET data = '{"id": "crossborder"}'""")
    engine.dispose()
    shelf = StoredOutlines(sqlite_url)
    with pytest.raises(StoreDamagedError, match="crossborder"):
        shelf.find("crossborder", None)
    shelf.close()
    place = address(sqlite_url).file
    assert place is not None
    for part in place.parent.glob("*.sqlite*"):
        part.unlink()
    place.write_bytes("不是数据库".encode() * 400)
    with pytest.raises(StoreError):
        shelf.find("crossborder", None)
    shelf.close()
