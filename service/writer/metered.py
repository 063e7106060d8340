"""A writer whose calls are counted and timed, whatever it is; what it writes passes through untouched."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from schemas.draft import Reply, Task, Usage
from service.errors import WriterError
from service.writer.protocol import OnDelta, Writer, warms_cache

ANSWERED, CANCELLED, BROKEN = "answered", "cancelled", "broken"
"""How a task ended at the writer, where no error of ours says it by its type."""
_AGAIN = "重新调用"
"""In what a writer notes of every call that it had to make again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one task came to: never a word of it."""

    writer: str
    kind: str
    """section, repair, condense …: see TaskKind."""
    outcome: str
    seconds: float
    usage: Usage
    retries: int
    """Calls made again for one answer; those of a task that came to nothing are not told."""


class Metered:
    """Implements Writer, by another one."""

    def __init__(self, writer: Writer, told: Callable[[Asked], None]) -> None:
        self._writer = writer
        self._told = told
        self.name = writer.name
        self.model = writer.model
        self.reads_prompt = writer.reads_prompt

    @property
    def warms_cache(self) -> bool:
        """As the writer says: it may learn so with time."""
        return warms_cache(self._writer)

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """The writer's reply."""
        begun = time.perf_counter()
        outcome, usage, retries = CANCELLED, Usage(), 0
        try:
            reply = await self._writer.write(task, on_delta)
            outcome, usage = ANSWERED, reply.usage
            retries = sum(note.endswith(_AGAIN) for note in reply.notes)
        except WriterError as error:
            outcome, usage = error.type, error.usage or usage
            raise
        except Exception:
            outcome = BROKEN
            raise
        else:
            return reply
        finally:
            seconds = time.perf_counter() - begun
            self._told(Asked(self.name, str(task.kind), outcome, seconds, usage, retries))
