"""Asks an OpenAIWriter at a FaultServer, in one line: `ask(answer, answer)` → what came of it."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

from schemas.draft import Reply, Task
from service.errors import WriterError
from service.writer.job import Manner
from service.writer.openai import OpenAIWriter
from service.writer.request import Rung
from tests.doubles.faults import Answer, Chooser, FaultServer, Request
from tests.doubles.tasks import task

KEY = "sk-geheim-0123456789"


@dataclass
class Outcome:
    """What the writer gave, what the endpoint saw, and how long it took."""

    reply: Reply | None = None
    error: WriterError | None = None
    requests: list[Request] = field(default_factory=list)
    deltas: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def content(self) -> str:
        """The reply's content; fails the test when there is none."""
        assert self.reply is not None, self.error
        return self.reply.content

    @property
    def failure(self) -> WriterError:
        """The error; fails the test when there is none. Its message is one for a drafter, without the key."""
        assert self.error is not None, self.reply
        message = self.error.message
        assert KEY not in message
        assert not re.search(r"<[a-z/!]", message)
        assert "请" in message
        return self.error


def manner(**changes: Any) -> Manner:
    """Short pauses, times that a busy machine keeps too; `rung=None`: the way of asking for JSON is not pinned."""
    values: dict[str, Any] = {"rung": Rung.JSON_SCHEMA, "deadline": 20.0, "idle": 10.0, "pause": 0.01, "places": 8}
    return Manner(**{**values, **changes})


def ask(
    *answers: Answer | Chooser, watched: bool = False, of: Task | None = None, times: int = 1, **changes: Any
) -> Outcome:
    """Writes `times` tasks one after another with one writer; the outcome is the last one's, the requests are all."""

    async def run() -> Outcome:
        outcome = Outcome()
        async with FaultServer(*answers) as server:
            writer = OpenAIWriter(server.url, KEY, "asked-model", manner(**changes))
            try:
                for _ in range(times):
                    await attempt(writer, outcome, of or task(), watched=watched)
            finally:
                await writer.aclose()
            outcome.requests = server.requests
        return outcome

    return asyncio.run(run())


async def attempt(writer: OpenAIWriter, outcome: Outcome, of: Task, *, watched: bool) -> None:
    """One write into the outcome."""
    outcome.reply, outcome.error = None, None
    start = time.monotonic()
    try:
        outcome.reply = await writer.write(of, outcome.deltas.append if watched else None)
    except WriterError as error:
        outcome.error = error
    outcome.seconds = time.monotonic() - start
