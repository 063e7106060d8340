"""The gaps of a section and of a sheet: what its points require and the fact sheet lacks, told by the sheet and by the writer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.draft import DraftGap
from schemas.facts import FactSheet
from schemas.outline import Outline, Section
from schemas.plan import Gap
from service.facts.answers import Answer, answers
from service.facts.ledger import Ledger


def sheet_gaps(sheet: FactSheet, outline: Outline) -> tuple[Gap, ...]:
    """What a fact sheet lacks, before anything is drafted from it, in the outline's order."""
    ledger = Ledger(sheet, outline)
    return tuple(gap for section in outline.sections for gap in section_gaps(section, answers(section, ledger)))


def section_gaps(section: Section, found: Sequence[Answer], told: Iterable[DraftGap] = ()) -> tuple[Gap, ...]:
    """One row for each missing datum, then what the writer asked for beyond that (one row a point at most)."""
    rows = [
        Gap(
            section=section.id,
            point=answer.point.id,
            point_text=answer.point.text,
            indicator=missing.indicator,
            name=missing.name,
            unit=missing.unit,
            year=missing.year,
            question=missing.question,
            department=missing.department,
        )
        for answer in found
        for missing in answer.missing
        if not answer.point.optional
    ]
    known = {row.point for row in rows}
    points = {p.id: p for p in section.points}
    for gap in told:
        if gap.point in points and gap.point not in known:
            known.add(gap.point)
            point = points[gap.point]
            rows.append(
                Gap(
                    section=section.id,
                    point=point.id,
                    point_text=point.text,
                    name=point.text,
                    question=gap.question,
                    department=gap.department,
                )
            )
    return tuple(rows)
