"""What may be asked of a plan: made, cancelled, taken up again, deleted; its sections edited, redrafted, restored.

Everything here is one transaction, written before anything is begun: what a crash leaves between the two, `Upkeep`
begins. Texts of sections change in their own section only; what the change means for the others is found by checking.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.facts import FactSheet
from schemas.finding import Severity
from schemas.job import Decision, Job
from schemas.plan import Event, Plan, PlanRequest, PlanStatus, SectionResult, SectionStatus
from schemas.stored import PlanRow, Revision, RevisionKind, SectionRow
from service.drafting import Run, Work
from service.errors import EditConflictError, Fault, InputError, PlanBusyError
from service.jobs.endings import queue_again
from service.jobs.engine import Engine
from service.jobs.log import told
from service.jobs.names import decision_key, job_key, over_key
from service.jobs.recheck import (
    asked_by_facts_alone,
    given_up,
    rechecked,
    same_versions,
    store_checked,
    work_of,
)
from service.jobs.workshop import KitFor, Workshop
from service.pipeline import deliver, wanted_sections
from service.prompt.outlines import load_outline, outline_ids
from service.store import Database, audit, events, jobs, outlines, plans, sections

MOST_CHARACTERS = 50_000
"""Of one section's text: several times the longest plan's longest section."""
_OVER = (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW, PlanStatus.FAILED, PlanStatus.CANCELLED)


Hand = Callable[[Coroutine[object, object, None]], object]
"""Has the engine do something, on the loop that it runs on, without waiting for it: the store says what is to be done,
and what is lost on the way the next round of upkeep does."""


@dataclass(frozen=True, slots=True)
class NewFacts:
    """What other facts mean for the sections that have a text; the writer is asked for none of them by itself."""

    answered: tuple[str, ...]
    """Something that they lacked is known now."""
    disagreeing: tuple[str, ...]
    """They say something that the facts do not bear out any more."""

    @classmethod
    def of(cls, rows: Sequence[SectionRow], checked: Plan) -> NewFacts:
        """Compares the sections as they were with what the checks say now."""
        after = {result.id: result for result in checked.sections}
        known = [(row, row.result, after[row.section]) for row in rows if row.text and row.result]
        return cls(
            tuple(row.section for row, old, new in known if set(old.gaps) - set(new.gaps)),
            tuple(row.section for row, old, new in known if _errors(new) - _errors(old)),
        )


def _errors(result: SectionResult) -> set[tuple[int, str]]:
    return {(f.start, f.message) for f in result.findings if f.severity is Severity.ERROR}


class Plans:
    """The operations on plans. Each takes `owner`, whose plans alone it sees; None sees all.

    Raises UnknownPlanError, UnknownSectionError, UnknownVersionError, PlanBusyError, EditConflictError,
    IdempotencyConflictError, InputError and StoreError.
    """

    def __init__(self, database: Database, checker: KitFor, engine: Engine, hand: Hand) -> None:
        """`checker` puts together what checks need; its writer is never asked. `hand`: see Hand."""
        self.database = database
        self._hand = hand
        self._desk = Workshop(database, checker)
        self._engine = engine

    async def create(
        self, request: PlanRequest, owner: str, writer: str, model: str | None, idempotency_key: str | None = None
    ) -> PlanRow:
        """A queued plan. The same key and request give the plan that was made; UnknownSectionError."""
        outline = load_outline(request.sheet.outline)
        wanted = [outline.sections_by_id[i] for i in wanted_sections(outline, request.options)]
        if not wanted:
            raise InputError("sections 为空，没有要起草的节；省略它则起草全部各节")
        async with self.database.writing() as session:
            if outline.id not in outline_ids():
                await outlines.hold(session, outline.id)
            plan = await plans.create(
                session,
                owner=owner,
                title=outline.document_title.format(subject=request.sheet.subject.name),
                request=request,
                request_hash=request_hash(request),
                writer=writer,
                model=model,
                sections=[(s.id, s.title) for s in wanted],
                idempotency_key=idempotency_key,
            )
            if plan.last_event == 0:
                begun = Event(event="plan", status=PlanStatus.QUEUED)
                await events.append(session, plan.id, [(f"{plan.run}:queued", begun)])
                await audit.record(session, owner, "create", plan.id)
        if plan.status is PlanStatus.QUEUED:
            self._hand(self._engine.begin(plan.id, plan.run))
        return plan

    async def cancel(self, plan_id: str, owner: str | None, who: str) -> PlanRow:
        """No further call is made; what is drafted stays. A plan that has ended stays as it is."""
        async with self.database.writing() as session:
            plan = await plans.lock(session, plan_id, owner)
            if plan.status in _OVER:
                return plan
            await self._stopped(session, plan)
            await audit.record(session, who, "cancel", plan_id)
        self._hand(self._cancelled(plan))
        return await self.get(plan_id, owner)

    async def resume(self, plan_id: str, owner: str | None, who: str) -> PlanRow:
        """Drafts what is missing: sections that failed, were cancelled or never begun. What is drafted stays."""
        async with self.database.writing() as session:
            plan = await plans.lock(session, plan_id, owner)
            if plan.status not in _OVER:
                return plan
            run = await queue_again(session, plan_id, (SectionStatus.FAILED, SectionStatus.CANCELLED))
            await audit.record(session, who, "resume", plan_id)
        self._hand(self._engine.begin(plan_id, run))
        return await self.get(plan_id, owner)

    async def delete(self, plan_id: str, owner: str | None, who: str) -> None:
        """Cancels and hides it; `undelete` brings it back until it is purged."""
        async with self.database.writing() as session:
            plan = await plans.lock(session, plan_id, owner)
            if plan.status not in _OVER:
                await self._stopped(session, plan)
            await plans.delete(session, plan_id, owner)
            await audit.record(session, who, "delete", plan_id)
        self._hand(self._cancelled(plan))

    async def undelete(self, plan_id: str, owner: str | None, who: str) -> PlanRow:
        """Brings a deleted plan back."""
        async with self.database.writing() as session:
            await plans.undelete(session, plan_id, owner)
            await audit.record(session, who, "undelete", plan_id)
        return await self.get(plan_id, owner)

    async def get(self, plan_id: str, owner: str | None) -> PlanRow:
        """The plan."""
        async with self.database.reading() as session:
            return await plans.get(session, plan_id, owner)

    async def whole(self, plan_id: str, owner: str | None) -> tuple[PlanRow, PlanRequest, list[SectionRow]]:
        """The plan with its request and sections, as they stood at one moment."""
        async with self.database.reading() as session:
            plan = await plans.get(session, plan_id, owner)
            return plan, await plans.request(session, plan_id), await sections.all_of(session, plan_id)

    async def section(
        self, plan_id: str, section: str, owner: str | None
    ) -> tuple[PlanRow, SectionRow, list[Revision]]:
        """A section with all its versions."""
        async with self.database.reading() as session:
            plan = await plans.get(session, plan_id, owner)
            row = await sections.get(session, plan_id, section)
            return plan, row, await sections.revisions(session, plan_id, section)

    async def edit(
        self, plan_id: str, section: str, owner: str | None, who: str, expected: int, text: str
    ) -> SectionRow:
        """A person's text: checked, never rewritten. EditConflictError when `expected` is not the version there is."""
        if len(text) > MOST_CHARACTERS:
            raise InputError(f"本节文字有{len(text)}个字符，超过{MOST_CHARACTERS}个，请删减后再保存")
        return await self._replaced(plan_id, section, owner, who, expected, kind="edit", text=text)

    async def restore(
        self, plan_id: str, section: str, owner: str | None, who: str, version: int, expected: int | None = None
    ) -> SectionRow:
        """Makes an earlier version the newest. UnknownVersionError."""
        async with self.database.reading() as session:
            await plans.get(session, plan_id, owner)
            old = await sections.revision(session, plan_id, section, version)
        return await self._replaced(plan_id, section, owner, who, expected, kind="restore", text=old.text, old=old)

    async def redraft(
        self, plan_id: str, section: str, owner: str | None, who: str, instruction: str | None
    ) -> PlanRow:
        """Has the section written again from the text that stands; all others stay as they are."""
        async with self.database.writing() as session:
            plan = await plans.lock(session, plan_id, owner)
            row = await sections.get(session, plan_id, section)
            _free(plan, row.title, row.status)
            run = await self._between_runs(session, plan)
            texts = {r.section: r.text for r in await sections.all_of(session, plan_id) if r.text}
            # The number of the last event has never been the number of another redraft.
            name = f"redraft-{section}-{plan.last_event}"
            job = Job(kind="redraft", section=section, number=plan.last_event, decision=name, instruction=instruction)
            given = Decision(sections=(section,), texts=texts)
            for key, state in ((decision_key(name), given), (job_key(job), job)):
                await jobs.put_state(session, plan_id, key, run=run, failed=False, state=state.model_dump(mode="json"))
            await sections.set_status(session, plan_id, section, SectionStatus.DRAFTING)
            await plans.set_status(session, plan_id, PlanStatus.DRAFTING)
            begun = Event(event="section", section=section, status=SectionStatus.DRAFTING)
            await events.append(session, plan_id, [(f"{run}:{job.key}:begin", begun)])
            await audit.record(session, who, "redraft", plan_id, section)
        self._hand(self._engine.redraft(plan.owner, plan_id, run, job))
        return await self.get(plan_id, owner)

    async def update_facts(
        self,
        plan_id: str,
        owner: str | None,
        who: str,
        change: Callable[[FactSheet], FactSheet],
        expected: str | None = None,
    ) -> NewFacts:
        """Other facts for the plan: all texts stay, and are checked against them.

        `change` makes the new sheet from the one there is, and may be asked again where that was changed meanwhile;
        `expected`: hash of the request that the caller has read. EditConflictError, PlanBusyError while it is drafted.
        """
        while True:
            plan, request, rows = await self.whole(plan_id, owner)
            if expected is not None and plan.request_hash != expected:
                raise EditConflictError("事实表已被他人修改，未保存；请重新读取后再修改")
            sheet = await asyncio.to_thread(change, request.sheet)
            if sheet.outline != plan.outline:
                told = f"本方案按编制要点 {plan.outline} 起草，不能改用 {sheet.outline}；请另建方案"
                raise InputError(told, [Fault("/outline", told)])
            wanted = request.model_copy(update={"sheet": sheet})
            before = await self._desk.run_of(plan_id)
            shared = Run(wanted, before.kit)
            asked = await asyncio.to_thread(asked_by_facts_alone, before, rows)
            checked = await asyncio.to_thread(rechecked, shared, asked)
            async with self.database.writing() as session:
                plan = await plans.lock(session, plan_id, owner)
                if plan.status in (PlanStatus.QUEUED, PlanStatus.DRAFTING):
                    raise PlanBusyError("方案正在起草，请等它完成后再更改事实，或先取消起草")
                now = await sections.standing(session, plan_id)
                if plan.request_hash != request_hash(request) or not same_versions(rows, now):
                    continue
                await plans.set_request(session, plan_id, wanted, request_hash(wanted), checked.title)
                await store_checked(session, plan_id, checked, shared, rows)
                if plan.status is not PlanStatus.CANCELLED:
                    await plans.set_status(session, plan_id, checked.status)
                await audit.record(session, who, "facts", plan_id)
            return NewFacts.of(rows, checked)

    # --- inside -------------------------------------------------------------------------------------------------

    async def _between_runs(self, session: AsyncSession, plan: PlanRow) -> int:
        """The run that a redraft belongs to. PlanBusyError while the whole plan is being drafted."""
        if plan.status is PlanStatus.CANCELLED:  # what is left of the cancelled run must not wake up
            run = await plans.next_run(session, plan.id)
            await jobs.put_state(session, plan.id, over_key(run), run=run, failed=False, state=None)
            return run
        if await jobs.get_state(session, plan.id, over_key(plan.run)) is None:
            raise PlanBusyError("全文起草尚未结束，请等它完成后再重写，或先取消起草")
        return plan.run

    async def _cancelled(self, plan: PlanRow) -> None:
        await self._engine.cancel(plan.id, plan.run)
        await self._engine.begin_next(plan.owner)

    async def _stopped(self, session: AsyncSession, plan: PlanRow) -> None:
        for row in await sections.all_of(session, plan.id):
            if row.status in (SectionStatus.PENDING, SectionStatus.DRAFTING):
                await sections.set_status(session, plan.id, row.section, given_up(row))
        await plans.set_status(session, plan.id, PlanStatus.CANCELLED)
        end = Event(event="end", status=PlanStatus.CANCELLED)
        await events.append(session, plan.id, [(f"{plan.run}:cancelled", end)])

    async def _replaced(
        self,
        plan_id: str,
        section: str,
        owner: str | None,
        who: str,
        expected: int | None,
        *,
        kind: RevisionKind,
        text: str,
        old: Revision | None = None,
    ) -> SectionRow:
        """A new version by a person, and the whole plan checked with it before it is stored."""
        shared = await self._desk.run_of(plan_id)
        while True:
            async with self.database.reading() as session:
                await plans.get(session, plan_id, owner)
                rows = await sections.all_of(session, plan_id)
                seen = await sections.get(session, plan_id, section)
            if expected is not None and seen.revision != expected:
                raise _outdated(seen.revision, expected)
            result = await asyncio.to_thread(_checked, shared, seen, text, old)
            after = [
                row.model_copy(update={"text": text, "result": result, "status": result.status})
                if row.section == section
                else row
                for row in rows
            ]
            checked = await asyncio.to_thread(rechecked, shared, after)
            async with self.database.writing() as session:
                plan = await plans.lock(session, plan_id, owner)
                now = await sections.standing(session, plan_id)
                revision, status = now[section]
                _free(plan, seen.title, status)
                if not same_versions(rows, now):
                    if expected is None or revision == expected:
                        continue  # another section has changed meanwhile: the checks look again
                    raise _outdated(revision, expected)
                mine = next(r for r in checked.sections if r.id == section)
                why = f"恢复第{old.number}版" if old else None
                await _put_in(session, seen, mine, kind=kind, who=who, why=why, text=text)
                await store_checked(session, plan_id, checked, shared, rows)
                if plan.status not in (PlanStatus.QUEUED, PlanStatus.DRAFTING, PlanStatus.CANCELLED):
                    await plans.set_status(session, plan_id, checked.status)
                return await sections.get(session, plan_id, section)


