"""Each scorer answers to the faults that it is there for: a plan made wrong in a known way scores worse."""

from __future__ import annotations

import pytest

from evals.bench.mutators import KINDS
from evals.bench.scorers import ALL, DUE, LEFT_OUT, Clean, clean, responses
from evals.scorers import MEASURES
from tests.evals.drafting import loaded


@pytest.fixture(scope="module")
def plans() -> tuple[Clean, ...]:
    return (clean(loaded("wanghai")), clean(loaded("chongqing")))


def test_every_mutation_has_a_scorer_that_answers_for_it() -> None:
    assert DUE.keys() == ALL.keys() >= KINDS.keys()
    named = {name for due in DUE.values() for name in due}
    judged = {m.name for m in MEASURES} - LEFT_OUT - {"statements", "rules", "budget", "chrf"}
    assert judged <= named, "a scorer that no known fault moves measures nothing known"


@pytest.mark.parametrize("kind", DUE)
def test_a_known_fault_is_scored_worse(plans: tuple[Clean, ...], kind: str) -> None:
    each = 10 if kind == "sentence left out" else 2  # most facts are told in more than one place
    found = [r for one in plans for r in responses(one, kind, each, only=DUE[kind])]
    assert found, "there is a place for it"
    for scorer in DUE[kind]:
        moves = [r[scorer] for r in found if scorer in r]
        assert any(m > 1e-9 for m in moves), scorer
        assert all(m > -1e-9 for m in moves), f"no fault raises {scorer}"


def test_the_real_plan_is_less_like_a_draft_that_lost_a_section(plans: tuple[Clean, ...]) -> None:
    _, chongqing = plans
    found = list(responses(chongqing, "section lost", 30, only=("statements", "chrf", "budget")))
    for scorer in ("statements", "chrf"):
        assert any(r[scorer] > 1e-9 for r in found), scorer
