"""Two runs beside each other: each measure's difference over the same cases and sections, and how sure it is.

What is compared is paired: a section (or a case, where a measure knows none) counts only where both runs have a
score for it. The difference is that of the pooled values, Σ count ÷ Σ of; a measure that counts things is told per
case. The interval is a percentile bootstrap over the pairs, so it says how much the difference would vary with other
sections of the same sort; a measure is better or worse only where the interval leaves zero out. Few pairs prove
nothing, however they agree: with n that moved, chance alone moves all the same way once in 2^(n-1) times, so a verdict
needs six of them at 95 % and eight at 99 %.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from schemas import Model
from schemas.evaluation import CaseScore, EvalRun, Measure
from service.errors import InputError

RESAMPLES = 4000
CONFIDENCE = 0.95
MOVED = 8
"""Pairs that are named for each measure: those that moved furthest."""

Verdict = Literal["better", "worse", "same", "changed"]
"""`changed`: a measure that is neither better nor worse for being higher."""


@dataclass(frozen=True)
class Scored:
    """A run as far as it can be compared: its scores without its texts. `sheets`: case → hash of its fact sheet."""

    name: str
    measures: tuple[Measure, ...]
    sheets: Mapping[str, str]
    scores: tuple[CaseScore, ...]

    @cached_property
    def by_measure(self) -> Mapping[str, tuple[CaseScore, ...]]:
        """Scorer → its scores."""
        found: dict[str, list[CaseScore]] = defaultdict(list)
        for score in self.scores:
            found[score.scorer].append(score)
        return {name: tuple(scores) for name, scores in found.items()}


def scored(run: EvalRun) -> Scored:
    """What a run's record says of its scores."""
    return Scored(run.id, run.measures, {c.id: c.sheet_hash for c in run.cases}, run.scores)


class Moved(Model):
    """A pair whose score is not the same in both runs."""

    case: str
    section: str | None
    a: float | None
    b: float | None


class Compared(Model):
    """One measure in both runs. `low` to `high`: the interval of the difference b − a."""

    measure: str
    title: str
    better: Literal["higher", "lower", "neither"]
    pairs: int
    a: float
    b: float
    difference: float
    low: float
    high: float
    verdict: Verdict
    moved: tuple[Moved, ...] = ()


class Comparison(Model):
    """Run b beside run a. `notices`: what could not be compared, and why."""

    a: str
    b: str
    confidence: float
    resamples: int
    seed: int
    cases: tuple[str, ...]
    measures: tuple[Compared, ...]
    notices: tuple[str, ...] = ()


_Place = tuple[str, str | None]
_Parts = tuple[float, float]
"""What a section adds to a pooled value: count and of."""
_Pair = tuple[float, float, float, float]
"""Count and of in a, count and of in b."""


def compare(
    a: Scored, b: Scored, *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = 0
) -> Comparison:
    """All measures that both runs have. InputError when they have no case in common, with the same sheet."""
    cases = tuple(c for c, sheet in a.sheets.items() if b.sheets.get(c) == sheet)
    if not cases:
        raise InputError(f"评测 {a.name} 与 {b.name} 没有事实表相同的用例，无法比较")
    compared = (
        _compared(measure, a, b, cases, _Draws(confidence, resamples, seed))
        for measure in a.measures
        if measure.name in {m.name for m in b.measures}
    )
    return Comparison(
        a=a.name,
        b=b.name,
        confidence=confidence,
        resamples=resamples,
        seed=seed,
        cases=cases,
        measures=tuple(c for c in compared if c is not None),
        notices=tuple(_notices(a, b)),
    )


def _notices(a: Scored, b: Scored) -> Iterable[str]:
    for one, other in ((a, b), (b, a)):
        if only := [c for c in one.sheets if c not in other.sheets]:
            yield f"只有 {one.name} 评了用例 {'、'.join(only)}，未比较"
    if changed := [c for c in a.sheets if c in b.sheets and a.sheets[c] != b.sheets[c]]:
        yield f"用例 {'、'.join(changed)} 的事实表已改，未比较"


# --- pairs --------------------------------------------------------------------------------------------------------


def counts_things(measure: Measure, scores: Iterable[CaseScore]) -> bool:
    """Whether a measure's value is a number of things, to be told per case, and no ratio."""
    return not measure.share and all(s.value == s.count for s in scores if s.count is not None)


def pooled_value(measure: Measure, scores: Sequence[CaseScore]) -> float | None:
    """The value of several cases together, as it is compared: from their own (`section` null) scores."""
    whole = [s for s in scores if s.section is None and s.value is not None]
    if not whole:
        return None
    if counts_things(measure, scores):
        return sum(s.value or 0 for s in whole) / len(whole)
    parts = [_parts(s) for s in whole]
    of = sum(p[1] for p in parts)
    return sum(p[0] for p in parts) / of if of else None


def _parts(score: CaseScore) -> _Parts:
    if score.count is None or score.of is None:
        return (score.value or 0.0, 1.0)
    return (score.count, score.of)