async def _put_in(
    session: AsyncSession,
    seen: SectionRow,
    result: SectionResult,
    *,
    kind: RevisionKind,
    who: str,
    why: str | None,
    text: str,
) -> None:
    """The version after the one that was seen, told and written down who made it."""
    plan_id, section = seen.plan_id, seen.section
    added = await sections.add_revision(
        session,
        plan_id,
        section,
        seen.revision,
        kind=kind,
        who=who,
        why=why,
        text=text,
        result=result,
        status=result.status,
    )
    await events.append(session, plan_id, told(f"{kind}:{section}:{added.number}", result, result.status))
    await audit.record(session, who, kind, plan_id, section, {"version": added.number})


def _checked(shared: Run, row: SectionRow, text: str, old: Revision | None) -> SectionResult:
    """The section's result with this text: a person's, or an earlier version of the writer's."""
    outline = shared.kit.outline
    if old is not None:
        work = work_of(row.model_copy(update={"text": old.text, "result": old.result}), outline)
    else:
        work = Work(outline.sections_by_id[row.section], edited=text)
    return deliver(shared, {row.section: work}).sections[0]


def _free(plan: PlanRow, title: str, status: SectionStatus) -> None:
    """PlanBusyError while the writer is at the section, or is about to be."""
    at_work = plan.status in (PlanStatus.QUEUED, PlanStatus.DRAFTING)
    if status is SectionStatus.DRAFTING or (status is SectionStatus.PENDING and at_work):
        raise PlanBusyError(f"“{title}”正在起草，请等它完成后再操作，或先取消起草")


def _outdated(current: int, expected: int) -> EditConflictError:
    message = f"本节已有更新的版本（第{current}版，您所见为第{expected}版），未保存；请重新读取后再修改"
    return EditConflictError(message, version=current)


def request_hash(request: PlanRequest) -> str:
    """What makes two requests the same."""
    data = json.dumps(request.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    return "sha256:" + hashlib.sha256(data.encode()).hexdigest()
