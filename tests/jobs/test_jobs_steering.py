"""Plans cancelled, taken up again and edited on the way: nothing is bought again, and a person's text stays."""

from __future__ import annotations

from pathlib import Path

from schemas.plan import PlanStatus, SectionStatus
from service.jobs.upkeep import EVERY
from service.store import keys
from tests.doubles.crewed import CALLS, SIX, House, Shop, apart

OWNERS = ("port-bureau", "district")
EDITED = "望海市区位优越，港口、铁路、公路俱全，本节文字由起草人撰写。"


async def cancel_and_resume(shop: Shop) -> tuple[PlanStatus, dict[str, str], dict[str, str], list[int]]:
    """Cancelled when the first section is there; the texts then, and at the end."""
    plan_id = await shop.create()
    while not any((await shop.texts(plan_id)).values()):
        await shop.pause()
    cancelled = await shop.plans.cancel(plan_id, None, "local")
    shop.let_go()
    before = {i: t for i, t in (await shop.texts(plan_id)).items() if t}
    await shop.plans.resume(plan_id, None, "local")
    (plan,) = await shop.over(plan_id)
    assert cancelled.status is PlanStatus.CANCELLED
    return plan.status, before, await shop.texts(plan_id), await shop.kept()


def test_a_plan_taken_up_again_buys_nothing_twice_and_keeps_what_it_has(tmp_path: Path) -> None:
    house = House(tmp_path, latency=(0.0, 0.3), held=("4.1",))
    status, before, after, kept = apart(house, cancel_and_resume)
    assert status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    assert before
    assert before.items() <= after.items()
    assert all(after.values())
    prompts = [prompt for prompt, _, _ in house.paid()]
    assert len(prompts) == len(set(prompts)) == len(kept) == CALLS


async def edit_what_was_cancelled(shop: Shop) -> dict[str, tuple[SectionStatus, str]]:
    """A person writes a section that the writer had not begun; then the plan is taken up again."""
    plan_id = await shop.create()
    await shop.plans.cancel(plan_id, None, "local")
    shop.let_go()
    await shop.plans.edit(plan_id, "2.1", None, "local", 0, EDITED)
    await shop.plans.resume(plan_id, None, "local")
    await shop.over(plan_id)
    return {i: (row.status, row.text) for i, row in (await shop.sections(plan_id)).items()}


def test_a_text_that_a_person_wrote_is_not_drafted_over_when_the_plan_is_taken_up_again(tmp_path: Path) -> None:
    house = House(tmp_path, held=SIX)
    found = apart(house, edit_what_was_cancelled)
    assert found["2.1"] == (SectionStatus.EDITED, EDITED)
    assert all(text for _, text in found.values())
    assert house.asked().count("2.1") <= 1, "not again"


async def edit_while_others_are_drafted(shop: Shop) -> tuple[str, list[str], bool]:
    """A section is edited as soon as it is drafted; its text at the end, the kinds of its versions."""
    plan_id = await shop.create()
    while not (await shop.texts(plan_id))["2.3"]:
        await shop.pause()
    await shop.plans.edit(plan_id, "2.3", None, "local", 1, EDITED)
    was_at_work = (await shop.plans.get(plan_id, None)).status is PlanStatus.DRAFTING
    shop.let_go()
    await shop.over(plan_id)
    _, row, versions = await shop.plans.section(plan_id, "2.3", None)
    return row.text, [v.kind for v in versions], was_at_work


def test_an_edit_while_other_sections_are_drafted_stays(tmp_path: Path) -> None:
    text, kinds, was_at_work = apart(House(tmp_path, held=("4.1",)), edit_while_others_are_drafted)
    assert text == EDITED
    assert kinds == ["draft", "edit"]
    assert was_at_work


async def draft(shop: Shop) -> tuple[str, PlanStatus, dict[str, SectionStatus]]:
    plan_id = await shop.create(idempotency_key="one")
    (plan,) = await shop.over(plan_id)
    return plan_id, plan.status, {i: row.status for i, row in (await shop.sections(plan_id)).items()}


async def resume(shop: Shop, plan_id: str) -> tuple[PlanStatus, dict[str, SectionStatus]]:
    await shop.plans.resume(plan_id, None, "local")
    (plan,) = await shop.over(plan_id)
    return plan.status, {i: row.status for i, row in (await shop.sections(plan_id)).items()}


def test_resuming_drafts_the_sections_that_failed_and_no_others(tmp_path: Path) -> None:
    house = House(tmp_path, refused=("2.3",))
    plan_id, status, sections = apart(house, draft)
    assert status is PlanStatus.NEEDS_REVIEW
    assert sections["2.3"] is SectionStatus.FAILED
    paid = len(house.paid())
    status, sections = apart(House(tmp_path), resume, plan_id)
    assert SectionStatus.FAILED not in sections.values()
    assert [section for _, section, _ in house.paid()[paid:]] == ["2.3"]


