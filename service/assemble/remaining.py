"""Plan and blocks → what the drafter still has to do before the plan can be submitted, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.document import Block, ChecklistBlock, Cover, Remaining, Span, spans_of
from schemas.finding import Finding, Severity
from schemas.outline import Outline
from schemas.plan import Plan, SectionResult
from service.export.gaps import section_labels

COVER = "封面"


def remaining(
    plan: Plan, outline: Outline, blocks: Sequence[Block], cover: Cover, unwritten: Sequence[SectionResult]
) -> tuple[Remaining, ...]:
    """Errors of the checks, sections not written, then placeholders and proposals in the order of the text."""
    places = section_labels(outline)
    errors = [*plan.findings, *(f for s in plan.sections for f in s.findings)]
    found = [
        *(_error(f) for f in errors if f.severity is Severity.ERROR),
        *(Remaining(kind="unwritten", text=s.title, section=s.id) for s in unwritten),
        *_marked((*cover.issuer, *cover.date), None),
        *(r for block in blocks for r in _of_block(block)),
    ]
    return tuple(
        r.model_copy(update={"place": places.get(r.section or "", r.section or "")}) if r.section else _whole(r)
        for r in found
    )


def _error(finding: Finding) -> Remaining:
    return Remaining(kind="error", text=finding.message, section=finding.section)


def _whole(found: Remaining) -> Remaining:
    return found.model_copy(update={"place": "全文" if found.kind == "error" else COVER})


def _of_block(block: Block) -> Iterator[Remaining]:
    yield from _marked(spans_of(block), block.section)
    if isinstance(block, ChecklistBlock):
        for item in block.items:
            if not item.provided:
                yield Remaining(kind="placeholder", text=item.text, section=block.section)


def _marked(spans: Sequence[Span], section: str | None) -> Iterator[Remaining]:
    for span in spans:
        match span.mark:
            case "placeholder" | "proposal" as kind:
                yield Remaining(kind=kind, text=span.text, section=section)
