"""Where the outline library looks for outlines that do not ship, and whose outlines it shows; imports next to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _View:
    """What is looked up where this stands sees."""

    owner: str | None = None
    """Whose outlines; None: those of all."""
    shelves: tuple[Shelf, ...] | None = None
    """Where; None: on all that are up."""


_shelves: list[Shelf] = []
"""Of this process, as the shipped outlines are: work that no request waits for looks here, its plan was accepted
before."""
_ALL = _View()
_view: ContextVar[_View] = ContextVar("outlines that are seen", default=_ALL)
"""Of the request that is answered, or of the command that runs: two services in a process do not mix theirs."""


def put_up(shelf: Shelf) -> None:
    """From now on its outlines are found, until `take_down`."""
    _shelves.append(shelf)


def take_down(shelf: Shelf) -> None:
    """Harmless when it is not up."""
    if shelf in _shelves:
        _shelves.remove(shelf)


@contextmanager
def standing(shelf: Shelf) -> Iterator[None]:
    """It is up for a block, which sees no other."""
    put_up(shelf)
    before = _view.set(_View(shelves=(shelf,)))
    try:
        yield
    finally:
        _view.reset(before)
        take_down(shelf)


def seen_by(owner: str | None, shelves: Sequence[Shelf]) -> None:
    """Until the end of this task or thread, only what this owner (None: anyone) has on these shelves is found."""
    _view.set(_View(owner, tuple(shelves)))


def found(outline_id: str) -> Outline | None:
    """The outline of that id on the first shelf that shows it. StoreError."""
    view = _view.get()
    outlines = (shelf.find(outline_id, view.owner) for shelf in _looked_at(view))
    return next((o for o in outlines if o is not None), None)


def everything() -> list[Outline]:
    """What the shelves show. StoreError."""
    view = _view.get()
    return [o for shelf in _looked_at(view) for o in shelf.all(view.owner)]


def _looked_at(view: _View) -> tuple[Shelf, ...]:
    return tuple(_shelves) if view.shelves is None else view.shelves
