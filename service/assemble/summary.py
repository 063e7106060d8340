"""The summary's length budget: one limit shared over its sections, measured as the check measures it."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.outline import Chapter
from service.check.length import measure


def shares(chapter: Chapter) -> Mapping[str, int]:
    """What each section may have of the chapter's limit, by its target length; together they keep the limit."""
    if chapter.limit is None:
        return {}
    headings = measure(chapter, {s.id: "。" for s in chapter.sections}).characters
    room = chapter.limit.maximum - headings
    total = sum(s.target_length for s in chapter.sections)
    return {s.id: room * s.target_length // total for s in chapter.sections}


def excess(chapter: Chapter, texts: Mapping[str, str]) -> int:
    """字 over the limit by the stricter way of counting; 0 when within it."""
    if chapter.limit is None:
        return 0
    counts = measure(chapter, texts)
    return max(0, max(counts.words, counts.characters) - chapter.limit.maximum)
