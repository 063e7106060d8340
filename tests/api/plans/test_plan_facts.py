"""Other facts for a plan, and the filled data request: texts stay, and are checked anew."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openpyxl
import pytest

from service.api.body import XLSX_TYPE
from tests.api.live import sheet
from tests.api.plans.plans import EDITED, Office, problem
from tests.api.plans.test_plan_delivery import without

XLSX = {"Content-Type": XLSX_TYPE}


def filled(office: Office, plan: str, answers: dict[str, Any]) -> bytes:
    """The plan's data request with the answers by name."""
    book = openpyxl.load_workbook(io.BytesIO(office.client.get(f"{plan}/gaps?format=xlsx").content))
    page = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    head = next(n for n, row in enumerate(rows) if row[0] == "序号")
    column = {name: number for number, name in enumerate(rows[head], 1)}
    for number, row in enumerate(rows, 1):
        name = str(row[column["需要的数据"] - 1])
        if number > head + 1 and name in answers:
            page.cell(number, column["数值"], answers[name])
            page.cell(number, column["来源"], "市统计局")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def corrected(fact: str, value: float) -> list[dict[str, Any]]:
    """The sample facts with one of another value."""
    return [{**f, "value": value} if f["id"] == fact else f for f in sheet()["facts"]]


def test_the_filled_request_completes_the_facts(office: Office) -> None:
    plan = office.drafted(["2.1", "2.2"], model="offline", facts=without("population"))
    lacking = office.plan(plan)["gaps"]
    before = {i: office.section(plan, i).json() for i in ("2.1", "2.2")}
    assert "【待补充" in before["2.1"]["text"]
    answer = office.client.post(f"{plan}/gaps", content=filled(office, plan, {"常住人口": 312.6}), headers=XLSX)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["answered"], found["plan"]["gaps"]) == (["2.1"], lacking - 1)
    added = [f for f in office.client.get(f"{plan}/facts").json()["facts"] if f.get("indicator") == "population"]
    assert [(f["value"], f["unit"], f["year"], f["source"]) for f in added] == [(312.6, "万人", 2016, "市统计局")]
    after = {i: office.section(plan, i).json() for i in ("2.1", "2.2")}
    assert all(after[i]["text"] == before[i]["text"] and after[i]["revision"] == 1 for i in after)
    office.client.post(f"{plan}/sections/2.1:redraft", json={"instruction": None}).raise_for_status()
    office.events(plan)
    text = office.section(plan).json()["text"]
    assert "312.6万人" in text
    assert "【待补充" not in text


def test_corrected_facts_show_what_disagrees(office: Office) -> None:
    plan = office.drafted(["2.1"])
    facts, before = office.client.get(f"{plan}/facts"), office.plan(plan)
    assert facts.json()["subject"]["name"] == "望海市"
    answer = office.client.put(f"{plan}/facts", json=sheet(facts=corrected("gdp-2016", 1205.04)))
    assert (answer.status_code, answer.json()["disagreeing"]) == (200, ["2.1"])
    assert answer.json()["plan"]["status"] == "needs_review"
    section = office.section(plan).json()
    assert "1105.04亿元" in {f["excerpt"] for f in section["findings"] if f["severity"] == "error"}
    assert office.client.get(f"{plan}/facts").headers["etag"] != facts.headers["etag"]
    back = office.client.put(f"{plan}/facts", json=sheet()).json()
    assert (back["disagreeing"], back["plan"]["counts"]) == ([], before["counts"])


def test_of_two_who_change_the_facts_the_second_is_told(office: Office) -> None:
    plan = office.drafted(["2.1"])
    headers = {"If-Match": office.client.get(f"{plan}/facts").headers["etag"]}
    body = sheet(facts=corrected("gdp-2016", 1205.04))
    assert office.client.put(f"{plan}/facts", json=body, headers=headers).status_code == 200
    problem(office.client.put(f"{plan}/facts", json=sheet(), headers=headers), 412, "edit-conflict")
    problem(office.client.put(f"{plan}/facts", json=sheet(), headers={"If-Match": "x"}), 422, "invalid-input")
    assert office.client.put(f"{plan}/facts", json=sheet(), headers={"If-Match": "*"}).status_code == 200


def test_answers_of_two_departments_at_once_are_both_kept(office: Office) -> None:
    plan = office.drafted(["2.1"], model="offline", facts=without("population", "gdp"))
    names = [g["name"] for g in office.client.get(f"{plan}/gaps").json()]
    assert len(names) >= 2
    books = [filled(office, plan, {"常住人口": 312.6}), filled(office, plan, {"地区生产总值": 1105.04})]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda b: office.client.post(f"{plan}/gaps", content=b, headers=XLSX), books))
    assert [a.status_code for a in answers] == [200, 200]
    known = {f.get("indicator") for f in office.client.get(f"{plan}/facts").json()["facts"]}
    assert {"population", "gdp"} <= known


def test_facts_with_faults_are_not_stored(office: Office) -> None:
    plan = office.drafted(["2.1"])
    etag = office.client.get(f"{plan}/facts").headers["etag"]
    wrong = corrected("gdp-2016", 1205.04)
    wrong[2] = {**wrong[2], "unit": "万人"}
    found = problem(office.client.put(f"{plan}/facts", json=sheet(facts=wrong)), 422, "invalid-fact-sheet")
    assert found["errors"][0]["pointer"] == "/facts/2/unit"
    other = office.client.put(f"{plan}/facts", json=sheet(outline="base-2017", facts=[]))
    assert other.status_code == 422
    empty = problem(office.client.post(f"{plan}/gaps", content=b"PK", headers=XLSX), 422, "unreadable-file")
    assert empty["errors"]
    problem(office.client.post(f"{plan}/gaps", json={}), 415, "unsupported-media-type")
    assert office.client.get(f"{plan}/facts").headers["etag"] == etag


def test_facts_wait_while_the_plan_is_drafted(office: Office) -> None:
    plan = office.held(["2.1"])
    problem(office.client.put(f"{plan}/facts", json=sheet()), 409, "plan-busy")


def test_a_persons_text_is_held_against_the_new_facts(office: Office) -> None:
    plan = office.drafted(["2.1"])
    office.edit(plan, EDITED, "*").raise_for_status()
    found = office.client.put(f"{plan}/facts", json=sheet(facts=corrected("population-2016", 321.6))).json()
    assert found["disagreeing"] == ["2.1"]
    section = office.section(plan).json()
    assert (section["text"], section["status"]) == (EDITED, "edited")


def test_a_sheet_is_completed_without_being_stored(office: Office) -> None:
    plan = office.drafted(["2.1"], model="offline", facts=without("population"))
    book = filled(office, plan, {"常住人口": 312.6})
    body = {**sheet(facts=without("population")), "filled": base64.b64encode(book).decode()}
    answer = office.client.post("/v1/fact-sheets:merge", json=body)
    assert answer.status_code == 200, answer.text
    assert [f["value"] for f in answer.json()["facts"] if f.get("indicator") == "population"] == [312.6]


@pytest.mark.parametrize(("given", "kind"), [("望海", "invalid-input"), ("UEs=", "unreadable-file")])
def test_an_answer_that_is_no_spreadsheet_is_told(office: Office, given: str, kind: str) -> None:
    problem(office.client.post("/v1/fact-sheets:merge", json={**sheet(), "filled": given}), 422, kind)
