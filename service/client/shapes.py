"""Answers whose shapes the service has beside its routes, as the client reads them."""

from __future__ import annotations

from typing import Literal

from schemas import Model
from schemas.facts import FactSheet
from schemas.wire import PlanView


class ExemplarRow(Model):
    """An exemplar in the list."""

    id: str
    city: str
    title: str
    source: str
    era: str
    passages: int


class Change(Model):
    """A run of text. Equal and deleted runs together are the old text, equal and inserted ones the new text."""

    op: Literal["equal", "insert", "delete"]
    text: str


class PlanFacts(Model):
    """A plan's fact sheet as it was read."""

    sheet: FactSheet
    etag: str
    """To be given with other facts, so that nobody's are overwritten."""


class FactsUpdate(Model):
    """What other facts mean for the plan. Nothing is written again by itself: `Client.redraft` does."""

    answered: tuple[str, ...]
    """Sections that lacked something that is known now."""
    disagreeing: tuple[str, ...]
    """Sections that say something that the facts do not bear out any more."""
    plan: PlanView


class Health(Model):
    """`writer`: offline, or the kind of model endpoint; `model`: what is asked for when a request names none."""

    status: str
    version: str
    writer: str
    model: str


class Readiness(Model):
    """Each part that the work needs; none: this service has no such part."""

    status: Literal["ready"] = "ready"
    database: Literal["ok", "none"]
    engine: Literal["ok", "none"]
    endpoint: Literal["ok", "none"]
    """Of the model: that one is configured, not that it answers; none: the offline writer drafts."""


class KindOfProblem(Model):
    """What the `type` of an error refers to."""

    type: str
    title: str
    status: int
