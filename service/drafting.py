"""One section from task to finished draft: prompt → writer → check → repair, with all that a plan's sections share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.draft import Draft, DraftParagraph, Prompt, Task
from schemas.exemplar import Exemplar
from schemas.finding import CheckName, Finding
from schemas.job import Decision, Job, WorkState
from schemas.outline import Outline, Section
from schemas.plan import Event, Failure, PlanRequest, SectionStatus
from service.check.case import Case
from service.check.length import counts_of
from service.check.registry import run_checks
from service.errors import ContextOverflowError, FanganError
from service.facts.brief import make_brief
from service.facts.ledger import Ledger
from service.prompt.book import Lean, PromptBook
from service.prompt.tokens import count_tokens
from service.repair.budget import Budget
from service.repair.loop import Desk, Emit, Outcome, has_errors, worst_first
from service.settings import CONCURRENCY, CONTEXT_TOKENS, MAX_REPAIRS
from service.writer.protocol import Writer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kit:
    """What a run needs beside the request; put together in service/main.py."""

    outline: Outline
    exemplars: tuple[Exemplar, ...]
    writer: Writer
    max_repairs: int = MAX_REPAIRS
    concurrency: int = CONCURRENCY
    context_tokens: int = CONTEXT_TOKENS
    token_budget: int | None = None


@dataclass(slots=True)
class Work:
    """A section in the making.

    `edited`: the text that a person gave it, which then is the section's. `base`: what a redraft starts from.
    """

    section: Section
    prompt: Prompt | None = None
    outcome: Outcome = field(default_factory=Outcome)
    failure: Failure | None = None
    checklist: str = ""
    edited: str | None = None
    base: Draft | None = None

    @property
    def text(self) -> str:
        """The section's text as it stands; empty while there is none."""
        if self.edited is not None:
            return self.edited
        return self.outcome.draft.text if self.outcome.draft else self.checklist

    @property
    def standing(self) -> Draft | None:
        """The text as a draft: the writer's own, or a person's; None while there is none."""
        return draft_of(self.text) if self.edited is not None and self.text else self.outcome.draft

    @property
    def state(self) -> WorkState:
        """What a durable run stores of it."""
        return WorkState(
            section=self.section.id,
            prompt=self.prompt,
            draft=self.outcome.draft,
            findings=self.outcome.findings,
            attempts=tuple(self.outcome.attempts),
            failure=self.failure,
            checklist=self.checklist,
        )

    @classmethod
    def of(cls, section: Section, state: WorkState) -> Work:
        """The work as it was stored."""
        outcome = Outcome(state.draft, state.findings, list(state.attempts))
        return cls(section, state.prompt, outcome, state.failure, state.checklist)


class Run:
    """The drafting of one plan: what its sections share, and how a job on one of them is done."""

    def __init__(self, request: PlanRequest, kit: Kit, budget: Budget | None = None) -> None:
        self.request = request
        self.kit = kit
        self.ledger = Ledger(request.sheet, kit.outline)
        # An exemplar never teaches its own city: the plan would be copied from itself.
        self.taught = tuple(e for e in kit.exemplars if e.city not in request.sheet.subject.names)
        self.book = PromptBook(
            self.ledger,
            make_brief(self.ledger),
            self.taught,
            instruction=request.options.instruction,
            count=count_tokens if kit.writer.reads_prompt else None,
            context_tokens=kit.context_tokens,
        )
        self.budget = budget or Budget(kit.token_budget)
        self._gate = asyncio.Semaphore(kit.concurrency)
        self._alone: dict[str, tuple[str, tuple[Finding, ...]]] = {}

    def case(self, texts: Mapping[str, str], *, complete: bool = False, edited: frozenset[str] = frozenset()) -> Case:
        """What the checks look at; `edited` sections were written by a person."""
        return Case(
            texts,
            self.kit.outline,
            self.ledger,
            self.kit.exemplars,
            author="writer",
            edited=edited,
            complete=complete,
        )

    def findings_alone(self, section_id: str, text: str) -> tuple[Finding, ...]:
        """What the checks say of a writer's text by itself; looked at once, as it is judged and then delivered."""
        known = self._alone.get(section_id)
        if known is None or known[0] != text:
            known = self._alone[section_id] = text, run_checks(self.case({section_id: text}))
        return known[1]

    async def perform(self, job: Job, work: Work, given: Decision, emit: Emit, writer: Writer | None = None) -> None:
        """Does the job on the section, within the plan's concurrency; whatever goes wrong fails this section only.

        `given` is the decision that the job names. A job on a section that has no draft to continue is nothing to do.
        `writer` stands in for the kit's, where each call is to be accounted for.
        """
        bench = _Bench(self, job, work, given, emit, writer or self.kit.writer)
        async with self._gate:
            await bench.do()

    def checklist(self, section: Section) -> str:
        """The attachments as text: one to a line, with a placeholder for each that is missing."""
        lines = []
        for n, answer in enumerate(self.book.answers(section), 1):
            missing = "".join(m.placeholder for m in answer.missing)
            lines.append(f"{n}.{answer.point.text}{missing}")
        return "\n".join(lines)


