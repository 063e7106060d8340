"""/v1/plans: made once, listed, read, stopped, taken up again, deleted and brought back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.main import create_app
from tests.api.live import scripted, served, settings, sheet
from tests.api.plans.plans import OVERVIEW, TWO, Office, problem

NOBODY = "/v1/plans/" + "0" * 26


def test_a_plan_is_drafted(office: Office) -> None:
    answer = office.client.post("/v1/plans", json=sheet(sections=TWO, model="scripted"))
    assert answer.status_code == 202
    made, location = answer.json(), answer.headers["location"]
    office.made.append(location)
    assert location == f"/v1/plans/{made['id']}"
    assert made["title"] == "望海市创建国家电子商务示范城市工作方案"
    assert [s["id"] for s in made["sections"]] == TWO
    office.events(location)
    plan = office.plan(location)
    assert {s["revision"] for s in plan["sections"]} == {1}
    assert plan["sections"][0]["counts"]["hanzi"] > 30
    assert plan["usage"]["calls"] >= 2
    assert sum(plan["counts"].values()) == sum(sum(s["findings"].values()) for s in plan["sections"]) + len(
        plan["findings"]
    )
    assert plan["gaps"] == sum(s["gaps"] for s in plan["sections"])
    assert office.texts(location)["2.1"] == OVERVIEW


def test_the_offline_plan_is_whole(office: Office) -> None:
    plan = office.plan(office.drafted([s["id"] for s in _outline(office)], model="offline"))
    assert plan["status"] == "done"
    assert len(plan["sections"]) == 26
    assert plan["summary_stale"] is False


def _outline(office: Office) -> list[dict[str, Any]]:
    chapters = office.client.get("/v1/outlines/city-2017").json()["chapters"]
    return [s for c in chapters for s in c["sections"]]


def test_the_same_key_and_body_make_one_plan(office: Office) -> None:
    body, headers = sheet(sections=["2.1"], model="scripted"), {"Idempotency-Key": "3f0c-2017-望海".encode().hex()}
    first, again = (office.client.post("/v1/plans", json=body, headers=headers) for _ in range(2))
    office.made.append(first.headers["location"])
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.headers["location"] == again.headers["location"]
    other = office.client.post("/v1/plans", json={**body, "instruction": "突出港口"}, headers=headers)
    problem(other, 409, "idempotency-conflict")
    office.events(office.made[-1])
    calls = office.plan(office.made[-1])["usage"]["calls"]
    assert calls == len(office.section(office.made[-1]).json()["attempts"])


def test_the_same_key_and_body_are_the_same_plan_after_its_facts_changed(office: Office) -> None:
    body, headers = sheet(sections=["2.1"], model="offline"), {"Idempotency-Key": "facts-changed"}
    plan = office.client.post("/v1/plans", json=body, headers=headers).headers["location"]
    office.made.append(plan)
    office.events(plan)
    facts = [f for f in sheet()["facts"] if f["id"] != "gdp-2016"]
    office.client.put(f"{plan}/facts", json=sheet(facts=facts)).raise_for_status()
    again = office.client.post("/v1/plans", json=body, headers=headers)
    assert (again.status_code, again.headers.get("location")) == (202, plan)
    assert len(office.client.get(f"{plan}/facts").json()["facts"]) == len(facts)
    problem(
        office.client.post("/v1/plans", json={**body, "facts": facts}, headers=headers), 409, "idempotency-conflict"
    )


@pytest.mark.parametrize("key", ["", "有".encode().decode("latin-1"), "a b", "k" * 201])
def test_an_idempotency_key_is_visible_and_short(office: Office, key: str) -> None:
    answer = office.client.post("/v1/plans", json=sheet(), headers={b"Idempotency-Key": key.encode("latin-1")})
    found = problem(answer, 422, "invalid-input")
    assert found["errors"][0]["pointer"] == "/header/Idempotency-Key"


def test_every_fault_of_a_request_is_told_and_nothing_stored(office: Office) -> None:
    body = sheet(sections=["2.1", "9.9"], exemplars=["nirgends"], model=3, secret="x")
    body["facts"][2]["unit"] = "万人"
    answer = office.client.post("/v1/plans", json=body)
    found = problem(answer, 422, "invalid-fact-sheet")
    pointers = {e["pointer"] for e in found["errors"]}
    assert {"/sections/1", "/exemplars/0", "/model", "/secret", "/facts/2/unit"} <= pointers


def test_no_sections_are_no_plan(office: Office) -> None:
    found = problem(office.client.post("/v1/plans", json=sheet(sections=[])), 422, "invalid-input")
    assert [e["pointer"] for e in found["errors"]] == ["/sections"]


def test_a_body_that_is_no_json_is_refused(office: Office) -> None:
    headers = {"content-type": "application/json"}
    problem(office.client.post("/v1/plans", content="{", headers=headers), 422, "unreadable-file")
    problem(office.client.post("/v1/plans", content="x"), 415, "unsupported-media-type")


def test_a_writer_that_cannot_be_asked_makes_no_plan(office: Office) -> None:
    before = office.client.get("/v1/plans").json()
    problem(office.client.post("/v1/plans", json=sheet(model="qwen-max")), 503, "not-configured")
    assert office.client.get("/v1/plans").json() == before


def test_plans_are_listed_page_by_page_and_found_by_name(office: Office) -> None:
    subject = {"name": "临澜市", "short_name": "临澜", "province": "云岭省"}
    made = [office.drafted(["2.2"], subject=subject) for _ in range(3)]
    url, found = "/v1/plans?limit=2&q=临澜", list[dict[str, Any]]()
    while True:
        page = office.client.get(url).json()
        found += page["plans"]
        if page["next_cursor"] is None:
            break
        assert len(page["plans"]) == 2
        url = f"/v1/plans?limit=2&q=临澜&cursor={page['next_cursor']}"
    assert [f"/v1/plans/{p['id']}" for p in found] == made[::-1]
    assert all(sum(p["progress"].values()) == 1 for p in found)
    assert office.client.get("/v1/plans?q=没有此市").json() == {"plans": [], "next_cursor": None}


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=101", "limit=二", "q=%00", "cursor=%00"])
def test_a_page_that_cannot_be_is_refused(office: Office, query: str) -> None:
    assert problem(office.client.get(f"/v1/plans?{query}"), 422, "invalid-input")["errors"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("GET", "/events"), ("POST", ":cancel"), ("POST", ":resume"), ("POST", ":undelete"), ("DELETE", ""),
        ("GET", "/sections/2.1"), ("GET", "/sections/2.1/versions/1"), ("GET", "/sections/2.1/versions/1...2"),
        ("GET", "/document"), ("GET", "/gaps"), ("GET", "/provenance"), ("GET", "/facts"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("plan", [NOBODY, "/v1/plans/望海", "/v1/plans/x%00"])
def test_an_unknown_plan_is_told(office: Office, method: str, path: str, plan: str) -> None:
    problem(office.client.request(method, plan + path), 404, "unknown-plan")


@pytest.mark.parametrize("path", ["/sections/2.1:redraft", "/sections/2.1:restore", "/sections/2.1"])
def test_nothing_is_changed_in_an_unknown_plan(office: Office, path: str) -> None:
    body = {":redraft": {"instruction": None}, ":restore": {"version": 1}}.get(path[13:], {"text": "望海市。"})
    method = "PUT" if path.endswith("2.1") else "POST"
    answer = office.client.request(method, NOBODY + path, json=body, headers={"If-Match": "*"})
    problem(answer, 404, "unknown-plan")


def test_a_cancelled_plan_keeps_what_it_has_and_goes_on(office: Office) -> None:
    plan = office.held()
    stopped = office.client.post(f"{plan}:cancel")
    assert (stopped.status_code, stopped.json()["status"]) == (200, "cancelled")
    assert {s["status"] for s in stopped.json()["sections"]} == {"cancelled"}
    assert office.events(plan)[-1].data["status"] == "cancelled"
    assert office.client.post(f"{plan}:cancel").json()["last_event"] == stopped.json()["last_event"]
    office.gate.open()
    again = office.client.post(f"{plan}:resume")
    assert (again.status_code, again.json()["status"]) == (202, "queued")
    assert office.events(plan)[-1].data["status"] != "cancelled"
    assert office.texts(plan) == {"2.1": OVERVIEW, "2.2": OVERVIEW}


def test_a_section_that_failed_is_drafted_when_the_plan_is_taken_up_again(office: Office) -> None:
    plan = office.drafted(model="recovering")
    failed = office.plan(plan)
    assert failed["status"] == "needs_review"
    (wrong,) = [s for s in failed["sections"] if s["status"] == "failed"]
    assert wrong["id"] == "2.2"
    assert wrong["failure"]["type"] == "overloaded"
    kept = office.section(plan).json()
    office.client.post(f"{plan}:resume").raise_for_status()
    office.events(plan, failed["last_event"])
    assert office.texts(plan) == {"2.1": OVERVIEW, "2.2": OVERVIEW}
    assert office.section(plan).json()["versions"] == kept["versions"]


def test_a_deleted_plan_is_gone_until_it_is_brought_back(office: Office) -> None:
    plan = office.drafted(["2.1"])
    gone = office.client.delete(plan)
    assert (gone.status_code, gone.content) == (204, b"")
    problem(office.client.get(plan), 404, "unknown-plan")
    problem(office.client.delete(plan), 404, "unknown-plan")
    assert plan not in [f"/v1/plans/{p['id']}" for p in office.client.get("/v1/plans").json()["plans"]]
    assert office.client.post(f"{plan}:undelete").json()["status"] == office.plan(plan)["status"]
    assert office.texts(plan) == {"2.1": OVERVIEW}


def test_a_plan_at_work_is_stopped_when_it_is_deleted(office: Office) -> None:
    plan = office.held()
    assert office.client.delete(plan).status_code == 204
    assert office.client.post(f"{plan}:undelete").json()["status"] == "cancelled"


def test_without_a_database_there_are_no_plans() -> None:
    with served(create_app(settings(), lambda _: scripted(), durable=False)) as client:
        for answer in (client.get("/v1/plans"), client.post("/v1/plans", json=sheet()), client.get(NOBODY)):
            problem(answer, 503, "store-unreachable")


def test_the_documented_plan_is_accepted(office: Office) -> None:
    description = office.client.get("/openapi.json").json()
    example = description["paths"]["/v1/plans"]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = office.client.post("/v1/plans", json=example)
    assert isinstance(answer, httpx.Response)
    office.made.append(answer.headers["location"])
    shown = description["paths"]["/v1/plans"]["post"]["responses"]["202"]["content"]["application/json"]["example"]
    assert answer.json().keys() - shown.keys() == {"message"}  # what is null is left out of the description
    assert shown["sections"][0].keys() <= answer.json()["sections"][0].keys()
