"""An event loop in a thread of its own: drafting computes between its calls, and the loop that answers must stay free."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


async def _nothing() -> None:
    """There is nothing to close."""


def _told(done: Future[object]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        _log.error("what was handed over failed", exc_info=error)


class Background:
    """Runs coroutines elsewhere. It starts with the first one and ends with `stop`, which cancels what still runs.

    All drafting shares this one loop, so that a model client's connections are shared too; `closing` is awaited
    there at the end.
    """

    def __init__(self, closing: Callable[[], Awaitable[None]] = _nothing) -> None:
        self._closing = closing
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    async def run(self, work: Coroutine[object, object, T]) -> T:
        """The result of `work`; cancelling this cancels it there."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._running()))

    def hand(self, work: Coroutine[object, object, object]) -> None:
        """Has `work` done without waiting for it; a failure is logged."""
        asyncio.run_coroutine_threadsafe(work, self._running()).add_done_callback(_told)

    def stop(self) -> None:
        """Cancels what still runs, closes, and waits for the thread. Harmless when nothing ever ran."""
        with self._lock:
            thread, loop, end = self._thread, self._loop, self._end
            self._thread = self._loop = self._end = None
        if thread is not None and loop is not None and end is not None:
            loop.call_soon_threadsafe(end.set)
            thread.join()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                ready = threading.Event()
                self._thread = threading.Thread(
                    target=lambda: asyncio.run(self._live(ready)), name="drafting", daemon=True
                )
                self._thread.start()
                ready.wait()
            assert self._loop is not None
            return self._loop

    async def _live(self, ready: threading.Event) -> None:
        end = asyncio.Event()
        self._loop, self._end = asyncio.get_running_loop(), end
        ready.set()
        await end.wait()
        mine = asyncio.current_task()
        others = [t for t in asyncio.all_tasks() if t is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._closing()
