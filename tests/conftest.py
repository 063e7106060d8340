"""What all tests share: no test leaves the machine, and a real model server for those that want one."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import platformdirs
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.doubles.llama import serve_llama
from tests.doubles.postgres import fresh_database, serve_postgres

if TYPE_CHECKING:
    from tests.api.plans.plans import Gate

# A busy machine is no fault of the code, and tests leave nothing behind.
hypothesis_settings.register_profile(
    "fangan", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("fangan")


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _stay_on_this_machine() -> Iterator[None]:
    """Connecting to, or looking up, any other machine fails the test that does it."""
    patch = pytest.MonkeyPatch()

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
                raise AssertionError(f"a test wants to connect to {address}")
            return real(self, address)

        return connect

    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **more: Any) -> Any:
        if not _is_here(host):
            raise socket.gaierror(socket.EAI_NONAME, f"tests look up no host: {host}")
        return look_up(host, *args, **more)

    patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def _have_no_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The data directory of whoever runs the tests is neither read nor written, by processes of theirs neither."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(folder / "fangan"))
        patch.setenv("XDG_DATA_HOME", str(folder))
        patch.delenv("FANGAN_DATA_DIR", raising=False)
        patch.delenv("FANGAN_DATABASE_URL", raising=False)
        yield


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of llama.cpp with random weights; its model is called `random` (tests.doubles.llama.MODEL)."""
    with serve_llama(tmp_path_factory.mktemp("llama")) as url:
        yield url


@pytest.fixture(scope="session")
def llama_tools_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with a template that knows tools."""
    with serve_llama(tmp_path_factory.mktemp("llama-tools"), "tools") as url:
        yield url


@pytest.fixture(scope="session")
def llama_think_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with a model that thinks first."""
    with serve_llama(tmp_path_factory.mktemp("llama-think"), "think") as url:
        yield url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a Postgres server; skips where there is none (tests.doubles.postgres)."""
    with serve_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty Postgres database."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def plans_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Gate]]:
    """The one served app with plans of a process, as the engine is one to a process; and what holds its slow writer."""
    # What the service imports takes two seconds, which tests without it do not pay.
    from service.main import create_app
    from tests.api.live import served, settings
    from tests.api.plans.plans import Gate, writer_for

    gate = Gate()
    folder = tmp_path_factory.mktemp("plans")
    with served(create_app(settings(data_dir=folder, max_repairs=1), writer_for(gate))) as client:
        yield client, gate
        gate.open()  # whatever still waits ends
