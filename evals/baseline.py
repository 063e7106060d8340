"""The baseline that the gate compares with: an earlier run's scores without any of its texts, small enough to commit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from evals.compare import Scored
from schemas import Model
from schemas.evaluation import CaseScore, EvalRun, Measure
from service.errors import InputError

WHOLE = ""
"""The section's place in the file where the score is the case's own."""

_Figures = tuple[float | None, ...]
"""value, or value, count, of."""


class Baseline(Model):
    """Scores by measure, case and section, with what is needed to know what they were measured on."""

    version: Literal[1] = 1
    run: str
    revision: str | None
    fangan: str
    writer: str
    model: str
    seed: int
    sheets: Mapping[str, str]
    measures: tuple[Measure, ...]
    scores: Mapping[str, Mapping[str, Mapping[str, _Figures]]]

    @property
    def scored(self) -> Scored:
        """As a side of a comparison."""
        return Scored(self.run, self.measures, self.sheets, tuple(self._scores()))

    def _scores(self) -> Iterator[CaseScore]:
        for scorer, cases in self.scores.items():
            for case, sections in cases.items():
                for section, figures in sections.items():
                    value, count, of = (*figures, None, None)[:3]
                    yield CaseScore(case=case, section=section or None, scorer=scorer, value=value, count=count, of=of)


def baseline_of(run: EvalRun) -> Baseline:
    """A run as a baseline."""
    scores: dict[str, dict[str, dict[str, _Figures]]] = {}
    for score in run.scores:
        figures = (score.value,) if score.count is None else (score.value, score.count, score.of)
        scores.setdefault(score.scorer, {}).setdefault(score.case, {})[score.section or WHOLE] = figures
    return Baseline(
        run=run.id,
        revision=run.revision,
        fangan=run.fangan,
        writer=run.writer,
        model=run.model,
        seed=run.seed,
        sheets={c.id: c.sheet_hash for c in run.cases},
        measures=run.measures,
        scores=scores,
    )


def baseline_json(baseline: Baseline) -> str:
    """One case of one measure a line, so that a change of the baseline can be read in a review."""
    head = baseline.model_dump(mode="json", exclude={"scores", "measures", "sheets"})
    lines = [f' "{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in head.items()]
    lines.append(' "sheets": ' + _block(_rows(baseline.sheets), "{}"))
    measures = (json.dumps(m.model_dump(mode="json"), ensure_ascii=False) for m in baseline.measures)
    lines.append(' "measures": ' + _block((f"  {m}" for m in measures), "[]"))
    of_each = (f'  "{name}": ' + _block((f" {r}" for r in _rows(c)), "{}", 2) for name, c in baseline.scores.items())
    lines.append(' "scores": ' + _block(of_each, "{}"))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rows(values: Mapping[str, object]) -> Iterator[str]:
    return (f'  "{name}": {json.dumps(v, ensure_ascii=False, separators=(",", ":"))}' for name, v in values.items())


def _block(rows: Iterator[str], brackets: str, indent: int = 1) -> str:
    return brackets[0] + "\n" + ",\n".join(rows) + "\n" + " " * indent + brackets[1]


def read_baseline(place: Path) -> Baseline:
    """A baseline that was kept. InputError when it is not there or not one."""
    try:
        return Baseline.model_validate_json(place.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"评测基线 {place} 读不到或格式不对，请用 fangan eval gate --accept 重新写出") from error
