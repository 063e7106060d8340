"""Who drafts a case's plan: the production pipeline with any writer; a live server's client fits the same protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from schemas.draft import Reply, Task
from schemas.plan import Plan, PlanRequest
from service.errors import NotConfiguredError
from service.main import build_kit
from service.pipeline import draft_plan
from service.prompt.outlines import load_outline
from service.settings import Settings
from service.writer.protocol import OnDelta, Writer, warms_cache


@dataclass(frozen=True, slots=True)
class Drafted:
    """A plan and the tasks whose prompts led to it (none where a server keeps them to itself)."""

    plan: Plan
    tasks: tuple[Task, ...] = ()


class Drafter(Protocol):
    """Turns a request into a plan. FanganError when nothing can be drafted at all."""

    name: str
    model: str

    async def draft(self, request: PlanRequest) -> Drafted:
        """The plan, and the prompts if they are known."""
        ...


class Listening:
    """Implements Writer: passes every task on and keeps it, so that a run's prompts can be looked at."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.name = writer.name
        self.model = writer.model
        self.reads_prompt = writer.reads_prompt
        self.warms_cache = warms_cache(writer)
        self.tasks: list[Task] = []
        self.refused: NotConfiguredError | None = None
        """A missing recording or endpoint: the pipeline makes it a failed section, an eval cannot go on with it."""

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """The inner writer's reply."""
        self.tasks.append(task)
        try:
            return await self._writer.write(task, on_delta)
        except NotConfiguredError as error:
            self.refused = self.refused or error
            raise


class PipelineDrafter:
    """Implements Drafter: the pipeline of the service, in this process.

    `writer_for` is asked once a plan, so that a writer that keeps something of one plan (the offline one) starts
    afresh.
    """

    def __init__(self, settings: Settings, writer_for: Callable[[], Writer]) -> None:
        self._settings = settings
        self._writer_for = writer_for
        first = writer_for()
        self.name = first.name
        self.model = first.model

    async def draft(self, request: PlanRequest) -> Drafted:
        """Raises NotConfiguredError when the writer misses a recording: the message names section and prompt."""
        heard = Listening(self._writer_for())
        plan = await draft_plan(
            request, build_kit(self._settings, load_outline(request.sheet.outline), request.options, heard)
        )
        if heard.refused is not None:
            raise heard.refused
        return Drafted(plan, tuple(heard.tasks))
