"""What a check looks at, and what a check is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from schemas.exemplar import Exemplar
from schemas.finding import Finding
from schemas.outline import Outline
from service.facts.ledger import Ledger

BARE = ""
"""Key of a text that belongs to no section."""


@dataclass(frozen=True, slots=True)
class Case:
    """Texts by section id in the outline's order (`BARE` for one without a section), and all they are held against.

    `complete` says that the texts are the whole plan, so that what is missing can be told;
    `author` that a writer or a person wrote them (a missing point is an error in a writer's text only).
    """

    texts: Mapping[str, str]
    outline: Outline
    ledger: Ledger
    exemplars: tuple[Exemplar, ...] = ()
    author: Literal["writer", "person"] = "person"
    edited: frozenset[str] = frozenset()
    """Sections whose text is a person's, in a plan that a writer drafted."""
    complete: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    """字 limits beyond the outline's own, by section id (a share of the summary's budget, say)."""


class Check(Protocol):
    """A pure test of texts. It never edits, drops or raises on bad text; the same case gives the same findings."""

    def __call__(self, case: Case, /) -> Iterable[Finding]:
        """Findings of this check, in any order."""
        ...
