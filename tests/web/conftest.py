"""Pages over the served app that all tests of a process share."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.api.plans.plans import Gate, Office
from tests.web.browsing import Browser


@pytest.fixture
def office(plans_service: tuple[httpx.Client, Gate]) -> Iterator[Office]:
    """Plans of 望海市, made by the test and deleted after it."""
    client, gate = plans_service
    office = Office(client, gate)
    yield office
    office.clear()


@pytest.fixture
def browser(plans_service: tuple[httpx.Client, Gate]) -> Browser:
    """Whoever looks at the pages of that app."""
    return Browser(plans_service[0])
