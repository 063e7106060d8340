"""A drop of known size is found by compare and gate, an unchanged pair is not; what is compared is paired."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from evals.baseline import Baseline, baseline_json, baseline_of
from evals.bench.planted import RULE, planted_run, prompts_without, verdicts
from evals.cases import Loaded
from evals.command import as_json
from evals.compare import Comparison, Scored, compare, pooled_value, scored
from evals.gate import Thresholds, judge_run
from evals.report_prompts import changes
from evals.scorers import MEASURES
from schemas.evaluation import CaseScore, EvalRun, Measure
from service.errors import InputError
from tests.cli.running import fangan
from tests.evals.drafting import loaded

CASES = ("wanghai", "wanghai-base", "chongqing", "chengdu", "langang-gaps", "no-targets")


def cases() -> list[Loaded]:
    return [loaded(c) for c in CASES]


@pytest.fixture(scope="module")
def first() -> EvalRun:
    """Two figures in a hundred are wrong."""
    return planted_run(cases(), seed=1)


@pytest.fixture(scope="module")
def careless() -> EvalRun:
    """The same writer with prompts that lack a rule: six more in a hundred are wrong."""
    with prompts_without(RULE):
        return planted_run(cases(), seed=1)


def verdict(comparison: Comparison, measure: str) -> str:
    (found,) = (m for m in comparison.measures if m.measure == measure)
    return found.verdict


def test_a_planted_drop_is_found(first: EvalRun, careless: EvalRun) -> None:
    found = compare(scored(first), scored(careless), confidence=0.99)
    (grounding,) = (m for m in found.measures if m.measure == "grounding")
    assert -0.09 < grounding.difference < -0.02
    assert grounding.verdict == "worse"
    assert grounding.low < grounding.difference < grounding.high < 0
    furthest = grounding.moved[0]
    assert (furthest.b or 0) < (furthest.a or 0)
    assert verdict(compare(scored(careless), scored(first)), "grounding") == "better"
    judged = judge_run(careless, Thresholds(), baseline_of(first))
    assert any(m.startswith("数字有据率：比基线差") for m in judged.misses)
    told = judge_run(careless, Thresholds(told_only=tuple(m.name for m in MEASURES)), baseline_of(first))
    assert told.misses == ()


def test_an_unchanged_pair_is_the_same(first: EvalRun) -> None:
    again = planted_run(cases(), seed=2)
    assert again.scores != first.scores, "other figures are wrong"
    assert judge_run(again, Thresholds(), baseline_of(first)).misses == ()
    same = compare(scored(first), scored(first))
    assert {m.verdict for m in same.measures} == {"same"}
    assert {(m.difference, m.low, m.high) for m in same.measures} == {(0, 0, 0)}


def test_chance_alone_seldom_gives_a_verdict(first: EvalRun) -> None:
    unchanged = verdicts(first, (0.04, 0.04), 0.95, range(40))
    assert unchanged["same"] >= 36, "one in twenty is what 95 % allows"
    dropped = verdicts(first, (0.02, 0.10), 0.95, range(10))
    assert dropped["worse"] >= 8


def test_what_changed_in_the_prompts_is_shown(first: EvalRun, careless: EvalRun) -> None:
    found = changes(careless, first)
    assert found.changed == len(careless.prompts)
    assert found.same == found.added == found.dropped == 0
    system = [d for d in found.differences if d.role == "system"]
    assert system
    for one in system:
        (dropped,) = (line for line in one.lines if line.kind == "drop")
        assert RULE in dropped.text
    assert changes(first, first).differences == ()


# --- pairing ------------------------------------------------------------------------------------------------------

SHARE = Measure(name="share", title="比率", better="higher", share=True)
COUNT = Measure(name="count", title="次数", better="lower")
PLAIN = Measure(name="plain", title="相似度", better="higher")


def side(measure: Measure, scores: Iterable[CaseScore], sheets: dict[str, str] | None = None) -> Scored:
    found = tuple(scores)
    return Scored("甲", (measure,), sheets or {s.case: "sha256:1" for s in found}, found)


def parts(measure: Measure, **sections: tuple[float, float]) -> list[CaseScore]:
    """A case `c` with sections s1, s2 … and their sums."""
    made = [
        CaseScore(case="c", section=s, scorer=measure.name, value=c / o if measure.share else c, count=c, of=o)
        for s, (c, o) in sections.items()
    ]
    count, of = (sum(getattr(s, n) for s in made) for n in ("count", "of"))
    whole = count / of if measure.share else count
    return [*made, CaseScore(case="c", scorer=measure.name, value=whole, count=count, of=of)]


def test_only_what_both_runs_scored_is_compared() -> None:
    a = side(SHARE, parts(SHARE, s1=(9, 10), s2=(1, 2)))
    b = side(SHARE, parts(SHARE, s1=(8, 10), s3=(0, 5)))
    (found,) = compare(a, b).measures
    assert (found.pairs, found.a, found.b) == (1, 0.9, 0.8)
    assert found.verdict == "same", "one pair proves nothing"


def test_things_are_counted_per_case_with_what_belongs_to_no_section() -> None:
    def case(name: str, section: int, loose: int) -> list[CaseScore]:
        return [
            CaseScore(case=name, section="s1", scorer="count", value=section, count=section, of=100),
            CaseScore(case=name, section="s2", scorer="count", value=0, count=0, of=100),
            CaseScore(case=name, scorer="count", value=section + loose, count=section + loose, of=200),
        ]

    a = side(COUNT, [*case("x", 1, 0), *case("y", 0, 0)])
    b = side(COUNT, [*case("x", 1, 2), *case("y", 4, 0)])
    (found,) = compare(a, b).measures
    assert (found.a, found.b) == (0.5, 3.5)
    assert [(m.case, m.section, m.a, m.b) for m in found.moved] == [("y", "s1", 0, 4), ("x", None, 0, 2)]
    assert pooled_value(COUNT, b.scores) == 3.5


def test_six_pairs_that_agree_are_a_verdict_and_five_are_not() -> None:
    for number, expected in ((5, "same"), (6, "better")):
        a = side(PLAIN, [CaseScore(case=f"c{n}", scorer="plain", value=50 + n) for n in range(number)])
        b = side(PLAIN, [CaseScore(case=f"c{n}", scorer="plain", value=60 + n) for n in range(number)])
        (found,) = compare(a, b).measures
        assert found.verdict == expected
        assert (found.low, found.high) == (10, 10)


def test_which_way_is_better_is_respected() -> None:
    def eight(measure: Measure, value: float) -> Scored:
        scores = [CaseScore(case=f"c{n}", scorer=measure.name, value=value, count=value, of=9) for n in range(8)]
        return side(measure, scores)

    neither = Measure(name="floor", title="下限", better="neither")
    assert verdict(compare(eight(COUNT, 1), eight(COUNT, 3)), "count") == "worse"
    assert verdict(compare(eight(COUNT, 3), eight(COUNT, 1)), "count") == "better"
    assert verdict(compare(eight(neither, 1), eight(neither, 3)), "floor") == "changed"


def test_a_changed_sheet_is_another_case() -> None:
    a = side(SHARE, parts(SHARE, s1=(1, 2)), {"c": "sha256:1", "d": "sha256:1"})
    b = side(SHARE, parts(SHARE, s1=(1, 2)), {"c": "sha256:2"})
    with pytest.raises(InputError, match="没有事实表相同的用例"):
        compare(a, b)
    told = compare(a, side(SHARE, parts(SHARE, s1=(1, 2)), {"c": "sha256:2", "d": "sha256:1"}))
    assert told.cases == ("d",)
    assert told.notices == ("用例 c 的事实表已改，未比较",)


def test_a_baseline_is_read_back_with_the_same_scores(first: EvalRun) -> None:
    written = baseline_json(baseline_of(first))
    read = Baseline.model_validate_json(written)
    assert read == baseline_of(first)
    assert {m.difference for m in compare(read.scored, scored(first)).measures} == {0}
    assert "万元" not in written, "scores alone"


def test_the_command_shows_a_table_or_json(tmp_path: Path, first: EvalRun, careless: EvalRun) -> None:
    for name, one in (("a", first), ("b", careless)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(as_json(one), encoding="utf-8")
    done = fangan(tmp_path, "eval", "compare", "a", "b/run.json")
    assert done.returncode == 0, done.stderr
    assert "变差" in done.stdout
    assert "数字有据率变差，变动最大的：" in done.stdout
    data = json.loads(fangan(tmp_path, "eval", "compare", "a", "b", "--json").stdout)
    assert Comparison.model_validate(data) == compare(scored(first), scored(careless))
    wrong = fangan(tmp_path, "eval", "compare", "a", "nothing.json")
    assert wrong.returncode == 2
    assert "nothing.json" in wrong.stderr
