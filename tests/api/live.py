"""A real server on a free port of this machine, in a thread of the test's process."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from schemas.draft import Reply, Task
from service.settings import Settings
from service.writer.protocol import OnDelta
from service.writer.scripted import ScriptedWriter

PATIENCE = 60.0
"""Seconds after which a server that does not start or stop is a failure."""

NOWHERE = Path(os.devnull) / "fangan"
"""A data directory that is not there and cannot be made: a test that stores something names one of its own."""

TEXT = "2016年，全市地区生产总值1105.04亿元，增长7.8%。\n年末常住人口312.6万人，港口货物吞吐量稳步增长。"


def settings(**changes: Any) -> Settings:
    """Settings that owe nothing to the environment of whoever runs the tests."""
    data: dict[str, Any] = {
        "openai_api_key": None, "openai_base_url": None, "model": None, "max_repairs": 0, "data_dir": NOWHERE,
    }  # fmt: skip
    return Settings(_env_file=None, **{**data, **changes})


def sheet(**changes: Any) -> dict[str, Any]:
    """The sample city's fact sheet, as sent."""
    data = json.loads((files("evals") / "datasets" / "wanghai.json").read_text(encoding="utf-8"))
    return {**data, **changes}


def reply_of(text: str) -> str:
    """A draft's JSON with these paragraphs."""
    paragraphs = [{"text": line, "facts": [], "points": []} for line in text.split("\n")]
    return json.dumps({"paragraphs": paragraphs, "gaps": [], "proposals": []}, ensure_ascii=False)


def scripted() -> ScriptedWriter:
    """Answers every section with the same true text."""
    return ScriptedWriter(lambda _: reply_of(TEXT), reads_prompt=False)


class Streaming:
    """Tells its text in pieces, as a model endpoint does."""

    name = "streaming"
    model = "streaming-1"
    reads_prompt = False

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        del task
        for start in range(0, len(TEXT), 7):
            if on_delta:
                on_delta(TEXT[start : start + 7])
        return Reply(content=reply_of(TEXT), writer=self.name, model=self.model)


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of the app, served for real; the server is stopped and awaited at the end."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        end = time.monotonic() + PATIENCE
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < end, "the server did not start in time"
            time.sleep(0.01)
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=PATIENCE, trust_env=False
            ) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the server did not stop in time"
