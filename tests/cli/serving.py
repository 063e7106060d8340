"""`fangan serve` in a process of its own, on a port that is free, until the test is done with it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.cli.running import PATIENCE, environment


@dataclass(frozen=True, slots=True)
class Service:
    """One that runs."""

    client: httpx.Client
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> int:
        """Asks it to stop, waits, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def logged(self) -> str:
        """All it has written so far."""
        return self.log.read_text("utf-8")


@contextmanager
def serving(folder: Path, *arguments: str, **changes: str) -> Iterator[Service]:
    """Ready for requests; its data are in `folder`/data."""
    log = folder / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve", "--port", "0", *arguments],
            cwd=folder,
            env=environment(folder, **{"FANGAN_DATA_DIR": str(folder / "data"), **changes}),
            stdout=out,
            stderr=out,
        )
    try:
        with httpx.Client(base_url=_address(process, log), timeout=PATIENCE, trust_env=False) as client:
            _until_ready(process, client)
            yield Service(client, process, log)
    finally:
        process.kill()
        process.wait(PATIENCE)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + PATIENCE
    while (found := re.search(r"http://\S+:(\d+)", log.read_text("utf-8", "replace"))) is None:
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < end, "the service did not tell its address in time"
        time.sleep(0.05)
    return f"http://127.0.0.1:{found[1]}"


def _until_ready(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, "the service ended"
        assert time.monotonic() < end, "the service was not ready in time"
        time.sleep(0.05)
