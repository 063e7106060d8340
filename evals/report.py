"""A run as one page to be read: scores with their spread, what failed, prompts, usage and the run's own record.

The page needs nothing but itself: figures are drawn into it, it holds no script, and its policy lets a browser fetch
nothing, whatever a hostile sheet has put into a draft. All that is not ours passes the template's escaping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from evals.compare import Comparison, compare, pooled_value, scored
from evals.report_prompts import asked, changes
from evals.tables import VERDICTS, interval, moved_told, short, signed
from schemas.draft import Usage
from schemas.evaluation import CaseRecord, CaseScore, EvalFailure, EvalRun, Measure
from schemas.plan import SectionStatus
from service.errors import InputError

TEMPLATE = "report.html.j2"
LOST = 60
"""Sections with lost points that are listed."""
MOST_FAILURES = 200
"""Failures that are listed with their texts; run.json has all."""
_STATUS = {
    SectionStatus.DONE: "完成",
    SectionStatus.NEEDS_REVIEW: "待人工处理",
    SectionStatus.FAILED: "失败",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A measure over all cases: pooled, the cases' range, and the value of each."""

    measure: Measure
    pooled: str
    worst: str
    worst_case: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A case's value. `tone`: 0 perfect or neutral, 1 to 3 how far from it; None without a value."""

    told: str
    tone: int | None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A failure as it is read: its text in three parts, the middle one is what was found."""

    failure: EvalFailure
    title: str
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What a case took."""

    case: CaseRecord
    calls: int
    seconds: float | None
    states: str


def report(run: EvalRun, against: EvalRun | None = None) -> str:
    """The page. `against`: an earlier run that scores and prompts are compared with."""
    titles = {(c.id, s.id): s.title for c in run.cases for s in c.sections}
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            run=run,
            against=against,
            rows=list(_rows(run)),
            figures=_figures(run),
            comparison=_comparison(run, against),
            verdicts=VERDICTS,
            failures=[_shown(f, titles) for f in run.failures[:MOST_FAILURES]],
            lost=list(_lost(run))[:LOST],
            titles=titles,
            measures={m.name: m for m in run.measures},
            templates=list(asked(run)),
            changes=changes(run, against) if against else None,
            spent=[_spent(run, c) for c in run.cases],
            calls=sum(_calls(c) for c in run.cases),
            no_usage=run.usage == Usage(),
            sections=sum(len(c.sections) for c in run.cases),
            failed=sum(s.failure is not None for c in run.cases for s in c.sections),
            models="、".join(sorted({m for c in run.cases for m in c.models})) or "—",
        )
    )


def write_report(run: EvalRun, place: Path, against: EvalRun | None = None) -> None:
    """The page in a file."""
    try:
        place.write_text(report(run, against), encoding="utf-8")
    except OSError as error:
        raise InputError(f"报告 {place} 写不出，请检查目录和权限") from error


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(lambda name: (files("evals") / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(short=short, signed=signed, interval=interval, moved=moved_told, hash8=_hash8)
    return made


def _hash8(value: str) -> str:
    return value.removeprefix("sha256:")[:8]


# --- scores -------------------------------------------------------------------------------------------------------


def _rows(run: EvalRun) -> Iterator[Row]:
    by_measure = scored(run).by_measure
    for measure in run.measures:
        scores = by_measure.get(measure.name, ())
        whole = {s.case: s for s in scores if s.section is None and s.value is not None}
        if not whole:
            continue
        worst_case, worst = _worst(measure, list(whole.values()))
        yield Row(
            measure=measure,
            pooled=short(pooled_value(measure, scores)),
            worst=worst,
            worst_case=worst_case,
            cells=tuple(_cell(measure, whole.get(c.id)) for c in run.cases),
        )


def _worst(measure: Measure, scores: Sequence[CaseScore]) -> tuple[str, str]:
    """The case that is worst and its value; nothing where none is."""
    values = {s.case: s.value or 0.0 for s in scores}
    if measure.better == "neither" or len(set(values.values())) == 1:
        return "", ""
    case = (min if measure.better == "higher" else max)(values, key=lambda c: values[c])
    return case, short(values[case])


def _cell(measure: Measure, score: CaseScore | None) -> Cell:
    if score is None or score.value is None:
        return Cell("", None)
    hint = score.explanation
    if measure.share and score.count is not None:
        hint = f"{score.count:g}/{score.of:g}" + (f"；{hint}" if hint else "")
    return Cell(short(score.value), _tone(measure, score.value), hint)


def _tone(measure: Measure, value: float) -> int:
    """How far a share is from perfect, and whether there is any of what there should be none of."""
    if (
        measure.better == "neither"
        or measure.name in {"tokens", "cost"}
        or (measure.better == "higher" and not measure.share)
    ):
        return 0
    lost = (1 - value) if measure.better == "higher" else value
    steps = (0.0, 0.05, 0.2) if measure.share else (0.0, 2.0, 9.0)
    return sum(lost > step for step in steps)


def _lost(run: EvalRun) -> Iterator[CaseScore]:
    """Sections that are not perfect by a share, those that lost most first."""
    shares = {m.name: m for m in run.measures if m.share and m.better == "higher"}
    lost = [s for s in run.scores if s.scorer in shares and s.section and s.value is not None and s.value < 1]
    yield from sorted(lost, key=lambda s: -((s.of or 1) - (s.count or 0)))


def _comparison(run: EvalRun, against: EvalRun | None) -> Comparison | None:
    return compare(scored(against), scored(run), seed=run.seed) if against else None


def _figures(run: EvalRun) -> list[dict[str, str | Markup]]:
    if find_spec("matplotlib") is None:
        return []
    from evals.report_figures import figures  # noqa: PLC0415  half a second, and not always installed

    # The drawings hold case ids and titles of measures alone, and are escaped by what draws them.
    return [{"title": d.title, "note": d.note, "svg": Markup(d.svg)} for d in figures(run)]  # noqa: S704


# --- failures and usage -------------------------------------------------------------------------------------------


def _shown(failure: EvalFailure, titles: dict[tuple[str, str], str]) -> Shown:
    excerpt = failure.finding.excerpt if failure.finding else ""
    before, found, after = failure.text.partition(excerpt) if excerpt else (failure.text, "", "")
    return Shown(failure, titles.get((failure.case, failure.section or ""), ""), before, found, after)


def _spent(run: EvalRun, case: CaseRecord) -> Spent:
    states: dict[str, int] = defaultdict(int)
    for section in case.sections:
        states[_STATUS.get(section.status, str(section.status))] += 1
    return Spent(
        case=case,
        calls=_calls(case),
        seconds=run.clock.cases.get(case.id),
        states="，".join(f"{state}{number}" for state, number in states.items()),
    )


def _calls(case: CaseRecord) -> int:
    return sum(len(s.prompts) for s in case.sections)
