"""What goes to a writer and what comes back: prompt, task, reply, draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from schemas import Model
from schemas.facts import FactSheet, Number
from schemas.finding import Finding
from schemas.outline import Outline, Section


class DraftParagraph(Model):
    """One paragraph with the facts it uses and the points it treats."""

    text: str
    facts: tuple[str, ...]
    points: tuple[str, ...]


class DraftGap(Model):
    """A required datum that the fact sheet lacks: what to ask, and whom."""

    point: str
    question: str
    department: str


class Proposal(Model):
    """A target that the plan proposes without a fact: shown as 【建议值…，待确认】, never as a fact."""

    name: str
    value: Number
    unit: str
    year: int
    basis: str


class Draft(Model):
    """A section as the writer returns it: the JSON Schema of its reply is made from this."""

    paragraphs: tuple[DraftParagraph, ...]
    gaps: tuple[DraftGap, ...]
    proposals: tuple[Proposal, ...]

    @property
    def text(self) -> str:
        """The section's text: paragraphs one to a line."""
        return "\n".join(p.text for p in self.paragraphs)


class Message(Model):
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


class Prompt(Model):
    """A rendered prompt, frozen. `hash` covers messages and schema; `tokens` is an estimate (0: not counted)."""

    template: str
    template_hash: str
    messages: tuple[Message, ...]
    json_schema: dict[str, Any]
    hash: str
    tokens: int = 0
    prefix_tokens: int = 0
    max_output_tokens: int = 4096
    dropped_facts: tuple[str, ...] = ()
    """Facts of other sections that did not fit the token budget."""
    notes: tuple[str, ...] = ()
    """What was left out after the model had found the prompt too long (Chinese)."""


TaskKind = Literal["section", "summary", "repair", "condense", "redraft"]


class Task(Model):
    """One job for a writer. A model endpoint reads `prompt`; the offline writer composes from the other fields."""

    kind: TaskKind
    section: Section
    outline: Outline
    sheet: FactSheet
    prompt: Prompt
    body: Mapping[str, str] = {}
    """For the summary: section id → drafted text of the body."""
    previous: Draft | None = None
    findings: tuple[Finding, ...] = ()
    maximum: int | None = None
    """字 that the section may have at most (both ways of counting), where a limit applies."""
    instruction: str | None = None
    attempt: int = 1


class Usage(Model):
    """Tokens of one call; `estimated` when the endpoint did not say."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            estimated=self.estimated or other.estimated,
        )


class Reply(Model):
    """What a writer answered: the raw content (to be validated in one place, check/reply.py) and what it cost."""

    content: str
    writer: str
    """offline, scripted, openai …"""
    model: str
    """The model as the endpoint answered it; offline: the writer's own version."""
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()
    """What the writer had to do to get an answer: a rung demoted, a retry, a parameter dropped."""
