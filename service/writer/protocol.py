"""What a writer is: one method that answers a task with a reply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from schemas.draft import Reply, Task

OnDelta = Callable[[str], None]
"""Receives the text of the paragraphs as it comes, where the writer streams. An empty piece: what came so far is
void, the reply starts over or failed."""


class Writer(Protocol):
    """Turns a section's task into text. Raises WriterError subclasses only."""

    name: str
    """offline, scripted, openai …"""
    model: str
    """What is asked for; the reply says what answered."""
    reads_prompt: bool
    """False for a writer that composes from the task's fields: its prompts need no token budget."""

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """Answers one task: JSON of schemas.draft.Draft in `content`, to be validated by the caller."""
        ...


def warms_cache(writer: Writer) -> bool:
    """Whether a plan's first call should go alone; writers without an endpoint have no say in it, and no cache."""
    return bool(getattr(writer, "warms_cache", False))
