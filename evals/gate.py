"""`fangan eval gate`: a run is held to thresholds and to a baseline; the exit code says whether it may pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator
from rich.console import Console

from evals.baseline import Baseline, baseline_json, baseline_of, read_baseline
from evals.command import Choice, make_run, read_record, write_run
from evals.compare import Comparison, compare, pooled_value, scored
from evals.tables import comparison_table, interval, moved_lines, short
from schemas import Model
from schemas.evaluation import EvalRun
from service.cli.console import put, say
from service.cli.files import output
from service.errors import InputError
from service.main import OFFLINE


class Bound(Model):
    """A measure's least or greatest value: of each case with the tag, or of them all together."""

    measure: str
    tag: str | None = None
    of: Literal["each", "pooled"] = "each"
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("a bound needs min or max")
        return self

    @property
    def told(self) -> str:
        """The bound in words."""
        least = f"不低于{short(self.min)}" if self.min is not None else ""
        most = f"不超过{short(self.max)}" if self.max is not None else ""
        return "、".join(t for t in (least, most) if t)

    def holds(self, value: float) -> bool:
        """Whether a value is within."""
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)


class Thresholds(Model):
    """The file of thresholds."""

    confidence: float = Field(default=0.99, ge=0.5, lt=1)
    resamples: int = Field(default=4000, ge=2000)
    told_only: tuple[str, ...] = ()
    """Measures that may be worse than the baseline: they are told of and stop nothing."""
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate found: `misses` stop it, in the order of the file, then of the measures."""

    misses: tuple[str, ...]
    comparison: Comparison | None


def thresholds_at(place: Path) -> Thresholds:
    """The file's thresholds. InputError when it cannot be read or says something that is no threshold."""
    try:
        return Thresholds.model_validate(yaml.safe_load(place.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"门槛文件 {place} 读不到，请检查路径") from error
    except yaml.YAMLError as error:
        raise InputError(f"门槛文件 {place} 不是 YAML") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"门槛文件 {place} 的 {where} 有误：{first['msg']}") from error


def judge_run(run: EvalRun, thresholds: Thresholds, baseline: Baseline | None) -> Judged:
    """Holds a run to both. InputError for a threshold of a measure that there is not."""
    misses = [*_missed_bounds(run, thresholds)]
    comparison = None
    if baseline is not None:
        comparison = compare(
            baseline.scored,
            scored(run),
            confidence=thresholds.confidence,
            resamples=thresholds.resamples,
            seed=run.seed,
        )
        misses += _incomplete(run, baseline)
        misses += _worse(comparison, thresholds)
    return Judged(tuple(misses), comparison)


def _missed_bounds(run: EvalRun, thresholds: Thresholds) -> Iterator[str]:
    measures = {m.name: m for m in run.measures}
    by_measure = scored(run).by_measure
    for bound in thresholds.bounds:
        measure = measures.get(bound.measure)
        if measure is None:
            raise InputError(f"门槛文件中的评分 {bound.measure} 不存在，可用的有：{'、'.join(measures)}")
        cases = {c.id for c in run.cases if bound.tag is None or bound.tag in c.tags}
        scores = [s for s in by_measure.get(bound.measure, ()) if s.case in cases]
        if bound.of == "pooled":
            values = [("合计", pooled_value(measure, scores))]
        else:
            values = [(s.case, s.value) for s in scores if s.section is None]
        known = [(who, value) for who, value in values if value is not None]
        whose = f"{measure.title}（{bound.tag}）" if bound.tag else measure.title
        if not known:
            yield f"{whose}：没有可评的用例，门槛{bound.told}无从检验"
        for who, value in known:
            if not bound.holds(value):
                yield f"{whose}：{who} {value:.4g}，应当{bound.told}"


def _incomplete(run: EvalRun, baseline: Baseline) -> Iterator[str]:
    """A gate that quietly compares less than it did would pass anything."""
    sheets = {c.id: c.sheet_hash for c in run.cases}
    if lacking := [c for c in baseline.sheets if c not in sheets]:
        yield f"基线中的用例没有评：{'、'.join(lacking)}"
    if changed := [c for c, sheet in baseline.sheets.items() if c in sheets and sheets[c] != sheet]:
        yield f"用例的事实表与基线的不同：{'、'.join(changed)}"
    if unscored := [m.title for m in baseline.measures if m.name not in {n.name for n in run.measures}]:
        yield f"基线中的评分没有了：{'、'.join(unscored)}"


def _worse(comparison: Comparison, thresholds: Thresholds) -> Iterator[str]:
    for m in comparison.measures:
        if m.verdict == "worse" and m.measure not in thresholds.told_only:
            yield (
                f"{m.title}：比基线差，{short(m.a)}→{short(m.b)}，差的{comparison.confidence:.0%}区间为{interval(m)}"
            )


# --- the command --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GateChoice:
    """What was asked for on the command line. Without `run` the offline writer drafts all cases first."""

    run: Path | None = None
    out: Path | None = None
    thresholds: Path | None = None
    baseline: Path | None = None
    accept: bool = False


def run_gate(choice: GateChoice) -> int:
    """Judges and tells; 1 when a threshold is missed or a measure is worse, also where the baseline is renewed."""
    thresholds = thresholds_at(choice.thresholds or _shipped("gate.yaml"))
    place = choice.baseline or _shipped("baseline.json")
    baseline = read_baseline(place) if place.exists() or not choice.accept else None
    run = _run(choice)
    judged = judge_run(run, thresholds, None if choice.accept else baseline)
    if choice.accept:
        _accept(run, baseline, place)
    _tell(judged, thresholds)
    return int(bool(judged.misses))


def _shipped(name: str) -> Path:
    return Path(str(files("evals") / name))


def _run(choice: GateChoice) -> EvalRun:
    if choice.run is not None:
        return read_record(choice.run)
    run, _ = make_run(Choice(writer=OFFLINE))
    if choice.out is not None:
        write_run(run, choice.out)
    return run


def _accept(run: EvalRun, before: Baseline | None, place: Path) -> None:
    """Writes the baseline; what changes by it is shown beside the old one."""
    if before is not None:
        Console().print(comparison_table(compare(before.scored, scored(run), seed=run.seed)))
    with output(place.parent) as staging:
        staging.finish({place.name: baseline_json(baseline_of(run)).encode()})
    say(f"已写出基线：{place}，请审阅后提交")


def _tell(judged: Judged, thresholds: Thresholds) -> None:
    if judged.comparison is not None:
        Console().print(comparison_table(judged.comparison))
        for line in moved_lines(judged.comparison):
            put(line)
        for notice in judged.comparison.notices:
            say(f"注意：{notice}")
    for miss in judged.misses:
        put(f"未通过：{miss}")
    if not judged.misses:
        put(f"通过：{len(thresholds.bounds)}项门槛，与基线相比没有变差的评分" if judged.comparison else "通过各项门槛")
