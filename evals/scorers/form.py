"""Scorers of form: points treated, documents that exist, length, and what the other checks count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.scorers.sample import Part, Sample, listed, pooled
from schemas.evaluation import CaseScore
from schemas.finding import CheckName, Severity
from service.check.coverage import treated
from service.check.length import counts_of, measure
from service.text.documents import document_numbers, titles

_MARK = re.compile(r"【[^【】]*】")


def coverage(sample: Sample) -> Iterator[CaseScore]:
    """Points of the outline that are treated or marked as open ÷ all that are required."""
    parts = {}
    for section in sample.sections:
        states = [s for s in treated(section, sample.texts.get(section.id, ""), sample.outline) if not s.point.optional]
        missing = [s for s in states if s.state == "missing"]
        open_points = sum(s.state == "placeholder" for s in states)
        told = f"其中待补充{open_points}项" if open_points else ""
        lacking = listed(f"未写到{s.point.id} {s.point.text}" for s in missing)
        parts[section.id] = Part(
            len(states) - len(missing),
            len(states),
            "；".join(t for t in (told, lacking) if t),
            sample.of(CheckName.COVERAGE, section.id),
        )
    return pooled(sample, "coverage", parts)


def policies(sample: Sample) -> Iterator[CaseScore]:
    """Titles and document numbers that exist, and belong together ÷ all that are named."""
    parts = {}
    for section, text in sample.texts.items():
        plain = _MARK.sub("", text)
        named = sum(1 for _ in titles(plain)) + sum(1 for _ in document_numbers(plain))
        found = sample.of(CheckName.POLICIES, section)
        wrong = sum(f.severity is Severity.ERROR for f in found)
        parts[section] = Part(max(0, named - wrong), max(named, wrong), findings=found)
    return pooled(sample, "policies", parts)


def length(sample: Sample) -> Iterator[CaseScore]:
    """Chapters over their limit, by either way of counting ÷ chapters with a limit that have a text."""
    limited = [c for c in sample.outline.chapters if c.limit and any(s.id in sample.texts for s in c.sections)]
    counted = [(c, c.limit, measure(c, sample.texts)) for c in limited]
    over = [c for c, limit, counts in counted if limit and limit.evaluate(counts) != "within"]
    told = listed(
        f"{c.title}字数{n.words}，字符数{n.characters}，上限{limit.maximum}" for c, limit, n in counted if limit
    )
    part = Part(len(over), len(limited), told, sample.of(CheckName.LENGTH))
    return pooled(sample, "length", {}, whole=part)


def budget(sample: Sample) -> Iterator[CaseScore]:
    """字 written ÷ 字 that the outline aims at: 1 is the aim, much less is thin, much more is padded."""
    parts = {
        s.id: Part(counts_of(sample.texts.get(s.id, "")).characters, s.target_length)
        for s in sample.sections
        if not s.checklist
    }
    return pooled(sample, "budget", parts)


def leakage(sample: Sample) -> Iterator[CaseScore]:
    """Pieces of an exemplar in the draft."""
    return _found(sample, "leakage", CheckName.LEAKAGE)


def consistency(sample: Sample) -> Iterator[CaseScore]:
    """Places where two sections contradict each other."""
    return _found(sample, "consistency", CheckName.CONSISTENCY)


def era(sample: Sample) -> Iterator[CaseScore]:
    """Periods, bodies and statuses that do not fit the plan's year."""
    return _found(sample, "era", CheckName.ERA)


def rules(sample: Sample) -> Iterator[CaseScore]:
    """Rules of the outline, stated in words, that are not kept."""
    return _found(sample, "rules", CheckName.RULES)


def style(sample: Sample) -> Iterator[CaseScore]:
    """Faults of official form."""
    return _found(sample, "style", CheckName.STYLE)


def _found(sample: Sample, name: str, check: CheckName) -> Iterator[CaseScore]:
    """Findings of one check; `of`: the characters they were found in, so that long and short plans compare."""
    parts = {}
    for section, text in sample.texts.items():
        found = sample.of(check, section)
        parts[section] = Part(len(found), counts_of(text).characters, findings=found)
    loose = tuple(f for f in sample.of(check) if f.section not in sample.texts)
    return pooled(sample, name, parts, lambda count, _: count, Part(len(loose), 0, findings=loose))
