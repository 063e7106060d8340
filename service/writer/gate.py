"""The door of one endpoint, shared by all that call it: how many at once, and when its rate limit opens again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import RateLimitedError
from service.writer.call import CallFailed, Then
from service.writer.retry import Deadline

LONGEST_HOLD = 120.0
"""Seconds that a rate limit may close the door: an endpoint that asks for more is not waited for, nor kept shut out."""


class Gate:
    """Belongs to the event loop of its first caller."""

    def __init__(self, places: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._opens = 0.0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """One of the endpoint's places; waiting for it costs none of the task's time."""
        async with self._places:
            yield

    def hold(self, seconds: float) -> None:
        """Closes the door for everybody."""
        self._opens = max(self._opens, time.monotonic() + min(seconds, LONGEST_HOLD))

    async def passed(self, deadline: Deadline) -> None:
        """Waits until the door is open, a little longer for each so that not all rush in at once.

        CallFailed at once when it will not open within the deadline.
        """
        while (closed := self._opens - time.monotonic()) > 0:
            if closed >= deadline.remaining:
                raise CallFailed(
                    RateLimitedError(
                        f"模型接口限制了调用频率，{closed:.0f}秒后才能再次调用，请届时重写本节，或调低 FANGAN_CONCURRENCY"
                    ),
                    Then.STOP,
                )
            await asyncio.sleep(closed + random.uniform(0, 0.1 * closed))  # noqa: S311 — spreads load, guards nothing
