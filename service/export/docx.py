"""Document → Word file in the official layout; what needs a person is highlighted and carries a comment."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import XmlPart
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from schemas.document import (
    Block,
    ChecklistBlock,
    Document,
    ExportOptions,
    HeadingBlock,
    Mark,
    NoticeBlock,
    ParagraphBlock,
    Span,
    TableBlock,
)
from service.export.characters import printable
from service.export.citations import Citations
from service.export.docx_base import ATTACHMENT, ATTACHMENT_LEFT, BODY, NOTICE, TITLE, base_document, packed
from service.export.docx_front import DEEPEST, add_front, mark_heading
from service.export.docx_notes import Footnotes
from service.export.docx_table import add_table
from service.export.fonts import LAYOUT, Fonts
from service.export.protocol import DEFAULT
from service.export.submission import prepared

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
_CHARACTER = 15.75
"""Points that a 三号 character takes."""
_TITLE_LINE, _COVER_LINE = 20, 17
"""二号 and 一号 characters on a line of 156 mm."""


_OUTLINED = f'<w:outlineLvl {nsdecls("w")} w:val="0"/>'


class DocxExporter:
    """WordprocessingML in the layout of GB/T 9704—2012 (service/export/docx_base.py); the same document, the same bytes."""

    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    suffix = ".docx"

    def __init__(self, fonts: Fonts = LAYOUT) -> None:
        self._base = base_document(fonts)

    def export(self, document: Document, options: ExportOptions = DEFAULT) -> bytes:
        """The file's content."""
        return self.laid_out(document, options, None)

    def laid_out(self, document: Document, options: ExportOptions, pages: Sequence[int | None] | None) -> bytes:
        """For who makes pages of it: the title begins the outline, and the contents tell the pages of the headings.

        `pages`: of all headings in their order, or none while they are not known; None: as `export`.
        """
        document = prepared(document, options)
        word = docx.Document(io.BytesIO(self._base))
        moment = datetime(document.year, 1, 1, tzinfo=UTC)  # not the time of export, which would change the bytes
        _describe(word, document, moment)
        _Body(word, document, options, pages).write()
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


def _broken(title: str, length: int) -> str:
    """A title over one line breaks where a phrase ends, the shorter line above (GB/T 9704—2012, 7.3.1)."""
    text = printable(title)
    if len(text) <= length:
        return text
    head, verb, tail = text.partition("创建")
    return f"{head}{verb}\n{tail}" if head and tail else text


class _Body:
    """The document's blocks on their way into one Word file."""

    def __init__(
        self, word: WordDocument, document: Document, options: ExportOptions, pages: Sequence[int | None] | None
    ) -> None:
        self._word = word
        self._document = document
        self._footnotes = Footnotes()
        self._citations = Citations(document, options)
        self._cover = document.cover if options.cover else None
        self._pages = pages
        self._headings = 0
        self._styles: dict[str, str] = {}

    def write(self) -> None:
        """All of it, in order."""
        title = self._document.title
        if self._cover is not None:
            front = headings_of(self._document)
            add_front(self._word, _broken(title, _COVER_LINE), self._cover, front, self._pages or (), self._span)
        heading = self._word.add_paragraph(style=TITLE)
        _run(heading, _broken(title, _TITLE_LINE))
        if self._pages is not None:
            heading.paragraph_format.element.get_or_add_pPr().append(parse_xml(_OUTLINED))
        for block in self._document.blocks:
            self._add(block)
        self._footnotes.attach(self._word)

    def _paragraph(self, name: str) -> Paragraph:
        """A paragraph of that style; python-docx would search its styles three times for each."""
        if name not in self._styles:
            self._styles[name] = self._word.styles[name].style_id
        paragraph = self._word.add_paragraph()
        paragraph.paragraph_format.element.get_or_add_pPr().style = self._styles[name]
        return paragraph

    def _add(self, block: Block) -> None:
        self._citations.enter(block.section)
        match block:
            case HeadingBlock():
                paragraph = self._word.add_paragraph(style=f"heading {block.level}")
                _run(paragraph, _heading(block))
                self._headings += 1
                if self._cover is not None and block.level <= DEEPEST:
                    mark_heading(paragraph, self._headings)
            case ParagraphBlock():
                paragraph = self._paragraph(BODY)
                for span in block.spans:
                    self._span(paragraph, span)
            case ChecklistBlock():
                self._attachments(block)
            case TableBlock():
                add_table(self._word, block, self._span, whole=self._citations.kind != "footnotes")
            case NoticeBlock():
                _run(self._word.add_paragraph(style=NOTICE), printable(f"起草说明：{block.text}"))

    def _attachments(self, block: ChecklistBlock) -> None:
        """附件：1.×××, names below each other, lines that run on below the name (GB/T 9704—2012, 7.3.4)."""
        one = len(block.items) == 1  # which has no number
        for number, item in enumerate(block.items, 1):
            paragraph = self._word.add_paragraph(style=ATTACHMENT)
            if number == 1:
                left = _CHARACTER * 5 if one else ATTACHMENT_LEFT
                paragraph.paragraph_format.left_indent = Pt(left)
                paragraph.paragraph_format.first_line_indent = Pt(2 * _CHARACTER - left)
            _run(paragraph, f"{'附件：' if number == 1 else ''}{'' if one else f'{number}.'}")
            if not one:
                paragraph.add_run().add_tab()
            _run(paragraph, printable(item.name))
            if not item.provided:
                note = "事实表中没有这项材料，请准备后作为附件，并补入事实表。"
                self._span(paragraph, Span(text="【待补充】", mark="placeholder", note=note))

    def _span(self, paragraph: Paragraph, span: Span) -> None:
        text = printable(span.text)
        if not text:
            return
        run = _run(paragraph, text)
        if span.mark in _HIGHLIGHT:
            run.font.highlight_color = _HIGHLIGHT[span.mark]
            if span.note:
                self._comment(run, "\n".join(printable(line) for line in span.note.split("\n")))
        if told := self._citations.told(span):
            if self._citations.kind == "footnotes":
                self._footnotes.add(paragraph, printable("".join(told)))
            else:
                self._comment(run, "\n".join(map(printable, told)))

    def _comment(self, run: Run, text: str) -> None:
        self._word.add_comment(run, text=text, author=AUTHOR, initials="FA")


def headings_of(document: Document) -> list[tuple[int, str]]:
    """Level and printed text of all headings, in order."""
    return [(b.level, _heading(b)) for b in document.blocks if isinstance(b, HeadingBlock)]


def _heading(block: HeadingBlock) -> str:
    return printable(block.number + block.text)


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
