"""The client against a live service: outlines of one's own, facts completed and replaced, versions compared."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from schemas.facts import Fact, FactSheet
from schemas.plan import PlanOptions
from service.client import Client, ConflictError, NotFoundError, RefusedError, ServiceFailedError
from tests.api.live import sheet
from tests.api.plans.plans import EDITED, TWO

CROSSBORDER = Path(__file__).parents[1] / "data" / "outlines-import" / "crossborder.txt"
OFFLINE = PlanOptions(model="offline", sections=tuple(TWO))


def answered(book: bytes, **answers: float) -> bytes:
    """A data request with the answers, by the name of what is asked for."""
    read = openpyxl.load_workbook(io.BytesIO(book))
    page = read.worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    head = next(n for n, row in enumerate(rows) if row[0] == "序号")
    column = {name: number for number, name in enumerate(rows[head], 1)}
    for number, row in enumerate(rows[head + 1 :], head + 2):
        if (name := str(row[column["需要的数据"] - 1])) in answers:
            page.cell(number, column["数值"], answers[name])
            page.cell(number, column["来源"], "市统计局")
    buffer = io.BytesIO()
    read.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def lacking(facts: FactSheet) -> FactSheet:
    """望海市's facts without its population."""
    return facts.model_copy(update={"facts": tuple(f for f in facts.facts if f.indicator != "population")})


def population(found: FactSheet) -> list[tuple[object, ...]]:
    return [(f.value, f.unit, f.source) for f in found.facts if f.indicator == "population"]


def corrected(found: FactSheet, fact: str, value: str) -> FactSheet:
    def one(f: Fact) -> Fact:
        return f.model_copy(update={"value": Decimal(value)}) if f.id == fact else f

    return found.model_copy(update={"facts": tuple(map(one, found.facts))})


def test_what_the_service_is(fangan: Client) -> None:
    assert (fangan.health().status, fangan.health().writer) == ("ok", "offline")
    assert (fangan.readiness().database, fangan.readiness().endpoint) == ("ok", "none")
    kinds = {k.type: k for k in fangan.problems()}
    with pytest.raises(NotFoundError) as caught:
        fangan.outline("city-1917")
    assert fangan.problem(caught.value.type) == kinds[caught.value.type]
    assert fangan.problem("edit-conflict").status == 412


def test_exemplars_and_what_a_sheet_may_hold(fangan: Client) -> None:
    (row,) = [row for row in fangan.exemplars() if row.id == "harbin"]
    assert (fangan.exemplar("harbin").title, len(fangan.exemplar("harbin").passages)) == (row.title, row.passages)
    described = fangan.facts_schema("city-2017")["x-indicators"]
    assert isinstance(described, dict)
    assert "population" in described
    for call in (fangan.exemplar, fangan.facts_schema, fangan.delete_outline):
        with pytest.raises(NotFoundError):
            call("没有")


def test_an_outline_is_read_stored_and_deleted(fangan: Client) -> None:
    text = CROSSBORDER.read_bytes()
    read = fangan.import_outline(text)
    assert read.outline.title == "跨境电子商务综合试验区实施方案编制要点"
    assert read.remarks
    assert read.outline.id not in {row.id for row in fangan.outlines()}
    stored = fangan.import_outline(CROSSBORDER, "kuajing-client", store=True).outline
    try:
        assert fangan.outline("kuajing-client") == stored
        assert [row.stored for row in fangan.outlines() if row.id == stored.id] == [True]
        with pytest.raises(ConflictError):
            fangan.import_outline("一、现状\n说明人口。".encode(), "kuajing-client", store=True)
    finally:
        fangan.delete_outline("kuajing-client")
    with pytest.raises(NotFoundError):
        fangan.outline("kuajing-client")
    with pytest.raises(ConflictError, match="不能删除"):
        fangan.delete_outline("city-2017")
    with pytest.raises(RefusedError, match="没有找到"):
        fangan.import_outline("没有编号。".encode())


def test_an_outline_in_word(fangan: Client) -> None:
    from docx import Document

    document, buffer = Document(), io.BytesIO()
    for line in ("跨境电子商务编制要点", "一、发展现状", "（一）概况。说明常住人口。"):
        document.add_paragraph(line)
    document.save(buffer)
    assert "概况" in str([s.title for s in fangan.import_outline(buffer.getvalue(), "word").outline.sections])


