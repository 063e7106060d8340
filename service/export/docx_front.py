"""Title page and contents of a Word file: a section of their own, without page numbers, before the text."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import NamedTuple
from xml.sax.saxutils import escape

from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from schemas.document import Cover, Span
from service.export.docx_base import CONTENTS, COVER_LINE, COVER_TITLE

DEEPEST = 3
"""Level of the deepest heading in the contents."""
_FIELD = rf'TOC \o "1-{DEEPEST}" \h \z \u'
_TO_FOOT = 270.0
"""Points between the title and who drew the plan up."""


class _Entry(NamedTuple):
    """A heading in the contents, with its page where that is known."""

    number: int
    level: int
    text: str
    page: int | None


def add_front(
    word: WordDocument,
    title: str,
    cover: Cover,
    headings: Iterable[tuple[int, str]],
    pages: Sequence[int | None],
    write: Callable[[Paragraph, Span], None],
) -> None:
    """`title` may have a line break; `headings`: (level, text) of all headings, in order, printable.

    The contents are a field with its entries filled in, so that a reader that updates no fields still shows them.
    Page numbers are known only to who lays out the pages: Word adds them, with their dots, when it opens the file.
    Where they are known already they are `pages`, of as many headings.
    """
    word.add_paragraph(title, style=COVER_TITLE)
    for number, cell in enumerate((cover.issuer, cover.date)):
        paragraph = word.add_paragraph(style=COVER_LINE)
        if number == 0:
            paragraph.paragraph_format.space_before = Pt(_TO_FOOT - 45 * title.count("\n"))
        for span in cell:
            write(paragraph, span)
    word.add_paragraph("目 录", style=CONTENTS)
    known = zip(headings, chain(pages, repeat(None)), strict=False)
    entries = [_Entry(n, level, text, page) for n, ((level, text), page) in enumerate(known, 1)]
    _contents(word, [entry for entry in entries if entry.level <= DEEPEST])
    _close_section(word)
    compat = word.settings.element.find(qn("w:compat"))
    if compat is not None:
        compat.addprevious(parse_xml(f'<w:updateFields {nsdecls("w")} w:val="true"/>'))


def mark_heading(paragraph: Paragraph, number: int) -> None:
    """Makes the heading findable by the contents: the number-th of the text."""
    element = paragraph._p  # noqa: SLF001 — python-docx has no bookmarks
    start = f'<w:bookmarkStart {nsdecls("w")} w:id="{number}" w:name="{_name(number)}"/>'
    first = element.find(qn("w:r"))
    if first is not None:
        first.addprevious(parse_xml(start))
        element.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{number}"/>'))


def _name(number: int) -> str:
    return f"_Toc{number:09d}"


def _contents(word: WordDocument, entries: list[_Entry]) -> None:
    body = word.element.body
    opening = f"{_char('begin')}{_instruction(_FIELD)}{_char('separate')}"
    for place, entry in enumerate(entries):
        page = "" if entry.page is None else f"<w:r><w:tab/><w:t>{entry.page}</w:t></w:r>"
        run = f'<w:r><w:t xml:space="preserve">{escape(entry.text)}</w:t></w:r>{page}'
        link = f'<w:hyperlink w:anchor="{_name(entry.number)}" w:history="1">{run}</w:hyperlink>'
        xml = f'<w:pPr><w:pStyle w:val="TOC{entry.level}"/></w:pPr>{opening if place == 0 else ""}{link}'
        body.insert_element_before(parse_xml(f"<w:p {nsdecls('w')}>{xml}</w:p>"), "w:sectPr")
    closing = _char("end") if entries else ""
    body.insert_element_before(parse_xml(f"<w:p {nsdecls('w')}>{closing}</w:p>"), "w:sectPr")


def _char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _instruction(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {text} </w:instrText></w:r>'


def _close_section(word: WordDocument) -> None:
    """The front is a section without footers; the text's pages are numbered from 1."""
    last = word.element.body.sectPr
    own = copy.deepcopy(last)
    for reference in own.findall(qn("w:footerReference")):
        own.remove(reference)
    word.paragraphs[-1]._p.set_sectPr(own)  # noqa: SLF001
    margins = last.find(qn("w:pgMar"))
    if margins is not None:
        margins.addnext(parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>'))
