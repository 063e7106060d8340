"""The jobs that a plan is made of, and what is left of a section between them: what a durable run stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from schemas import Model
from schemas.draft import Draft, Prompt
from schemas.finding import Finding
from schemas.plan import Attempt, Failure

JobKind = Literal["section", "rework", "summary", "condense", "redraft"]


class Job(Model):
    """One piece of work on one section. The same key is the same work: done once, it is never done again."""

    kind: JobKind
    section: str
    number: int = 0
    """Which one of its kind: the round of condensing, the revision that a redraft makes."""
    after: str | None = None
    """Key of the job whose result this one continues."""
    decision: str | None = None
    """Name of the decision that gives the other sections' texts and how long this one may be."""
    instruction: str | None = None
    """What a person asks of a redraft."""

    @property
    def key(self) -> str:
        """Unique within the plan."""
        return f"{self.kind}-{self.section}-{self.number}"


class Decision(Model):
    """What follows from the sections drafted so far; recorded, so that a run begun again decides the same."""

    sections: tuple[str, ...] = ()
    """What is to be done next."""
    maxima: Mapping[str, int] = {}
    """字 that a section may have."""
    texts: Mapping[str, str] = {}
    """Section id → text, as they stood when it was decided."""


class WorkState(Model):
    """A section in the making, between two jobs."""

    version: Literal[1] = 1
    section: str
    prompt: Prompt | None = None
    """Of the first attempt: repairs continue it."""
    draft: Draft | None = None
    findings: tuple[Finding, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    failure: Failure | None = None
    checklist: str = ""
    revision: int = 0
    """Version of the stored section that holds this draft; 0: none does."""

    @property
    def text(self) -> str:
        """The section's text as it stands; empty while there is none."""
        return self.draft.text if self.draft else self.checklist
