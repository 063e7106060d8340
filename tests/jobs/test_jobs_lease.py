"""One process to a data directory, one to a name on Postgres; whoever loses its lease ends at once."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from dbos import DBOS

from schemas.plan import PlanStatus
from service.errors import SettingsError
from service.jobs import lease as leases
from service.jobs.lease import FileLease, PostgresLease
from service.store.address import address
from tests.doubles.crewed import CALLS, Apart, House, Shop, all_keys_once
from tests.doubles.postgres import fresh_database, serve_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serve_postgres() as url:
        yield url


@pytest.fixture
def postgres(server: str) -> Iterator[str]:
    with fresh_database(server) as url:
        yield url


def test_a_second_process_on_one_data_directory_is_refused_and_told_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_PATIENCE", 0.0)
    first, second = FileLease(tmp_path / "fangan.lock"), FileLease(tmp_path / "fangan.lock")
    first.hold()
    with pytest.raises(SettingsError, match=r"正被另一个 fangan 进程使用.*FANGAN_DATA_DIR"):
        second.hold()
    assert not second.alive()
    first.release()
    second.hold()
    assert second.alive()
    second.release()


def test_a_second_process_of_one_name_is_refused_on_postgres_and_another_name_is_not(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_PATIENCE", 0.0)
    url = address(postgres, None).of_threads
    first, same, other = PostgresLease(url, "one"), PostgresLease(url, "one"), PostgresLease(url, "two")
    first.hold()
    with pytest.raises(SettingsError, match="FANGAN_EXECUTOR"):
        same.hold()
    other.hold()
    with other.of_dead("one") as dead:
        assert not dead, "its process lives"
    first.release()
    while not gone(other):  # the server frees the name when it has seen the connection close
        time.sleep(0.05)
    with other.of_dead("one") as dead:
        assert dead
        with pytest.raises(SettingsError):
            same.hold()  # its name is in other hands for the moment
    same.hold()
    for lease in (first, same, other):
        lease.release()


def gone(lease: PostgresLease) -> bool:
    with lease.of_dead("one") as dead:
        return dead


async def draft_slowly(shop: Shop) -> None:
    """A plan that is not to end here."""
    plan_id = await shop.create("甲方案")
    shop.say(plan_id)
    await shop.over(plan_id)


async def stand_by(shop: Shop) -> tuple[str, PlanStatus, dict[str, str], list[int], bool]:
    """Says that it is there; then the plan that another process made, at its end."""
    shop.say("there")
    plan = await shop.only()
    (plan,) = await shop.over(plan.id)
    told = all_keys_once(await shop.told(plan.id))
    return plan.id, plan.status, await shop.texts(plan.id), await shop.kept(), told


def test_what_a_killed_worker_was_at_is_taken_over_by_another_one(tmp_path: Path, postgres: str) -> None:
    one = House(tmp_path, postgres, "one", latency=(0.1, 0.4), dies_at="job stored", after=2)
    two = House(tmp_path, postgres, "two", number_from=1000)
    dying = Apart(one, draft_slowly)
    plan_id = dying.hear()
    other = Apart(two, stand_by)
    try:
        assert other.hear() == "there"
        ended, status, texts, kept, events_right = other.hear()
        dying.end()
    finally:
        dying.process.kill()
        other.kill()
    assert ended == plan_id
    assert status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    assert all(texts.values())
    assert events_right
    assert len(kept) == CALLS
    assert two.paid_again(kept) == []


def test_a_process_that_loses_its_lease_ends_at_once(tmp_path: Path, postgres: str) -> None:
    """The server ends the session that holds the lock, as it does when the network breaks."""
    process = Apart(House(tmp_path, postgres, "one", latency=(60, 60)), draft_slowly)
    try:
        assert process.hear()
        with psycopg.connect(postgres, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        assert process.hear() is None
        assert process.end() == 70
    finally:
        process.process.kill()


def test_the_engine_still_has_the_recovery_that_is_relied_on() -> None:
    """It is not part of the engine's public face: an update that takes it away must show here."""
    found = inspect.signature(DBOS._recover_pending_workflows)
    assert list(found.parameters) == ["executor_ids"]
