"""A whole plan over an endpoint that fails a fifth of its calls: every section right, every repetition on record."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from schemas.plan import Event, Plan, PlanOptions, PlanRequest
from service.export.provenance import provenance
from service.pipeline import draft_plan
from service.repair.loop import unwatched
from service.writer.openai import OpenAIWriter
from tests.doubles.asking import KEY, manner
from tests.doubles.faults import HEAD, Act, Answer, FaultServer, body_error, data, error, http, sse, whole
from tests.doubles.offline_endpoint import kit as kit_of
from tests.doubles.offline_endpoint import offline, right, section_of, sheet, usage_of

SHARE = 0.2
AGAIN = "重新调用"
"""What every note of a repeated call says."""
Fault = Callable[[Answer, dict[str, int]], Answer]
"""(the good answer, what it costs) → what comes instead."""


def half(good: Answer, _: object) -> Answer:
    """The connection ends in the middle of the answer: within a stream's events, or short of Content-Length."""
    sent = b"".join(p for p in good if isinstance(p, bytes))
    return [sent[: len(sent) // 2], Act.CLOSE]


FAULTS: Mapping[str, Fault] = {
    "limited": lambda *_: error(429, "Rate limit reached for requests", headers={"Retry-After": "0"}),
    "failing": lambda *_: error(500, "The server had an error while processing your request"),
    "gateway": lambda *_: body_error(503, b"<html><body><h1>503 Service Unavailable</h1></body></html>"),
    "reset": lambda *_: [Act.RESET],
    "cut": half,
    "broken": lambda *_: [http(b'{"id": "c1", "choices": [{"message": {"content": "{\\"para')],
    "broken event": lambda *_: [HEAD, sse(b'data: {"choices": [{"delta"\n\n'), Act.CLOSE],
    "empty": lambda _, cost: [http(data({"id": "c1", "choices": [], "usage": cost}))],
    "blank": lambda _, cost: whole("", usage=cost),
}


@dataclass
class Endpoint:
    """Right answers but for the faults that `choose` names by section, call and request's body.

    Not by the order of calls: sections ask side by side, in an order of their own.
    """

    choose: Callable[[str, int, Mapping[str, Any]], str | None]
    faults: dict[str, list[str]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    told: int = 0
    """Prompt tokens of every answer, useful or not, that told its cost."""

    def __call__(self, body: dict[str, Any]) -> Answer:
        section, cost = section_of(body), usage_of(body)
        self.calls[section] += 1
        good = right(body, offline()[1])
        kind = self.choose(section, self.calls[section], body)
        if kind in (None, "empty", "blank"):
            self.told += cost["prompt_tokens"]
        if kind is None:
            return good
        self.faults.setdefault(section, []).append(kind)
        return FAULTS[kind](good, cost)


def drafted(endpoint: Endpoint, emit: Callable[[Event], None], *sections: str) -> Plan:
    """The plan over that endpoint."""
    offline()
    request = PlanRequest(sheet=sheet(), options=PlanOptions(sections=sections or None))

    async def run() -> Plan:
        async with FaultServer(endpoint) as server:
            writer = OpenAIWriter(server.url, KEY, "asked-model", manner(places=32, deadline=30.0, idle=20.0))
            try:
                return await draft_plan(request, kit_of(writer), emit)
            finally:
                await writer.aclose()

    return asyncio.run(run())


def dice(seed: int) -> Callable[[str, int, Mapping[str, Any]], str | None]:
    """A fifth of all calls fails, in any of the ways that fit the request."""

    def choose(section: str, call: int, body: Mapping[str, Any]) -> str | None:
        chance = random.Random(f"{seed}/{section}/{call}")
        unfit = "broken" if body.get("stream") else "broken event"
        return chance.choice([k for k in FAULTS if k != unfit]) if chance.random() < SHARE else None

    return choose


@pytest.mark.parametrize("seed", [16, 25, 38])
@pytest.mark.parametrize("watched", [False, True])
def test_every_section_is_right_and_every_repetition_on_record(seed: int, watched: bool) -> None:
    endpoint = Endpoint(dice(seed))
    plan = drafted(endpoint, list[Event]().append if watched else unwatched)
    wanted = offline()[0]

    assert {s.id: s.failure for s in plan.sections if s.failure} == {}
    assert {s.id: s.text for s in plan.sections} == {s.id: s.text for s in wanted.sections}
    assert [s.status for s in plan.sections] == [s.status for s in wanted.sections]
    assert len(plan.sections) == 26

    assert sum(map(len, endpoint.faults.values())) >= 5, "the dice spared nearly everybody: choose another seed"
    record = provenance(plan)
    for section in record.sections:
        repeated = [n for a in section.attempts for n in a.notes if AGAIN in n]
        assert len(repeated) == len(endpoint.faults.get(section.id, ())), (section.id, endpoint.faults, repeated)
        # Nothing is asked, and paid for, twice but for a failure.
        assert endpoint.calls[section.id] == len(section.attempts) + len(repeated)
    assert record.usage.prompt_tokens == endpoint.told


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_alone_costs_one_repetition(kind: str) -> None:
    endpoint = Endpoint(lambda _, call, __: kind if call == 1 else None)
    plan = drafted(endpoint, list[Event]().append if kind == "broken event" else unwatched, "2.1")
    (section,) = plan.sections
    assert section.failure is None
    assert section.text == next(s.text for s in offline()[0].sections if s.id == "2.1")
    assert [AGAIN in n for a in section.attempts for n in a.notes].count(True) == 1
    assert section.usage.prompt_tokens == endpoint.told
