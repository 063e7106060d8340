"""The document as .pdf: the Word file, turned into pages by LibreOffice where that is installed."""

from __future__ import annotations

import logging

from schemas.document import Document, ExportOptions
from service.export import libreoffice
from service.export.docx import DocxExporter, headings_of
from service.export.fonts import LAYOUT, Fonts
from service.export.pdf_outline import pages_of
from service.export.protocol import DEFAULT

_log = logging.getLogger(__name__)


class PdfExporter:
    """Adds to what an exporter may raise: PdfUnavailableError, PdfFailedError. May be called from several threads."""

    media_type = "application/pdf"
    suffix = ".pdf"

    def __init__(self, fonts: Fonts = LAYOUT, time_limit: float = libreoffice.TIME_LIMIT) -> None:
        """`time_limit` in seconds: of each run, and of the wait for its turn."""
        self._fonts = fonts
        self._time_limit = time_limit

    def export(self, document: Document, options: ExportOptions = DEFAULT) -> bytes:
        """The pages of the Word file, without its comments; sources that were to be comments are footnotes.

        Contents need two runs, as nobody knows the headings' pages before they are laid out: the first run's outline
        tells them. The contents stand on pages that are not numbered, so their length moves none of the others.
        The bytes may differ from run to run; the pages do not.
        """
        libreoffice.found()  # that it is missing is told before half a second is spent on the Word file
        if options.sources == "comments":  # LibreOffice would lay them over the text
            options = options.model_copy(update={"sources": "footnotes"})
        word = DocxExporter(self._fonts)
        pages = libreoffice.to_pdf(word.laid_out(document, options, ()), self._time_limit)
        if document.cover is None or not options.cover:
            return pages
        numbers = pages_of(pages, [text for _, text in headings_of(document)])
        if numbers is None or None in numbers:
            _log.warning("the pages of headings cannot be told from the outline of the .pdf")
        if not numbers:
            return pages
        return libreoffice.to_pdf(word.laid_out(document, options, numbers), self._time_limit)
