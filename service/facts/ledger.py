"""The ledger: what is known, findable by id, indicator, year, unit and kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import TypeVar, cast

from schemas.facts import Fact, FactSheet, Kind, Subject
from schemas.outline import Outline
from service.facts.naming import core_name

T = TypeVar("T")


class Ledger:
    """Look-ups over one fact sheet. Immutable; every answer keeps the sheet's order."""

    def __init__(self, sheet: FactSheet, outline: Outline) -> None:
        self.sheet = sheet
        self.outline = outline
        self._derived: dict[Hashable, object] = {}

    def once(self, key: Hashable, derive: Callable[[], T]) -> T:
        """What `derive` makes of this sheet, made once: a plan's sections are all checked against one ledger."""
        if key not in self._derived:
            self._derived[key] = derive()
        return cast("T", self._derived[key])

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts."""
        return self.sheet.facts

    @property
    def subject(self) -> Subject:
        """Whom the plan is for."""
        return self.sheet.subject

    @cached_property
    def by_id(self) -> Mapping[str, Fact]:
        """Fact by id."""
        return {f.id: f for f in self.facts}

    @cached_property
    def _by_indicator(self) -> Mapping[str, tuple[Fact, ...]]:
        found: dict[str, list[Fact]] = {}
        for fact in self.facts:
            if fact.indicator is not None:
                found.setdefault(fact.indicator, []).append(fact)
        return {key: tuple(facts) for key, facts in found.items()}

    def find(
        self, indicator: str, *, year: int | None = None, unit: str | None = None, kinds: Iterable[Kind] | None = None
    ) -> tuple[Fact, ...]:
        """Facts of one indicator, narrowed by year, unit as written, and kind."""
        wanted = None if kinds is None else frozenset(kinds)
        return tuple(
            f
            for f in self._by_indicator.get(indicator, ())
            if (year is None or f.year == year)
            and (unit is None or f.unit == unit)
            and (wanted is None or f.kind in wanted)
        )

    def latest(self, indicator: str, kind: Kind = Kind.ACTUAL) -> Fact | None:
        """The fact of the latest year (facts without a year come first), or None."""
        facts = self.find(indicator, kinds=(kind,))
        return max(facts, key=lambda f: f.year or 0) if facts else None

    def named(self, core: str) -> tuple[Fact, ...]:
        """Facts whose name, without the words that say whose and when, is this (service/facts/naming.py)."""
        return self._by_core_name.get(core, ())

    @cached_property
    def _by_core_name(self) -> Mapping[str, tuple[Fact, ...]]:
        found: dict[str, list[Fact]] = {}
        for fact in self.facts:
            if fact.name:
                found.setdefault(core_name(fact.name, self.subject), []).append(fact)
        return {key: tuple(facts) for key, facts in found.items()}

    @cached_property
    def untied(self) -> tuple[Fact, ...]:
        """Facts that no indicator id ties to the outline."""
        return tuple(f for f in self.facts if f.indicator is None)

    @cached_property
    def words(self) -> Mapping[str, str]:
        """All that a fact says in words, by id: name, title, text."""
        return {f.id: "\n".join(w for w in (f.name, f.title, f.text) if w) for f in self.facts}

    def year_asked(self, kind: Kind) -> int | None:
        """The year to ask data for: a target's is the period's last, what is or what others have the newest of the sheet's."""
        if kind is Kind.TARGET:
            return self.sheet.period[1] if self.sheet.period else None
        return self._newest if kind in {Kind.ACTUAL, Kind.BENCHMARK} else None

    @cached_property
    def _newest(self) -> int:
        quantities = (
            f.year
            for f in self.of_kind(Kind.ACTUAL)
            if f.year is not None and any(v is not None for v in (f.value, f.growth, f.share))
        )
        return max((y for y in quantities if y <= self.sheet.plan_year), default=self.sheet.plan_year - 1)

    def of_kind(self, *kinds: Kind) -> tuple[Fact, ...]:
        """Facts of these kinds."""
        return tuple(f for f in self.facts if f.kind in kinds)
