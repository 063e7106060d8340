"""The scorers of likeness: chrF against the city's real plan, and the two floors without which it says nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from evals.scorers.sample import Sample
from schemas.evaluation import CaseScore

ORDER = 6
"""Longest run of characters that is counted."""
BETA = 2
"""Recall weighs this many times as much as precision."""


def chrf(candidate: str, reference: str) -> float:
    """chrF2 of two texts, 0 to 100: F-score of runs of one to six characters, white space left out."""
    ours, theirs = "".join(candidate.split()), "".join(reference.split())
    precisions, recalls = [], []
    for n in range(1, ORDER + 1):
        have, want = _runs(ours, n), _runs(theirs, n)
        if have and want:
            common = (have & want).total()
            precisions.append(common / have.total())
            recalls.append(common / want.total())
    if not precisions:
        return 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    weighted = BETA**2 * precision + recall
    return 100 * (1 + BETA**2) * precision * recall / weighted if weighted else 0.0


def _runs(text: str, length: int) -> Counter[str]:
    return Counter(text[i : i + length] for i in range(len(text) - length + 1))


def likeness(sample: Sample) -> Iterator[CaseScore]:
    """ChrF of the summary against the exemplar: both are plans in brief."""
    return _against(sample, "chrf", brief(sample))


def likeness_shuffled(sample: Sample) -> Iterator[CaseScore]:
    """ChrF of the same characters in random order: what any Chinese text of these words scores."""
    characters = list(brief(sample) or "")
    random.Random(sample.seed).shuffle(characters)  # noqa: S311  a floor, no secret
    return _against(sample, "chrf_shuffled", "".join(characters))


def likeness_other(sample: Sample) -> Iterator[CaseScore]:
    """ChrF of the nearest other city's plan: what any plan of this sort scores."""
    if sample.exemplar is None:
        return iter(())
    nearest = max(sample.others, key=lambda other: chrf(other, sample.exemplar or ""), default="")
    return _against(sample, "chrf_other", nearest)


def brief(sample: Sample) -> str:
    """The summary of the draft; the whole draft where its outline has none."""
    summary = [sample.texts[s.id] for s in sample.outline.sections if s.summary and s.id in sample.texts]
    return "\n".join(summary or sample.texts.values())


def _against(sample: Sample, scorer: str, candidate: str) -> Iterator[CaseScore]:
    if sample.exemplar is not None:
        value = round(chrf(candidate, sample.exemplar), 4) if candidate else None
        yield CaseScore(case=sample.case, scorer=scorer, value=value)
