"""Clients of a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI

from service.main import create_app
from tests.api.live import scripted, served, settings


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    """The service as it is without any settings, its writer replaced by one that always says the same."""
    with served(create_app(settings(), lambda _: scripted(), durable=False)) as found:
        yield found


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], httpx.Client]]:
    """Serves an app of the test's own until the test ends."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(served(app))
