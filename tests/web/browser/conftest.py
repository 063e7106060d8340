"""A browser for each test module, and services in processes of their own: one offline, one with a slow model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.cli.serving import Service, serving
from tests.doubles.offline_endpoint import offline
from tests.doubles.valve import Valve, slow_endpoint
from tests.web.browser.tabs import Tabs, chromium, chromium_path


@pytest.fixture(scope="session")
def chromium_there() -> None:
    """Skips before anything is started."""
    chromium_path()


@pytest.fixture(scope="session")
def offline_service(chromium_there: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`fangan serve` as it is without a model."""
    with serving(tmp_path_factory.mktemp("offline")) as service:
        yield service


@pytest.fixture(scope="session")
def valve(chromium_there: None) -> Iterator[Valve]:
    """The slow model's endpoint. Its replies are made before a browser takes the event loop."""
    with slow_endpoint(offline()[1]) as valve:
        yield valve


def with_model(valve: Valve) -> dict[str, str]:
    """Environment of a service that drafts with the slow model."""
    return {
        "OPENAI_BASE_URL": valve.url, "OPENAI_API_KEY": "test", "FANGAN_MODEL": "slow-1", "FANGAN_RUNG": "json_schema",
        "FANGAN_WARM_CACHE": "off", "FANGAN_MAX_REPAIRS": "0",
    }  # fmt: skip


@pytest.fixture(scope="session")
def slow_service(valve: Valve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`fangan serve` with a model that answers when the test lets it."""
    with serving(tmp_path_factory.mktemp("slow"), **with_model(valve)) as service:
        yield service


@pytest.fixture(scope="module")
def chrome(chromium_there: None, valve: Valve) -> Iterator[Browser]:
    """Of the module, as it holds the event loop while it runs; what needs one comes first."""
    del valve
    with chromium() as browser:
        yield browser


@pytest.fixture
def tabs(chrome: Browser, offline_service: Service) -> Iterator[Tabs]:
    """A person at the offline service."""
    tabs = Tabs(chrome, offline_service.client)
    yield tabs
    tabs.close()


@pytest.fixture
def slow(chrome: Browser, slow_service: Service, valve: Valve) -> Iterator[Tabs]:
    """A person at the service with the slow model, which answers nothing at first."""
    valve.close()
    tabs = Tabs(chrome, slow_service.client)
    yield tabs
    valve.open()
    tabs.close()
