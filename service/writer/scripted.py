"""The shipped double of a writer: answers what a plain function says, after a delay; for tests and benches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from schemas.draft import Reply, Task
from service.writer.protocol import OnDelta

Script = Callable[[Task], str | Reply | Exception]
"""What to answer: content, a whole reply, or an error to raise (WriterError subclasses, as of any writer)."""


class ScriptedWriter:
    """Implements Writer. `tasks` holds every task in the order of asking; `delay` in seconds."""

    name = "scripted"
    model = "scripted-1"

    def __init__(self, answer: Script, delay: float = 0.0, *, reads_prompt: bool = True) -> None:
        self._answer = answer
        self._delay = delay
        self.reads_prompt = reads_prompt
        self.tasks: list[Task] = []

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """Answers as the script says; raises the error that it gives."""
        self.tasks.append(task)
        if self._delay:
            await asyncio.sleep(self._delay)
        said = self._answer(task)
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, Reply) else Reply(content=said, writer=self.name, model=self.model)
