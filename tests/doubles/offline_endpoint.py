"""A model endpoint's answers for whole plans: what the offline writer says for each section, by the request's prompt."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.draft import Reply, Task
from schemas.facts import FactSheet
from schemas.plan import Plan, PlanRequest
from service.facts.intake import read_sheet
from service.pipeline import Kit, draft_plan
from service.prompt.outlines import load_outline
from service.writer.offline import OfflineWriter
from service.writer.protocol import OnDelta, Writer
from tests.doubles.faults import Answer, pieces, stream, whole
from tests.doubles.faults import chunk as piece_of

OUTLINE = "city-2017"
TOKENS_PER_CHARACTER = 0.7
"""About what a Chinese prompt costs; the writer takes an endpoint that counts far less for one that cuts prompts."""
COMPLETION = 400
"""Tokens that every answer costs."""


@cache
def sheet() -> FactSheet:
    """The sample city's facts."""
    return read_sheet((files("evals") / "datasets" / "wanghai.json").read_bytes(), outline=load_outline)


def kit(writer: Writer, **more: Any) -> Kit:
    """A kit without exemplars, for their prompts are longer and teach nothing here."""
    return Kit(load_outline(OUTLINE), (), writer, **more)


class _Listening(OfflineWriter):
    """Keeps the first answer for each section."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        reply = await super().write(task, on_delta)
        self.said.setdefault(task.section.id, reply.content)
        return reply


@cache
def offline() -> tuple[Plan, Mapping[str, str]]:
    """The plan that the offline writer drafts, and its raw replies by section. Not to be called first within a loop."""
    writer = _Listening()
    return asyncio.run(draft_plan(PlanRequest(sheet=sheet()), kit(writer))), writer.said


def section_of(body: Mapping[str, Any]) -> str:
    """The section that a request's prompt asks for."""
    told = re.search(r"（编号 ([\d.]+)）", body["messages"][1]["content"])
    assert told, body["messages"][1]["content"][:200]
    return told[1]


def usage_of(body: Mapping[str, Any]) -> dict[str, int]:
    """What an answer to a request costs."""
    prompt = round(sum(len(m["content"]) for m in body["messages"]) * TOKENS_PER_CHARACTER)
    return {"prompt_tokens": prompt, "completion_tokens": COMPLETION, "total_tokens": prompt + COMPLETION}


def right(body: Mapping[str, Any], replies: Mapping[str, str]) -> Answer:
    """The good answer to a request, streamed when it asks for a stream."""
    content = replies[section_of(body)]
    if body.get("stream"):
        last = {"id": "c1", "choices": [], "usage": usage_of(body)}
        return stream(*pieces(content, 400), piece_of(finish="stop"), last)
    return whole(content, usage=usage_of(body))
