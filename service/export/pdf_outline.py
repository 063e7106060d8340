"""A .pdf of the document → the number that is printed on the page of each heading, read from the file's outline."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import Destination


def pages_of(pdf: bytes, headings: Sequence[str]) -> list[int | None] | None:
    """For each heading, in the document's order; one that the outline does not name has None.

    The outline's first entry is the title, on the page that is numbered 1: what comes before it bears no numbers.
    None where the outline cannot be read.
    """
    try:
        entries = list(_entries(pdf))
    except (PyPdfError, ValueError, KeyError, RecursionError):  # what pypdf raises of files that are none
        return None
    if not entries:
        return None
    (_, first), *rest = entries
    found: list[int | None] = []
    place = 0
    for heading in headings:
        same = next((n for n in range(place, len(rest)) if rest[n][0] == _bare(heading)), None)
        found.append(None if same is None else rest[same][1] - first + 1)
        place = place if same is None else same + 1
    return found


def _entries(pdf: bytes) -> Iterator[tuple[str, int]]:
    """Text and page, counted from 0, of all entries, in order."""
    reader = PdfReader(io.BytesIO(pdf))

    def walk(level: Sequence[object]) -> Iterator[tuple[str, int]]:
        for entry in level:
            if isinstance(entry, list):
                yield from walk(entry)
            elif isinstance(entry, Destination):
                page = reader.get_destination_page_number(entry)
                if page is not None and page >= 0:
                    yield _bare(entry.title or ""), page

    yield from walk(reader.outline)


def _bare(text: str) -> str:
    """Without blanks, which the program that lays out the pages may change."""
    return "".join(text.split())
