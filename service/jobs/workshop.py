"""Where jobs are done: the plan's request and earlier results out of the database, the job, its result back into it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.draft import Reply
from schemas.job import Decision, Job, WorkState
from schemas.outline import Outline
from schemas.plan import Event, PlanOptions, PlanStatus, SectionResult, SectionStatus
from schemas.stored import JobState, PlanRow, RevisionKind, SectionRow
from service.drafting import Kit, Run, Work
from service.errors import PlanCancelledError
from service.jobs.log import EventLog, begun
from service.jobs.names import decision_key, over_key
from service.jobs.passing import unnoticed
from service.jobs.purse import Account, Purse
from service.jobs.recheck import as_it_stands, rechecked, same_versions, store_checked, work_of
from service.jobs.till import Till, until_stored
from service.pipeline import deliver
from service.prompt.outlines import load_outline
from service.repair.budget import Budget
from service.store import Database, events, jobs, keys, plans, replies, sections

KitFor = Callable[[Outline, PlanOptions], Kit]
"""Puts together what a run needs; raises UnknownExemplarError and NotConfiguredError."""
_READY = 64
"""Plans whose ledger, brief and prompts are kept in memory."""
_AT_HAND = 1000
"""Sections that are kept in memory from their job to the plan's next step."""
_KINDS: Mapping[str, RevisionKind] = {
    "section": "draft",
    "summary": "draft",
    "rework": "agree",
    "condense": "condense",
    "redraft": "redraft",
}


class SpentTokens(Budget):
    """The plan's budget, counted where replies are bought: one that comes from the ledger costs nothing again."""

    def charge(self, usage: object) -> None:
        """Nothing: see `bought`."""

    def bought(self, reply: Reply) -> None:
        """Adds what a new reply cost."""
        super().charge(reply.usage)


@dataclass(slots=True)
class _Ready:
    run: Run
    budget: SpentTokens


