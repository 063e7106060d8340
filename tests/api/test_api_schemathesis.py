"""The HTTP face held against its own description, by requests made from it: a few of each kind, the same each time.

`python -m evals.bench.schemathesis_run` does the same with ten thousand.
"""

from __future__ import annotations

import warnings

import httpx
import pytest
from hypothesis.errors import HypothesisWarning

from evals.bench.schemathesis_run import ALLOWED, Figures, Phase, attack
from tests.api.plans.plans import Gate, Office

SEED = 20170
_SECTION = "/v1/plans/{plan}/sections/{section}"


@pytest.mark.parametrize(
    ("phase", "examples", "most", "aimed"),
    [
        ("examples", 1, 100, False),
        ("fuzzing", 5, 300, False),
        ("fuzzing", 4, 250, True),
        ("stateful", 10, 150, False),
    ],
    ids=["documented examples", "random requests", "documented bodies with parts replaced", "chains of requests"],
)
def test_every_answer_is_one_that_is_described(
    plans_service: tuple[httpx.Client, Gate], phase: Phase, examples: int, most: int, aimed: bool
) -> None:
    office = Office(*plans_service)
    plan = office.drafted()  # so that there is something to be read and changed
    figures = Figures()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)  # of how the tool uses its own generator
        attack(
            str(office.client.base_url),
            figures,
            SEED,
            phases=[phase],
            examples=examples,
            most=most,
            plan=plan.rpartition("/")[2] if aimed else None,
        )
    office.clear()
    assert figures.faults == {}
    # Some requests name a model, and this service has no endpoint; the description says of which operations.
    assert figures.forbidden(ALLOWED | {"not-configured"}) == {}
    assert figures.requests >= 20
    wanted = {f"PUT {_SECTION}", f"GET {_SECTION}", f"GET {_SECTION}/versions/{{a}}...{{b}}"} if aimed else set()
    assert wanted <= {operation for operation, successes in figures.reached.items() if successes}
