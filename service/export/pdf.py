"""The document as .pdf: the Word file, turned into pages by LibreOffice where that is installed."""

from __future__ import annotations

from schemas.document import Document, ExportOptions
from service.export import libreoffice
from service.export.docx import DocxExporter
from service.export.protocol import DEFAULT


class PdfExporter:
    """Adds to what an exporter may raise: PdfUnavailableError, PdfFailedError. May be called from several threads."""

    media_type = "application/pdf"
    suffix = ".pdf"

    def __init__(self, time_limit: float = libreoffice.TIME_LIMIT) -> None:
        """`time_limit` in seconds: of one run, and of the wait for its turn."""
        self._time_limit = time_limit

    def export(self, document: Document, options: ExportOptions = DEFAULT) -> bytes:
        """The pages of the Word file, without its comments; sources that were to be comments are footnotes.

        The bytes may differ from run to run; the pages do not.
        """
        libreoffice.found()  # that it is missing is told before half a second is spent on the Word file
        if options.sources == "comments":  # LibreOffice would lay them over the text
            options = options.model_copy(update={"sources": "footnotes"})
        return libreoffice.to_pdf(DocxExporter().export(document, options), self._time_limit)
