"""Named places of a run where a process may die: a test or bench is told when one is passed, nobody else listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Place = Literal[
    "reply received",  # and not yet in the ledger: the only window in which a paid call can be lost
    "reply kept",
    "job done",  # its result not yet stored
    "job stored",
    "decided",
    "plan finished",
]
Passing = Callable[[Place], None]


def unnoticed(_: Place) -> None:
    """Nobody listens."""
