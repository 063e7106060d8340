"""Plan → its provenance: which prompt, writer, facts and attempts stand behind every section."""

from __future__ import annotations

from schemas.draft import Usage
from schemas.plan import Plan, SectionResult
from schemas.prices import Prices
from schemas.provenance import Provenance, SectionProvenance
from service.export.prices import cost_of


def provenance(plan: Plan, prices: Prices | None = None) -> Provenance:
    """The record of a plan; the same plan gives the same record. With `prices` it tells what the plan cost."""
    order = {fact.id: place for place, fact in enumerate(plan.sheet.facts)}
    return Provenance(
        title=plan.title,
        subject=plan.sheet.subject.name,
        outline=plan.sheet.outline,
        plan_year=plan.sheet.plan_year,
        status=plan.status,
        writer=plan.writer,
        options=plan.options,
        usage=sum((s.usage for s in plan.sections), Usage()),
        cost=cost_of([a for s in plan.sections for a in s.attempts], prices) if prices else None,
        findings=plan.findings,
        sections=tuple(_section(s, order, prices) for s in plan.sections),
    )


def provenance_json(plan: Plan, prices: Prices | None = None) -> bytes:
    """The record as UTF-8 JSON, Chinese unescaped, two spaces of indent."""
    return f"{provenance(plan, prices).model_dump_json(indent=2)}\n".encode()


def _section(result: SectionResult, order: dict[str, int], prices: Prices | None) -> SectionProvenance:
    kept = next((a for a in reversed(result.attempts) if a.kept), None)
    named = {i for p in result.draft.paragraphs for i in p.facts} if result.draft else set()
    used = named | {i for s in result.supports for i in s.facts}
    return SectionProvenance(
        id=result.id,
        title=result.title,
        status=result.status,
        template=kept.template if kept else None,
        template_hash=kept.template_hash if kept else None,
        prompt_hash=kept.prompt_hash if kept else None,
        writer=kept.writer if kept else None,
        model=kept.model if kept else None,
        facts=tuple(sorted(used, key=lambda i: (order.get(i, len(order)), i))),
        dropped_facts=result.dropped_facts,
        usage=result.usage,
        cost=cost_of(result.attempts, prices) if prices else None,
        attempts=result.attempts,
        findings=result.findings,
        supports=result.supports,
        gaps=result.gaps,
        failure=result.failure,
    )
