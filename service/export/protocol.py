"""What an exporter is: one method that turns the document into the bytes of one format."""

from __future__ import annotations

from typing import Literal, Protocol

from schemas.document import Document, ExportOptions

Format = Literal["docx", "md", "html", "json", "pdf"]
"""The formats that ship."""

DEFAULT = ExportOptions()


class Exporter(Protocol):
    """Renders a document. Pure: the same document and options give the same bytes; no text can make it raise.

    The one error is NotFinalError, where a clean version is asked for too early (service/export/submission.py). PDF
    alone needs another program, and differs in both (service/export/pdf.py).
    """

    media_type: str
    suffix: str
    """With its dot: .docx."""

    def export(self, document: Document, options: ExportOptions = DEFAULT) -> bytes:
        """The file's content."""
        ...
