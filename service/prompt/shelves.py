"""Where the outline library looks for outlines that do not ship, and whose outlines it shows; imports next to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from schemas.outline import Outline


class Shelf(Protocol):
    """Outlines that do not ship. Called from any thread; `owner` None sees those of all owners."""

    def find(self, outline_id: str, owner: str | None) -> Outline | None:
        """The outline of that id as it is now. StoreError."""
        ...

    def all(self, owner: str | None) -> list[Outline]:
        """By id. StoreError."""
        ...


_shelves: list[Shelf] = []
"""Of this process, as the shipped outlines are: whoever drafts, checks or lists looks here."""
_owner: ContextVar[str | None] = ContextVar("owner whose outlines are seen", default=None)
"""Of the request that is answered. Work that no request waits for sees all: its plan was accepted before."""


def put_up(shelf: Shelf) -> None:
    """From now on its outlines are found, until `take_down`."""
    _shelves.append(shelf)


def take_down(shelf: Shelf) -> None:
    """Harmless when it is not up."""
    if shelf in _shelves:
        _shelves.remove(shelf)


@contextmanager
def standing(shelf: Shelf) -> Iterator[None]:
    """It is up for a block."""
    put_up(shelf)
    try:
        yield
    finally:
        take_down(shelf)


def seen_by(owner: str | None) -> None:
    """Until the end of this task or thread, only this owner's outlines and the shipped ones are found; None: all."""
    _owner.set(owner)


def found(outline_id: str) -> Outline | None:
    """The outline of that id on the first shelf that shows it. StoreError."""
    outlines = (shelf.find(outline_id, _owner.get()) for shelf in tuple(_shelves))
    return next((o for o in outlines if o is not None), None)


def everything() -> list[Outline]:
    """What the shelves show. StoreError."""
    return [o for shelf in tuple(_shelves) for o in shelf.all(_owner.get())]
