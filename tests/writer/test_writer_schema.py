"""The schema of a draft keeps to what every endpoint takes, and conformity means what JSON Schema means."""

from __future__ import annotations

import json
from typing import Any

import llguidance
import pytest

from service.prompt.outlines import load_outline, outline_ids
from service.prompt.reply_schema import draft_schema
from service.writer.capability import CANARIES, canary_schema, survives
from service.writer.conformity import conforms
from service.writer.request import Rung, without_enums
from service.writer.schema_lint import lint_schema
from tests.doubles.tasks import DRAFT, task


def _compiles(schema: dict[str, Any]) -> bool:
    """Whether llguidance, the grammar engine of several servers, takes the schema, without a warning."""
    grammar = llguidance.LLMatcher.grammar_from_json_schema(json.dumps(schema, ensure_ascii=False))
    failed, messages = llguidance.LLMatcher.validate_grammar_with_warnings(grammar)
    return not failed and not messages


@pytest.mark.parametrize("outline_id", outline_ids())
def test_every_sections_schema_is_fine_everywhere(outline_id: str) -> None:
    for section in load_outline(outline_id).sections:
        schema = draft_schema([f"fact-{n}" for n in range(80)], [p.id for p in section.points])
        assert lint_schema(schema) == []
        assert lint_schema(without_enums(schema)) == []
    assert _compiles(schema)
    assert _compiles(without_enums(schema))
    assert lint_schema(canary_schema(CANARIES[0])) == []


def _with(**property_: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": property_}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ({"type": "array", "items": {"type": "string"}}, "root"),
        (_with(type="string", pattern="^2"), "pattern"),
        (_with(type="string", format="date"), "format"),
        (_with(type="number", minimum=0.5), "minimum"),
        (_with(type="array", items={"type": "string"}, uniqueItems=True), "uniqueItems"),
        (_with(type="array"), "items"),
        (_with(type="decimal"), "decimal"),
        (_with(type="string", enum=[]), "enum"),
        (_with(description="什么都行"), "nothing"),
        (_with(**{"not": {"type": "string"}}, type="integer"), "not"),
        ({**_with(type="string"), "additionalProperties": True}, "additionalProperties"),
        ({**_with(type="string"), "required": []}, "required"),
        (_with(type="string", enum=[str(n) for n in range(1001)]), "1001"),
        (_with(anyOf=[{"type": "null"}, {"type": "string", "maxLength": 3}]), "maxLength"),
        ({**_with(**{"$ref": "#/$defs/N"}), "$defs": {"N": {"type": "string", "format": "uri"}}}, "$defs/N"),
    ],
)
def test_what_some_endpoint_would_refuse_or_ignore_is_named(schema: dict[str, Any], word: str) -> None:
    (fault, *more) = lint_schema(schema)
    assert word in fault
    assert more == []


def test_too_deep_a_schema_is_named() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(7):
        schema = _with(**schema)
    assert any("deeper" in fault for fault in lint_schema(schema))


SCHEMA = task().prompt.json_schema


def _changed(**changes: Any) -> dict[str, Any]:
    return {**json.loads(DRAFT), **changes}


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (json.loads(DRAFT), True),
        (_changed(gaps=[]), True),
        (_changed(gaps=None), False),
        (_changed(more=1), False),
        ({"paragraphs": [], "gaps": []}, False),
        (_changed(paragraphs=[{"text": "望海", "facts": ["gdp-2016"], "points": []}]), True),
        (_changed(paragraphs=[{"text": "望海", "facts": ["gdp-2015"], "points": []}]), False),
        (_changed(proposals=[{"name": "a", "value": 1, "unit": "%", "year": 2021, "basis": "b"}]), True),
        (_changed(proposals=[{"name": "a", "value": True, "unit": "%", "year": 2021, "basis": "b"}]), False),
        (_changed(proposals=[{"name": "a", "value": 1, "unit": "%", "year": 2021.5, "basis": "b"}]), False),
        ([], False),
        ("望海", False),
    ],
)
def test_conformity(value: object, fits: bool) -> None:
    assert conforms(value, SCHEMA) is fits


def test_conformity_knows_references_and_alternatives() -> None:
    schema = {
        **_with(anyOf=[{"$ref": "#/$defs/N"}, {"type": ["null", "boolean"]}, {"const": "甲"}]),
        "$defs": {"N": {"type": "array", "items": {"type": "integer"}}},
    }
    for value, fits in (
        ([1], True),
        ([1.5], False),
        (None, True),
        (True, True),
        ("甲", True),
        ("乙", False),
        (3, False),
    ):
        assert conforms({"a": value}, schema) is fits


def test_a_canary_survives_only_under_its_schema() -> None:
    right = json.dumps({"probe": CANARIES[0], "n": 1})
    copied = '{"probe": "a", "n": 1}'
    assert survives(Rung.JSON_SCHEMA, right, CANARIES[0])
    assert not survives(Rung.JSON_SCHEMA, right, CANARIES[1])
    assert not survives(Rung.TOOL, copied, CANARIES[0])
    assert survives(Rung.JSON_OBJECT, copied, CANARIES[0])
    assert not survives(Rung.JSON_OBJECT, "a", CANARIES[0])
