"""What comes back from one call of an endpoint: an answer, or a failure that says what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from schemas.draft import Usage
from service.errors import WriterError


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as the endpoint gave it, not yet judged."""

    text: str
    """The content, or the arguments of the tool that was asked for."""
    finish: str | None
    """finish_reason; None when the answer ended without one."""
    model: str
    usage: Usage | None
    """None when the endpoint does not say."""
    refusal: str | None = None
    reasoned: bool = False
    """The model thought aloud; its thoughts are counted as progress, never kept."""
    streamed: bool = False
    ended: bool = True
    """The endpoint said that this is all; False for a stream that just stopped."""


class Then(Enum):
    """What to do after a failed call."""

    STOP = auto()
    """Asking again is vain."""
    WAIT = auto()
    """Our rate is limited: every worker of this endpoint waits."""
    AGAIN = auto()
    """Nothing was answered: ask again after a pause."""
    REDO = auto()
    """An unusable answer, perhaps paid for: ask again at most twice."""
    CUT = auto()
    """The connection broke off, perhaps in a paid answer: says nothing about the endpoint's answers, so it is counted apart."""
    BLANK = auto()
    """Nothing but blanks: ask again at most twice, then take the next way of asking for JSON."""
    ADAPT = auto()
    """A parameter is refused: leave it out or rename it."""
    LOWER = auto()
    """This way of asking for JSON is refused: take the next one."""
    LONGER = auto()
    """The length limit cut the answer: ask once more with a larger one."""


class CallFailed(Exception):  # noqa: N818 — says what happened, and never leaves the writer
    """A call gave nothing usable. `error` is what the caller of the writer gets when there is no other way."""

    def __init__(
        self,
        error: WriterError,
        then: Then,
        *,
        wait: float | None = None,
        said: str = "",
        usage: Usage | None = None,
        thoughts: bool = False,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.then = then
        self.wait = wait
        """Seconds that the endpoint asked us to wait."""
        self.said = said
        """The endpoint's own words, lower case, for learning which parameter it means."""
        self.usage = usage
        """What the unusable answer cost."""
        self.thoughts = thoughts
        """The model's thoughts alone used up the length limit."""