def test_a_sheet_is_completed_before_there_is_a_plan(fangan: Client, lacking: FactSheet, tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text(lacking.model_dump_json(exclude_none=True), encoding="utf-8")
    asked = fangan.fact_sheet_gaps(path)
    assert "population" in {g.indicator for g in asked}
    assert (
        fangan.fact_sheet_gaps(lacking)
        == fangan.fact_sheet_gaps(lacking.model_dump(mode="json", exclude_none=True))
        == asked
    )
    filled = tmp_path / "gaps.xlsx"
    filled.write_bytes(answered(fangan.fact_sheet_gaps_workbook(lacking), 常住人口=312.6))
    whole = fangan.merge_fact_sheet(lacking, filled)
    assert population(whole) == [(Decimal("312.6"), "万人", "市统计局")]
    assert "population" not in {g.indicator for g in fangan.fact_sheet_gaps(whole)}
    with pytest.raises(RefusedError) as caught:
        fangan.merge_fact_sheet(lacking, b"PK")
    assert caught.value.type == "/problems/unreadable-file"


def test_the_filled_request_completes_a_plans_facts(fangan: Client, lacking: FactSheet) -> None:
    plan = fangan.wait(fangan.create_plan(lacking, OFFLINE).id)
    found = fangan.complete_facts(plan.id, answered(fangan.gaps_workbook(plan.id), 常住人口=312.6))
    assert (found.answered, found.plan.gaps) == (("2.1",), plan.gaps - 1)
    assert population(fangan.facts(plan.id).sheet) == [(Decimal("312.6"), "万人", "市统计局")]
    assert fangan.section(plan.id, "2.1").revision == 1
    with pytest.raises(RefusedError) as caught:
        fangan.complete_facts(plan.id, b"PK")
    assert caught.value.type == "/problems/unreadable-file"


def test_facts_are_replaced_on_top_of_what_was_read(fangan: Client, facts: FactSheet) -> None:
    plan = fangan.wait(fangan.create_plan(facts, OFFLINE).id).id
    first = fangan.facts(plan)
    assert first.sheet == facts
    update = fangan.replace_facts(plan, corrected(first.sheet, "population-2016", "313.9"), first.etag)
    assert "2.1" in update.disagreeing
    second = fangan.facts(plan)
    assert [f.value for f in second.sheet.facts if f.id == "population-2016"] == [Decimal("313.9")]
    with pytest.raises(ConflictError) as caught:
        fangan.replace_facts(plan, first.sheet, first.etag)
    assert caught.value.status == 412
    assert fangan.facts(plan) == second
    assert fangan.replace_facts(plan, json.dumps(sheet(), ensure_ascii=False).encode()).disagreeing == ()
    assert fangan.facts(plan).sheet == facts
    with pytest.raises(RefusedError) as refused:
        fangan.replace_facts(plan, fangan.facts_template("city-2017"))
    assert "!" in refused.value.errors[0].pointer  # a cell


@pytest.fixture
def edited(fangan: Client, facts: FactSheet) -> str:
    """A plan whose section 2.1 has a second version, a person's."""
    plan = fangan.wait(fangan.create_plan(facts, OFFLINE).id).id
    fangan.edit(plan, "2.1", EDITED, 1)
    return plan


def test_versions_are_read_and_compared(fangan: Client, edited: str) -> None:
    first, second = (fangan.version(edited, "2.1", n) for n in (1, 2))
    assert (second.text, second.kind) == (EDITED, "edit")
    runs = fangan.difference(edited, "2.1", 1, 2)
    assert "".join(r.text for r in runs if r.op != "insert") == first.text
    assert "".join(r.text for r in runs if r.op != "delete") == EDITED
    assert [(r.op, r.text) for r in fangan.difference(edited, "2.1", 0, 2)] == [("insert", EDITED)]
    for call in (lambda: fangan.version(edited, "2.1", 9), lambda: fangan.difference(edited, "2.1", 1, 9)):
        with pytest.raises(NotFoundError, match="没有第9版"):
            call()


def test_a_version_is_restored_only_on_top_of_what_was_read(fangan: Client, edited: str) -> None:
    with pytest.raises(ConflictError) as caught:
        fangan.restore(edited, "2.1", 1, current=1)
    assert (caught.value.status, caught.value.version) == (412, 2)
    restored = fangan.restore(edited, "2.1", 1, current=2)
    assert restored.text == fangan.version(edited, "2.1", 1).text


def test_a_model_that_is_not_configured_is_the_services_fault(fangan: Client, facts: FactSheet) -> None:
    with pytest.raises(ServiceFailedError) as caught:
        fangan.create_plan(facts, PlanOptions(model="qwen-max"))
    assert caught.value.type == "/problems/not-configured"