async def until_killed(shop: Shop) -> None:
    await shop.over(await shop.create(idempotency_key="one"))


def test_a_budget_counts_each_reply_once_across_a_restart(tmp_path: Path) -> None:
    """The nine replies of some 900 tokens fit into it; with those of before the kill counted twice they would not."""
    budget = 10_000
    assert apart(House(tmp_path, token_budget=budget, dies_at="reply kept", after=5), until_killed) is None
    house = House(tmp_path, token_budget=budget)
    _, _, sections = apart(house, draft)
    assert SectionStatus.FAILED not in sections.values()
    assert len({prompt for prompt, _, _ in house.paid()}) == CALLS


def test_a_budget_that_is_spent_stays_spent_after_a_restart(tmp_path: Path) -> None:
    budget = 4000
    assert apart(House(tmp_path, token_budget=budget, dies_at="reply kept", after=4), until_killed) is None
    _, _, sections = apart(House(tmp_path, token_budget=budget), draft)
    assert SectionStatus.FAILED in sections.values()


async def redraft_of_a_cancelled_plan(shop: Shop) -> tuple[PlanStatus, dict[str, str]]:
    """Cancelled before anything is there; then one section is asked for, which takes longer than a round of upkeep."""
    plan_id = await shop.create()
    await shop.plans.cancel(plan_id, None, "local")
    await shop.plans.redraft(plan_id, "2.1", None, "local", "突出港口优势")
    (plan,) = await shop.over(plan_id)
    return plan.status, await shop.texts(plan_id)


def test_a_redraft_in_a_cancelled_plan_drafts_that_section_alone(tmp_path: Path) -> None:
    house = House(tmp_path, latency=(EVERY + 1, EVERY + 1.5))
    status, texts = apart(house, redraft_of_a_cancelled_plan)
    assert status is not PlanStatus.CANCELLED
    assert {i for i, text in texts.items() if text} == {"2.1"}
    assert {section for _, section, _ in house.paid()} == {"2.1"}


async def stopped_on_the_way(shop: Shop) -> str:
    """Ends, as a service does that is told to, with calls under way."""
    plan_id = await shop.create("甲方案")
    while len(shop.house.paid()) < 2:
        await shop.pause()
    return plan_id


async def ended(shop: Shop, plan_id: str) -> tuple[PlanStatus, bool, list[int]]:
    (plan,) = await shop.over(plan_id)
    return plan.status, all((await shop.texts(plan_id)).values()), await shop.kept()


def test_a_service_that_is_stopped_keeps_what_was_under_way_and_goes_on_at_the_next_start(tmp_path: Path) -> None:
    house = House(tmp_path, latency=(0.1, 0.5))
    plan_id = apart(house, stopped_on_the_way)
    status, drafted, kept = apart(house, ended, plan_id)
    assert status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    assert drafted
    assert len(house.paid()) == len(kept) == CALLS


async def more_plans_than_their_keys_may_have(shop: Shop) -> tuple[dict[str, list[PlanStatus]], list[PlanStatus]]:
    """How each owner's plans stand while all that may be drafted are held, and how all of them end."""
    async with shop.plans.database.writing() as session:
        await keys.add(session, "port-bureau", "5f", plans_at_once=1)
    made = {owner: [await shop.create(f"{owner}{n}", ("2.1",), owner) for n in range(3)] for owner in OWNERS}
    for owner, first in (("port-bureau", 1), ("district", 2)):
        for plan_id in made[owner][:first]:
            await shop.until(plan_id, lambda plan: plan.status is PlanStatus.DRAFTING)
    await shop.at_work("2.1")
    held = {owner: [(await shop.plans.get(i, None)).status for i in ids] for owner, ids in made.items()}
    shop.let_go()
    return held, [plan.status for plan in await shop.over(*made["port-bureau"], *made["district"])]


def test_plans_beyond_what_their_key_may_have_wait_and_are_drafted_then(tmp_path: Path) -> None:
    house = House(tmp_path, held=("2.1",), plans_at_once=2)
    held, ended = apart(house, more_plans_than_their_keys_may_have)
    assert held == {
        "port-bureau": [PlanStatus.DRAFTING, PlanStatus.QUEUED, PlanStatus.QUEUED],
        "district": [PlanStatus.DRAFTING, PlanStatus.DRAFTING, PlanStatus.QUEUED],
    }
    assert not {PlanStatus.FAILED, PlanStatus.CANCELLED} & set(ended)
