"""One section from task to finished draft: prompt → writer → check → repair, with all that a plan's sections share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.draft import Draft, Prompt, Task
from schemas.exemplar import Exemplar
from schemas.finding import CheckName, Finding
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
from service.repair.loop import Desk, Emit, Outcome, has_errors
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
    """A section in the making."""

    section: Section
    task: Task | None = None
    outcome: Outcome = field(default_factory=Outcome)
    failure: Failure | None = None
    checklist: str = ""

    @property
    def text(self) -> str:
        """The section's text as it stands; empty while there is none."""
        return self.outcome.draft.text if self.outcome.draft else self.checklist


class Run:
    """The drafting of one plan: what its sections share, and how one of them is written, reworked and condensed."""

    def __init__(self, request: PlanRequest, kit: Kit, emit: Emit) -> None:
        self.request = request
        self.kit = kit
        self.emit = emit
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
        self.budget = Budget(kit.token_budget)
        self._gate = asyncio.Semaphore(kit.concurrency)

    def case(self, texts: Mapping[str, str], *, complete: bool = False) -> Case:
        """What the checks look at."""
        return Case(texts, self.kit.outline, self.ledger, self.kit.exemplars, author="writer", complete=complete)

    async def body(self, work: Work) -> None:
        """Drafts a section of the body."""
        if work.section.checklist:
            work.checklist = self._checklist(work.section)
            return
        await self._guarded(work, lambda lean: self.book.section(work.section, lean), {}, None)

    async def summary(self, work: Work, body: Mapping[str, str], maximum: int) -> None:
        """Drafts a section of the summary from the drafted body, in at most `maximum` 字."""
        await self._guarded(work, lambda lean: self.book.summary(work.section, body, maximum, lean), body, maximum)

    async def rework(self, work: Work, others: Mapping[str, str]) -> None:
        """One more attempt at a section that disagrees with others; the better draft stays."""
        if work.task is None or work.outcome.draft is None:
            return
        desk = self._desk(work, others)
        work.outcome.findings = desk.judge(work.outcome.draft)
        if desk.needs_repair(work.outcome):
            await self._kept(work, desk.rework(work.task, work.outcome))

    async def condense(self, work: Work, body: Mapping[str, str], maximum: int) -> None:
        """Asks for the same in at most `maximum` 字; a draft that loses something else is thrown away."""
        if work.task is None or work.outcome.draft is None:
            return
        draft = work.outcome.draft
        prompt = self.book.condense(work.section, work.task.prompt, draft, counts_of(draft.text), maximum)
        task = work.task.model_copy(
            update={
                "kind": "condense",
                "prompt": prompt,
                "previous": draft,
                "maximum": maximum,
                "attempt": len(work.outcome.attempts) + 1,
            }
        )
        await self._kept(work, self._desk(work, body).attempt(task, work.outcome))

    # --- inside -------------------------------------------------------------------------------------------------

    async def _guarded(
        self, work: Work, prompt: Callable[[Lean], Prompt], body: Mapping[str, str], maximum: int | None
    ) -> None:
        """Writes within the plan's concurrency; whatever goes wrong fails this section only."""
        async with self._gate:
            section = work.section
            self.emit(Event(event="section", section=section.id, status=SectionStatus.DRAFTING))
            try:
                await self._fitted(work, prompt, body, maximum)
            except FanganError as error:
                work.failure = Failure(type=error.type, message=error.message)
            except Exception:
                _log.exception("section %s failed", section.id)
                work.failure = Failure(
                    type="internal", message="本节起草时程序出错，已记入日志；其余各节不受影响，可单独重写本节"
                )
        self._announce(work)

    async def _fitted(
        self, work: Work, prompt: Callable[[Lean], Prompt], body: Mapping[str, str], maximum: int | None
    ) -> None:
        """Writes; a prompt that the model finds too long is rendered again with less, and never sent again unchanged."""
        sent: set[str] = set()
        for lean in Lean:
            asked = prompt(lean)
            if asked.hash in sent:
                continue
            sent.add(asked.hash)
            work.task = Task(
                kind="summary" if work.section.summary else "section",
                section=work.section,
                outline=self.kit.outline,
                sheet=self.request.sheet,
                prompt=asked,
                body=body,
                maximum=maximum,
                instruction=self.request.options.instruction,
            )
            try:
                return await self._desk(work, body).write(work.task, work.outcome)
            except ContextOverflowError as error:
                overflow = error
        raise overflow

    async def _kept(self, work: Work, attempt: Awaitable[object]) -> None:
        """A further attempt that fails leaves the draft at hand as it is."""
        async with self._gate:
            try:
                await attempt
            except FanganError as error:
                _log.warning("section %s keeps its draft: %s", work.section.id, error.type)

    def _announce(self, work: Work) -> None:
        for finding in work.outcome.findings:
            self.emit(Event(event="finding", section=work.section.id, finding=finding))
        self.emit(Event(event="section", section=work.section.id, status=status_of(work, work.outcome.findings)))

    def _desk(self, work: Work, others: Mapping[str, str]) -> Desk:
        section = work.section

        def judge(draft: Draft) -> tuple[Finding, ...]:
            found = run_checks(self.case({section.id: draft.text}))
            if not others:
                return found
            together = {**{i: t for i, t in others.items() if i != section.id}, section.id: draft.text}
            across = run_checks(self.case(together), {CheckName.CONSISTENCY})
            return tuple(dict.fromkeys((*found, *(f for f in across if f.section == section.id))))

        def feedback(best: Draft | None, findings: Sequence[Finding], faults: Sequence[str]) -> Prompt:
            assert work.task is not None
            return self.book.repair(section, work.task.prompt, best, findings, faults)

        return Desk(self.kit.writer, judge, feedback, self.budget, self.kit.max_repairs, self.emit)

    def _checklist(self, section: Section) -> str:
        lines = []
        for n, answer in enumerate(self.book.answers(section), 1):
            missing = "".join(m.placeholder for m in answer.missing)
            lines.append(f"{n}.{answer.point.text}{missing}")
        return "\n".join(lines)


def status_of(work: Work, findings: Sequence[Finding]) -> SectionStatus:
    """failed, needs_review (error findings are left), or done."""
    if work.failure is not None:
        return SectionStatus.FAILED
    if has_errors(findings):
        return SectionStatus.NEEDS_REVIEW
    return SectionStatus.DONE
