"""A manuscript as a person keeps it, text or Markdown → the text of each section, without headings and marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schemas.outline import Outline
from service.check.case import BARE

_HEADING = re.compile(r"#{1,6}\s+")
_NOTE = re.compile(r"(?<!\\)\[\^[^\]\s]{1,20}\](?!:)")
_NOTE_TEXT = re.compile(r"\[\^[^\]\s]{1,20}\]:")
_OWN_TABLE = re.compile(r"^\*\*表\d+ [^*\n]*\*\*\n\n(?:\|.*(?:\n|$))+", re.MULTILINE)
"""A table that the exporter made from the facts, with its caption; a person's own table is text to check."""
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPACE = re.compile(r"\s+")


def sections_of(text: str, outline: Outline, *, markdown: bool) -> dict[str, str]:
    """Section id → text, by the outline's headings as printed (number and title) in the order of the manuscript.

    What stands before the first heading, and a manuscript without headings, is `BARE`; sections without text are left out. Markdown: other headings, quotations (remarks about the plan) and
    footnotes are no text of the plan; escapes and emphasis are taken away.
    """
    texts: dict[str, list[str]] = {}
    current, place = BARE, 0
    headings = list(_headings(outline))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for line in (_OWN_TABLE.sub("", text) if markdown else text).split("\n"):
        found = _find(_bare(_plain(line) if markdown else line), headings, place)
        if found is not None:
            place, current = found + 1, headings[found][1]
        elif not markdown:
            texts.setdefault(current, []).append(line)
        elif not (_HEADING.match(line) or line.startswith(">") or _NOTE_TEXT.match(line)):
            texts.setdefault(current, []).append(_plain(line))
    joined = {section: _joined(lines) for section, lines in texts.items()}
    return {section: found for section, found in joined.items() if found}


def part_of(text: str, outline: Outline, section: str, *, markdown: bool) -> str | None:
    """That section's part of a manuscript, all of one without other sections; None: it has only other sections."""
    parts = sections_of(text, outline, markdown=markdown)
    if section in parts:
        return parts[section]
    return None if set(parts) - {BARE} else whole(text, markdown=markdown)


def whole(text: str, *, markdown: bool) -> str:
    """The text of a manuscript that is one section."""
    kept = (
        _plain(line)
        for line in _OWN_TABLE.sub("", text.replace("\r\n", "\n")).split("\n")
        if not (_HEADING.match(line) or line.startswith(">") or _NOTE_TEXT.match(line))
    )
    return _joined(kept) if markdown else text.replace("\r\n", "\n").strip("\n")


def _headings(outline: Outline) -> Iterator[tuple[str, str]]:
    """(heading as printed, the section that begins there or BARE) in the outline's order."""
    for chapter in outline.chapters:
        leaf = chapter.id if any(s.id == chapter.id for s in chapter.sections) else BARE
        yield _bare(chapter.number + chapter.title), leaf
        announced: set[str] = set()
        for section in chapter.sections:
            for group in chapter.groups:
                if section.id.startswith(f"{group.id}.") and group.id not in announced:
                    announced.add(group.id)
                    yield _bare(group.number + group.title), BARE
            if section.id != chapter.id:
                yield _bare(section.number + section.title), section.id


def _find(line: str, headings: list[tuple[str, str]], place: int) -> int | None:
    """Which heading the line is: the next of that wording, else the first of it."""
    same = [n for n, (heading, _) in enumerate(headings) if heading == line]
    return next((n for n in same if n >= place), same[0] if same else None)


def _plain(line: str) -> str:
    """A line of Markdown as it is read."""
    stripped = _NOTE.sub("", _HEADING.sub("", line.strip(), count=1))
    return _ESCAPE.sub(r"\1", stripped.replace("**", ""))


def _bare(line: str) -> str:
    return _SPACE.sub("", line)


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if line.strip()).strip()
