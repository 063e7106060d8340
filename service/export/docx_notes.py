"""Sources → footnotes of a Word file: python-docx has none, so they get a part of their own."""

from __future__ import annotations

from xml.sax.saxutils import escape

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_RULES = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
)
_REFERENCE = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
# ① ② … anew on each page, as Chinese books and reports number them.
_NUMBERS = '<w:numFmt w:val="decimalEnclosedCircleChinese"/><w:numRestart w:val="eachPage"/>'
_SETTINGS = f'<w:footnotePr {nsdecls("w")}>{_NUMBERS}<w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'


class Footnotes:
    """The footnotes of one file, in order. `text` must be printable."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, paragraph: Paragraph, text: str) -> None:
        """Puts a reference at the paragraph's end."""
        self._texts.append(text)
        reference = f'<w:footnoteReference w:id="{len(self._texts)}"/>'
        paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}>{_REFERENCE}{reference}</w:r>"))  # noqa: SLF001

    def attach(self, word: WordDocument) -> None:
        """Adds the part to the file; a file without footnotes needs none."""
        if not self._texts:
            return
        notes = "".join(
            f'<w:footnote w:id="{n}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
            f"<w:r>{_REFERENCE}<w:footnoteRef/></w:r>"
            f'<w:r><w:t xml:space="preserve"> {escape(text)}</w:t></w:r></w:p></w:footnote>'
            for n, text in enumerate(self._texts, 1)
        )
        blob = f"{_HEAD}<w:footnotes {nsdecls('w')}>{_RULES}{notes}</w:footnotes>".encode()
        part = Part(PackURI("/word/footnotes.xml"), _TYPE, blob, word.part.package)
        word.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        settings = word.settings.element
        compat = settings.find(qn("w:compat"))
        if compat is not None:
            compat.addprevious(parse_xml(_SETTINGS))
        size = word.element.body.sectPr.find(qn("w:pgSz"))
        if size is not None:
            size.addprevious(parse_xml(f"<w:footnotePr {nsdecls('w')}>{_NUMBERS}</w:footnotePr>"))
