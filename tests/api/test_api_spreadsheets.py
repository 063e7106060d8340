"""The template fetched, filled in and sent back."""

import base64
import io

import httpx
import openpyxl

from service.facts.form import COVER, REQUEST, REQUEST_LABELS
from tests.api.live import sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COVERED: dict[str, str | int] = {"B5": "望海市", "B7": "云岭省", "B9": 2017, "B10": 2017, "B11": 2021}


def filled(template: bytes, **cells: str | float) -> bytes:
    """The template with its cover filled in, and these cells of its first chapter."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    for place, content in COVERED.items():
        book[COVER][place] = content
    for place, typed in cells.items():
        book.worksheets[1][place] = typed
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_template_is_fetched_filled_in_and_parsed(client: httpx.Client) -> None:
    answer = client.get("/v1/outlines/city-2017/facts-template.xlsx")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    assert "facts-city-2017.xlsx" in answer.headers["content-disposition"]
    row = {"E6": 2016, "F6": 312.6}  # 常住人口
    parsed = client.post("/v1/fact-sheets:parse", content=filled(answer.content, **row), headers={"content-type": XLSX})
    assert parsed.status_code == 200, parsed.text
    assert parsed.json()["facts"] == [
        {"id": "population-2016", "indicator": "population", "name": "常住人口", "value": 312.6, "unit": "万人", "year": 2016,
         "kind": "actual", "bound": "exact"}
    ]  # fmt: skip
    assert client.post("/v1/fact-sheets:parse", json=parsed.json()).json() == parsed.json()


def test_faults_of_a_spreadsheet_name_the_cell(client: httpx.Client) -> None:
    template = client.get("/v1/outlines/city-2017/facts-template.xlsx").content
    answer = client.post(
        "/v1/fact-sheets:parse", content=filled(template, E6="去年", F6="很多"), headers={"content-type": XLSX}
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-fact-sheet")
    sheet = "二、城市经济社会发展现状与战略定位"
    assert [f["pointer"] for f in answer.json()["errors"]] == [f"{sheet}!E6", f"{sheet}!F6"]


def test_a_file_that_is_no_spreadsheet_is_refused(client: httpx.Client) -> None:
    answer = client.post("/v1/fact-sheets:parse", content=b"PK\x03\x04 torn", headers={"content-type": XLSX})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unreadable-file")
    assert ".xlsx" in answer.json()["detail"]


def test_no_template_of_an_unknown_outline(client: httpx.Client) -> None:
    assert client.get("/v1/outlines/citi-2017/facts-template.xlsx").status_code == 404


def test_facts_to_gaps_to_facts_without_a_plan(client: httpx.Client) -> None:
    facts = [f for f in sheet()["facts"] if f.get("indicator") != "population"]
    without = sheet(facts=facts)
    lacking = client.post("/v1/fact-sheets:gaps", json=without).json()
    answer = client.post("/v1/fact-sheets:gaps?format=xlsx", json=without)
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    assert "常住人口" in client.post("/v1/fact-sheets:gaps?format=md", json=without).text
    columns = {field: column for column, field in enumerate(REQUEST_LABELS, 1)}
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    page = book[REQUEST]
    rows = [r for r in range(4, page.max_row + 1) if page.cell(r, columns["indicator"]).value == "population"]
    assert rows
    for row in rows:
        page.cell(row, columns[str(page.cell(row, columns["part"]).value)], 312.6)
    stream = io.BytesIO()
    book.save(stream)
    body = {**without, "filled": base64.b64encode(stream.getvalue()).decode()}
    merged = client.post("/v1/fact-sheets:merge", json=body)
    assert merged.status_code == 200, merged.text
    left = client.post("/v1/fact-sheets:gaps", json=merged.json()).json()
    assert {g["indicator"] for g in lacking} - {g["indicator"] for g in left} == {"population"}
