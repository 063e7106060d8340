"""Document → Word file in the official layout; what needs a person is highlighted and carries a comment."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import cast

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from schemas.document import (
    Block,
    ChecklistBlock,
    Document,
    HeadingBlock,
    Mark,
    NoticeBlock,
    ParagraphBlock,
    Span,
    TableBlock,
)
from service.export.characters import printable
from service.export.docx_base import BODY, NOTICE, TITLE, Fonts, base_document, packed
from service.export.docx_table import add_table

AUTHOR = "fangan"
_HIGHLIGHT: Mapping[Mark, WD_COLOR_INDEX] = {
    "placeholder": WD_COLOR_INDEX.YELLOW,
    "proposal": WD_COLOR_INDEX.TURQUOISE,
    "unsupported": WD_COLOR_INDEX.PINK,
}
_AMBIGUOUS = re.compile("[“”‘’—…·×÷±°‰′″§①-⑳Ⅰ-Ⅻ]")
"""Characters that Word sets in the Latin typeface unless the run is hinted as East Asian."""
_PROPERTY_LENGTH = 255
"""Longest core property that Word keeps."""
_TITLE_LINE = 20
"""二号 characters on a line of 156 mm."""


class DocxExporter:
    """WordprocessingML in the layout of GB/T 9704—2012 (service/export/docx_base.py); the same document, the same bytes."""

    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    suffix = ".docx"

    def __init__(self, fonts: Fonts | None = None) -> None:
        self._base = base_document(fonts or Fonts())

    def export(self, document: Document) -> bytes:
        """The file's content."""
        word = docx.Document(io.BytesIO(self._base))
        moment = datetime(document.year, 1, 1, tzinfo=UTC)  # not the time of export, which would change the bytes
        _describe(word, document, moment)
        _title(word, document.title)
        for block in document.blocks:
            _add(word, block)
        _date_comments(word, moment)
        stream = io.BytesIO()
        word.save(stream)
        with zipfile.ZipFile(stream) as saved:
            return packed({name: saved.read(name) for name in saved.namelist()})


def _describe(word: WordDocument, document: Document, moment: datetime) -> None:
    properties = word.core_properties
    properties.title = printable(document.title)[:_PROPERTY_LENGTH]
    properties.subject = printable(document.subject)[:_PROPERTY_LENGTH]
    properties.author = properties.last_modified_by = AUTHOR
    properties.language = "zh-CN"
    properties.created = properties.modified = moment
    properties.revision = 1


def _title(word: WordDocument, title: str) -> None:
    """A title over one line breaks where a phrase ends, the shorter line above (GB/T 9704—2012, 7.3.1)."""
    text = printable(title)
    if len(text) > _TITLE_LINE:
        head, verb, tail = text.partition("创建")
        text = f"{head}{verb}\n{tail}" if head and tail else text
    _run(word.add_paragraph(style=TITLE), text)


def _add(word: WordDocument, block: Block) -> None:
    match block:
        case HeadingBlock():
            text = printable(block.number + block.text)
            _run(word.add_paragraph(style=f"heading {block.level}"), text)
        case ParagraphBlock():
            paragraph = word.add_paragraph(style=BODY)
            for span in block.spans:
                _span(word, paragraph, span)
        case ChecklistBlock():
            for number, item in enumerate(block.items, 1):
                paragraph = word.add_paragraph(style=BODY)
                _run(paragraph, printable(f"{number}.{item.text}"))
                if not item.provided:
                    note = "事实表中没有这项材料，请准备后作为附件，并补入事实表。"
                    _span(word, paragraph, Span(text="【待补充】", mark="placeholder", note=note))
        case TableBlock():
            add_table(word, block, partial(_span, word))
        case NoticeBlock():
            _run(word.add_paragraph(style=NOTICE), printable(f"起草说明：{block.text}"))


def _span(word: WordDocument, paragraph: Paragraph, span: Span) -> None:
    text = printable(span.text)
    if not text:
        return
    run = _run(paragraph, text)
    if span.mark in _HIGHLIGHT:
        run.font.highlight_color = _HIGHLIGHT[span.mark]
        if span.note:
            note = "\n".join(printable(line) for line in span.note.split("\n"))
            word.add_comment(run, text=note, author=AUTHOR, initials="FA")


def _run(paragraph: Paragraph, text: str) -> Run:
    run = paragraph.add_run(text)
    if _AMBIGUOUS.search(text):
        run.font.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")
    return run


def _date_comments(word: WordDocument, moment: datetime) -> None:
    # Asking the document for its comments would give a part to a file that needs none.
    for relation in word.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.COMMENTS:
            for comment in cast("XmlPart", relation.target_part).element.iter(qn("w:comment")):
                comment.set(qn("w:date"), moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
