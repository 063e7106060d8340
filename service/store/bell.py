"""Who follows a plan is woken when something about it was committed, instead of looking again and again."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress


class Bell:
    """Of one process: what other processes commit it does not hear. May be rung and heard on any loop or thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hearing: defaultdict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(list)

    @contextmanager
    def heard(self, plan_id: str) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set at each ring for this plan; who waits clears it before it looks."""
        mine = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._hearing[plan_id].append(mine)
        try:
            yield mine[1]
        finally:
            with self._lock:
                self._hearing[plan_id].remove(mine)
                if not self._hearing[plan_id]:
                    del self._hearing[plan_id]

    def ring(self, plan_ids: Iterable[str]) -> None:
        """Wakes all who hear it for these plans."""
        with self._lock:
            woken = [mine for plan_id in plan_ids for mine in self._hearing.get(plan_id, ())]
        for loop, event in woken:
            with suppress(RuntimeError):  # a loop that has ended since: nobody hears there
                loop.call_soon_threadsafe(event.set)
