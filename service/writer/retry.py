"""When to ask an endpoint again: one deadline for the whole task, growing pauses, and the pause it asks for itself."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 20.0
"""Seconds of a pause of our own at most; each is half to one and a half of what is planned, to spread workers out."""


class Deadline:
    """Seconds that one task may take in all, retries and pauses included."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self._end - time.monotonic())


def pause(failures: int, first: float) -> float:
    """Seconds to wait after so many failures (1: the first), doubled each time from about `first`."""
    planned = min(LONGEST_PAUSE, first * 2.0 ** (failures - 1))
    return planned * random.uniform(0.5, 1.5)  # noqa: S311 — spreads load, guards nothing


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110 §10.2.3: seconds or a date), None when it does not say.

    Reads OpenAI's milliseconds and the name that LiteLLM gives the header of the endpoint behind it, too.
    """
    if (exact := _number(headers.get("retry-after-ms"))) is not None:
        return exact / 1000
    for name in ("retry-after", "llm_provider-retry-after"):
        value = headers.get(name)
        if not value:
            continue
        if (seconds := _number(value)) is not None:
            return seconds
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
        except ValueError:
            continue
    return None


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
