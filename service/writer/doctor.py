"""What a model endpoint can do, for `fangan doctor`: found out by asking, never from a table of providers."""

from __future__ import annotations

import time
from dataclasses import dataclass

from schemas.draft import Prompt
from service.writer.capability import CANARIES, CANARY_LIMIT, canary_messages, canary_schema
from service.writer.deltas import ParagraphStream
from service.writer.job import RUNGS, Endpoint, Job
from service.writer.request import Rung


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found out about one model of an endpoint."""

    host: str
    asked: str
    answered: str
    """The model as the endpoint names it in its answers: another one than asked for is worth a look."""
    rung: Rung
    streams: bool
    counts_tokens: bool
    """False: usage is our own estimate."""
    caches: bool
    """A prompt asked again was read from the endpoint's cache. False may also mean that ours was too short for it."""
    thinks: bool
    seconds: float
    """Time of one small answer."""
    notes: tuple[str, ...]
    """What had to be adapted (Chinese)."""

    @property
    def way(self) -> str:
        """The way of asking for JSON, for a drafter."""
        return RUNGS[self.rung]


async def diagnose(endpoint: Endpoint, host: str) -> Diagnosis:
    """Probes, then asks once for a whole reply and once for a stream. Raises CallFailed."""
    schema = canary_schema(CANARIES[0])
    prompt = Prompt(
        template="canary",
        template_hash="",
        messages=canary_messages(),
        json_schema=schema,
        hash="",
        max_output_tokens=CANARY_LIMIT,
    )
    await Job(endpoint, prompt, None).run()
    start = time.monotonic()
    whole = await Job(endpoint, prompt, None).run()
    seconds = time.monotonic() - start
    streamed = await Job(endpoint, prompt, ParagraphStream(_unseen)).run()
    memory = endpoint.memory
    return Diagnosis(
        host=host,
        asked=endpoint.model,
        answered=whole.model,
        rung=memory.ladder.known or Rung.PROMPT,
        streams=memory.streams,
        counts_tokens=not (whole.usage.estimated or streamed.usage.estimated),
        caches=max(whole.usage.cached_tokens, streamed.usage.cached_tokens) > 0,
        thinks=memory.thinks,
        seconds=seconds,
        notes=memory.quirks.notes,
    )


def _unseen(_: str) -> None:
    """Nobody watches."""
