"""Which way of asking for JSON an endpoint keeps: found out by a canary, remembered for a while, lowered when it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from schemas.draft import Message
from service.writer.judge import keeps_schema
from service.writer.request import Rung

REMEMBERED = 3600.0
"""Seconds until an endpoint is tried anew: models behind one name change."""
STRIKES = 2
"""Failures of the form in a row, with nothing right in between, that lower an endpoint."""
CANARIES = ("b7f3", "k2x9")
"""Values that only the schema allows, while the prompt asks for another: whoever answers them is bound by the schema.
Two, for a model may hit upon one by chance or kindness."""
CANARY_LIMIT = 2000
"""Tokens for a canary's answer: a thinking model thinks first."""

Probe = Callable[[Rung], Awaitable[bool]]


def canary_messages() -> tuple[Message, ...]:
    """Asks for a value that the schema forbids."""
    return (
        Message(role="system", content="You answer in JSON."),
        Message(role="user", content='Return exactly this JSON object: {"probe":"a","n":1}'),
    )


def canary_schema(value: str) -> dict[str, Any]:
    """Allows only `value`."""
    return {
        "type": "object",
        "properties": {"probe": {"type": "string", "enum": [value]}, "n": {"type": "integer"}},
        "required": ["probe", "n"],
        "additionalProperties": False,
    }


def survives(rung: Rung, content: str, value: str) -> bool:
    """Whether an answer to the canary shows that the rung holds: enforced above, any object from JSON_OBJECT on."""
    if rung >= Rung.JSON_OBJECT:
        return keeps_schema(content, {"type": "object"})
    return keeps_schema(content, canary_schema(value))


class Ladder:
    """Where one endpoint and model stand. A pinned rung is neither probed nor lowered."""

    def __init__(self, pinned: Rung | None = None, *, remembered: float = REMEMBERED) -> None:
        self._pinned = pinned
        self._remembered = remembered
        self._rung: Rung | None = None
        self._highest = Rung.JSON_SCHEMA
        self._until = 0.0
        self._strikes = 0
        self._probing = asyncio.Lock()

    @property
    def known(self) -> Rung | None:
        """The rung in force; None when it has to be found out."""
        if self._pinned is not None:
            return self._pinned
        return self._rung if time.monotonic() < self._until else None

    async def rung(self, probe: Probe) -> Rung:
        """The rung to ask on; the first caller probes, the others wait for it. Raises what `probe` raises."""
        if (known := self.known) is not None:
            return known
        async with self._probing:
            if (known := self.known) is not None:
                return known
            if self._rung is not None:  # out of date: everything anew
                self._highest = Rung.JSON_SCHEMA
            self._settle(await self._climb(probe))
            return self._rung or Rung.PROMPT

    async def _climb(self, probe: Probe) -> Rung:
        for rung in Rung:
            if rung >= self._highest and (rung is Rung.PROMPT or await probe(rung)):
                return rung
        return Rung.PROMPT

    def _settle(self, rung: Rung) -> None:
        self._rung, self._strikes = rung, 0
        self._until = time.monotonic() + self._remembered

    def lower(self, rung: Rung) -> bool:
        """The endpoint does not keep `rung`: the next one is tried. False when there is none, or it is pinned."""
        if self._pinned is not None or rung is Rung.PROMPT:
            return False
        if rung >= self._highest and (self._rung is None or self._rung == rung):
            self._highest = Rung(rung + 1)
            self._rung, self._until, self._strikes = None, 0.0, 0
        return True

    def kept(self, rung: Rung) -> None:
        """An answer had the right form."""
        if rung == self._rung:
            self._strikes = 0

    def strike(self, rung: Rung) -> bool:
        """An answer had the wrong form; True when this lowered the endpoint."""
        if rung != self._rung:
            return False
        self._strikes += 1
        return self._strikes >= STRIKES and self.lower(rung)
