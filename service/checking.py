"""Checking what a person wrote: the facts that are known, all checks, counts, official form. No model is called."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from schemas.exemplar import Exemplar
from schemas.facts import FactSheet, Kind
from schemas.finding import CheckName
from schemas.limit import TextCounts
from schemas.outline import Outline
from schemas.report import Contradiction, Counted, Report
from service.assemble.marks import describe
from service.check.case import BARE, Case
from service.check.length import counts_of, measure
from service.check.numbers import examine
from service.check.registry import run_checks
from service.facts.contradictions import contradictions
from service.facts.ledger import Ledger
from service.text.punctuation import normalise

TEXT = "text"
"""Key of a text without a section in a report."""
MOST_CHARACTERS = 100_000
"""Five times the longest plan we know; a longer text is not one plan."""
UNDATED = 2100
"""A plan year after which nothing was issued: for a text whose year nothing tells."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be checked against what. `texts`: by section id, or one under `BARE`; `dated`: the year is known."""

    texts: Mapping[str, str]
    sheet: FactSheet
    outline: Outline
    exemplars: tuple[Exemplar, ...]
    checks: Collection[CheckName] | None = None
    explain: bool = False
    dated: bool = True


def check_texts(question: Question) -> Report:
    """All checks that were asked for, in the outline's order of sections. Pure; raises nothing on any text."""
    outline = question.outline
    order = [BARE, *(s.id for s in outline.sections)]
    texts = {i: question.texts[i] for i in order if i in question.texts}
    ledger = Ledger(question.sheet, outline)
    case = Case(
        texts,
        outline,
        ledger,
        question.exemplars,
        complete=all(s.id in texts or s.checklist for s in outline.sections),
    )
    skipped = {} if question.dated or not _wanted(question, CheckName.ERA) else {CheckName.ERA: _UNDATED}
    names = {n for n in CheckName if _wanted(question, n) and n not in skipped}
    return Report(
        findings=run_checks(case, names),
        counts=dict(_counts(texts, outline)),
        normalised={i or TEXT: normalise(t) for i, t in texts.items()},
        skipped={name.value: reason for name, reason in skipped.items()},
        contradictions=contradictory(ledger),
        supports=examine(case).supports if question.explain else None,
    )


_UNDATED = "没有写明 plan_year（方案年份），从实施期和事实的年份也推不出来，未作时代核查"


def _wanted(question: Question, name: CheckName) -> bool:
    return question.checks is None or name in question.checks


def _counts(texts: Mapping[str, str], outline: Outline) -> Iterator[tuple[str, Counted]]:
    limits = {s.id: c.limit.maximum for c in outline.chapters if c.limit for s in c.sections}
    for section, text in texts.items():
        yield section or TEXT, _counted(counts_of(text), limits.get(section))
    for chapter in outline.chapters:
        if chapter.limit and any(s.id in texts and s.id != chapter.id for s in chapter.sections):
            yield chapter.id, _counted(measure(chapter, texts), chapter.limit.maximum)


def _counted(counts: TextCounts, limit: int | None) -> Counted:
    return Counted(**counts.model_dump(), limit=limit)


def contradictory(ledger: Ledger) -> tuple[Contradiction, ...]:
    """What the sheet says twice and differently, each with a sentence that says so."""
    facts = ledger.by_id
    return tuple(
        Contradiction(
            facts=pair,
            message=f"事实 {pair[0]}（{describe(facts[pair[0]])}）与 {pair[1]}（{describe(facts[pair[1]])}）"
            "对同一数据给出了不同的数值，请核对后只保留一条",
        )
        for pair in contradictions(ledger)
    )


def told_year(sheet: FactSheet) -> int | None:
    """The plan year that the sheet's other years imply; None when nothing is dated.

    The period's first year; else the year after the newest data, or that of the newest document, since a document
    may be issued in the plan's own year.
    """
    if sheet.period is not None:
        return sheet.period[0]
    years = [
        fact.year + (fact.kind is not Kind.POLICY)
        for fact in sheet.facts
        if fact.year is not None and fact.kind in {Kind.ACTUAL, Kind.BENCHMARK, Kind.POLICY}
    ]
    return max(years, default=None)
