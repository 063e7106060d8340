"""The scorers of effort: sections that are done, repairs that were needed, tokens and money spent."""

from __future__ import annotations

from collections.abc import Iterator

from evals.scorers.sample import Part, Sample, pooled
from schemas.draft import Usage
from schemas.evaluation import CaseScore
from schemas.plan import SectionResult, SectionStatus
from service.export.prices import cost_of


def finished(sample: Sample) -> Iterator[CaseScore]:
    """Sections that need no one's review ÷ all sections."""
    parts = {
        s.id: Part(int(s.status is SectionStatus.DONE), 1, s.failure.message if s.failure else "")
        for s in sample.plan.sections
    }
    return pooled(sample, "finished", parts)


def repairs(sample: Sample) -> Iterator[CaseScore]:
    """Times that the writer was asked again with findings; `of`: all calls."""
    parts = {s.id: Part(sum(a.kind == "repair" for a in s.attempts), len(s.attempts)) for s in _asked(sample)}
    return pooled(sample, "repairs", parts, lambda count, _: count)


def tokens(sample: Sample) -> Iterator[CaseScore]:
    """Tokens of all calls; `of`: calls. Nothing where the writer uses none."""
    if all(s.usage == Usage() for s in sample.plan.sections):
        return iter(())
    parts = {
        s.id: Part(
            s.usage.prompt_tokens + s.usage.completion_tokens,
            len(s.attempts),
            f"输入{s.usage.prompt_tokens}（其中缓存{s.usage.cached_tokens}），输出{s.usage.completion_tokens}"
            + ("，估算" if s.usage.estimated else ""),
        )
        for s in _asked(sample)
    }
    return pooled(sample, "tokens", parts, lambda count, _: count)


def cost(sample: Sample) -> Iterator[CaseScore]:
    """Money of all calls, by the given prices."""
    if sample.prices is None:
        return
    spent = cost_of([a for s in sample.plan.sections for a in s.attempts], sample.prices)
    yield CaseScore(
        case=sample.case,
        scorer="cost",
        value=float(spent.amount) if spent else None,
        explanation=spent.currency if spent else "有模型没有价格，无法计算",
    )


def _asked(sample: Sample) -> Iterator[SectionResult]:
    return (s for s in sample.plan.sections if s.attempts)