@dataclass(slots=True)
class _Bench:
    """Where one job is done."""

    run: Run
    job: Job
    work: Work
    given: Decision
    emit: Emit
    writer: Writer

    async def do(self) -> None:
        if self.work.section.checklist:
            self.work.checklist = self.run.checklist(self.work.section)
            return
        if self.job.kind in ("section", "summary", "redraft"):
            self.emit(Event(event="section", section=self.work.section.id, status=SectionStatus.DRAFTING))
            await self._guarded(self._fitted())
            self._announce()
        elif self.work.prompt is not None and self.work.outcome.draft is not None:
            again = self._rework if self.job.kind == "rework" else self._condense
            await self._kept(again(self.work.prompt, self.work.outcome.draft))

    async def _guarded(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except FanganError as error:
            self.work.failure = Failure(type=error.type, message=error.message)
        except Exception:
            _log.exception("section %s failed", self.work.section.id)
            self.work.failure = Failure(
                type="internal", message="本节起草时程序出错，已记入日志；其余各节不受影响，可单独重写本节"
            )

    async def _kept(self, attempt: Awaitable[None]) -> None:
        """A further attempt that fails leaves the draft at hand as it is."""
        try:
            await attempt
        except FanganError as error:
            _log.warning("section %s keeps its draft: %s", self.work.section.id, error.type)
        except Exception:
            _log.exception("section %s keeps its draft", self.work.section.id)

    async def _fitted(self) -> None:
        """Writes; a prompt that the model finds too long is rendered again with less, and never sent again unchanged."""
        sent: set[str] = set()
        for lean in Lean:
            asked = self._prompt(lean)
            if asked.hash in sent:
                continue
            sent.add(asked.hash)
            self.work.prompt = asked
            try:
                return await self._desk().write(self._first(asked), self.work.outcome)
            except ContextOverflowError as error:
                overflow = error
        raise overflow

    def _prompt(self, lean: Lean) -> Prompt:
        section, book = self.work.section, self.run.book
        if section.summary:
            return book.summary(section, self.given.texts, self._maximum or section.target_length, lean)
        return book.section(section, lean)

    @property
    def _maximum(self) -> int | None:
        return self.given.maxima.get(self.work.section.id)

    def _first(self, prompt: Prompt) -> Task:
        """What is asked first: a draft, or another version of the text that stands."""
        task = self._task(prompt)
        base = self.work.base
        if base is None:
            return task
        findings = worst_first(self._desk().judge(base))
        asked = self.run.book.redraft(self.work.section, prompt, base, findings, self.job.instruction)
        return task.model_copy(
            update={
                "kind": "redraft",
                "prompt": asked,
                "previous": base,
                "findings": findings,
                "instruction": self.job.instruction,
            }
        )

    def _task(self, prompt: Prompt) -> Task:
        return Task(
            kind="summary" if self.work.section.summary else "section",
            section=self.work.section,
            outline=self.run.kit.outline,
            sheet=self.run.request.sheet,
            prompt=prompt,
            body=self.given.texts if self.work.section.summary else {},
            maximum=self._maximum,
            instruction=self.run.request.options.instruction,
        )

    async def _rework(self, prompt: Prompt, draft: Draft) -> None:
        """One more attempt at a section that disagrees with others; the better draft stays."""
        desk = self._desk()
        self.work.outcome.findings = desk.judge(draft)
        if desk.needs_repair(self.work.outcome):
            await desk.rework(self._task(prompt), self.work.outcome)

    async def _condense(self, first: Prompt, draft: Draft) -> None:
        """Asks for the same in fewer 字; a draft that loses something else is thrown away."""
        maximum = self._maximum or self.work.section.target_length
        prompt = self.run.book.condense(self.work.section, first, draft, counts_of(draft.text), maximum)
        task = self._task(prompt).model_copy(
            update={"kind": "condense", "previous": draft, "attempt": len(self.work.outcome.attempts) + 1}
        )
        await self._desk().attempt(task, self.work.outcome)

    def _announce(self) -> None:
        section = self.work.section.id
        for finding in self.work.outcome.findings:
            self.emit(Event(event="finding", section=section, finding=finding))
        self.emit(Event(event="section", section=section, status=status_of(self.work, self.work.outcome.findings)))

    def _desk(self) -> Desk:
        run, section, others = self.run, self.work.section, self.given.texts

        def judge(draft: Draft) -> tuple[Finding, ...]:
            found = run.findings_alone(section.id, draft.text)
            if not others:
                return found
            together = {**{i: t for i, t in others.items() if i != section.id}, section.id: draft.text}
            across = run_checks(run.case(together), {CheckName.CONSISTENCY})
            return tuple(dict.fromkeys((*found, *(f for f in across if f.section == section.id))))

        def feedback(best: Draft | None, findings: Sequence[Finding], faults: Sequence[str]) -> Prompt:
            assert self.work.prompt is not None
            return run.book.repair(section, self.work.prompt, best, findings, faults)

        return Desk(self.writer, judge, feedback, run.budget, run.kit.max_repairs, self.emit)


def draft_of(text: str) -> Draft:
    """A text that a person may have written, as a draft: what facts and points it uses is not known."""
    lines = [line for line in text.split("\n") if line.strip()]
    return Draft(
        paragraphs=tuple(DraftParagraph(text=line, facts=(), points=()) for line in lines), gaps=(), proposals=()
    )


def status_of(work: Work, findings: Sequence[Finding]) -> SectionStatus:
    """Where the section stands: edited (a person's text), failed, needs_review (error findings are left), or done."""
    if work.edited is not None:
        return SectionStatus.EDITED
    if work.failure is not None:
        return SectionStatus.FAILED
    if has_errors(findings):
        return SectionStatus.NEEDS_REVIEW
    return SectionStatus.DONE