@dataclass(frozen=True, slots=True)
class _Found:
    """What a job starts from."""

    row: SectionRow
    before: WorkState | None
    """What the job that this one continues came to."""
    given: Decision
    failed: bool
    """An earlier run has tried."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """One job being done."""

    plan_id: str
    run: int
    job: Job
    shared: Run
    work: Work
    base: int
    """Version of the section that the job starts from; a section that has another by now is left alone."""
    log: EventLog


class Workshop:
    """Does the jobs of all plans that this process works on; every method may be called again after a crash."""

    def __init__(self, database: Database, kit_for: KitFor, till: Till | None = None) -> None:
        """Without a till no jobs are done: what is wanted then is `run_of`."""
        self.database = database
        self.passing = till.passing if till else unnoticed
        self._till = till
        self._kit_for = kit_for
        self._ready: OrderedDict[str, _Ready] = OrderedDict()
        self._announced: dict[tuple[str, int, str], _Found] = {}
        self._done: OrderedDict[tuple[str, str], tuple[int, Work]] = OrderedDict()
        """Version and work of jobs done here, so that they need not be read back at once."""

    async def run_of(self, plan_id: str) -> Run:
        """What the plan's sections share. Raises NotConfiguredError and the like where it cannot be put together."""
        return (await self._ready_for(plan_id)).run

    async def admit(self, plan_id: str, run: int, at_once: int) -> PlanRow | None:
        """The plan, marked as being drafted, when its owner has fewer than `at_once` of those; None when it waits.

        A key that has a number of its own goes by that. None too for one that is not to be drafted (any more).
        """
        async with self.database.writing() as session:
            plan = await plans.get(session, plan_id, deleted=True)
            others = await plans.held_at_work(session, plan.owner)  # two that begin at once see each other
            plan = await plans.get(session, plan_id, deleted=True)
            if plan.run != run or plan.status not in plans.AT_WORK or plan.deleted_at is not None:
                return None
            if plan.status is PlanStatus.QUEUED:
                at_once = await keys.plans_at_once(session, plan.owner) or at_once
                if sum(p.status is PlanStatus.DRAFTING for p in others) >= at_once:
                    return None
                await plans.set_status(session, plan_id, PlanStatus.DRAFTING)
                drafting = Event(event="plan", status=PlanStatus.DRAFTING)
                await events.append(session, plan_id, [(f"{run}:drafting", drafting)])
            return plan

    async def queued(self, owner: str) -> list[PlanRow]:
        """This owner's plans that wait, oldest first."""
        async with self.database.reading() as session:
            return [p for p in await plans.unfinished(session) if p.owner == owner and p.status is PlanStatus.QUEUED]

    async def begin(self, plan_id: str, run: int) -> bool:
        """False for a run that was cancelled or overtaken."""

        async def look() -> bool:
            async with self.database.reading() as session:
                return wanted(await plans.get(session, plan_id, deleted=True), run)

        return await until_stored(look)

    async def announce(self, plan_id: str, run: int, asked: Sequence[Job]) -> None:
        """Says of all first drafts at once that they are being made, and looks up what they start from.

        What is done here in one transaction `do` would do in two of its own for each; it still does after a crash, and
        in another process.
        """

        async def say() -> None:
            async with self.database.writing() as session:
                if not wanted(await plans.lock(session, plan_id, deleted=True), run):
                    return
                known = {s.key for s in await jobs.states(session, plan_id)} if run > 1 else set()
                rows = {row.section: row for row in await sections.all_of(session, plan_id)}
                fresh = [
                    job
                    for job in asked
                    if job.kind in ("section", "summary")
                    and job.key not in known
                    and rows[job.section].revision == 0
                    and rows[job.section].status is SectionStatus.PENDING
                ]
                given = {name: await self._decision(session, plan_id, name) for name in {j.decision for j in fresh}}
                await sections.set_statuses(session, plan_id, [j.section for j in fresh], SectionStatus.DRAFTING)
                await events.append(session, plan_id, [begun(f"{run}:{j.key}", j.section) for j in fresh])
                for job in fresh:
                    found = _Found(row=rows[job.section], before=None, given=given[job.decision], failed=False)
                    self._announced[plan_id, run, job.key] = found

        await until_stored(say)

    async def do(self, plan_id: str, run: int, job: Job) -> None:
        """Does the job and stores what it came to: all of it or nothing. Done before: nothing to do."""
        announced = self._announced.pop((plan_id, run, job.key), None)
        found = announced or await until_stored(lambda: self._looked_up(plan_id, run, job))
        if found is None:
            return
        ready = await self._ready_for(plan_id)
        section = ready.run.kit.outline.sections_by_id[job.section]
        work = Work.of(section, found.before) if found.before else Work(section)
        base = found.before.revision if found.before else 0  # a first draft never replaces a text that is there
        if job.kind == "redraft":
            base = found.row.revision
            work.base = work_of(found.row, ready.run.kit.outline).standing
        log = EventLog(self.database, plan_id, f"{run}:{job.key}")
        bench = _Bench(plan_id, run, job, ready.run, work, base, log)
        if announced is not None or await until_stored(lambda: self._begun(bench)):
            account = Account(plan_id, job.section, job.key, base, run if found.failed else 0)
            writer = ready.run.kit.writer
            assert self._till is not None
            purse = Purse(writer, account, self.database, self._till, ready.budget.bought)
            await ready.run.perform(job, work, found.given, log.emit, purse)
            await log.flush()
            self.passing("job done")
        await until_stored(lambda: self._store(bench))
        self.passing("job stored")

    async def decide(self, plan_id: str, run: int, name: str, make: Callable[[], Decision]) -> Decision:
        """The recorded decision of that name; made and recorded where there is none.

        PlanCancelledError for a run not wanted any more: it knows half of the sections, and the next would follow it.
        """
        known = await until_stored(lambda: self._state(plan_id, decision_key(name)))
        if known is not None:
            return Decision.model_validate(known.state)
        made = make().model_dump(mode="json")

        async def keep() -> JobState:
            async with self.database.writing() as session:
                if not wanted(await plans.lock(session, plan_id, deleted=True), run):
                    raise PlanCancelledError("方案已取消，未继续起草")
                return await jobs.put_state(session, plan_id, decision_key(name), run=run, failed=False, state=made)

        kept = await until_stored(keep)
        self.passing("decided")
        return Decision.model_validate(kept.state)

    async def works(self, plan_id: str, asked: list[Job]) -> dict[str, Work]:
        """What the jobs came to, by section; the text that stands where it was edited or redrafted meanwhile."""
        outline = (await self.run_of(plan_id)).kit.outline

        async def look() -> dict[str, Work]:
            async with self.database.reading() as session:
                now = await sections.standing(session, plan_id)
                found = {job.section: self._done.get((plan_id, job.key)) for job in asked}
                at_hand = {i: kept[1] for i, kept in found.items() if kept and kept[0] == now[i][0]}
                rest = [job for job in asked if job.section not in at_hand]
                rows = {r.section: r for r in await sections.all_of(session, plan_id)} if rest else {}
                read = {job.section: await jobs.get_state(session, plan_id, job.key) for job in rest}
            made = {i: as_it_stands(outline, rows[i], state) for i, state in read.items()}
            return {job.section: at_hand.get(job.section) or made[job.section] for job in asked}

        return await until_stored(look)

    async def settled(self, plan_id: str, run: int) -> set[str]:
        """Keys of the jobs that an earlier run has done: they need no looking at again."""
        if run == 1:
            return set()

        async def look() -> list[JobState]:
            async with self.database.reading() as session:
                return await jobs.states(session, plan_id)

        return {s.key for s in await until_stored(look) if s.run < run and not s.failed}

    async def finish(self, plan_id: str, run: int, cause: str) -> None:
        """Checks the whole plan as it stands, stores what was found, and says that the drafting has ended.

        `cause` names what has ended, so that its end is told once.
        """
        ready = await self._ready_for(plan_id)
        while not await until_stored(lambda: self._finished(plan_id, run, cause, ready.run)):
            pass  # a section was changed while the checks ran: they look again
        self.passing("plan finished")

    async def is_over(self, plan_id: str, run: int) -> bool:
        """Whether this run of the whole plan has ended, or never was: then what is at work is a redraft."""
        return await until_stored(lambda: self._state(plan_id, over_key(run))) is not None

    async def done(self, plan_id: str, run: int, job: Job) -> bool:
        """Whether the job has a result, or is not wanted any more."""
        return await until_stored(lambda: self._looked_up(plan_id, run, job)) is None

    @property
    def closing(self) -> bool:
        """Whether the process ends: what breaks off now goes on in the next one."""
        return self._till is not None and self._till.closed

    # --- inside -------------------------------------------------------------------------------------------------

    async def _looked_up(self, plan_id: str, run: int, job: Job) -> _Found | None:
        """What the job starts from; None when it is done, or not wanted (any more)."""
        async with self.database.reading() as session:
            plan = await plans.get(session, plan_id, deleted=True)
            known = await jobs.get_state(session, plan_id, job.key)
            if not wanted(plan, run) or (known is not None and not (known.failed and known.run < run)):
                return None
            before = await jobs.get_state(session, plan_id, job.after) if job.after else None
            return _Found(
                row=await sections.get(session, plan_id, job.section),
                before=WorkState.model_validate(before.state) if before else None,
                given=await self._decision(session, plan_id, job.decision),
                failed=known is not None,
            )

    async def _state(self, plan_id: str, key: str) -> JobState | None:
        async with self.database.reading() as session:
            return await jobs.get_state(session, plan_id, key)

    async def _ready_for(self, plan_id: str) -> _Ready:
        return await until_stored(lambda: self._made_ready(plan_id))

    async def _made_ready(self, plan_id: str) -> _Ready:
        async with self.database.reading() as session:
            plan = await plans.get(session, plan_id, deleted=True)
            key = f"{plan_id}:{plan.request_hash}"
            if key not in self._ready:
                request = await plans.request(session, plan_id)
                kit = self._kit_for(load_outline(plan.outline), request.options)
                budget = SpentTokens(kit.token_budget)
                self._ready[key] = _Ready(Run(request, kit, budget), budget)
            found = self._ready[key]
            if found.budget.maximum is not None:
                found.budget.spent = max(found.budget.spent, await replies.spent(session, plan_id))
        self._ready.move_to_end(key)
        while len(self._ready) > _READY:
            self._ready.popitem(last=False)
        return found

    async def _decision(self, session: AsyncSession, plan_id: str, name: str | None) -> Decision:
        state = await jobs.get_state(session, plan_id, decision_key(name)) if name else None
        return Decision.model_validate(state.state) if state else Decision()

    async def _begun(self, bench: _Bench) -> bool:
        """Says that the section is being drafted; False where there is nothing to do on it (any more)."""
        section = bench.job.section
        async with self.database.writing() as session:
            plan = await plans.lock(session, bench.plan_id, deleted=True)
            row = await sections.get(session, bench.plan_id, section)
            if not wanted(plan, bench.run) or row.revision != bench.base:
                return False
            await sections.set_status(session, bench.plan_id, section, SectionStatus.DRAFTING)
            await bench.log.begun(session, section)
            return True

    async def _store(self, bench: _Bench) -> None:
        """State, version, status and events in one transaction; nothing where the run was cancelled or overtaken."""
        job, work = bench.job, bench.work
        result = deliver(bench.shared, {job.section: work}).sections[0]
        async with self.database.writing() as session:
            plan = await plans.lock(session, bench.plan_id, deleted=True)
            if not wanted(plan, bench.run):
                return
            row = await sections.get(session, bench.plan_id, job.section)
            revision = bench.base
            if row.revision == bench.base:  # else a person was here meanwhile, and their text stays
                revision, status = await _kept(session, plan, row, bench, result)
                await bench.log.ended(session, result, status)
            state = work.state.model_copy(update={"revision": revision}).model_dump(mode="json")
            failed = work.failure is not None
            await jobs.put_state(
                session, bench.plan_id, job.key, run=bench.run, failed=failed, state=state, read_back=False
            )
        self._done[bench.plan_id, job.key] = (revision, work)
        while len(self._done) > _AT_HAND:
            self._done.popitem(last=False)

    async def _finished(self, plan_id: str, run: int, cause: str, shared: Run) -> bool:
        async with self.database.reading() as session:
            rows = await sections.all_of(session, plan_id)
        checked = rechecked(shared, rows)
        async with self.database.writing() as session:
            plan = await plans.lock(session, plan_id, deleted=True)
            if not wanted(plan, run):
                return True
            now = await sections.standing(session, plan_id)
            if not same_versions(rows, now):
                return False
            await store_checked(session, plan_id, checked, shared, rows)
            await jobs.put_state(session, plan_id, over_key(run), run=run, failed=False, state=None)
            if any(status is SectionStatus.DRAFTING for _, status in now.values()):
                return True  # who is still at a section will end it
            await plans.set_status(session, plan_id, checked.status)
            await events.append(session, plan_id, [(f"{cause}:end", Event(event="end", status=checked.status))])
        return True


