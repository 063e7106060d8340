"""Plans whose process is killed with -9: they end as if nothing had been, and nothing that was kept is paid again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from schemas.plan import PlanStatus
from service.jobs.passing import Place
from tests.doubles.crewed import CALLS, SIX, Apart, House, Shop, all_keys_once, apart

NAMES = ("甲方案", "乙方案")


async def two_plans(shop: Shop) -> tuple[dict[str, dict[str, str]], list[int], bool]:
    """Texts of two plans by name, made where they were not there yet; the ledger; whether events are as they must be."""
    made = [await shop.create(name, idempotency_key=name) for name in NAMES]
    await shop.over(*made)
    told = [all_keys_once(await shop.told(plan_id)) for plan_id in made]
    texts = [await shop.texts(plan_id) for plan_id in made]
    return dict(zip(NAMES, texts, strict=True)), await shop.kept(), all(told)


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Texts of plans that nothing happened to."""
    house = House(tmp_path_factory.mktemp("whole"))
    texts, kept, _ = apart(house, two_plans)
    first, second = (texts[name] for name in NAMES)
    assert set(first) == set(SIX)
    assert all(first.values())
    assert not set(first.values()) & set(second.values())
    assert len(kept) == len(house.paid()) == 2 * CALLS
    return dict(texts)


@pytest.mark.parametrize(
    "places",
    [
        (("reply received", 3), ("job done", 3), ("decided", 2)),
        (("reply kept", 9), ("job stored", 5), ("plan finished", 1)),
    ],
)
def test_plans_killed_at_named_places_end_with_the_same_texts(
    places: tuple[tuple[Place, int], ...], tmp_path: Path, unkilled: dict[str, dict[str, str]]
) -> None:
    for place, nth in places:
        assert apart(House(tmp_path, dies_at=place, after=nth), two_plans) is None, f"was not killed at {place}"
    house = House(tmp_path)
    texts, kept, events_right = apart(house, two_plans)
    assert texts == unkilled
    assert events_right
    assert house.paid_again(kept) == []
    assert len(kept) == len({prompt for prompt, _, _ in house.paid()})
    for file in ("product.sqlite", "engine.sqlite"):
        with closing(sqlite3.connect(tmp_path / file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def begin_one(shop: Shop) -> str:
    """A plan that is being drafted when its process is killed."""
    plan_id = await shop.create("甲方案")
    shop.say(plan_id)
    await shop.over(plan_id)
    raise AssertionError("the plan ended before its process was killed")


async def end_one(shop: Shop, plan_id: str) -> tuple[PlanStatus, dict[str, str], list[int]]:
    """The plan, drafted to its end."""
    (plan,) = await shop.over(plan_id)
    return plan.status, await shop.texts(plan_id), await shop.kept()


def test_a_worker_of_another_name_takes_over_what_a_dead_one_left(
    tmp_path: Path, unkilled: dict[str, dict[str, str]]
) -> None:
    dead = Apart(House(tmp_path, executor="one", dies_at="job stored", after=2), begin_one)
    plan_id = dead.hear()
    dead.process.join(60)
    house = House(tmp_path, executor="two")
    status, texts, kept = apart(house, end_one, plan_id)
    assert status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    assert texts == unkilled[NAMES[0]]
    assert house.paid_again(kept) == []


def test_a_plan_goes_on_with_changed_code_and_keeps_what_it_has(
    tmp_path: Path, unkilled: dict[str, dict[str, str]]
) -> None:
    """The newer writer has another wording, the newer rules allow no repairs: what is stored is not drafted again."""
    old = Apart(House(tmp_path, dies_at="job stored", after=3), begin_one)
    plan_id = old.hear()
    old.process.join(60)
    status, texts, _ = apart(House(tmp_path, word="进一步", max_repairs=0), end_one, plan_id)
    assert status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    kept = [i for i in SIX if texts[i] == unkilled[NAMES[0]][i]]
    newer = [i for i in SIX if "进一步" in texts[i]]
    assert len(kept) >= 3
    assert newer
    assert set(kept) | set(newer) | {"2.2", "4.1"} >= set(SIX), "a reply bought before may be used with newer rules"
