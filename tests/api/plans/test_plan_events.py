"""The events of a plan: each once, in order, also for a client that comes back; nothing secret in them."""

from __future__ import annotations

import threading

import pytest

from tests.api.live import PATIENCE
from tests.api.plans.plans import EDITED, OVERVIEW, TWO, Office, Told, problem


def test_the_events_tell_the_drafting_in_order(office: Office) -> None:
    told = office.events(office.make(TWO))
    assert (told[0].event, told[0].data["status"]) == ("plan", "queued")
    assert (told[-1].event, [t.event for t in told].count("end")) == ("end", 1)
    for section in TWO:
        mine = [t.data["status"] for t in told if t.event == "section" and t.data["section"] == section]
        assert (mine[0], len(mine)) == ("drafting", 2)
    assert [t.id for t in told] == list(range(1, len(told) + 1))


def test_a_client_that_comes_back_sees_each_event_once(office: Office) -> None:
    plan = office.drafted()
    whole = office.events(plan)
    for seen in range(len(whole)):
        assert office.events(plan, whole[seen - 1].id if seen else 0) == whole[seen:]
    by_query = office.client.get(f"{plan}/events?after={whole[2].id}").text
    assert by_query.count("\nid: ") == len(whole) - 3


def test_a_client_that_was_cut_off_in_the_middle_goes_on_where_it_was(office: Office) -> None:
    plan = office.held()
    first = list[str]()
    with office.client.stream("GET", f"{plan}/events") as answer:
        for line in answer.iter_lines():
            first += [line.removeprefix("id: ")] if line.startswith("id: ") else []
            if len(first) == 2:
                break
    office.gate.open()
    rest = office.events(plan, int(first[-1]))
    assert [int(i) for i in first] + [t.id for t in rest] == list(range(1, rest[-1].id + 1))


def test_what_happens_is_told_while_it_happens(office: Office) -> None:
    plan = office.held(["2.1"])
    drafting, told = threading.Event(), list[Told]()

    def follow() -> None:
        with office.client.stream("GET", f"{plan}/events") as answer:
            for line in answer.iter_lines():
                if '"drafting"' in line and "2.1" in line:
                    drafting.set()
        told.extend(office.events(plan))

    reader = threading.Thread(target=follow)
    reader.start()
    assert drafting.wait(PATIENCE)  # told before the section is written
    assert office.section(plan).json()["text"] == ""
    office.gate.open()
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert told[-1].event == "end"


def test_an_end_that_was_not_the_last_is_left_out(office: Office) -> None:
    plan = office.held(["2.1"])
    office.client.post(f"{plan}:cancel").raise_for_status()
    assert office.events(plan)[-1].data["status"] == "cancelled"
    office.gate.open()
    office.client.post(f"{plan}:resume").raise_for_status()
    told = office.events(plan)
    assert [t.event for t in told].count("end") == 1
    assert told[-1].event == "end"
    assert told[-1].data["status"] != "cancelled"


def test_a_plan_that_was_edited_since_ends_with_how_it_stands(office: Office) -> None:
    plan = office.drafted(["2.1"])
    last = office.plan(plan)["last_event"]
    office.edit(plan, "2016年，全市地区生产总值2105.04亿元，增长7.8%。", "*").raise_for_status()
    news = office.events(plan, last)
    assert "numbers" in {t.data["finding"]["check"] for t in news if t.event == "finding"}
    assert ("edited", "2.1") in {(t.data["status"], t.data["section"]) for t in news if t.event == "section"}
    assert (news[-1].event, news[-1].data["status"]) == ("end", office.plan(plan)["status"])
    assert news[-1].id == office.plan(plan)["last_event"]
    assert [t.event for t in office.events(plan, news[-1].id)] == ["end"]


def test_a_failed_section_tells_why(office: Office) -> None:
    told = office.events(office.drafted(model="failing"))
    (failed,) = [t.data for t in told if t.data.get("status") == "failed"]
    assert failed["section"] == "2.2"
    assert failed["failure"] == {"type": "overloaded", "message": "模型接口暂时不可用，请稍后重试"}


def test_events_hold_no_prompt_and_no_text_of_the_plan(office: Office) -> None:
    plan = office.drafted(["2.1"], instruction="秘密要求：突出港口")
    office.edit(plan, EDITED, "*").raise_for_status()
    text = office.client.get(f"{plan}/events").text
    for secret in ("秘密要求", "prompt", "编制要点", OVERVIEW.split("。")[0], EDITED):
        assert secret not in text


@pytest.mark.parametrize("last", ["x", "-1", "99999999999999999999"])
def test_an_event_that_cannot_be_the_last_one_is_refused(office: Office, last: str) -> None:
    plan = office.drafted(["2.1"])
    problem(office.client.get(f"{plan}/events", headers={"Last-Event-ID": last}), 422, "invalid-input")


def test_a_plan_deleted_while_it_is_followed_ends_its_events(office: Office) -> None:
    plan = office.held(["2.1"])
    begun, told = threading.Event(), list[str]()

    def follow() -> None:
        with office.client.stream("GET", f"{plan}/events") as answer:
            for line in answer.iter_lines():
                told.append(line)
                begun.set()

    reader = threading.Thread(target=follow)
    reader.start()
    assert begun.wait(PATIENCE)
    office.client.delete(plan).raise_for_status()
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert "event: end" in told
