"""Independent model servers as subprocesses on this machine, each from an installation of its own under PEERS_DIR.

docs/peers.md says how to install them. A peer that is not there is skipped, by name.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.doubles.asking import KEY
from tests.doubles.random_gguf import make_gguf

LOOPBACK = "127.0.0.1"
START = 150.0
"""Seconds that a server may take to start: torch alone takes 10 on a busy machine."""
STOP = 15.0
LONGEST = "1800"
"""Seconds after which a server ends by itself, should the run that started it be killed."""
CONTEXT = 16_384
SETTING = "PEERS_DIR"
Command = list[str | Path]


class Peer(NamedTuple):
    """A running server: its base URL and the model to ask for."""

    url: str
    model: str


def installed(*parts: str) -> Path:
    """A program of a peer; skips the test, loudly, where it is not installed."""
    folder = os.environ.get(SETTING)
    if not folder:
        pytest.skip(f"set {SETTING} to the folder of the peers: docs/peers.md")
    program = Path(folder).joinpath(*parts)
    if not program.exists():
        pytest.skip(f"{parts[0]} is not installed in {folder}: docs/peers.md")
    return program


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(
    command: Command, port: int, health: str, folder: Path, more: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Runs the command in a process group of its own until the block ends; fails with its last words."""
    log = folder / "server.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "FANGAN_", "PYTHON"))}
    environment |= {"HF_HUB_OFFLINE": "1", "NO_PROXY": LOOPBACK, **(more or {})}
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["timeout", "--kill-after=10", LONGEST, *(str(c) for c in command)],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    try:
        _await(process, f"http://{LOOPBACK}:{port}{health}", log)
        yield
    finally:
        _end(process)


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and what it started: they are a group of their own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP)
            break
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def serve_llama_cpp_python(folder: Path) -> Iterator[Peer]:
    """llama.cpp behind a Python server that knows fewer ways of asking for JSON."""
    python, port = installed("llama-cpp-python", "bin", "python"), _free_port()
    model = make_gguf(folder / "random.gguf", "plain")
    command: Command = [
        python,
        "-m",
        "llama_cpp.server",
        "--model",
        model,
        "--model_alias",
        "random",
        "--host",
        LOOPBACK,
    ]
    command += ["--port", str(port), "--n_ctx", str(CONTEXT), "--n_threads", "1", "--n_threads_batch", "1"]
    command += ["--api_key", KEY, "--seed", "7"]
    # Its list of models wants the key, its documentation does not.
    with _running(command, port, "/openapi.json", folder):
        yield Peer(f"http://{LOOPBACK}:{port}/v1", "random")


@contextmanager
def serve_transformers(folder: Path) -> Iterator[Peer]:
    """The server of transformers: takes every way of asking for JSON, and heeds none."""
    python, port = installed("transformers", "bin", "python"), _free_port()
    model = folder / "random-model"
    script = Path(__file__).with_name("tiny_model.py")
    made = subprocess.run(
        [python, script, model],
        capture_output=True,
        text=True,
        timeout=START,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert made.returncode == 0, made.stderr[-3000:]
    command: Command = [python.with_name("transformers"), "serve", model, "--host", LOOPBACK, "--port", str(port)]
    command += ["--device", "cpu", "--default-seed", "7"]
    with _running(command, port, "/health", folder, {"OMP_NUM_THREADS": "1"}):
        yield Peer(f"http://{LOOPBACK}:{port}/v1", str(model))


@contextmanager
def serve_litellm(folder: Path, upstream: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Base URL of a gateway; `upstream` is its models: name → base URL and name of the model behind it."""
    program, port = installed("litellm", "bin", "litellm"), _free_port()
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{model}", "api_base": url, "api_key": KEY, "max_retries": 0},
        }
        for name, (url, model) in upstream.items()
    ]
    config = {
        "model_list": models,
        "litellm_settings": {"num_retries": 0, "drop_params": False, "telemetry": False},
        # One failure would turn later calls of other tests into 429.
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "general_settings": {"master_key": KEY},
    }
    (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    command: Command = [program, "--config", folder / "config.yaml", "--host", LOOPBACK, "--port", str(port)]
    with _running(command, port, "/health/liveliness", folder, {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}):
        yield f"http://{LOOPBACK}:{port}/v1"


@contextmanager
def serve_aimock(folder: Path, fixtures: Sequence[Mapping[str, object]]) -> Iterator[Peer]:
    """A scripted endpoint: the first fixture whose text is in the last user message answers, or 503."""
    program, port = installed("aimock", "node_modules", ".bin", "llmock"), _free_port()
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": fixtures}, ensure_ascii=False), encoding="utf-8")
    command: Command = [program, "-f", folder / "fixtures.json", "-h", LOOPBACK, "-p", str(port), "--strict"]
    with _running(command, port, "/v1/models", folder):
        yield Peer(f"http://{LOOPBACK}:{port}/v1", "scripted")
