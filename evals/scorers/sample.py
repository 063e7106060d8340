"""What a scorer looks at: a plan as delivered, and what it was made from; findings and proofs are worked out once.

The plan's own findings are not trusted: they belong to the text that was checked, and a scorer must move when a
text is changed (the mutation bench) or comes from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from schemas.evaluation import CaseScore
from schemas.exemplar import Exemplar
from schemas.facts import FactSheet
from schemas.finding import CheckName, Finding, Support
from schemas.outline import Outline, Section
from schemas.plan import Plan
from schemas.prices import Prices
from service.check.case import Case
from service.check.numbers import examine
from service.check.registry import run_checks
from service.facts.answers import Answer, answers
from service.facts.ledger import Ledger


@dataclass(frozen=True)
class Sample:
    """A plan with its sheet and outline. `exemplar`: text of the plan that the same city really submitted, if any."""

    plan: Plan
    sheet: FactSheet
    outline: Outline
    exemplar: str | None = None
    case: str = "plan"
    exemplars: tuple[Exemplar, ...] = ()
    """Those of which nothing may leak."""
    others: tuple[str, ...] = ()
    """Plans of other cities: what any plan has in common with the exemplar."""
    prices: Prices | None = None
    seed: int = 0

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Section id → text, of the sections that have one."""
        return {s.id: s.text for s in self.plan.sections if s.text}

    @cached_property
    def ledger(self) -> Ledger:
        """Look-ups over the sheet."""
        return Ledger(self.sheet, self.outline)

    @cached_property
    def _checked(self) -> Case:
        complete = all(s.id in self.texts or s.checklist for s in self.outline.sections)
        return Case(self.texts, self.outline, self.ledger, self.exemplars, author="writer", complete=complete)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What all checks find in the texts."""
        return run_checks(self._checked)

    @cached_property
    def supports(self) -> tuple[Support, ...]:
        """The figures that stand, each with its facts."""
        return examine(self._checked).supports

    @cached_property
    def answers(self) -> Mapping[str, tuple[Answer, ...]]:
        """Section id → what the sheet has and lacks for each of its points."""
        return {s.id: answers(s, self.ledger) for s in self.outline.sections}

    @property
    def sections(self) -> Iterator[Section]:
        """The outline's sections that the plan has, whether or not they came to a text."""
        have = {s.id for s in self.plan.sections}
        return (s for s in self.outline.sections if s.id in have)

    def of(self, check: CheckName, section: str | None = None) -> tuple[Finding, ...]:
        """Findings of one check, in the whole plan or in one section."""
        return tuple(f for f in self.findings if f.check is check and section in (None, f.section))


class Scorer(Protocol):
    """One method of judging a plan: a pure function."""

    def __call__(self, sample: Sample, /) -> Iterable[CaseScore]:
        """The score of the case, with those of its sections where the method has them."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What a section adds to a share or rate: `count` of `of`."""

    count: float
    of: float
    explanation: str = ""
    findings: tuple[Finding, ...] = ()


def pooled(
    sample: Sample,
    scorer: str,
    parts: Mapping[str, Part],
    value: Callable[[float, float], float | None] | None = None,
    whole: Part | None = None,
) -> Iterator[CaseScore]:
    """A score for each section, then the case's from their sums; `whole` adds what belongs to no section."""
    worth = value or share
    for section, part in parts.items():
        yield CaseScore(
            case=sample.case,
            section=section,
            scorer=scorer,
            value=worth(part.count, part.of),
            count=part.count,
            of=part.of,
            explanation=part.explanation,
            findings=part.findings,
        )
    every = (*parts.values(), *((whole,) if whole else ()))
    count, of = sum(p.count for p in every), sum(p.of for p in every)
    yield CaseScore(
        case=sample.case,
        scorer=scorer,
        value=worth(count, of),
        count=count,
        of=of,
        explanation=whole.explanation if whole else "",
        findings=whole.findings if whole else (),
    )


def share(count: float, of: float) -> float | None:
    """A part of a whole; None where there is no whole."""
    return round(count / of, 6) if of else None


def listed(items: Iterable[str], most: int = 12) -> str:
    """Items in one line, as far as anyone reads on."""
    every = list(items)
    more = f"……共{len(every)}项" if len(every) > most else ""
    return "；".join(every[:most]) + more
