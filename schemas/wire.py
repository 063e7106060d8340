"""What the service answers over HTTP beside the plan's own shapes: views of plans and sections, lists, problems.

Here, and not beside the routes, because a client reads them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas import Model
from schemas.draft import Draft
from schemas.finding import Finding, Support
from schemas.limit import TextCounts
from schemas.plan import Attempt, Event, Failure, Gap, PlanStatus, SectionStatus
from schemas.stored import RevisionKind, Spending


class ProblemFault(Model):
    """One fault of the request."""

    pointer: str
    """JSON pointer (RFC 6901) into the request body; empty for the body as a whole."""
    detail: str
    """What is wrong and how to mend it (Chinese)."""


class Problem(Model):
    """RFC 9457: `type` is stable, `title` English for integrators, `detail` Chinese for drafters."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[ProblemFault, ...] = ()
    version: int | None = Field(None, exclude_if=lambda value: value is None)
    """Of an edit-conflict: the version that the section has."""


class OutlineRow(Model):
    """An outline in the list."""

    id: str
    title: str
    subject_word: str
    """市 or 基地."""
    sections: int
    indicators: int
    stored: bool = False
    """It was imported and kept; it does not ship."""


class PlanEvent(Model):
    """An event of a plan as `GET …/events` tells it."""

    id: int
    """Its place in the plan's order, to be sent as Last-Event-ID."""
    event: Event
    at: datetime | None = None
    """Null for an `end` that is told of a plan at rest."""


class FindingCounts(Model):
    """Findings by severity."""

    error: int = 0
    warning: int = 0
    info: int = 0


class SectionLine(Model):
    """A section in its plan: where it stands, without its text."""

    id: str
    title: str
    status: SectionStatus
    revision: int
    """Number of its version; 0 while it has no text."""
    counts: TextCounts | None
    findings: FindingCounts
    gaps: int
    stale: bool
    """Of the summary: something it is drawn from was changed since it was written."""
    failure: Failure | None
    updated_at: datetime


class PlanLine(Model):
    """A plan in the list. `progress`: number of sections by status, statuses that none has left out."""

    id: str
    title: str
    subject: str
    outline: str
    status: PlanStatus
    writer: str
    model: str | None
    owner: str
    progress: Mapping[SectionStatus, int]
    summary_stale: bool
    created_at: datetime
    updated_at: datetime


class PlanPage(Model):
    """One page of plans, newest first; `next_cursor` null: there are no more."""

    plans: tuple[PlanLine, ...]
    next_cursor: str | None


class PlanView(Model):
    """A plan without its texts."""

    id: str
    title: str
    subject: str
    outline: str
    status: PlanStatus
    message: str | None
    """Why it failed as a whole (Chinese)."""
    writer: str
    model: str | None
    owner: str
    sections: tuple[SectionLine, ...]
    findings: tuple[Finding, ...]
    """Those that concern the plan as a whole; `counts` has all."""
    counts: FindingCounts
    gaps: int
    usage: Spending
    """Of the whole plan, texts that were replaced since included."""
    summary_stale: bool
    stale_sections: tuple[str, ...]
    last_event: int
    """Number of its latest event: `GET …/events` with this Last-Event-ID tells only what is new."""
    created_at: datetime
    updated_at: datetime


class VersionLine(Model):
    """A version in its section."""

    number: int
    kind: RevisionKind
    """draft, agree, condense, redraft: by the writer; edit, restore: by a person."""
    who: str
    why: str | None
    at: datetime
    characters: int


class VersionView(VersionLine):
    """A version with its text and what the checks said of it then."""

    text: str
    counts: TextCounts | None
    findings: tuple[Finding, ...]
    supports: tuple[Support, ...]
    gaps: tuple[Gap, ...]


class SectionView(Model):
    """A section as it stands, with where it comes from."""

    plan: str
    id: str
    title: str
    status: SectionStatus
    revision: int
    text: str
    draft: Draft | None
    """What the writer returned; null for a person's text."""
    counts: TextCounts | None
    findings: tuple[Finding, ...]
    supports: tuple[Support, ...]
    gaps: tuple[Gap, ...]
    dropped_facts: tuple[str, ...]
    failure: Failure | None
    attempts: tuple[Attempt, ...]
    """Every call of a writer, for all versions."""
    versions: tuple[VersionLine, ...]
    """First to last."""
    updated_at: datetime


class Health(Model):
    """`writer`: offline, or the kind of model endpoint; `model`: what is asked for when a request names none."""

    status: str
    version: str
    writer: str
    model: str


class ExemplarRow(Model):
    """An exemplar in the list."""

    id: str
    city: str
    title: str
    source: str
    era: str
    passages: int


Part = Literal["ok", "none"]
"""none: this service has no such part."""


class Readiness(Model):
    """Each part that the work needs."""

    status: Literal["ready"] = "ready"
    database: Part
    engine: Part
    endpoint: Part
    """Of the model: that one is configured, not that it answers; none: the offline writer drafts."""


class KindOfProblem(Model):
    """A problem type: `GET /problems/{slug}` answers with it."""

    type: str
    title: str
    status: int


class FactsUpdate(Model):
    """What other facts mean for the plan. Nothing is written again by itself: `…/sections/{section}:redraft` does."""

    answered: tuple[str, ...]
    """Sections that lacked something that is known now."""
    disagreeing: tuple[str, ...]
    """Sections that say something that the facts do not bear out any more."""
    plan: PlanView


class Change(Model):
    """A run of text. Equal and deleted runs together are the old text, equal and inserted ones the new text."""

    op: Literal["equal", "insert", "delete"]
    text: str
