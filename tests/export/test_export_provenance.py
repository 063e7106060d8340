"""The record of a plan names, section by section, what stands behind it."""

from __future__ import annotations

import json

from schemas.provenance import Provenance
from service.export.provenance import provenance, provenance_json
from tests import factories


def test_a_section_names_the_attempt_that_was_kept_and_every_fact_used() -> None:
    record = next(s for s in provenance(factories.plan()).sections if s.id == "2.1")
    assert (record.template, record.prompt_hash) == ("section.md.j2", "sha256:2c3d")
    assert (record.writer, record.model) == ("scripted", "scripted-1")
    assert record.facts == ("gdp-2016", "population-2016", "turnover-2016")
    assert [a.kept for a in record.attempts] == [True, False]
    assert record.attempts[0].findings[0].excerpt == "21.3%"
    assert record.usage.prompt_tokens == 2 * 5200


def test_facts_come_in_the_order_of_the_sheet_with_those_of_proofs() -> None:
    text = "全市电子商务交易额680亿元，地区生产总值1105.04亿元。"
    result = factories.section(
        "2.1",
        text,
        draft=factories.draft(text, facts=("turnover-2016",)),
        supports=(factories.support(text, "1105.04亿元", "gdp-2016"),),
    )
    (record,) = provenance(factories.plan(result)).sections
    assert record.facts == ("gdp-2016", "turnover-2016")


def test_a_failed_section_keeps_its_failure() -> None:
    (record,) = provenance(factories.plan(factories.failed("5.1.2"))).sections
    assert record.failure is not None
    assert (record.failure.type, record.template, record.facts) == ("deadline", None, ())


def test_usage_adds_up() -> None:
    record = provenance(factories.plan())
    assert record.usage.completion_tokens == sum(s.usage.completion_tokens for s in record.sections) > 0


def test_json_is_stable_readable_and_complete() -> None:
    raw = provenance_json(factories.plan())
    assert raw == provenance_json(factories.plan())
    assert "望海市".encode() in raw
    assert len(json.loads(raw)["sections"]) == len(factories.plan().sections)
    assert Provenance.model_validate_json(raw) == provenance(factories.plan())
