"""What the database keeps of a plan, as the rows leave it: plans, sections, revisions, events, replies, keys, audit."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from schemas import Model
from schemas.finding import Finding
from schemas.plan import Event, PlanStatus, SectionResult, SectionStatus

RevisionKind = Literal["draft", "agree", "condense", "redraft", "edit", "restore"]
"""How a version came to be: by the writer (draft, agree, condense, redraft) or by a person (edit, restore)."""


class PlanRow(Model):
    """A plan without its texts and without its fact sheet, which is read when it is needed."""

    id: str
    """26 characters, later plans sort after earlier ones."""
    owner: str
    """Name of the API key that made it, or `local`."""
    status: PlanStatus
    title: str
    outline: str
    subject: str
    request_hash: str
    idempotency_key: str | None = None
    idempotency_hash: str | None = None
    """Hash of the request that the key came with, whatever facts the plan has since."""
    writer: str
    model: str | None = None
    run: int = 1
    """How many times it was begun or taken up again."""
    last_event: int = 0
    findings: tuple[Finding, ...] = ()
    """Those that concern the plan as a whole."""
    summary_stale: bool = False
    """A section was changed after the summary was written."""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


class SectionRow(Model):
    """A section as it stands. `revision` 0: no text yet."""

    plan_id: str
    section: str
    position: int
    title: str
    status: SectionStatus
    revision: int = 0
    text: str = ""
    result: SectionResult | None = None
    updated_at: datetime


class Revision(Model):
    """A version of a section's text; never changed once written."""

    plan_id: str
    section: str
    number: int
    kind: RevisionKind
    who: str
    why: str | None = None
    at: datetime
    text: str
    result: SectionResult


class StoredEvent(Model):
    """An event with its place in the plan's order: 1, 2, 3 … without a gap."""

    plan_id: str
    seq: int
    key: str
    """The same happening has the same key, also when the run is repeated after a crash."""
    event: Event
    at: datetime


class JobState(Model):
    """What a job of the plan came to; one that failed may be replaced by a later run."""

    plan_id: str
    key: str
    run: int
    failed: bool = False
    state: JsonValue = None
    at: datetime


class StoredReply(Model):
    """A model's reply that was received, so that it is never paid for again."""

    key: str
    """Hash of everything that makes it the same call."""
    plan_id: str
    section: str
    revision: int
    attempt: int
    model: str
    prompt_hash: str
    reply: JsonValue
    prompt_tokens: int = 0
    completion_tokens: int = 0
    at: datetime


class Spending(Model):
    """What a plan has cost so far: replies that were received, those of texts that were replaced since included."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class KeyRow(Model):
    """An API key: its hash alone is known. Limits of null are the service's defaults."""

    name: str
    sha256: str
    created_at: datetime
    revoked_at: datetime | None = None
    plans_at_once: int | None = None
    requests_per_minute: int | None = None
