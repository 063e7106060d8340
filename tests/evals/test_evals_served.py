"""`fangan eval run --server`: cases drafted by a live service and scored like those of the pipeline."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from evals.command import Choice, read_record, run_evals
from evals.run import request_of
from evals.served import ServedDrafter, address, connected
from schemas.plan import PlanOptions
from schemas.wire import PlanView
from service.client import Client
from service.errors import InputError, NotConfiguredError, WriterError
from tests.api.plans.plans import Gate
from tests.cli.running import fangan
from tests.doubles.faults import Act
from tests.doubles.threaded import threaded
from tests.evals.drafting import loaded

CASES = ("ningbo", "base-gaps")


@pytest.fixture(autouse=True)
def _as_the_service_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("FANGAN_MODEL", "FANGAN_PRICES", "FANGAN_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FANGAN_MAX_REPAIRS", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def url(plans_service: tuple[httpx.Client, Gate]) -> str:
    return str(plans_service[0].base_url)


def test_a_service_scores_as_the_pipeline_does(tmp_path: Path, url: str) -> None:
    with connected(url) as client:
        before = client.plans().plans
        choice = Choice(writer="offline", cases=CASES, server=url.replace("http://", "http://reader:word@"))
        assert run_evals(choice, tmp_path / "served") == 0
        assert client.plans().plans == before, "what was drafted is deleted"
    assert run_evals(Choice(writer="offline", cases=CASES), tmp_path / "here") == 0
    served, here = (read_record(tmp_path / name / "run.json") for name in ("served", "here"))
    assert served.writer == "offline"
    assert served.settings == {"judge": None, "server": url}
    assert "reader" not in (tmp_path / "served" / "run.json").read_text(encoding="utf-8")
    assert [[s.text for s in c.sections] for c in served.cases] == [[s.text for s in c.sections] for c in here.cases]
    assert [(s.case, s.scorer, s.value) for s in served.scores] == [(s.case, s.scorer, s.value) for s in here.scores]


def test_from_the_command_line(tmp_path: Path, url: str) -> None:
    done = fangan(tmp_path, "eval", "run", "--server", url, "--writer", "offline", "--case", "ningbo", "-o", "out")
    assert done.returncode == 0, done.stderr
    assert read_record(tmp_path / "out" / "run.json").cases[0].id == "ningbo"
    both = fangan(tmp_path, "eval", "run", "--server", url, "--inspect")
    assert both.returncode == 2
    assert "--server" in both.stderr


def test_what_a_service_refuses_stops_the_run(tmp_path: Path, url: str) -> None:
    with pytest.raises(NotConfiguredError, match="qwen-max"):
        run_evals(Choice(writer="qwen-max", cases=("ningbo",), server=url), tmp_path / "one")
    with pytest.raises(InputError, match="地址"):
        run_evals(Choice(cases=("ningbo",), server="http://[望海"), tmp_path / "two")
    wrong = request_of(loaded("ningbo")).model_copy(update={"options": PlanOptions(sections=("9.9",))})
    with connected(url) as client, pytest.raises(InputError, match="没有编号为") as caught:
        asyncio.run(ServedDrafter(client).draft(wrong))
    assert caught.value.faults[0].pointer == "/sections/0"


def test_a_plan_that_nobody_waits_for_is_stopped(plans_service: tuple[httpx.Client, Gate], url: str) -> None:
    gate = plans_service[1]
    gate.close()

    async def given_up(drafter: ServedDrafter) -> None:
        drafting = asyncio.ensure_future(drafter.draft(request_of(loaded("ningbo"))))
        assert await asyncio.to_thread(gate.reached.wait, 20)
        drafting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drafting

    with connected(url) as client:
        before = client.plans().plans
        asyncio.run(given_up(ServedDrafter(client, "held")))
        assert client.plans().plans == before
    gate.open()


def test_a_plan_given_up_before_its_answer_came_is_stopped(
    plans_service: tuple[httpx.Client, Gate], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, answered = threading.Event(), threading.Event()
    create_plan = Client.create_plan

    def slowly(self: Client, *args: Any) -> PlanView:
        created = create_plan(self, *args)
        made.set()
        assert answered.wait(20)
        return created

    async def given_up(drafter: ServedDrafter) -> None:
        drafting = asyncio.ensure_future(drafter.draft(request_of(loaded("ningbo"))))
        assert await asyncio.to_thread(made.wait, 20)
        drafting.cancel()
        asyncio.get_running_loop().call_soon(answered.set)
        with pytest.raises(asyncio.CancelledError):
            await drafting

    monkeypatch.setattr(Client, "create_plan", slowly)
    gate = plans_service[1]
    gate.close()
    with connected(url) as client:
        before = client.plans().plans
        asyncio.run(given_up(ServedDrafter(client, "held")))
        assert client.plans().plans == before
    gate.open()


def test_a_service_that_fails(tmp_path: Path) -> None:
    body = b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"
    with threaded([body, Act.CLOSE]) as server, pytest.raises(WriterError, match="500"):
        run_evals(Choice(cases=("ningbo",), server=server.url.removesuffix("/v1")), tmp_path / "out")
    assert address("https://who:secret@plans.example/fangan") == "https://plans.example/fangan"