async def _kept(
    session: AsyncSession, plan: PlanRow, row: SectionRow, bench: _Bench, result: SectionResult
) -> tuple[int, SectionStatus]:
    """The section's version and status after the job. A text that stands is never replaced by a failure."""
    job, work = bench.job, bench.work
    if work.failure is not None and row.text:
        status = deliver(bench.shared, {job.section: work_of(row, bench.shared.kit.outline)}).sections[0].status
        await sections.set_status(session, plan.id, job.section, status)
        return row.revision, status
    # A redraft that came to the same words is a version too: it was asked for, and the summary is fresh again.
    if not work.text or (work.text == row.text and job.kind != "redraft"):
        await sections.set_result(session, plan.id, job.section, result.status, result)
        return row.revision, result.status
    added = await sections.add_revision(
        session,
        plan.id,
        job.section,
        row.revision,
        kind=_KINDS[job.kind],
        who=work.outcome.attempts[-1].model if work.outcome.attempts else plan.writer,
        why=job.instruction,
        text=work.text,
        result=result,
        status=result.status,
    )
    return added.number, result.status


def wanted(plan: PlanRow, run: int) -> bool:
    """Whether what this run does is still asked for."""
    return plan.run == run and plan.status is not PlanStatus.CANCELLED and plan.deleted_at is None
