"""Sections' gaps → the data request: every datum once for each section that needs it, in the outline's order."""

from __future__ import annotations

from schemas.outline import Outline
from schemas.plan import Gap, Plan


def collect_gaps(plan: Plan, outline: Outline) -> tuple[Gap, ...]:
    """Unique rows, by section in the outline's order, then by department.

    Two rows are the same when they ask one section for the same datum: indicator (or name), unit and year.
    """
    unique: dict[tuple[str, str, str | None, int | None], Gap] = {}
    for gap in plan.gaps:
        unique.setdefault((gap.section, gap.indicator or gap.name, gap.unit, gap.year), gap)
    order = {section.id: place for place, section in enumerate(outline.sections)}
    return tuple(sorted(unique.values(), key=lambda g: (order.get(g.section, len(order)), g.department)))
