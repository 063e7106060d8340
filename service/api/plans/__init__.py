"""The routes of durable plans: made, followed, read, edited, delivered."""

from __future__ import annotations

from fastapi import APIRouter

from service.api.durable import Durable
from service.api.plans import document, events, facts, plans, sections
from service.api.plans.desk import Desk
from service.jobs.workshop import KitFor


def routers(durable: Durable | None, kit_for: KitFor) -> tuple[APIRouter, ...]:
    """All of them; without `durable` they answer that the service keeps no plans."""
    desk = Desk(durable, kit_for)
    return (
        plans.router(desk),
        events.router(desk),
        sections.router(desk),
        document.router(desk),
        facts.router(desk),
    )
