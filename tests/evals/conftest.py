"""Plans of two cases, drafted once: 重庆 (with the plan it really submitted) and 望海 (complete)."""

from __future__ import annotations

import pytest

from evals.scorers.sample import Sample
from tests.evals.drafting import sample


@pytest.fixture(scope="session")
def chongqing() -> Sample:
    return sample("chongqing", seed=7)


@pytest.fixture(scope="session")
def wanghai() -> Sample:
    return sample("wanghai")
