"""Where a plan comes from, section by section: prompts, writer, facts, attempts, tokens, findings, proofs."""

from __future__ import annotations

from schemas import Model
from schemas.draft import Usage
from schemas.finding import Finding, Support
from schemas.plan import Attempt, Failure, Gap, PlanOptions, PlanStatus, SectionStatus
from schemas.prices import Cost


class SectionProvenance(Model):
    """One section. `template` to `model` are those of the attempt whose draft was delivered; null without one."""

    id: str
    title: str
    status: SectionStatus
    template: str | None = None
    template_hash: str | None = None
    prompt_hash: str | None = None
    writer: str | None = None
    model: str | None = None
    facts: tuple[str, ...] = ()
    """Ids of the facts that the text uses, in the sheet's order."""
    dropped_facts: tuple[str, ...] = ()
    usage: Usage = Usage()
    cost: Cost | None = None
    """Of all attempts; null without prices, or without that of a model."""
    attempts: tuple[Attempt, ...] = ()
    findings: tuple[Finding, ...] = ()
    supports: tuple[Support, ...] = ()
    gaps: tuple[Gap, ...] = ()
    failure: Failure | None = None


class Provenance(Model):
    """The whole plan; `usage` covers all sections."""

    title: str
    subject: str
    outline: str
    plan_year: int
    status: PlanStatus
    writer: str
    options: PlanOptions
    usage: Usage
    cost: Cost | None = None
    """Of all sections; null without prices, or when one section's cost is not known."""
    findings: tuple[Finding, ...] = ()
    sections: tuple[SectionProvenance, ...]
