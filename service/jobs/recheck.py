"""A plan as it stands, checked anew as a whole: after its drafting, and after every change to one of its sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.job import WorkState
from schemas.outline import Outline
from schemas.plan import Plan, SectionStatus
from schemas.stored import JobState, SectionRow
from service.drafting import Run, Work
from service.facts.answers import Answer
from service.pipeline import deliver
from service.repair.loop import Outcome
from service.store import plans, sections

AT_WORK = (SectionStatus.PENDING, SectionStatus.DRAFTING)
"""Statuses that a check does not change: somebody is at the section."""


def work_of(row: SectionRow, outline: Outline) -> Work:
    """The section as it stands: the writer's draft, a person's text, or nothing yet."""
    work = Work(outline.sections_by_id[row.section])
    result = row.result
    if result is not None:
        work.outcome = Outcome(result.draft, result.findings, list(result.attempts))
        work.failure = result.failure
    if row.text and (work.outcome.draft is None or work.outcome.draft.text != row.text):
        if work.section.checklist and row.status is not SectionStatus.EDITED:
            work.checklist = row.text
        else:
            work.edited = row.text
    return work


def as_it_stands(outline: Outline, row: SectionRow, state: JobState | None) -> Work:
    """The job's own result; another text where a person wrote it, or asked for it to be written again."""
    section = outline.sections_by_id[row.section]
    work = Work.of(section, WorkState.model_validate(state.state)) if state else Work(section)
    standing = work_of(row, outline)
    again = any(attempt.kind == "redraft" for attempt in standing.outcome.attempts)
    return standing if standing.edited is not None or (standing.text and (again or not work.text)) else work


def rechecked(run: Run, rows: Sequence[SectionRow]) -> Plan:
    """The plan with findings and supports of the texts that the sections have; pure, a tenth of a second of work.

    Texts that are not there yet are not found missing: the plan is complete when all of its outline's sections are.
    """
    works = {row.section: work_of(row, run.kit.outline) for row in rows if row.text or row.result is not None}
    return deliver(run, works)


def asked_by_facts_alone(before: Run, rows: Sequence[SectionRow]) -> list[SectionRow]:
    """The rows without what their writer asked for where the facts of `before` lacked it too.

    Under other facts it would look like a question that the facts do not know of, and be asked for ever.
    """
    return [_unasked(row, {a.point.id for a in _answers(before, row) if a.missing}) for row in rows]


def _answers(run: Run, row: SectionRow) -> Sequence[Answer]:
    return run.book.answers(run.kit.outline.sections_by_id[row.section])


def _unasked(row: SectionRow, lacking: set[str]) -> SectionRow:
    if row.result is None or row.result.draft is None:
        return row
    draft = row.result.draft
    kept = tuple(g for g in draft.gaps if g.point not in lacking)
    result = row.result.model_copy(update={"draft": draft.model_copy(update={"gaps": kept})})
    return row.model_copy(update={"result": result})


async def store_checked(
    session: AsyncSession, plan_id: str, checked: Plan, run: Run, rows: Sequence[SectionRow]
) -> None:
    """Writes what `rechecked` found: results, statuses of sections that nobody is at, the plan's own findings.

    `rows`: the sections as they were read for it. The caller holds the plan's row, and has seen that their versions are
    the same still, but for one that it has added itself.
    """
    now = await sections.standing(session, plan_id)
    before = {row.section: row for row in rows}
    for result in checked.sections:
        revision, stands = now[result.id]
        status = stands if stands in AT_WORK else result.status
        row = before[result.id]
        if row.result != result or stands != status or row.revision != revision:
            await sections.set_result(session, plan_id, result.id, status, result)
    written = await sections.written_at(session, plan_id)
    await plans.set_findings(session, plan_id, checked.findings, bool(stale(run.kit.outline, written)))


def stale(outline: Outline, written: Mapping[str, datetime]) -> tuple[str, ...]:
    """Sections of the summary that are older than a section that they are drawn from."""
    body = [s.id for s in outline.sections if not s.summary and not s.checklist]
    return tuple(
        s.id
        for s in outline.sections
        if s.summary
        and s.id in written
        and any(written[i] > written[s.id] for i in (s.summarises or body) if i in written)
    )


def given_up(row: SectionRow) -> SectionStatus:
    """Where a section stands when its drafting is given up: as its text was, or cancelled where it has none."""
    if not row.text or row.result is None:
        return SectionStatus.CANCELLED
    return SectionStatus.EDITED if row.result.status is SectionStatus.EDITED else row.result.status


def same_versions(rows: Sequence[SectionRow], now: Mapping[str, tuple[int, SectionStatus]]) -> bool:
    """Whether the sections have the texts that they had when the rows were read."""
    return {row.section: row.revision for row in rows} == {section: revision for section, (revision, _) in now.items()}
