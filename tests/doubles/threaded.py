"""A FaultServer on a loop of its own, for callers that bring theirs: the command line and the HTTP service."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.doubles.faults import Answer, Chooser, FaultServer

PATIENCE = 20.0


@contextmanager
def threaded(*answers: Answer | Chooser) -> Iterator[FaultServer]:
    """Serves until the block ends."""
    server = FaultServer(*answers)
    loop = asyncio.new_event_loop()
    ready, end = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await end.wait()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE), "the server did not start"
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not stop in time"
