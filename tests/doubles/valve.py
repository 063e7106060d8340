"""A model endpoint that answers as the offline writer would, when a test lets it: for pages that show a slow drafting.

It is served by threads, so that a test that drives a browser (and has the event loop to itself) can hold and release it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.doubles.faults import LOOPBACK
from tests.doubles.offline_endpoint import right

PATIENCE = 60.0
"""Seconds that a call is held at the most."""
MOST = 10_000
"""More calls than any test makes."""


class Valve:
    """Answers one call for each that was let through; calls beyond wait."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._left = threading.Semaphore(0)

    def let(self, answers: int) -> None:
        """So many more calls are answered."""
        self._left.release(answers)

    def open(self) -> None:
        """All calls are answered from now on."""
        self._left.release(MOST)

    def close(self) -> None:
        """Calls that come from now on wait; those that waited so far do not, and take no answer from the others."""
        before, self._left = self._left, threading.Semaphore(0)
        before.release(MOST)

    def passed(self) -> bool:
        """Whether the call may be answered; waits for it."""
        return self._left.acquire(timeout=PATIENCE)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    valve: Valve
    replies: Mapping[str, str]

    def handle_error(self, *_: object) -> None:
        """A caller that was killed is no error of the endpoint."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.server.valve.passed():
            return
        for part in right(body, self.server.replies):
            assert isinstance(part, bytes)
            self.wfile.write(part)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def slow_endpoint(replies: Mapping[str, str]) -> Iterator[Valve]:
    """An endpoint that holds all calls until told otherwise; `replies` by section."""
    with _Server((LOOPBACK, 0), _Handler) as server:
        server.replies = replies
        server.valve = Valve(f"http://{LOOPBACK}:{server.server_address[1]}/v1")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.valve
        finally:
            server.valve.open()
            server.shutdown()
            thread.join(PATIENCE)
