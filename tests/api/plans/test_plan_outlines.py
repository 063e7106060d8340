"""Outlines of other programmes: stored, asked for, drafted and checked on, deleted; each key sees its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from schemas.outline import ImportedOutline
from service.api.body import XLSX_TYPE
from service.facts.form import COVER, COVER_LABELS
from tests.api.plans.plans import Office, problem

TEXT = (Path(__file__).parents[2] / "data" / "outlines-import" / "crossborder.txt").read_bytes()
PLAIN = {"Content-Type": "text/plain"}
WANGHAI: dict[str, Any] = {
    "outline": "crossborder",
    "subject": {"name": "望海市", "short_name": "望海", "province": "云岭省"},
    "plan_year": 2017,
    "period": [2017, 2021],
    "facts": [
        {"id": "trade", "indicator": "imports-exports", "value": 86.4, "unit": "亿美元", "year": 2016, "growth": 5.2},
        {"id": "cross", "indicator": "ecommerce-crossborder", "value": 42.7, "unit": "亿元", "year": 2016},
        {"id": "lead", "indicator": "lead", "kind": "organisation", "name": "综合试验区建设领导小组", "text": "由市长任组长"},
    ],
}  # fmt: skip


def store(client: httpx.Client, outline_id: str = "crossborder", **more: Any) -> httpx.Response:
    return client.post(f"/v1/outlines:import?store=true&id={outline_id}", content=TEXT, headers=PLAIN, **more)


@pytest.fixture
def stored(office: Office) -> Iterator[Office]:
    """With the outline of another programme."""
    assert store(office.client).status_code == 201
    yield office
    office.clear()
    answer = office.client.delete("/v1/outlines/crossborder")
    assert answer.status_code in (204, 404, 409)  # 409: a deleted plan may still be brought back


def test_a_stored_outline_is_there_as_a_shipped_one_is(stored: Office) -> None:
    client = stored.client
    again = store(client)
    assert (again.status_code, again.headers["location"]) == (201, "/v1/outlines/crossborder")
    outline = ImportedOutline.model_validate_json(again.content).outline
    assert client.get("/v1/outlines/crossborder").json() == outline.model_dump(mode="json")
    rows = {row["id"]: row for row in client.get("/v1/outlines").json()}
    assert rows["crossborder"]["stored"] is True
    assert rows["crossborder"]["title"] == "跨境电子商务综合试验区实施方案编制要点"
    assert [rows[i]["stored"] for i in ("base", "city-2017")] == [False, False]
    schema = client.get("/v1/outlines/crossborder/facts-schema").json()
    assert "imports-exports" in str(schema["x-indicators"])
    book = openpyxl.load_workbook(io.BytesIO(client.get("/v1/outlines/crossborder/facts-template.xlsx").content))
    assert "二、发展基础" in book.sheetnames


def test_its_template_filled_in_is_parsed(stored: Office) -> None:
    raw = stored.client.get("/v1/outlines/crossborder/facts-template.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(raw))
    cover = {name: f"B{row}" for row, name in enumerate(COVER_LABELS, 4)}
    book[COVER][cover["name"]], book[COVER][cover["plan_year"]] = "望海市", 2017
    buffer = io.BytesIO()
    book.save(buffer)
    answer = stored.client.post("/v1/fact-sheets:parse", content=buffer.getvalue(), headers={"Content-Type": XLSX_TYPE})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["outline"], answer.json()["subject"]["name"]) == ("crossborder", "望海市")


def test_a_plan_sections_and_checks_are_made_on_it(stored: Office) -> None:
    client = stored.client
    made = client.post("/v1/plans", json={**WANGHAI, "model": "offline", "sections": ["2.1", "5.1"]})
    assert made.status_code == 202, made.text
    plan = made.headers["location"]
    stored.made.append(plan)
    stored.events(plan)
    assert stored.plan(plan)["title"] == "望海市跨境电子商务综合试验区实施方案"
    assert "86.4亿美元" in stored.texts(plan)["2.1"]
    document = client.get(f"{plan}/document?format=md").text
    assert "二、发展基础" in document
    assert "由市长任组长" in document
    assert client.get(f"{plan}/gaps").status_code == 200
    section = client.post("/v1/sections", json={**WANGHAI, "section": "2.1", "model": "offline"})
    assert section.status_code == 200, section.text
    assert "86.4亿美元" in section.text
    checked = client.post("/v1/checks", json={**WANGHAI, "section": "2.1", "text": "2016年进出口总额99亿美元。"})
    assert checked.status_code == 200, checked.text
    assert "99亿美元" in checked.text
    problem(client.delete("/v1/outlines/crossborder"), 409, "outline-conflict")


def test_another_service_of_the_process_does_not_show_it(stored: Office, client: httpx.Client) -> None:
    del stored
    assert "crossborder" not in [row["id"] for row in client.get("/v1/outlines").json()]
    problem(client.get("/v1/outlines/crossborder"), 404, "unknown-outline")


def test_one_that_no_plan_uses_is_deleted(office: Office) -> None:
    store(office.client, "kuajing").raise_for_status()
    assert office.client.delete("/v1/outlines/kuajing").status_code == 204
    problem(office.client.get("/v1/outlines/kuajing"), 404, "unknown-outline")
    problem(office.client.delete("/v1/outlines/kuajing"), 404, "unknown-outline")
    answer = office.client.post("/v1/plans", json={**WANGHAI, "outline": "kuajing"})
    assert answer.status_code == 422
    assert "没有编号为“kuajing”" in answer.text


def test_without_an_id_the_same_text_gets_the_same_one(office: Office) -> None:
    places = {
        office.client.post("/v1/outlines:import?store=true", content=TEXT, headers=PLAIN).headers["location"]
        for _ in range(2)
    }
    assert len(places) == 1
    place = places.pop()
    assert place.startswith("/v1/outlines/imported-")
    assert office.client.delete(place).status_code == 204


def test_what_ships_is_neither_replaced_nor_deleted(office: Office) -> None:
    problem(store(office.client, "city-2017"), 409, "outline-conflict")
    problem(office.client.delete("/v1/outlines/city-2017"), 409, "outline-conflict")
    assert office.client.get("/v1/outlines/city-2017").status_code == 200


def test_another_text_under_an_id_that_is_taken_is_refused(stored: Office) -> None:
    other = TEXT.replace("1200字".encode(), "1500字".encode())
    answer = stored.client.post("/v1/outlines:import?store=true&id=crossborder", content=other, headers=PLAIN)
    problem(answer, 409, "outline-conflict")
