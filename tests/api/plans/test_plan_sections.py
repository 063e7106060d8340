"""Sections of a plan: read, edited by two at once, written again, restored; all others stay byte for byte."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.plans.plans import EDITED, OVERVIEW, REDRAFTED, TWO, Office, problem


def test_a_section_tells_where_it_comes_from(office: Office) -> None:
    plan = office.drafted()
    section = office.section(plan).json()
    assert (section["id"], section["revision"], section["text"]) == ("2.1", 1, OVERVIEW)
    assert "1105.04亿元" in {s["excerpt"] for s in section["supports"]}
    assert section["draft"]["paragraphs"][0]["text"] == OVERVIEW.split("\n")[0]
    (version,) = section["versions"]
    assert (version["number"], version["kind"], version["who"]) == (1, "draft", "scripted-1")
    assert version["characters"] == len(OVERVIEW)
    attempt = section["attempts"][0]
    assert (attempt["writer"], attempt["model"]) == ("scripted", "scripted-1")
    assert attempt["prompt_hash"]


def test_a_section_that_has_not_changed_is_not_sent_again(office: Office) -> None:
    plan = office.drafted()
    etag = office.section(plan).headers["etag"]
    again = office.client.get(f"{plan}/sections/2.1", headers={"If-None-Match": f'"0-1", {etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    office.edit(plan, EDITED, etag).raise_for_status()
    changed = office.client.get(f"{plan}/sections/2.1", headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json()["text"]) == (200, EDITED)


def test_what_the_checks_say_anew_changes_the_etag_and_not_the_version(office: Office) -> None:
    plan = office.drafted()
    before = office.section(plan, "2.2")
    contradiction = "2016年，全市地区生产总值2000亿元，增长7.8%。"
    office.edit(plan, contradiction, office.section(plan).headers["etag"]).raise_for_status()
    after = office.section(plan, "2.2")
    assert after.json()["text"] == before.json()["text"]
    assert after.json()["revision"] == before.json()["revision"]
    assert (after.headers["etag"] == before.headers["etag"]) == (after.content == before.content)
    answer = office.edit(plan, EDITED, before.headers["etag"], "2.2")  # the version that was read still stands
    assert answer.status_code == 200


def test_a_persons_text_is_checked_and_not_rewritten(office: Office) -> None:
    plan = office.drafted()
    before = office.texts(plan)
    text = "2016年，全市地区生产总值2105.04亿元，增长7.8%。\n年末常住人口312.6万人。"
    answer = office.edit(plan, text.replace("\n", "\r\n"), office.section(plan).headers["etag"])
    section = answer.json()
    assert (answer.status_code, section["status"], section["revision"]) == (200, "edited", 2)
    assert section["text"] == text
    (wrong,) = [f for f in section["findings"] if f["check"] == "numbers" and f["severity"] == "error"]
    assert text[wrong["start"] : wrong["end"]] == wrong["excerpt"]
    assert "2105.04亿元" in wrong["excerpt"]
    assert answer.headers["etag"] == office.section(plan).headers["etag"]
    assert [v["kind"] for v in section["versions"]] == ["draft", "edit"]
    assert (section["versions"][1]["who"], section["draft"]) == ("local", None)
    assert len(section["attempts"]) >= 1
    assert office.plan(plan)["status"] == "needs_review"
    assert {i: t for i, t in office.texts(plan).items() if i != "2.1"} == {"2.2": before["2.2"]}


def test_of_two_who_edit_one_section_the_second_is_told_and_nothing_lost(office: Office) -> None:
    plan = office.drafted()
    etag = office.section(plan).headers["etag"]
    texts = [EDITED, OVERVIEW.replace("稳步增长", "持续增长")]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda text: office.edit(plan, text, etag), texts))
    assert sorted(a.status_code for a in answers) == [200, 412]
    won = next(n for n, a in enumerate(answers) if a.status_code == 200)
    refused = problem(answers[1 - won], 412, "edit-conflict")
    assert refused["version"] == 2
    now = office.section(plan)
    assert now.json()["text"] == texts[won]
    assert [v["number"] for v in now.json()["versions"]] == [1, 2]
    assert office.edit(plan, texts[1 - won], now.headers["etag"]).json()["revision"] == 3
    kept = [office.client.get(f"{plan}/sections/2.1/versions/{n}").json()["text"] for n in (1, 2, 3)]
    assert kept == [OVERVIEW, texts[won], texts[1 - won]]


def test_two_sections_are_edited_at_once(office: Office) -> None:
    plan = office.drafted()
    tags = {i: office.section(plan, i).headers["etag"] for i in TWO}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda i: office.edit(plan, f"{EDITED}（{i}）", tags[i], i), TWO))
    assert [a.status_code for a in answers] == [200, 200]
    assert office.texts(plan) == {i: f"{EDITED}（{i}）" for i in TWO}


def test_an_edit_says_which_version_was_read(office: Office) -> None:
    plan = office.drafted(["2.1"])
    path = f"{plan}/sections/2.1"
    problem(office.client.put(path, json={"text": EDITED}), 428, "precondition-required")
    for tag in ("1", '"alt"', "", 'W/"1"'):
        answer = office.edit(plan, EDITED, tag)
        assert problem(answer, 422, "invalid-input")["errors"][0]["pointer"] == "/header/If-Match"
    assert office.section(plan).json()["revision"] == 1
    assert office.edit(plan, EDITED, '"1"').json()["revision"] == 2
    assert office.edit(plan, OVERVIEW, '"7", "2"').json()["revision"] == 3
    assert office.edit(plan, EDITED, "*").json()["revision"] == 4
    assert problem(office.edit(plan, OVERVIEW, '"1", "2"'), 412, "edit-conflict")["version"] == 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"), ({"text": 3}, "/text"), ({"text": " \n"}, "/text"), ({"text": "望" * 50_001}, "/text"),
        ({"text": "望海\u0000市"}, "/text"), ({"text": "望海市", "status": "done"}, "/status"), ([], ""),
    ],
)  # fmt: skip
def test_a_text_that_is_none_is_refused(office: Office, body: Any, pointer: str) -> None:
    plan = office.drafted(["2.1"])
    answer = office.client.put(f"{plan}/sections/2.1", json=body, headers={"If-Match": "*"})
    found = problem(answer, 422, "invalid-input")
    assert [e["pointer"] for e in found["errors"]] == [pointer]
    assert office.section(plan).json()["revision"] == 1


def test_an_unknown_section_is_told(office: Office) -> None:
    plan = office.drafted(["2.1"])
    for section in ("2.2", "99", "二（一）", "2.1%00"):
        problem(office.client.get(f"{plan}/sections/{section}"), 404, "unknown-section")
    problem(office.edit(plan, EDITED, "*", "2.2"), 404, "unknown-section")
    answer = office.client.post(f"{plan}/sections/2.2:redraft", json={})
    problem(answer, 404, "unknown-section")


def test_a_redraft_minds_the_instruction_and_leaves_the_others(office: Office) -> None:
    plan = office.drafted()
    before = office.section(plan, "2.2").json()
    last = office.plan(plan)["last_event"]
    answer = office.client.post(f"{plan}/sections/2.1:redraft", json={"instruction": "突出港口物流"})
    assert (answer.status_code, answer.json()["status"], answer.json()["text"]) == (202, "drafting", OVERVIEW)
    news = office.events(plan, last)
    assert news[-1].event == "end"
    assert "at" in news[-1].data
    section = office.section(plan).json()
    assert (section["text"], section["revision"]) == (REDRAFTED, 2)
    assert (section["versions"][1]["kind"], section["versions"][1]["why"]) == ("redraft", "突出港口物流")
    assert len(section["attempts"]) == office.plan(plan)["usage"]["calls"] - _calls(office, plan, "2.2")
    other = office.section(plan, "2.2").json()
    assert (other["text"], other["versions"]) == (before["text"], before["versions"])


def _calls(office: Office, plan: str, section: str) -> int:
    return len(office.section(plan, section).json()["attempts"])


def test_a_redraft_of_a_persons_text_keeps_that_text_as_a_version(office: Office) -> None:
    plan = office.drafted(["2.1"])
    office.edit(plan, EDITED, '"1"').raise_for_status()
    office.client.post(f"{plan}/sections/2.1:redraft", json={"instruction": "突出港口物流"}).raise_for_status()
    office.events(plan)
    section = office.section(plan).json()
    assert [v["kind"] for v in section["versions"]] == ["draft", "edit", "redraft"]
    assert office.client.get(f"{plan}/sections/2.1/versions/2").json()["text"] == EDITED


def test_nobody_touches_a_section_that_is_being_written(office: Office) -> None:
    plan = office.held()
    path = f"{plan}/sections/2.1"
    problem(office.edit(plan, EDITED, "*"), 409, "plan-busy")
    problem(office.client.post(f"{path}:redraft", json={"instruction": None}), 409, "plan-busy")
    assert office.section(plan).json()["text"] == ""
    office.gate.open()
    office.events(plan)
    assert office.edit(plan, EDITED, "*").status_code == 200


def test_an_earlier_version_is_restored_as_the_newest(office: Office) -> None:
    plan = office.drafted(["2.1"])
    office.edit(plan, EDITED, '"1"').raise_for_status()
    path = f"{plan}/sections/2.1:restore"
    answer = office.client.post(path, json={"version": 1})
    assert (answer.status_code, answer.json()["text"], answer.json()["revision"]) == (200, OVERVIEW, 3)
    assert answer.json()["draft"] is not None
    assert [v["kind"] for v in answer.json()["versions"]] == ["draft", "edit", "restore"]
    problem(office.client.post(path, json={"version": 2}, headers={"If-Match": '"2"'}), 412, "edit-conflict")
    for number in (0, -1, 4, 10**12):
        problem(office.client.post(path, json={"version": number}), 404, "unknown-version")
    problem(office.client.post(path, json={"version": "一"}), 422, "invalid-input")


def test_versions_are_compared(office: Office) -> None:
    plan = office.drafted(["2.1"])
    office.edit(plan, OVERVIEW.replace("稳步增长", "持续增长"), '"1"').raise_for_status()
    path = f"{plan}/sections/2.1/versions"
    changes = office.client.get(f"{path}/1...2").json()
    assert [(c["op"], c["text"]) for c in changes if c["op"] != "equal"] == [("delete", "稳步"), ("insert", "持续")]
    assert "".join(c["text"] for c in changes if c["op"] != "insert") == OVERVIEW
    assert office.client.get(f"{path}/0...1").json() == [{"op": "insert", "text": OVERVIEW}]
    version = office.client.get(f"{path}/2").json()
    assert (version["kind"], version["who"], version["counts"]["hanzi"] > 30) == ("edit", "local", True)
    for unknown in ("3", "1...3", "0"):
        problem(office.client.get(f"{path}/{unknown}"), 404, "unknown-version")
    problem(office.client.get(f"{path}/erste"), 422, "invalid-input")


def test_a_summary_that_is_older_than_what_it_is_drawn_from_is_marked_and_not_rewritten(office: Office) -> None:
    plan = office.drafted(["1.4", "6.1", "6.2"], model="offline")
    before = office.plan(plan)
    assert (before["summary_stale"], before["stale_sections"]) == (False, [])
    summary = office.section(plan, "1.4").json()["text"]
    source = office.section(plan, "6.1")
    office.edit(
        plan, source.json()["text"] + "\n建立市级联席会议制度。", source.headers["etag"], "6.1"
    ).raise_for_status()
    after = office.plan(plan)
    assert (after["summary_stale"], after["stale_sections"]) == (True, ["1.4"])
    assert [s["id"] for s in after["sections"] if s["stale"]] == ["1.4"]
    assert office.section(plan, "1.4").json()["text"] == summary
    office.edit(plan, summary + "\n建立市级联席会议制度。", "*", "1.4").raise_for_status()
    newest = office.plan(plan)
    assert (newest["summary_stale"], newest["stale_sections"]) == (False, [])
