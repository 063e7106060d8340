"""The record of an evaluation: cases in, scores and failures out; what the report, the comparison and the gate read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from schemas import Model
from schemas.draft import TaskKind, Usage
from schemas.facts import ID_PATTERN
from schemas.finding import Finding
from schemas.plan import Failure, PlanStatus, SectionStatus
from schemas.prices import Cost

RECORD_VERSION: Literal[1] = 1
"""Raised when a reader of older records would misread a newer one."""

Better = Literal["higher", "lower", "neither"]
"""Which way a score is better; `neither` for what is only to be read beside others (a floor, the use of a budget)."""


class EvalCase(Model):
    """One case: a fact sheet in, a plan out. `held_out`: the exemplar of the sheet's own city, never in its prompts."""

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    sheet: str
    """File name beside cases.jsonl."""
    held_out: str | None = None
    tags: tuple[str, ...] = ()


class Measure(Model):
    """What a scorer measures: `title` Chinese, for the report; `share`: the value lies between 0 and 1."""

    name: str
    title: str
    better: Better
    share: bool = False


class CaseScore(Model):
    """One figure: of a case (`section` null) or of one of its sections.

    `value` is null where there is nothing to measure (no figure in the text, no exemplar): such a score is left out
    of every mean. Where it is a share or a rate, `count` is its numerator and `of` its denominator, so that cases
    can be pooled.
    """

    case: str
    section: str | None = None
    scorer: str
    value: float | None
    count: float | None = None
    of: float | None = None
    explanation: str = ""
    findings: tuple[Finding, ...] = ()
    """What lowered the score, where checks found it. Only at the finest level: a section's are not repeated above."""


class SectionRecord(Model):
    """A section as it was delivered. `prompts`: hashes in the order of asking."""

    id: str
    title: str
    status: SectionStatus
    text: str
    prompts: tuple[str, ...] = ()
    usage: Usage = Usage()
    failure: Failure | None = None


class CaseRecord(Model):
    """A case as it ran. `sheet_hash` is that of the file's bytes, so that a changed sheet is not taken for the same."""

    id: str
    sheet: str
    sheet_hash: str
    outline: str
    subject: str
    held_out: str | None = None
    tags: tuple[str, ...] = ()
    exemplars: tuple[str, ...] = ()
    """Exemplars that the prompts could draw on."""
    status: PlanStatus
    models: tuple[str, ...] = ()
    """Models as the endpoint named them, in alphabetical order."""
    usage: Usage = Usage()
    cost: Cost | None = None
    sections: tuple[SectionRecord, ...] = ()


class PromptMessage(Model):
    """A message of a prompt; `text` is the hash under which `EvalRun.texts` holds it."""

    role: Literal["system", "user", "assistant"]
    text: str


class PromptRecord(Model):
    """One prompt as it was asked. Without `messages` when the plan came from a server, which keeps them to itself."""

    case: str
    section: str
    kind: TaskKind
    template: str
    template_hash: str
    messages: tuple[PromptMessage, ...] = ()


class EvalFailure(Model):
    """A thing that went wrong, to be read: an error finding with the text around it, or a section that failed."""

    case: str
    section: str | None = None
    scorer: str | None = None
    text: str = ""
    finding: Finding | None = None
    message: str


class Clock(Model):
    """When and how long: the part of a record that differs between equal runs. Seconds of each case by its id."""

    started: datetime
    seconds: float
    cases: Mapping[str, float] = {}


class EvalRun(Model):
    """The record of one run: every figure of a report can be traced to it."""

    version: Literal[1] = RECORD_VERSION
    id: str
    clock: Clock
    revision: str | None = None
    """Git revision, with `+` at its end when files differed from it; null outside a checkout."""
    fangan: str
    """The product's version."""
    writer: str
    model: str
    """The model that was asked for; what answered is in each case's `models`."""
    settings: Mapping[str, str | int | float | bool | None] = {}
    """Settings that bear on the drafts; no key, no address."""
    seed: int
    measures: tuple[Measure, ...]
    cases: tuple[CaseRecord, ...]
    scores: tuple[CaseScore, ...]
    failures: tuple[EvalFailure, ...] = ()
    prompts: Mapping[str, PromptRecord] = {}
    """By prompt hash, in the order of asking."""
    texts: Mapping[str, str] = {}
    """Message text by its hash: a plan's prompts share their system message."""
    usage: Usage = Usage()
    cost: Cost | None = None

    @property
    def comparable(self) -> str:
        """The record without id and clock, as JSON: equal for equal runs."""
        return self.model_dump_json(exclude={"id", "clock"})

    @property
    def fingerprint(self) -> str:
        """Eight digits that stand for `comparable`; the end of the run's id."""
        return hashlib.sha256(self.comparable.encode()).hexdigest()[:8]
