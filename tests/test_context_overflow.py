"""A prompt that the model finds too long is asked again with less, never unchanged, and the record says what it lacked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.plan import PlanOptions, PlanRequest, SectionResult
from service.facts.brief import make_brief
from service.facts.ledger import Ledger
from service.pipeline import Kit, draft_plan
from service.prompt.book import Lean, PromptBook
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline
from service.prompt.tokens import count_tokens
from service.writer.openai import OpenAIWriter
from tests.doubles.asking import KEY, manner
from tests.doubles.faults import Answer, FaultServer, Request, completion, data, error, http
from tests.doubles.offline_endpoint import OUTLINE, offline, right, section_of, sheet

EXEMPLARS = tuple(load_exemplar(i) for i in exemplar_ids())
SECTION = "4.1"
"""Two passages of exemplars fit it, and most facts are none of its own; nothing fits 2.1."""


def drafted(section: str, choose: Callable[[dict[str, Any]], Answer]) -> tuple[SectionResult, list[Request]]:
    """One section, and what the endpoint was asked."""
    request = PlanRequest(sheet=sheet(), options=PlanOptions(sections=(section,)))
    offline()

    async def run() -> tuple[SectionResult, list[Request]]:
        async with FaultServer(choose) as server:
            writer = OpenAIWriter(server.url, KEY, "m", manner(deadline=20.0))
            plan = await draft_plan(request, Kit(load_outline(OUTLINE), EXEMPLARS, writer))
            await writer.aclose()
            return plan.sections[0], server.requests

    return asyncio.run(run())


def too_long(body: dict[str, Any]) -> Answer:
    sent = sum(len(m["content"]) for m in body["messages"])
    return error(400, f"This model's maximum context length is exceeded: {sent}", code="context_length_exceeded")


def size(request: Request | dict[str, Any]) -> int:
    body = request.body if isinstance(request, Request) else request
    return sum(len(m["content"]) for m in body["messages"])


def test_exemplars_go_first() -> None:
    section, requests = drafted(
        SECTION, lambda b: too_long(b) if "<范例>" in b["messages"][1]["content"] else right(b, offline()[1])
    )
    assert [("<范例>" in r.body["messages"][1]["content"]) for r in requests] == [True, False]
    assert requests[0].body["messages"][0] == requests[1].body["messages"][0]
    assert section.failure is None
    assert section.text == next(s.text for s in offline()[0].sections if s.id == SECTION)
    assert "未带范例段落2段" in section.attempts[0].notes[0]
    assert section.dropped_facts == ()


def test_then_the_facts_of_other_sections_and_the_record_names_them() -> None:
    wanted = Ledger(sheet(), load_outline(OUTLINE))
    whole = len(wanted.facts)
    section, requests = drafted(
        SECTION,
        lambda b: too_long(b) if f"{wanted.facts[-1].id}｜" in b["messages"][0]["content"] else right(b, offline()[1]),
    )
    assert len(requests) == 3
    assert size(requests[0]) > size(requests[1]) > size(requests[2])
    assert section.failure is None
    assert 0 < len(section.dropped_facts) < whole
    (attempt,) = section.attempts
    assert attempt.notes[0] == (
        f"提示词超出模型的上下文长度，未带范例段落2段、其他节的事实{len(section.dropped_facts)}条"
    )
    shown = requests[2].body["messages"][0]["content"]
    assert not [i for i in section.dropped_facts if f"\n{i}｜" in shown]


@pytest.mark.parametrize("section_id", ["2.1", SECTION, "1.2"])
def test_a_model_that_never_has_room_is_not_asked_the_same_twice(section_id: str) -> None:
    def choose(body: dict[str, Any]) -> Answer:
        return too_long(body) if section_of(body) == section_id else right(body, offline()[1])

    section, requests = drafted(section_id, choose)
    asked = [json.dumps(r.body["messages"]) for r in requests if section_of(r.body) == section_id]
    assert 2 <= len(asked) <= 3
    assert len(set(asked)) == len(asked)
    assert section.failure is not None
    assert section.failure.type == "context-overflow"
    assert "FANGAN_CONTEXT_TOKENS" in section.failure.message


def test_a_prompt_cut_in_silence_is_shortened_too() -> None:
    """Ollama cuts what does not fit and says nothing: only the count of tokens tells."""

    def choose(body: dict[str, Any]) -> Answer:
        if size(body) < 6000:
            return right(body, offline()[1])
        usage = {"prompt_tokens": 2048, "completion_tokens": 100}
        return [http(data(completion('{"paragraphs": [], "gaps": [], "proposals": []}', usage=usage)))]

    section, requests = drafted(SECTION, choose)
    assert len(requests) == 3, [size(r) for r in requests]
    assert section.failure is None
    assert section.dropped_facts


def test_every_step_is_smaller_and_keeps_the_sections_own_facts() -> None:
    ledger = Ledger(sheet(), load_outline(OUTLINE))
    book = PromptBook(ledger, make_brief(ledger), EXEMPLARS, count=count_tokens)
    for section in (s for s in ledger.outline.sections if not s.checklist):
        prompts = [
            book.summary(section, {"2.1": "正文。"}, 700, lean) if section.summary else book.section(section, lean)
            for lean in Lean
        ]
        tokens = [p.tokens for p in prompts]
        assert tokens == sorted(tokens, reverse=True)
        assert tokens[-1] < tokens[0]
        assert prompts[0].notes == ()
        own = {f.id for a in book.answers(section) for f in a.facts}
        for prompt in prompts:
            assert not own & set(prompt.dropped_facts)
            assert abs(prompt.tokens - sum(count_tokens(m.content) for m in prompt.messages)) <= 2
        known = (
            prompts[-1].json_schema["properties"]["paragraphs"]["items"]["properties"]["facts"]["items"].get("enum", [])
        )
        assert set(known) == {f.id for f in ledger.facts} - set(prompts[-1].dropped_facts) == own
