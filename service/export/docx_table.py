"""TableBlock → Word table: the row of titles on every page, no row split, widths on every cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from docx.document import Document as WordDocument
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Twips
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from schemas.document import Span, TableBlock, TableColumn
from service.export.docx_base import CAPTION, TABLE, TABLE_HEAD, TABLE_TEXT, TEXT_WIDTH

_ALIGN: Mapping[Literal["left", "center", "right"], WD_PARAGRAPH_ALIGNMENT] = {
    "left": WD_PARAGRAPH_ALIGNMENT.LEFT,
    "center": WD_PARAGRAPH_ALIGNMENT.CENTER,
    "right": WD_PARAGRAPH_ALIGNMENT.RIGHT,
}


def add_table(
    word: WordDocument, block: TableBlock, write: Callable[[Paragraph, Span], None], *, whole: bool = True
) -> None:
    """The caption and the table; `write` puts a span, with its mark, into a paragraph.

    `whole` rows are never split by the end of a page. In a file with footnotes LibreOffice 7.4 loses the rows of such
    a table that stand on its next page; there the paragraphs, which are never split either, must do.
    """
    write(word.add_paragraph(style=CAPTION), Span(text=block.caption))
    table = word.add_table(rows=len(block.rows) + 1, cols=len(block.columns), style=TABLE)
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    widths = _widths(block.columns)
    _set_grid(table, widths)
    for number, row in enumerate(table.rows):
        _set_row(row, "w:cantSplit" if whole else "", "w:tblHeader" if number == 0 else "")
        for place, cell in enumerate(row.cells):
            cell.width = Twips(widths[place])
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            column = block.columns[place]
            if number == 0:
                write(_paragraph(cell, TABLE_HEAD), Span(text=column.title))
                continue
            paragraph = _paragraph(cell, TABLE_TEXT)
            if column.align != "left":
                paragraph.alignment = _ALIGN[column.align]
            for span in block.rows[number - 1][place]:
                write(paragraph, span)


def _widths(columns: Sequence[TableColumn]) -> list[int]:
    total = sum(column.width for column in columns)
    edges = [TEXT_WIDTH * sum(c.width for c in columns[:n]) // total for n in range(len(columns) + 1)]
    return [right - left for left, right in pairwise(edges)]


def _set_grid(table: Table, widths: Sequence[int]) -> None:
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Twips(width)
    found = table._tbl.tblPr.find(qn("w:tblW"))  # noqa: SLF001 — no public way to give a table its width
    if found is not None:
        found.set(qn("w:type"), "dxa")
        found.set(qn("w:w"), str(sum(widths)))


def _set_row(row: _Row, *names: str) -> None:
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 — python-docx has neither property
    for name in filter(None, names):
        properties.append(properties.makeelement(qn(name)))


def _paragraph(cell: _Cell, style: str) -> Paragraph:
    paragraph: Paragraph = cell.paragraphs[0]
    paragraph.style = style
    return paragraph