def _places(scores: Iterable[CaseScore], cases: tuple[str, ...]) -> dict[_Place, _Parts]:
    """The finest scores: of each section, and of each case what none of its sections accounts for."""
    sections: dict[_Place, _Parts] = {}
    wholes: dict[str, _Parts] = {}
    for score in scores:
        if score.case not in cases or score.value is None:
            continue
        if score.section is None:
            wholes[score.case] = _parts(score)
        else:
            sections[score.case, score.section] = _parts(score)
    for case, (count, of) in wholes.items():
        own = [parts for (c, _), parts in sections.items() if c == case]
        sections[case, None] = (round(count - sum(p[0] for p in own), 6), round(of - sum(p[1] for p in own), 6))
    return sections


def _pairs(measure: Measure, a: Scored, b: Scored, cases: tuple[str, ...]) -> dict[_Place, _Pair]:
    ours, theirs = a.by_measure.get(measure.name, ()), b.by_measure.get(measure.name, ())
    left, right = _places(ours, cases), _places(theirs, cases)
    both = {place: (*left[place], *right[place]) for place in left if place in right}
    detailed = {case for case, section in both if section is not None}
    # What a case has beyond its sections is a pair only where there is something.
    found = {p: v for p, v in both.items() if p[1] is not None or p[0] not in detailed or any(v)}
    if not counts_things(measure, (*ours, *theirs)):
        return {p: v for p, v in found.items() if p[1] is not None or v[1] or v[3]}
    found = {p: v for p, v in found.items() if p[1] is not None or p[0] not in detailed or v[0] or v[2]}
    number = Counter(case for case, _ in found)
    return {p: (v[0], 1 / number[p[0]], v[2], 1 / number[p[0]]) for p, v in found.items()}


# --- difference and interval --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Draws:
    """How the interval is drawn."""

    confidence: float
    resamples: int
    seed: int

    def interval(self, pairs: Sequence[_Pair], name: str) -> tuple[float, float]:
        """Percentiles of the difference over resampled pairs. Each measure has draws of its own."""
        if all(p[:2] == p[2:] for p in pairs):
            return (0.0, 0.0)
        draw = random.Random(f"{self.seed} {name}")  # noqa: S311  a resampling, no secret
        found = []
        for _ in range(self.resamples):
            difference = _difference(draw.choices(pairs, k=len(pairs)))
            if difference is not None:
                found.append(difference[2])
        if not found:
            return (0.0, 0.0)
        found.sort()
        tail = int((1 - self.confidence) / 2 * len(found))
        return (found[tail], found[-1 - tail])


def _difference(pairs: Iterable[_Pair]) -> tuple[float, float, float] | None:
    """Pooled value of a, of b, and b − a; None where there is nothing to divide by."""
    count_a, of_a, count_b, of_b = map(sum, zip(*pairs, strict=True))
    if not of_a or not of_b:
        return None
    return count_a / of_a, count_b / of_b, count_b / of_b - count_a / of_a


def _compared(measure: Measure, a: Scored, b: Scored, cases: tuple[str, ...], draws: _Draws) -> Compared | None:
    pairs = _pairs(measure, a, b, cases)
    whole = _difference(pairs.values()) if pairs else None
    if whole is None:
        return None
    low, high = draws.interval(list(pairs.values()), measure.name)
    moved = sum(p[:2] != p[2:] for p in pairs.values())
    enough = 2.0 ** (1 - moved) <= 1 - draws.confidence
    return Compared(
        measure=measure.name,
        title=measure.title,
        better=measure.better,
        pairs=len(pairs),
        a=round(whole[0], 6),
        b=round(whole[1], 6),
        difference=round(whole[2], 6),
        low=round(low, 6),
        high=round(high, 6),
        verdict=_verdict(measure, low, high) if enough else "same",
        moved=_moved(pairs, counted=counts_things(measure, (*a.by_measure[measure.name], *b.by_measure[measure.name]))),
    )


def _verdict(measure: Measure, low: float, high: float) -> Verdict:
    if low <= 0 <= high:
        return "same"
    if measure.better == "neither":
        return "changed"
    return "better" if (low > 0) == (measure.better == "higher") else "worse"


def _moved(pairs: Mapping[_Place, _Pair], *, counted: bool) -> tuple[Moved, ...]:
    """What moved furthest, by its part in the whole."""
    changed = sorted(((_pull(v), p, v) for p, v in pairs.items() if v[:2] != v[2:]), key=lambda m: -m[0])
    return tuple(
        Moved(
            case=case,
            section=section,
            a=v[0] if counted else _ratio(v[0], v[1]),
            b=v[2] if counted else _ratio(v[2], v[3]),
        )
        for _, (case, section), v in changed[:MOVED]
    )


def _pull(pair: _Pair) -> float:
    a, b = _ratio(pair[0], pair[1]) or 0, _ratio(pair[2], pair[3]) or 0
    return abs(b - a) * max(pair[1], pair[3])


def _ratio(count: float, of: float) -> float | None:
    return round(count / of, 6) if of else None
