"""The summary's length budget: one limit shared over its sections, measured as the check measures it."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.limit import TextCounts
from schemas.outline import Chapter
from service.text.counting import count


def counts_of(text: str) -> TextCounts:
    """字 of a text, as a schema."""
    c = count(text)
    return TextCounts(words=c.words, characters=c.characters, hanzi=c.hanzi)


def measure(chapter: Chapter, texts: Mapping[str, str]) -> TextCounts:
    """字 of a chapter's sections with their headings, without the outline's note (checks.md, length)."""
    return counts_of("\n".join(f"{s.number}{s.title}\n{texts[s.id]}" for s in chapter.sections if texts.get(s.id)))


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
