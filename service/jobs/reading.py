"""What is shown of a plan: each of these reads in one transaction, so that the parts belong to one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.plan import Attempt, Plan, PlanRequest, PlanStatus, SectionResult, SectionStatus
from schemas.stored import PlanRow, Revision, SectionRow, Spending, StoredEvent
from service.jobs.recheck import stale
from service.prompt.outlines import load_outline
from service.store import Database, events, plans, replies, sections


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
    """The plan, and every call of a writer that the versions of its sections came from. UnknownPlanError."""
    async with database.reading() as session:
        plan = await plans.get(session, plan_id, owner)
        request = await plans.request(session, plan_id)
        rows = await sections.all_of(session, plan_id)
        versions = await sections.all_revisions(session, plan_id)
    mine = {row.section: [v for v in versions if v.section == row.section] for row in rows}
    return plan_of(plan, request, rows), {row.section: attempts_of(row, mine[row.section]) for row in rows}


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


def attempts_of(row: SectionRow, versions: Sequence[Revision]) -> tuple[Attempt, ...]:
    """Every call of a writer that any version of the section came from, in order and each once."""
    found: list[Attempt] = []
    before: tuple[Attempt, ...] = ()
    for version in versions:
        if version.kind not in ("edit", "restore"):
            found += _added(before, version.result.attempts)
            before = version.result.attempts
    restored = any(v.result.attempts == (row.result.attempts if row.result else ()) for v in versions)
    if row.result is not None and not restored:  # calls that changed nothing, or gave no draft
        found += _added(before, row.result.attempts)
    return tuple(found)


def _added(before: tuple[Attempt, ...], now: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """What a job that continues another one, and keeps its attempts, has added to them."""
    return now[len(before) :] if now[: len(before)] == before else now
