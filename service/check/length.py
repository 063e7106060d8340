"""The length check: 字数 of a chapter with a limit (the summary), and of single sections that were given one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.finding import CheckName, Finding, Severity
from schemas.limit import TextCounts, TextLimit
from schemas.outline import Chapter
from service.check.case import BARE, Case
from service.text.counting import count


class _Piece(NamedTuple):
    """A section's text with what is counted before it: its heading."""

    section: str
    heading: str
    text: str


def check_length(case: Case) -> Iterable[Finding]:
    """Over the limit by 字数: an error. Over it only by characters without blanks: a warning (checks.md, length).

    The finding stands where the text passes the limit. A chapter's limit covers the sections that are there, with
    their headings and without the outline's own note.
    """
    for chapter in case.outline.chapters:
        pieces = _pieces(chapter, case.texts)
        if chapter.limit is not None and pieces:
            yield from _judge(pieces, chapter.limit, f"{chapter.title}各节（含小标题）合计")
    for section, maximum in case.limits.items():
        if section in case.texts:
            named = "本段文字" if section == BARE else "本节"
            yield from _judge([_Piece(section, "", case.texts[section])], TextLimit(maximum=maximum), named)


def counts_of(text: str) -> TextCounts:
    """字 of one text."""
    return _counts([text])


def measure(chapter: Chapter, texts: Mapping[str, str]) -> TextCounts:
    """字 of the sections that are there, with their headings."""
    return _counts([piece.heading + piece.text for piece in _pieces(chapter, texts)])


def _pieces(chapter: Chapter, texts: Mapping[str, str]) -> list[_Piece]:
    return [_Piece(s.id, f"{s.number}{s.title}\n", texts[s.id]) for s in chapter.sections if texts.get(s.id)]


def _counts(texts: Iterable[str]) -> TextCounts:
    words, characters, hanzi = (sum(part) for part in zip((0, 0, 0), *map(count, texts), strict=True))
    return TextCounts(words=words, characters=characters, hanzi=hanzi)


def _judge(pieces: Sequence[_Piece], limit: TextLimit, what: str) -> Iterable[Finding]:
    counts = _counts([piece.heading + piece.text for piece in pieces])
    verdict = limit.evaluate(counts)
    if verdict == "within":
        return
    by_words = verdict == "words_over"
    piece, start = _where_passed(pieces, limit.maximum, by_words)
    if by_words:
        over = counts.words - limit.maximum
        message = f"{what}{counts.words}字，超过{limit.maximum}字的上限，请压缩{over}字以上"
        if counts.characters > counts.words:
            more = counts.characters - limit.maximum
            message += f"；按“字符数（不计空格）”为{counts.characters}，压缩{more}字以上可使两种计法都不超限"
    else:
        over = counts.characters - limit.maximum
        message = (
            f"{what}“字数”为{counts.words}，未超过{limit.maximum}；但“字符数（不计空格）”为{counts.characters}，"
            f"建议再压缩{over}字，以免评审按字符数计算"
        )
    yield Finding(
        check=CheckName.LENGTH,
        severity=Severity.ERROR if by_words else Severity.WARNING,
        section=None if piece.section == BARE else piece.section,
        start=start,
        end=len(piece.text),
        excerpt=piece.text[start:],
        message=message,
    )


def _where_passed(pieces: Sequence[_Piece], maximum: int, by_words: bool) -> tuple[_Piece, int]:
    """The section in which the count passes the limit, and the first character over it."""
    before = 0
    for piece in pieces:
        whole = _one(piece.heading + piece.text, by_words)
        if before + whole > maximum:
            room = maximum - before - _one(piece.heading, by_words)
            return piece, _first_over(piece.text, room, by_words)
        before += whole
    return pieces[-1], len(pieces[-1].text)


def _one(text: str, by_words: bool) -> int:
    counts = count(text)
    return counts.words if by_words else counts.characters


def _first_over(text: str, room: int, by_words: bool) -> int:
    """Index of the character with which the text first counts more than `room`; found by halving, as counts grow."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high) // 2
        if _one(text[: middle + 1], by_words) > room:
            high = middle
        else:
            low = middle + 1
    return low
