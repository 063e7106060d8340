"""What comes back when a text is checked: the findings with their places, the counts, the text in official form."""

from __future__ import annotations

from pydantic import Field

from schemas import Model
from schemas.finding import Finding, Support
from schemas.limit import TextCounts


def _absent(value: object) -> bool:
    return value is None


class Counted(TextCounts):
    """Counts of one text with the limit that covers it, in 字; null where the outline sets none."""

    limit: int | None = None


class Contradiction(Model):
    """Two facts of the sheet that give one datum two values."""

    facts: tuple[str, str]
    message: str
    """Chinese, one sentence."""


class Report(Model):
    """Keys of `counts` and `normalised` are section ids, or `text` for a text without a section.

    A chapter with a limit has an entry of its own in `counts`, under its id, for its sections with their headings.
    Offsets in findings and supports belong to the text as it was sent, not to `normalised`.
    """

    findings: tuple[Finding, ...]
    counts: dict[str, Counted]
    normalised: dict[str, str]
    """The same text with its punctuation, ranges, dates and document numbers in official form."""
    skipped: dict[str, str] = {}
    """Checks that could not be run, with the reason (Chinese)."""
    contradictions: tuple[Contradiction, ...] = ()
    """Of the facts themselves; a figure that agrees with either of the two counts as proven."""
    supports: tuple[Support, ...] | None = Field(None, exclude_if=_absent)
    """Why each proven figure stands; only when asked for."""
