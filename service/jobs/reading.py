"""What is shown of a plan: each of these reads in one transaction, so that the parts belong to one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.job import WorkState
from schemas.plan import Attempt, Plan, PlanRequest, PlanStatus, SectionResult, SectionStatus
from schemas.stored import JobState, PlanRow, SectionRow, Spending, StoredEvent
from service.jobs.recheck import stale
from service.prompt.outlines import load_outline
from service.store import Database, events, jobs, plans, replies, sections


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan as it stands."""

    plan: PlanRow
    sections: Sequence[SectionRow]
    written: Mapping[str, datetime]
    """When the text of each section was written; those without one are left out."""
    spending: Spending
    message: str | None
    """Why the plan failed as a whole."""

    @property
    def stale(self) -> tuple[str, ...]:
        """Sections of the summary that are older than what they are drawn from."""
        return stale(load_outline(self.plan.outline), self.written) if self.plan.summary_stale else ()


async def seen(database: Database, plan_id: str, owner: str | None) -> Seen:
    """The plan with everything that its page tells. UnknownPlanError."""
    async with database.reading() as session:
        plan = await plans.get(session, plan_id, owner)
        end = await events.last_end(session, plan_id) if plan.status is PlanStatus.FAILED else None
        return Seen(
            plan,
            await sections.all_of(session, plan_id),
            await sections.written_at(session, plan_id),
            await replies.spending(session, plan_id),
            end.event.text if end else None,
        )


async def page(
    database: Database, owner: str | None, cursor: str | None, limit: int, search: str | None
) -> tuple[list[tuple[PlanRow, Mapping[SectionStatus, int]]], str | None]:
    """Plans, newest first, with the number of their sections by status; and the cursor of the next page."""
    async with database.reading() as session:
        rows, more = await plans.listed(session, owner, cursor, limit, search)
        progress = await sections.progress(session, [row.id for row in rows])
    return [(row, progress[row.id]) for row in rows], more


async def happened(database: Database, plan_id: str, seq: int) -> tuple[PlanRow, list[StoredEvent]]:
    """The plan, deleted or not, and what happened to it after event `seq`. UnknownPlanError when it is purged."""
    async with database.reading() as session:
        return await plans.get(session, plan_id, deleted=True), await events.after(session, plan_id, seq)


async def calls(database: Database, plan_id: str, owner: str | None) -> tuple[Plan, Mapping[str, tuple[Attempt, ...]]]:
    """The plan, and every call of a writer for each of its sections, kept or not. UnknownPlanError."""
    async with database.reading() as session:
        plan = await plans.get(session, plan_id, owner)
        request = await plans.request(session, plan_id)
        rows = await sections.all_of(session, plan_id)
        states = await jobs.of_sections(session, plan_id)
    ended = [(state, WorkState.model_validate(state.state)) for state in states]
    mine = {row.section: attempts_of([(s, w) for s, w in ended if w.section == row.section]) for row in rows}
    return plan_of(plan, request, rows), mine


async def calls_of(database: Database, plan_id: str, row: SectionRow) -> tuple[Attempt, ...]:
    """Every call of a writer for this section, up to the version that it has."""
    async with database.reading() as session:
        states = await jobs.of_sections(session, plan_id, row.section)
    ended = ((state, WorkState.model_validate(state.state)) for state in states)
    return attempts_of([(state, work) for state, work in ended if work.revision <= row.revision])


def plan_of(row: PlanRow, request: PlanRequest, rows: Sequence[SectionRow]) -> Plan:
    """The stored plan as everything that renders plans knows it."""
    return Plan(
        title=row.title,
        status=row.status,
        sheet=request.sheet,
        options=request.options,
        writer=row.writer,
        sections=tuple(map(result_of, rows)),
        findings=row.findings,
    )


def result_of(row: SectionRow) -> SectionResult:
    """The section as it stands; empty where nothing is known of it yet."""
    result = row.result or SectionResult(id=row.section, title=row.title, status=row.status)
    return result.model_copy(update={"status": row.status, "text": row.text})


def attempts_of(ended: Sequence[tuple[JobState, WorkState]]) -> tuple[Attempt, ...]:
    """Every call of a writer that the jobs on one section made, oldest first and each once; `ended` in that order.

    The jobs and not the versions are asked: a call that changed nothing, or gave no draft, left no version.
    """
    found: list[Attempt] = []
    continued: list[tuple[Attempt, ...]] = []
    for state, work in ended:
        if state.key.startswith("redraft-"):  # begins anew; other jobs keep the attempts that they continue
            found += work.attempts
            continue
        begun = max((a for a in continued if work.attempts[: len(a)] == a), key=len, default=())
        found += work.attempts[len(begun) :]
        if jobs.ASIDE not in state.key:  # one that was done again is continued by none
            continued.append(work.attempts)
    return tuple(found)
