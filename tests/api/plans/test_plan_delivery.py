"""What a plan gives: its document in every format, the data request, the provenance."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest

from service.api.body import XLSX_TYPE
from tests.api.live import sheet
from tests.api.plans.plans import EDITED, OVERVIEW, Office, problem

TITLE = "望海市创建国家电子商务示范城市工作方案"


def without(*indicators: str) -> list[dict[str, Any]]:
    """The sample facts without those."""
    return [f for f in sheet()["facts"] if f.get("indicator") not in indicators]


@pytest.mark.parametrize(
    ("form", "media"), [("md", "text/markdown"), ("html", "text/html"), ("json", "application/json")]
)
def test_the_document_has_the_texts(office: Office, form: str, media: str) -> None:
    plan = office.drafted(["2.1"])
    answer = office.client.get(f"{plan}/document", params={"format": form})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)
    assert answer.headers["content-disposition"].endswith(f"filename*=UTF-8''{quote(TITLE)}.{form}")
    assert TITLE in answer.text
    assert "1105.04亿元" in answer.text
    etag = answer.headers["etag"]
    again = office.client.get(f"{plan}/document", params={"format": form}, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    office.edit(plan, EDITED, "*").raise_for_status()
    changed = office.client.get(f"{plan}/document", params={"format": form}, headers={"If-None-Match": etag})
    assert "依港而兴" in changed.text


def test_the_document_is_a_word_file_unless_asked_otherwise(office: Office) -> None:
    answer = office.client.get(f"{office.drafted(['2.1'])}/document")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        assert "港口货物吞吐量稳步增长" in parts.read("word/document.xml").decode()
    assert 'filename="plan.docx"' in answer.headers["content-disposition"]


def test_a_version_for_submission_is_refused_while_something_is_left_to_do(office: Office) -> None:
    plan = office.drafted(["2.1"])
    path = f"{plan}/document?format=md&clean=true"
    refused = problem(office.client.get(path), 409, "not-final")
    assert "报送稿" in refused["detail"]
    assert refused["errors"]
    forced = office.client.get(f"{path}&force=true")
    assert quote("（报送稿）") in forced.headers["content-disposition"]


@pytest.mark.parametrize(
    "query", ["format=doc", "sources=all", "clean=ja", "clean=true&sources=comments", "clean=true&force=true&sources=x"]
)
def test_an_unknown_way_of_export_is_refused(office: Office, query: str) -> None:
    problem(office.client.get(f"{office.drafted(['2.1'])}/document?{query}"), 422, "invalid-input")


def test_a_plan_at_work_gives_what_there_is(office: Office) -> None:
    plan = office.held(["2.1"])
    answer = office.client.get(f"{plan}/document?format=md")
    assert (answer.status_code, TITLE in answer.text) == (200, True)
    problem(office.client.get(f"{plan}/document?format=md&clean=true"), 409, "not-final")
    assert office.client.get(f"{plan}/provenance").json()["sections"][0]["attempts"] == []


def test_the_data_request_names_what_is_lacking(office: Office) -> None:
    plan = office.drafted(["2.1"], facts=without("population"))
    gaps = office.client.get(f"{plan}/gaps").json()
    (asked,) = [g for g in gaps if g["indicator"] == "population"]
    assert (asked["section"], asked["year"], asked["unit"]) == ("2.1", 2016, "万人")
    assert "常住人口" in office.client.get(f"{plan}/gaps?format=md").text
    book = office.client.get(f"{plan}/gaps?format=xlsx")
    assert book.headers["content-type"] == XLSX_TYPE
    assert book.headers["content-disposition"].endswith(quote("数据需求清单") + ".xlsx")
    rows = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0].iter_rows(values_only=True)
    assert any("常住人口" in row for row in rows)
    problem(office.client.get(f"{plan}/gaps?format=pdf"), 422, "invalid-input")


def test_a_redraft_in_the_same_words_is_a_version_and_its_calls_are_kept(office: Office) -> None:
    plan = office.drafted(["2.1"])
    for times in (1, 2):
        office.client.post(f"{plan}/sections/2.1:redraft", json={}).raise_for_status()  # says the same again
        office.events(plan)
        assert len(_attempts(office, plan)) == office.plan(plan)["usage"]["calls"] >= 1 + times
    before = _attempts(office, plan)
    assert [v["kind"] for v in office.section(plan).json()["versions"]] == ["draft", "redraft", "redraft"]
    office.edit(plan, EDITED, "*").raise_for_status()
    assert _attempts(office, plan) == before


def test_the_provenance_keeps_the_calls_of_a_run_that_failed(office: Office) -> None:
    plan = office.drafted(["2.1"], model="wordless")
    failed = _attempts(office, plan)
    assert office.plan(plan)["status"] == "failed"
    assert failed
    last = office.plan(plan)["last_event"]
    office.client.post(f"{plan}:resume").raise_for_status()
    office.events(plan, last)
    assert _attempts(office, plan) == failed * 2


def _attempts(office: Office, plan: str) -> list[dict[str, Any]]:
    (section,) = office.client.get(f"{plan}/provenance").json()["sections"]
    assert section["attempts"] == office.section(plan).json()["attempts"]
    found: list[dict[str, Any]] = section["attempts"]
    return found


def test_the_provenance_keeps_every_call_of_every_version(office: Office) -> None:
    plan = office.drafted(["2.1"])
    office.edit(plan, EDITED, "*").raise_for_status()
    office.client.post(f"{plan}/sections/2.1:redraft", json={"instruction": "突出港口物流"}).raise_for_status()
    office.events(plan)
    office.edit(plan, OVERVIEW, "*").raise_for_status()
    (section,) = office.client.get(f"{plan}/provenance").json()["sections"]
    assert len(section["attempts"]) == office.plan(plan)["usage"]["calls"] >= 2
    assert section["attempts"] == office.section(plan).json()["attempts"]
    assert section["model"] is None  # a person wrote what stands
    assert section["usage"]["prompt_tokens"] == sum(a["usage"]["prompt_tokens"] for a in section["attempts"])
    assert "gdp-2016" in section["facts"]
    assert "messages" not in office.client.get(f"{plan}/provenance").text
