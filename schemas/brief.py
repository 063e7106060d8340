"""The brief (统稿口径): what all sections of one plan must agree on, computed from the facts."""

from __future__ import annotations

from schemas import Model
from schemas.facts import Fact, Year


class Target(Model):
    """A target with where it starts from and what it must beat: `fact.value`, `fact.unit`, `fact.year`, `fact.bound`."""

    fact: Fact
    base: Fact | None = None
    """The latest actual fact of the same indicator or name."""
    benchmark: Fact | None = None
    """The province's (or the nation's) fact of the same indicator or name."""


class Project(Model):
    """A project: its investment is `fact.value` with `fact.unit`; `years` as the plan is to print them, 2017—2019年."""

    fact: Fact
    years: str | None = None


class Bodies(Model):
    """Who does what: facts about the organisation, each in the first place that it fits."""

    lead: tuple[Fact, ...] = ()
    """主管领导: who heads the leading group."""
    department: tuple[Fact, ...] = ()
    """牵头部门."""
    participants: tuple[Fact, ...] = ()
    """参与部门."""
    office: tuple[Fact, ...] = ()
    """The leading group's office."""
    mechanisms: tuple[Fact, ...] = ()
    """Coordination between departments, and how disputes are settled."""
    others: tuple[Fact, ...] = ()


class Brief(Model):
    """All of it; every tuple keeps the sheet's order. Empty parts mean that the sheet says nothing."""

    period: tuple[Year, Year] | None = None
    goal: tuple[Fact, ...] = ()
    """The overall goal in words."""
    targets: tuple[Target, ...] = ()
    """Targets with a quantity."""
    tasks: tuple[Fact, ...] = ()
    """Measures to be taken, and targets that are no quantity."""
    projects: tuple[Project, ...] = ()
    bodies: Bodies = Bodies()
    fund: tuple[Fact, ...] = ()
    """Amount, management rules and appraisal of the money."""
    policies: tuple[Fact, ...] = ()
