"""The era table: what existed when, read once from service/check/data/era.yaml for the era check."""

from __future__ import annotations

import re
from functools import cache, cached_property
from importlib.resources import files

import yaml
from pydantic import ValidationError

from schemas import Model
from service.errors import PackageDataError

FILE = "era.yaml"


class Period(Model):
    """A five-year period, both years included."""

    name: str
    first: int
    last: int
    source: str


class Body(Model):
    """A body that exists from `since` to `until`, both years included, under these names."""

    names: tuple[str, ...]
    since: int | None = None
    until: int | None = None
    instead: str
    source: str


class Batch(Model):
    """Cities approved in one year; names without 市."""

    year: int
    cities: tuple[str, ...]
    source: str


class Approval(Model):
    """A status that a city is granted, under any of these names."""

    status: tuple[str, ...]
    batches: tuple[Batch, ...]

    @cached_property
    def years(self) -> dict[str, tuple[int, str]]:
        """Year and source of approval by city (without 市)."""
        return {city: (b.year, b.source) for b in self.batches for city in b.cities}


class Event(Model):
    """A law or meeting that cannot be referred to before `since`, but in words of `unless` (a draft, negotiations)."""

    names: tuple[str, ...]
    since: int
    happened: str
    unless: tuple[str, ...]
    source: str


class EraTable(Model):
    """All of it."""

    periods: tuple[Period, ...]
    bodies: tuple[Body, ...]
    approvals: tuple[Approval, ...]
    events: tuple[Event, ...]

    @cached_property
    def body_of(self) -> dict[str, Body]:
        """Body by name; a name longer than another one that it holds is found first by `body_pattern`."""
        return {name: body for body in self.bodies for name in body.names}

    @cached_property
    def body_pattern(self) -> re.Pattern[str]:
        """Any body's name, longest first; 部 is no body where it is the begin of 部门."""
        return re.compile(f"(?:{_any(self.body_of)})(?!门)")

    @cached_property
    def period_of(self) -> dict[str, Period]:
        """Period by name."""
        return {p.name: p for p in self.periods}

    @cached_property
    def event_of(self) -> dict[str, Event]:
        """Event by name."""
        return {name: event for event in self.events for name in event.names}

    @cached_property
    def event_pattern(self) -> re.Pattern[str]:
        """Any event's name, longest first; 法 is no law where it is the begin of 法规, 法律 or 法治."""
        return re.compile(f"(?:{_any(self.event_of)})(?![规律治制])")

    @cached_property
    def approval_of(self) -> dict[str, Approval]:
        """Approval by the status's name."""
        return {name: approval for approval in self.approvals for name in approval.status}

    @cached_property
    def approval_pattern(self) -> re.Pattern[str]:
        """Any status's name, longest first."""
        return re.compile(_any(self.approval_of))


def _any(words: dict[str, Body] | dict[str, Event] | dict[str, Approval]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def era_table() -> EraTable:
    """The shipped table; PackageDataError if the file is missing or damaged."""
    try:
        text = (files("service.check") / "data" / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackageDataError(f"核查用的时点表 {FILE} 缺失，请重新安装") from error
    return parse_era_table(text)


def parse_era_table(text: str) -> EraTable:
    """A table from its YAML; PackageDataError if it is damaged."""
    try:
        return EraTable.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise PackageDataError(f"核查用的时点表 {FILE} 损坏，请重新安装：{error}") from error
