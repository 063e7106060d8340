"""What the routes of plans share: the plans themselves, who asks, and ids that can be ids at all."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Path

from schemas.outline import Outline
from schemas.plan import PlanOptions
from service.api.access import Caller, caller
from service.api.durable import Durable
from service.errors import StoreUnreachableError, UnknownPlanError, UnknownSectionError
from service.jobs.plans import Plans
from service.jobs.workshop import KitFor
from service.store.clock import is_id

FRESH = {"Cache-Control": "private, no-cache"}
"""Headers of what changes: kept by nobody else, and asked for again each time."""
_SECTION = re.compile(r"[0-9A-Za-z._-]{1,40}")


def _plan(plan: Annotated[str, Path(description="Id of the plan: 26 characters")]) -> str:
    if not is_id(plan):
        raise UnknownPlanError("没有这份方案，请核对编号；方案编号为26个字符")
    return plan


def _section(section: Annotated[str, Path(description="Id of the section, such as 2.1")]) -> str:
    if not _SECTION.fullmatch(section):
        raise UnknownSectionError("这份方案没有这样编号的节，节的编号如 2.1")
    return section


Who = Annotated[Caller, Depends(caller)]
PlanId = Annotated[str, Depends(_plan)]
SectionId = Annotated[str, Depends(_section)]


class Desk:
    """The plans, or StoreUnreachableError where the service keeps none."""

    def __init__(self, durable: Durable | None, kit_for: KitFor) -> None:
        self._durable = durable
        self._kit_for = kit_for

    @property
    def plans(self) -> Plans:
        """The operations on plans. StoreUnreachableError."""
        if self._durable is None:
            raise StoreUnreachableError("本服务未启用数据库，不能保存方案；可改用 /v1/sections 逐节起草")
        return self._durable.plans

    def writer(self, outline: Outline, options: PlanOptions) -> tuple[str, str]:
        """Name and model of the writer that would draft. NotConfiguredError, UnknownExemplarError."""
        kit = self._kit_for(outline, options)
        return kit.writer.name, kit.writer.model
