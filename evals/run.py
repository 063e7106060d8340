"""Cases through the pipeline and the scorers into one record: the middle of the evals."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Protocol

from evals.cases import Loaded, leaked_passages
from evals.drafter import Drafted, Drafter
from evals.failures import failures_of
from evals.scorers import MEASURES, score
from evals.scorers.sample import Sample
from schemas.draft import Task, Usage
from schemas.evaluation import (
    CaseRecord,
    CaseScore,
    Clock,
    EvalFailure,
    EvalRun,
    Measure,
    PromptMessage,
    PromptRecord,
    SectionRecord,
)
from schemas.plan import Plan, PlanOptions, PlanRequest, SectionResult
from schemas.prices import Cost, Prices
from service.errors import FanganError
from service.export.prices import cost_of


class HeldOutShownError(FanganError):
    """A prompt showed the exemplar that its case holds out: the run would measure copying."""

    type = "held-out-shown"
    title = "A held-out exemplar is in the prompts"


class Referee(Protocol):
    """A further scorer that asks somebody, such as a judging model; `measure` says what its scores are."""

    measure: Measure

    async def __call__(self, sample: Sample, /) -> Sequence[CaseScore]:
        """Scores of one plan."""
        ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run's record says of itself beside its cases, and what bears on its scores."""

    seed: int = 0
    revision: str | None = None
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    prices: Prices | None = None
    referees: tuple[Referee, ...] = ()
    seen: Callable[[Loaded, Drafted], None] = lambda case, drafted: None
    """Told of every plan once it is drafted, for whoever wants more of it than the record keeps."""


async def run(cases: Iterable[Loaded], drafter: Drafter, setup: Setup | None = None) -> EvalRun:
    """Drafts and scores the cases one after the other.

    HeldOutShownError when a prompt shows what its case holds out; whatever else the drafter raises stops the run.
    A section that fails is part of the record.
    """
    setup = setup or Setup()
    started, begun = datetime.now(UTC), time.perf_counter()
    done = [await _case(loaded, drafter, setup) for loaded in cases]
    record = EvalRun(
        id="",
        clock=Clock(
            started=started,
            seconds=round(time.perf_counter() - begun, 3),
            cases={d.record.id: d.seconds for d in done},
        ),
        revision=setup.revision,
        fangan=version("fangan"),
        writer=drafter.name,
        model=drafter.model,
        settings=dict(sorted(setup.settings.items())),
        seed=setup.seed,
        measures=(*MEASURES, *(r.measure for r in setup.referees)),
        cases=tuple(d.record for d in done),
        scores=tuple(s for d in done for s in d.scores),
        failures=tuple(f for d in done for f in d.failures),
        prompts={h: p for d in done for h, p in d.prompts.items()},
        texts={h: t for d in done for h, t in d.texts.items()},
        usage=sum((d.record.usage for d in done), Usage()),
        cost=_total([d.record.cost for d in done]),
    )
    return record.model_copy(update={"id": f"{started:%Y%m%dT%H%M%SZ}-{record.fingerprint}"})


def request_of(loaded: Loaded) -> PlanRequest:
    """A case as a request: the exemplars that may teach are named, so that a server, too, keeps the other out."""
    options = PlanOptions(exemplars=tuple(e.id for e in loaded.taught))
    return PlanRequest(sheet=loaded.sheet, options=options)


def sample_of(loaded: Loaded, plan: Plan, *, seed: int = 0, prices: Prices | None = None) -> Sample:
    """What the scorers look at."""
    return Sample(
        plan=plan,
        sheet=loaded.sheet,
        outline=loaded.outline,
        exemplar=loaded.reference,
        case=loaded.case.id,
        exemplars=loaded.taught,
        others=tuple(e.text for e in loaded.others),
        prices=prices,
        seed=seed,
    )


def assert_held_out(loaded: Loaded, drafted: Drafted) -> None:
    """HeldOutShownError when a rendered prompt shows a passage of the exemplar that the case holds out."""
    if loaded.held_out is None:
        return
    prompts = {t.prompt.hash: t.prompt for t in drafted.tasks}
    if shown := leaked_passages(prompts.values(), loaded.held_out, loaded.others):
        raise HeldOutShownError(f"评测用例 {loaded.case.id} 的提示词中出现了应当留出的范例：{shown[0]}")


