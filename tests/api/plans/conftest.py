"""One served app with plans for all tests of a process: the engine is one to a process."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from service.main import create_app
from tests.api.live import served, settings
from tests.api.plans.plans import Gate, Office, writer_for


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Gate]]:
    gate = Gate()
    folder = tmp_path_factory.mktemp("plans")
    with served(create_app(settings(data_dir=folder, max_repairs=1), writer_for(gate))) as client:
        yield client, gate
        gate.open()  # whatever still waits ends


@pytest.fixture
def office(_served: tuple[httpx.Client, Gate]) -> Iterator[Office]:
    """Plans of 望海市, made by the test and deleted after it."""
    client, gate = _served
    office = Office(client, gate)
    yield office
    office.clear()
