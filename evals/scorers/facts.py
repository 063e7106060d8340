"""Scorers of content: figures that stand, facts that are used, statements of the real plan that the draft has too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.scorers.sample import Part, Sample, listed, pooled
from schemas.evaluation import CaseScore
from schemas.facts import Fact, Kind
from schemas.finding import CheckName
from service.facts.answers import Answer

TOLD = 0.6
"""Share of a statement's pairs of characters that one paragraph (or two sentences) must hold to have told it."""
STATEMENT = 12
"""Characters from which a clause of an exemplar is a statement of its own."""
_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")
_CLAUSE = re.compile(r"[。；\n]")
_SENTENCE = re.compile(r"(?<=[。！？\n])")
_ISSUED = re.compile("已(?:经)?(?:出台|印发|发布|制定)")
_PLANNED = re.compile("^拟|拟(?:制定|制订|出台|修订|试点)|草案")
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+[.、])")


def grounding(sample: Sample) -> Iterator[CaseScore]:
    """Figures that the fact sheet supports ÷ all figures."""
    parts = {}
    for section in sample.texts:
        wrong = sample.of(CheckName.NUMBERS, section)
        held = sum(s.section == section for s in sample.supports)
        parts[section] = Part(held, held + len(wrong), listed(f"{f.excerpt}（{f.reason}）" for f in wrong), wrong)
    return pooled(sample, "grounding", parts)


def fact_recall(sample: Sample) -> Iterator[CaseScore]:
    """Facts that a section uses ÷ facts that answer its points."""
    parts = {}
    for section in sample.sections:
        if section.summary or section.checklist:
            continue
        due = {f.id: f for a in sample.answers[section.id] for f in due_facts(a)}
        shown = {i for s in sample.supports if s.section == section.id for i in s.facts}
        text = sample.texts.get(section.id, "")
        unused = [f for f in due.values() if f.id not in shown and not says(text, f)]
        parts[section.id] = Part(len(due) - len(unused), len(due), listed(f"{f.id} {_called(f)}" for f in unused))
    return pooled(sample, "fact_recall", parts)


def statements(sample: Sample) -> Iterator[CaseScore]:
    """Statements of the city's real plan that the draft has too ÷ all its statements."""
    if sample.exemplar is None:
        return
    windows = [pairs(w) for text in sample.texts.values() for w in _windows(text)]
    claims = [c for c in _clauses(sample.exemplar) if len(c) >= STATEMENT]
    lacking = [c for c in claims if not any(_holds(w, pairs(c)) for w in windows)]
    part = Part(len(claims) - len(lacking), len(claims), listed(lacking, 40))
    yield from pooled(sample, "statements", {}, whole=part)


def due_facts(answer: Answer) -> tuple[Fact, ...]:
    """Facts that a section is to use for a point: a document that is only planned tells nothing of what is issued."""
    issued = _ISSUED.search(answer.point.text) is not None
    return tuple(f for f in answer.facts if not (issued and f.kind is Kind.POLICY and _PLANNED.search(f.text or "")))


def says(text: str, fact: Fact) -> bool:
    """Whether a text tells a fact in words: its title or number, a project's name, or most of what it says."""
    names = [n.strip("《》") for n in (fact.title, fact.doc_number) if n]
    if fact.kind is Kind.PROJECT and fact.name:
        names.append(fact.name)
    if any(n in text for n in names):
        return True
    return bool(fact.text) and any(_holds(pairs(p), pairs(fact.text or "")) for p in text.split("\n"))


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, punctuation left out: 电子商务 → 电子 子商 商务."""
    words = "".join(_WORDS.findall(text))
    return frozenset(words[i : i + 2] for i in range(len(words) - 1)) or frozenset({words})


def _holds(window: frozenset[str], statement: frozenset[str]) -> bool:
    return len(window & statement) >= TOLD * len(statement)


def _windows(text: str) -> Iterator[str]:
    """Two neighbouring sentences at a time: a statement may be told in either or across both."""
    sentences = [s for s in _SENTENCE.split(text) if s.strip()]
    yield from (a + b for a, b in zip(sentences, sentences[1:] or [""], strict=False))


def _clauses(text: str) -> Iterator[str]:
    return (_NUMBERING.sub("", c.strip()) for c in _CLAUSE.split(text))


def _called(fact: Fact) -> str:
    return fact.name or fact.title or ""
