"""The bounded repair loop: write, check, ask again with the findings; a round that makes it worse is thrown away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from schemas.draft import Draft, Prompt, Reply, Task
from schemas.finding import CheckName, Finding, Severity
from schemas.plan import Attempt, Event
from service.check.reply import parse_reply
from service.errors import ReplyError, WriterError
from service.repair.budget import Budget
from service.text.counting import count
from service.writer.protocol import Writer

Judge = Callable[[Draft], tuple[Finding, ...]]
"""The checks, for a draft of this section."""
Feedback = Callable[[Draft | None, Sequence[Finding], Sequence[str]], Prompt]
"""(best draft so far, findings worst first, faults of an unreadable reply) → the repair prompt."""
Emit = Callable[[Event], None]


def unwatched(_: Event) -> None:
    """Nobody watches: writers need not stream."""


_WEIGHT = {Severity.ERROR: 1000, Severity.WARNING: 10, Severity.INFO: 0}


@dataclass(slots=True)
class Outcome:
    """A section's best draft with its findings, and every attempt made for it."""

    draft: Draft | None = None
    findings: tuple[Finding, ...] = ()
    attempts: list[Attempt] = field(default_factory=list)


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether anything was found that must not be delivered unmarked."""
    return any(f.severity is Severity.ERROR for f in findings)


def severity_sum(findings: Sequence[Finding]) -> int:
    """How bad a draft is: errors first, then warnings; style remarks do not count."""
    return sum(_WEIGHT[f.severity] for f in findings)


def _better(task: Task, new: Draft, findings: Sequence[Finding], old: Draft, old_findings: Sequence[Finding]) -> bool:
    """Fewer and lighter findings; for condensing, fewer 字 at no cost in anything else."""
    if task.kind != "condense":
        return severity_sum(findings) < severity_sum(old_findings)
    rest, old_rest = (
        severity_sum([f for f in side if f.check is not CheckName.LENGTH]) for side in (findings, old_findings)
    )
    return rest <= old_rest and count(new.text).characters < count(old.text).characters


def worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, each in the order of the text; remarks are not worth a paid call."""
    graded = [f for f in findings if f.severity is not Severity.INFO]
    return tuple(sorted(graded, key=lambda f: -_WEIGHT[f.severity]))


@dataclass(slots=True)
class Desk:
    """Where one section is written: the writer, the checks, the way to ask again, and what may be spent."""

    writer: Writer
    judge: Judge
    feedback: Feedback
    budget: Budget
    max_repairs: int
    emit: Emit

    async def write(self, task: Task, outcome: Outcome) -> None:
        """First draft and repairs, noted in `outcome` as they come, so that a failure keeps what was tried.

        ReplyError when no reply was a draft; WriterError when the writer failed before there was one.
        """
        faults = await self.attempt(task, outcome)
        for _ in range(self.max_repairs):
            if not faults and not self.needs_repair(outcome):
                break
            try:
                faults = await self.attempt(self._again(task, outcome, faults), outcome)
            except WriterError:
                if outcome.draft is None:
                    raise
                break  # a draft is at hand: better delivered and marked than lost
        if outcome.draft is None:
            told = f"起草器的答复连续{len(outcome.attempts)}次不可用（{'；'.join(faults[:3])}）"
            raise ReplyError(f"{told}，请重写本节，或更换能稳定输出 JSON 的模型")

    async def rework(self, task: Task, outcome: Outcome) -> None:
        """One repair of a finished draft whose findings are new; it replaces the old one only if it is better."""
        await self.attempt(self._again(task, outcome, ()), outcome)

    def needs_repair(self, outcome: Outcome) -> bool:
        """An error is worth asking again."""
        return outcome.draft is None or has_errors(outcome.findings)

    def _again(self, task: Task, outcome: Outcome, faults: Sequence[str]) -> Task:
        findings = worst_first(outcome.findings)
        return task.model_copy(
            update={
                "kind": "repair",
                "prompt": self.feedback(outcome.draft, findings, () if outcome.draft else faults),
                "previous": outcome.draft,
                "findings": findings,
                "attempt": len(outcome.attempts) + 1,
            }
        )

    async def attempt(self, task: Task, outcome: Outcome) -> Sequence[str]:
        """Writes once, judges, keeps the better draft; returns the faults of an unreadable reply."""
        reply = await self._reply(task)
        parsed = parse_reply(reply.content, {f.id for f in task.sheet.facts}, {p.id for p in task.section.points})
        if not isinstance(parsed, Draft):
            outcome.attempts.append(_record(task, reply, kept=False, faults=parsed))
            return parsed
        findings = self.judge(parsed)
        kept = outcome.draft is None or _better(task, parsed, findings, outcome.draft, outcome.findings)
        if kept:
            outcome.draft, outcome.findings = parsed, findings
        outcome.attempts.append(_record(task, reply, kept=kept, findings=findings))
        if task.kind in ("repair", "condense", "redraft"):
            self.emit(Event(event="repair", section=task.section.id, attempt=task.attempt, kept=kept))
        return ()

    async def _reply(self, task: Task) -> Reply:
        self.budget.admit()
        section = task.section.id

        def pass_on(text: str) -> None:
            self.emit(Event(event="delta", section=section, text=text, attempt=task.attempt))

        try:
            reply = await self.writer.write(task, None if self.emit is unwatched else pass_on)
        except WriterError as error:
            self.budget.note(error)
            if error.usage is not None:
                self.budget.charge(error.usage)
            raise
        self.budget.charge(reply.usage)
        return reply


def _record(
    task: Task, reply: Reply, *, kept: bool, findings: tuple[Finding, ...] = (), faults: tuple[str, ...] = ()
) -> Attempt:
    return Attempt(
        kind=task.kind,
        writer=reply.writer,
        model=reply.model,
        template=task.prompt.template,
        template_hash=task.prompt.template_hash,
        prompt_hash=task.prompt.hash,
        usage=reply.usage,
        notes=(*task.prompt.notes, *reply.notes),
        findings=findings,
        faults=faults,
        kept=kept,
    )
