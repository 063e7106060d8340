"""The client against a live service: what each call of the service gives, as typed shapes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook

from schemas.facts import FactSheet
from schemas.plan import Event, PlanOptions, PlanStatus, SectionResult, SectionStatus
from service.client import (
    Client,
    ClientError,
    ConflictError,
    NotFoundError,
    RefusedError,
    ServiceFailedError,
    StillDraftingError,
)
from tests.api.live import sheet
from tests.api.plans.plans import EDITED, OVERVIEW, REDRAFTED, TWO, Gate

SCRIPTED = PlanOptions(model="scripted", sections=("2.1", "2.2"))
HELD = PlanOptions(model="held", sections=("2.1", "2.2"))


def test_outlines_and_the_spreadsheet_to_fill_in(fangan: Client) -> None:
    rows = {row.id: row for row in fangan.outlines()}
    whole = fangan.outline("city-2017")
    assert rows["city-2017"].title == whole.title
    assert rows["city-2017"].sections == len(list(whole.sections))
    assert "经济社会" in "".join(s.guidance for s in whole.sections)
    assert load_workbook(io.BytesIO(fangan.facts_template("city-2017"))).sheetnames
    with pytest.raises(NotFoundError) as caught:
        fangan.outline("city-1917")
    assert (caught.value.status, caught.value.type) == (404, "/problems/unknown-outline")


def test_a_fact_sheet_in_each_form(fangan: Client, facts: FactSheet, tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text("outline: city-2017\nsubject: {name: 望海市}\nplan_year: 2017\nfacts: []\n", encoding="utf-8")
    assert fangan.parse_fact_sheet(path).subject.name == "望海市"
    assert {f.id: f.value for f in facts.facts}["gdp-2016"] == Decimal("1105.04")
    with pytest.raises(RefusedError) as caught:
        fangan.parse_fact_sheet(fangan.facts_template("city-2017"))
    assert "!" in caught.value.errors[0].pointer  # a cell
    wrong = {**sheet(), "plan_year": 17, "facts": [{"id": "gdp", "indicator": "gdp", "value": 1, "unit": "万人"}]}
    with pytest.raises(RefusedError) as caught:
        fangan.parse_fact_sheet(json.dumps(wrong).encode())
    assert {e.pointer for e in caught.value.errors} == {"/plan_year", "/facts/0/unit"}
    assert caught.value.errors[0].detail in str(caught.value)


def test_a_text_is_checked(fangan: Client, facts: FactSheet) -> None:
    report = fangan.check(facts, "2016年，全市年末常住人口321.6万人。", section="2.1", explain=True)
    (found,) = [f for f in report.findings if f.check == "numbers"]
    assert "321.6" in found.excerpt
    assert found.nearest == "population-2016"
    bare = {
        "facts": [{"id": "population-2016", "indicator": "population", "value": 312.6, "unit": "万人", "year": 2016}]
    }
    told = fangan.check(bare, sections={"2.1": "2016年，全市年末常住人口312.6万人。"}, explain=True)
    assert told.supports is not None
    assert told.supports[0].facts == ("population-2016",)


def test_a_section_at_once_and_as_it_is_written(fangan: Client, facts: FactSheet) -> None:
    result = fangan.draft_section(facts, "2.1", model="scripted")
    assert result.text == OVERVIEW
    assert (
        fangan.draft_section(facts, "2.1", model="scripted", instruction="写得短些").status is not SectionStatus.FAILED
    )
    *events, last = fangan.stream_section(facts, "2.1", model="scripted")
    assert isinstance(last, SectionResult)
    assert last.text == result.text
    assert "".join(e.text or "" for e in events if isinstance(e, Event) and e.event == "delta") == result.text
    with pytest.raises(ServiceFailedError) as caught:
        fangan.draft_section(facts, "2.1", model="qwen-max")
    assert caught.value.type == "/problems/not-configured"
    with pytest.raises(RefusedError, match="没有编号为"):
        next(fangan.stream_section(facts, "9.9"))


def test_a_plan_from_the_facts_to_the_files(fangan: Client, facts: FactSheet) -> None:
    made = fangan.create_plan(facts, SCRIPTED, idempotency_key="望海-2017".encode().hex())
    assert fangan.create_plan(facts, SCRIPTED, idempotency_key="望海-2017".encode().hex()).id == made.id
    told = list(fangan.events(made.id))
    assert told[-1].event.event == "end"
    assert [t.id for t in told] == sorted({t.id for t in told})
    plan = fangan.wait(made.id)
    assert plan.status in (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW)
    assert [s.id for s in plan.sections] == TWO
    assert plan.id in {p.id for p in fangan.plans(q="望海").plans}
    document = fangan.document(plan.id)
    assert zipfile.ZipFile(io.BytesIO(document)).testzip() is None
    assert OVERVIEW.split("\n")[0] in fangan.document(plan.id, "md").decode()
    assert fangan.provenance(plan.id).sections[0].attempts[0].writer == "scripted"
    gaps = fangan.gaps(plan.id)
    assert all(g.question for g in gaps)
    assert load_workbook(io.BytesIO(fangan.gaps_workbook(plan.id))).active is not None
    (end,) = fangan.events(plan.id, after=plan.last_event)
    assert end.event.status == plan.status


def test_pages_of_plans(fangan: Client, facts: FactSheet) -> None:
    made = [fangan.create_plan(facts, SCRIPTED).id for _ in range(3)]
    first = fangan.plans(limit=2)
    second = fangan.plans(first.next_cursor, limit=2)
    assert [p.id for p in (*first.plans, *second.plans)][:3] == made[::-1]


def test_a_section_is_edited_redrafted_and_restored(fangan: Client, facts: FactSheet) -> None:
    plan = fangan.wait(fangan.create_plan(facts, SCRIPTED).id).id
    before = fangan.section(plan, "2.1")
    edited = fangan.edit(plan, "2.1", EDITED, before.revision)
    assert (edited.text, edited.status) == (EDITED, SectionStatus.EDITED)
    with pytest.raises(ConflictError) as caught:
        fangan.edit(plan, "2.1", "另一人的文字。", before.revision)
    assert (caught.value.status, caught.value.version) == (412, edited.revision)
    assert fangan.redraft(plan, "2.1", "突出港口").status is SectionStatus.DRAFTING
    fangan.wait(plan)
    assert fangan.section(plan, "2.1").text == REDRAFTED
    restored = fangan.restore(plan, "2.1", edited.revision)
    assert restored.text == EDITED
    assert [v.kind for v in restored.versions][-3:] == ["edit", "redraft", "restore"]


def test_a_plan_is_cancelled_resumed_and_deleted(
    fangan: Client, facts: FactSheet, plans_service: tuple[httpx.Client, Gate]
) -> None:
    gate = plans_service[1]
    gate.close()
    plan = fangan.create_plan(facts, HELD).id
    with pytest.raises(StillDraftingError):
        fangan.wait(plan, timeout=0)
    assert fangan.cancel(plan).status is PlanStatus.CANCELLED
    gate.open()
    assert fangan.resume(plan).status in (PlanStatus.QUEUED, PlanStatus.DRAFTING)
    assert fangan.wait(plan).sections[0].revision > 0
    fangan.delete(plan)
    with pytest.raises(NotFoundError):
        fangan.plan(plan)
    assert fangan.undelete(plan).id == plan
    for wrong in ("", "..", "../outlines", "没有"):
        with pytest.raises(NotFoundError):
            fangan.plan(wrong)


def test_a_wrong_address_is_told(plans_service: tuple[httpx.Client, Gate]) -> None:
    with Client(f"{plans_service[0].base_url}/docs") as client, pytest.raises(NotFoundError, match="/docs"):
        client.plans()
    with pytest.raises(ClientError, match="http://127"):
        Client("http://[望海")


def test_the_client_brings_no_server() -> None:
    absent = ["fastapi", "starlette", "dbos", "sqlalchemy", "openai", "service.errors", "service.main"]
    script = f"import sys, service.client; sys.exit(', '.join(m for m in {absent!r} if m in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
