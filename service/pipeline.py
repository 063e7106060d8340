"""The order of the stages: facts → prompt → writer → check → repair → summary → length, for a section and for a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemas.exemplar import Exemplar
from schemas.outline import Outline
from schemas.plan import Event, Plan, PlanRequest, SectionResult
from service.writer.protocol import Writer

Emit = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Kit:
    """What a run needs beside the request; put together in service/main.py."""

    outline: Outline
    exemplars: tuple[Exemplar, ...]
    writer: Writer
    max_repairs: int = 2
    concurrency: int = 26
    context_tokens: int = 32_000
    token_budget: int | None = None


async def draft_section(request: PlanRequest, section_id: str, kit: Kit, emit: Emit | None = None) -> SectionResult:
    """Drafts one section: prompt, writer, checks, at most `kit.max_repairs` repairs."""
    raise NotImplementedError


async def draft_plan(request: PlanRequest, kit: Kit, emit: Emit | None = None) -> Plan:
    """Drafts every section side by side, then the summary from the body. A failed section never stops the rest."""
    raise NotImplementedError
