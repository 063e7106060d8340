"""A manuscript kept as .docx → its lines, as one would read them aloud: without title page, contents and remarks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from service.word_file import read_docx

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.table import Table
    from docx.text.paragraph import Paragraph

OLE = b"\xd0\xcf\x11\xe0"
"""How .doc files begin, and .docx files with a password."""
MAX_UNPACKED = 50_000_000
"""Bytes of all parts together."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OTHER = re.compile(r"^(?:toc|contents|目录|index)", re.IGNORECASE)
_REMARK = "起草说明："
_OWN_TABLE = re.compile(r"^表\d+ \S")
"""Caption of a table that the exporter made from the facts; a person's own table is text to check."""
_TOO_LARGE = "文稿解压后过大，请只保留文字和表格后再试"
_NO_DOCX = "文稿不是有效的 .docx 文档，请用 Word 或 WPS 另存为 .docx 后再试"


def word_text(data: bytes) -> str:
    """Its lines, with what was inserted under tracked changes and without what was deleted. FileInputError."""
    return read_docx(data, _joined, most=MAX_UNPACKED, too_large=_TOO_LARGE, invalid=_NO_DOCX)


def _joined(document: Document) -> str:
    return "\n".join(_lines(document))


def _lines(document: Document) -> Iterator[str]:
    from docx.text.paragraph import Paragraph  # noqa: PLC0415

    before = ""
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            before = _text(block)
            if not _OWN_TABLE.match(before) and not _beside(block, before):
                yield before
        elif not _OWN_TABLE.match(before):
            yield from _rows(block)


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        told = dict.fromkeys(cell._tc for cell in row.cells)  # noqa: SLF001 — merged cells come once for each column
        yield "，".join("".join(_pieces(cell)) for cell in told)


def _beside(paragraph: Paragraph, text: str) -> bool:
    """Whether it stands beside the plan's text: title page, contents, remarks about the plan."""
    from service.export.docx_base import CONTENTS, COVER_LINE, COVER_TITLE, NOTICE, TITLE  # noqa: PLC0415

    style = (paragraph.style.name if paragraph.style is not None else None) or ""
    beside = {CONTENTS, COVER_LINE, COVER_TITLE, NOTICE, TITLE}
    return style in beside or bool(_OTHER.match(style)) or text.startswith(_REMARK)


def _text(paragraph: Paragraph) -> str:
    return "".join(_pieces(paragraph._p)).strip()  # noqa: SLF001 — `text` leaves out tracked insertions


def _pieces(element: BaseOxmlElement) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"}:
            yield " "
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"
        elif child.tag not in {f"{_W}pPr", f"{_W}rPr", f"{_W}tcPr", f"{_W}del", f"{_W}moveFrom"}:
            yield from _pieces(child)
