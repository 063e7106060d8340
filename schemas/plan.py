"""The plan and its parts as other tools see them: request, sections with status, gaps, provenance, events."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas import Model
from schemas.draft import Draft, TaskKind, Usage
from schemas.facts import FactSheet
from schemas.finding import Finding, Support
from schemas.limit import TextCounts


class PlanOptions(Model):
    """What may be chosen beside the facts. `exemplars` null: all that fit; `sections` null: all of the outline."""

    exemplars: tuple[str, ...] | None = None
    sections: tuple[str, ...] | None = None
    model: str | None = None
    instruction: Annotated[str, Field(max_length=2000)] | None = None


class PlanRequest(Model):
    """A fact sheet and the options of the run."""

    sheet: FactSheet
    options: PlanOptions = PlanOptions()


class SectionStatus(StrEnum):
    """Where a section stands."""

    PENDING = "pending"
    DRAFTING = "drafting"
    DONE = "done"
    NEEDS_REVIEW = "needs_review"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EDITED = "edited"


class PlanStatus(StrEnum):
    """Where a plan stands."""

    QUEUED = "queued"
    DRAFTING = "drafting"
    DONE = "done"
    NEEDS_REVIEW = "needs_review"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Gap(Model):
    """A row of the data request: a required datum that the fact sheet lacks."""

    section: str
    point: str
    point_text: str
    indicator: str | None = None
    name: str
    unit: str | None = None
    year: int | None = None
    question: str
    department: str


class Attempt(Model):
    """One call of a writer, as provenance keeps it."""

    kind: TaskKind
    writer: str
    model: str
    template: str
    template_hash: str
    prompt_hash: str
    usage: Usage
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Of the draft this attempt gave; a reply that did not parse has its faults in `faults`."""
    faults: tuple[str, ...] = ()
    kept: bool
    """Whether the draft of this attempt became (or stayed) the section's text."""


class Failure(Model):
    """Why a section failed: the error's stable type and a sentence that says how to mend it."""

    type: str
    message: str


class SectionResult(Model):
    """A section as delivered."""

    id: str
    title: str
    status: SectionStatus
    text: str = ""
    draft: Draft | None = None
    counts: TextCounts | None = None
    findings: tuple[Finding, ...] = ()
    supports: tuple[Support, ...] = ()
    gaps: tuple[Gap, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    dropped_facts: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def usage(self) -> Usage:
        """Tokens of all attempts."""
        return sum((a.usage for a in self.attempts), Usage())


class Plan(Model):
    """The plan with its sections in the outline's order."""

    title: str
    status: PlanStatus
    sheet: FactSheet
    options: PlanOptions = PlanOptions()
    writer: str
    sections: tuple[SectionResult, ...]
    findings: tuple[Finding, ...] = ()
    """Findings that concern the plan as a whole (consistency, the summary's limit)."""

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """All gaps, one for each datum and section."""
        return tuple(g for s in self.sections for g in s.gaps)


EventName = Literal["plan", "section", "delta", "finding", "repair", "done", "end"]


class Event(Model):
    """Something that happened while drafting; never holds a prompt or a key."""

    event: EventName
    section: str | None = None
    status: SectionStatus | PlanStatus | None = None
    text: str | None = None
    finding: Finding | None = None
    attempt: int | None = None
    kept: bool | None = None
    failure: Failure | None = None
    """Why the section has no draft, or keeps the one it had."""
