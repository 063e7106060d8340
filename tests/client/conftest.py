"""The client of the live service that all tests of a process share."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from schemas.facts import FactSheet
from service.client import Client
from tests.api.live import sheet
from tests.api.plans.plans import Gate


@pytest.fixture
def fangan(plans_service: tuple[httpx.Client, Gate]) -> Iterator[Client]:
    """A client of the live service; plans that a test leaves are deleted."""
    served, gate = plans_service
    with Client(str(served.base_url)) as client:
        before = {p.id for p in client.plans(limit=100).plans}
        yield client
        gate.open()
        for plan in client.plans(limit=100).plans:
            if plan.id not in before:
                client.delete(plan.id)


@pytest.fixture
def facts(fangan: Client) -> FactSheet:
    """望海市's, as the service reads it."""
    return fangan.parse_fact_sheet(json.dumps(sheet(), ensure_ascii=False).encode())
