"""A whole plan over a real model server whose model writes nonsense: it ends, it is valid, the nonsense is marked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schemas.facts import FactSheet
from schemas.finding import CheckName, Severity
from schemas.plan import Plan, PlanRequest, PlanStatus, SectionStatus
from service.assemble.document import assemble
from service.export.docx import DocxExporter
from service.facts.intake import read_sheet
from service.pipeline import Kit, draft_plan
from service.prompt.outlines import load_outline
from service.writer.job import Manner
from service.writer.openai import OpenAIWriter
from tests.doubles.llama import MODEL, serve_llama

SHEET = Path(__file__).parents[1] / "evals" / "datasets" / "ningbo.json"
# The random vocabulary spells most characters by their bytes: a prompt of 1,700 tokens elsewhere has 9,000 here.
CONTEXT = 16_384


def few_facts() -> FactSheet:
    sheet = read_sheet(SHEET.read_bytes(), outline=load_outline)
    return sheet.model_copy(update={"facts": sheet.facts[:3]})


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    with serve_llama(tmp_path_factory.mktemp("llama"), context=CONTEXT) as url:

        async def run() -> Plan:
            # A high temperature: at a low one the random model always answers with no paragraph at all.
            writer = OpenAIWriter(url, "sk-test", MODEL, Manner(deadline=120.0, temperature=1.5))
            kit = Kit(load_outline("city-2017"), (), writer, max_repairs=0, concurrency=2)
            try:
                return await draft_plan(PlanRequest(sheet=few_facts()), kit)
            finally:
                await writer.aclose()

        return asyncio.run(run())


def test_every_section_comes_to_an_end(plan: Plan) -> None:
    assert len(plan.sections) == 26
    assert {s.status for s in plan.sections} <= {
        SectionStatus.DONE,
        SectionStatus.NEEDS_REVIEW,
        SectionStatus.FAILED,
    }
    assert plan.status in {PlanStatus.NEEDS_REVIEW, PlanStatus.FAILED}
    assert not [s.failure for s in plan.sections if s.failure and s.failure.type == "internal"]
    assert [s for s in plan.sections if s.draft is not None], [s.failure for s in plan.sections]


def test_nonsense_is_flagged_and_every_attempt_is_on_record(plan: Plan) -> None:
    for section in plan.sections:
        if section.draft is None:
            assert section.failure is not None
            continue
        missing = [f for f in section.findings if f.check is CheckName.COVERAGE and f.severity is Severity.ERROR]
        assert missing
        assert all(a.model == MODEL and a.usage.prompt_tokens for a in section.attempts)


def test_the_plan_is_still_a_word_document(plan: Plan) -> None:
    document = assemble(plan, load_outline("city-2017"))
    assert DocxExporter().export(document).startswith(b"PK")
