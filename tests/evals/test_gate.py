"""The gate stops what misses a threshold or is worse than the baseline, and never compares less than it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.baseline import baseline_json, baseline_of
from evals.cases import all_cases
from evals.command import as_json
from evals.gate import Bound, Thresholds, judge_run, thresholds_at
from evals.scorers import MEASURES
from schemas.evaluation import CaseScore, EvalRun
from service.errors import InputError
from tests.cli.running import fangan
from tests.evals.records import ROOT, record


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    (tmp_path / "baseline.json").write_text(baseline_json(baseline_of(record())), encoding="utf-8")
    (tmp_path / "gate.yaml").write_text("bounds:\n  - {measure: grounding, min: 0.9, tag: city}\n", encoding="utf-8")
    return tmp_path


def gate(folder: Path, run: EvalRun, *more: str) -> tuple[int, str]:
    (folder / "run.json").write_text(as_json(run), encoding="utf-8")
    place = ("--thresholds", "gate.yaml", "--baseline", "baseline.json")
    done = fangan(folder, "eval", "gate", "run.json", *place, *more)
    return done.returncode, done.stdout + done.stderr


def test_an_unchanged_run_passes(kept: Path) -> None:
    code, told = gate(kept, record())
    assert code == 0, told
    assert "通过：1项门槛" in told


def test_a_missed_threshold_stops(kept: Path) -> None:
    code, told = gate(kept, record(grounded=0.89))
    assert code == 1
    assert "数字有据率（city）：harbin 0.89，应当不低于0.9" in told


def test_worse_than_the_baseline_stops_within_the_thresholds(kept: Path) -> None:
    code, told = gate(kept, record(grounded=0.93))
    assert code == 1
    assert "数字有据率：比基线差，1→0.93" in told
    assert gate(kept, record(grounded=0.93), "--accept")[0] == 0, "deliberately"
    assert gate(kept, record(grounded=0.93))[0] == 0
    assert gate(kept, record(grounded=1.0))[0] == 0, "better is no reason to stop"


def test_accepting_does_not_excuse_a_missed_threshold(kept: Path) -> None:
    code, told = gate(kept, record(grounded=0.5), "--accept")
    assert code == 1
    assert "已写出基线" in told


def test_less_than_the_baseline_has_is_no_pass() -> None:
    whole = record()
    baseline = baseline_of(whole)
    fewer = whole.model_copy(update={"cases": whole.cases[:1]})
    assert judge_run(fewer, Thresholds(), baseline).misses == ("基线中的用例没有评：hostile",)
    changed = (whole.cases[0].model_copy(update={"sheet_hash": "sha256:9"}), *whole.cases[1:])
    other = judge_run(whole.model_copy(update={"cases": changed}), Thresholds(), baseline)
    assert other.misses == ("用例的事实表与基线的不同：harbin",)
    unscored = whole.model_copy(update={"measures": whole.measures[1:]})
    assert "基线中的评分没有了：数字有据率" in judge_run(unscored, Thresholds(), baseline).misses


@pytest.mark.parametrize(
    ("bound", "missed"),
    [
        (Bound(measure="grounding", min=0.96), ("harbin",)),
        (Bound(measure="grounding", min=0.96, tag="hostile"), ()),
        (Bound(measure="grounding", min=0.97, of="pooled"), ()),
        (Bound(measure="grounding", min=0.98, of="pooled"), ("合计",)),
        (Bound(measure="style", max=2), ("hostile",)),
        (Bound(measure="chrf", min=1), ("没有可评的用例",)),
        (Bound(measure="grounding", min=0.9, tag="base"), ("没有可评的用例",)),
    ],
)
def test_bounds_of_each_case_and_of_all_together(bound: Bound, missed: tuple[str, ...]) -> None:
    run = record(grounded=0.95, hostile=1.0)
    style = CaseScore(case="hostile", scorer="style", value=3, count=3, of=900)
    run = run.model_copy(update={"scores": (*run.scores, style)})
    told = judge_run(run, Thresholds(bounds=(bound,)), None).misses
    assert len(told) == len(missed)
    assert all(who in line for who, line in zip(missed, told, strict=True))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("bounds: [{measure: grounding}]", "bounds.0"),
        ("bounds: [{measure: grounding, minimum: 1}]", "bounds.0"),
        ("confidence: 2", "confidence"),
        ("bounds: [", "不是 YAML"),
    ],
)
def test_a_wrong_file_of_thresholds_says_where(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "gate.yaml").write_text(written, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        thresholds_at(tmp_path / "gate.yaml")


def test_a_threshold_of_no_measure_is_a_mistake() -> None:
    with pytest.raises(InputError, match="groundings"):
        judge_run(record(), Thresholds(bounds=(Bound(measure="groundings", min=1),)), None)


def test_what_ships_speaks_of_cases_and_measures_that_there_are() -> None:
    shipped = thresholds_at(ROOT / "evals" / "gate.yaml")
    names, tags = {m.name for m in MEASURES}, {t for c in all_cases() for t in c.tags}
    assert {b.measure for b in shipped.bounds} <= names
    assert {b.tag for b in shipped.bounds if b.tag} <= tags
    assert set(shipped.told_only) <= names
    baseline = (ROOT / "evals" / "baseline.json").read_text(encoding="utf-8")
    assert all(f'"{c.id}"' in baseline for c in all_cases())