# --- one case -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Done:
    record: CaseRecord
    seconds: float
    scores: tuple[CaseScore, ...]
    failures: tuple[EvalFailure, ...]
    prompts: Mapping[str, PromptRecord]
    texts: Mapping[str, str]


async def _case(loaded: Loaded, drafter: Drafter, setup: Setup) -> _Done:
    begun = time.perf_counter()
    drafted = await drafter.draft(request_of(loaded))
    seconds = round(time.perf_counter() - begun, 3)
    assert_held_out(loaded, drafted)
    setup.seen(loaded, drafted)
    sample = sample_of(loaded, drafted.plan, seed=setup.seed, prices=setup.prices)
    scores = [*score(sample)]
    for referee in setup.referees:
        scores += await referee(sample)
    asked = _asked(drafted)
    texts: dict[str, str] = {}
    return _Done(
        record=_record(loaded, drafted.plan, asked, setup.prices),
        seconds=seconds,
        scores=tuple(scores),
        failures=tuple(failures_of(sample)),
        prompts=dict(_prompts(loaded, drafted, asked, texts)),
        texts=texts,
    )


def _asked(drafted: Drafted) -> Mapping[str, tuple[str, ...]]:
    """Section → hashes of its prompts: those of its attempts, then those that were never answered."""
    asked: dict[str, dict[str, None]] = {
        s.id: dict.fromkeys(a.prompt_hash for a in s.attempts) for s in drafted.plan.sections
    }
    for task in sorted(drafted.tasks, key=lambda t: t.attempt):
        asked.setdefault(task.section.id, {}).setdefault(task.prompt.hash)
    return {section: tuple(hashes) for section, hashes in asked.items()}


def _prompts(
    loaded: Loaded, drafted: Drafted, asked: Mapping[str, Sequence[str]], texts: dict[str, str]
) -> Iterator[tuple[str, PromptRecord]]:
    """The prompts in the outline's order; fills `texts`."""
    tasks = {t.prompt.hash: t for t in drafted.tasks}
    attempts = {a.prompt_hash: a for s in drafted.plan.sections for a in s.attempts}
    for section, hashes in asked.items():
        for one in hashes:
            attempt, task = attempts.get(one), tasks.get(one)
            if task is not None:
                kind, template, template_hash = task.kind, task.prompt.template, task.prompt.template_hash
            elif attempt is not None:
                kind, template, template_hash = attempt.kind, attempt.template, attempt.template_hash
            else:
                continue
            yield (
                one,
                PromptRecord(
                    case=loaded.case.id,
                    section=section,
                    kind=kind,
                    template=template,
                    template_hash=template_hash,
                    messages=_messages(task, texts) if task else (),
                ),
            )


def _messages(task: Task, texts: dict[str, str]) -> tuple[PromptMessage, ...]:
    found = []
    for message in task.prompt.messages:
        key = "sha256:" + hashlib.sha256(message.content.encode()).hexdigest()
        texts[key] = message.content
        found.append(PromptMessage(role=message.role, text=key))
    return tuple(found)


def _record(loaded: Loaded, plan: Plan, asked: Mapping[str, tuple[str, ...]], prices: Prices | None) -> CaseRecord:
    attempts = [a for s in plan.sections for a in s.attempts]
    return CaseRecord(
        id=loaded.case.id,
        sheet=loaded.case.sheet,
        sheet_hash=loaded.sheet_hash,
        outline=loaded.outline.id,
        subject=loaded.sheet.subject.name,
        held_out=loaded.case.held_out,
        tags=loaded.case.tags,
        exemplars=tuple(e.id for e in loaded.taught),
        status=plan.status,
        models=tuple(sorted({a.model for a in attempts})),
        usage=sum((s.usage for s in plan.sections), Usage()),
        cost=cost_of(attempts, prices) if prices else None,
        sections=tuple(_section(s, asked.get(s.id, ())) for s in plan.sections),
    )


def _section(result: SectionResult, prompts: tuple[str, ...]) -> SectionRecord:
    return SectionRecord(
        id=result.id,
        title=result.title,
        status=result.status,
        text=result.text,
        prompts=prompts,
        usage=result.usage,
        failure=result.failure,
    )


def _total(costs: Sequence[Cost | None]) -> Cost | None:
    """The sum; None when one is not known."""
    known = [c for c in costs if c is not None]
    if not known or len(known) < len(costs):
        return None
    return Cost(currency=known[0].currency, amount=sum((c.amount for c in known), start=known[0].amount * 0))
