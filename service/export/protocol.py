"""What an exporter is: one method that turns the document into the bytes of one format."""

from __future__ import annotations

from typing import Literal, Protocol

from schemas.document import Document

Format = Literal["docx", "md", "html", "json"]
"""The formats that ship."""


class Exporter(Protocol):
    """Renders a document. Pure: the same document gives the same bytes; no text can make it raise."""

    media_type: str
    suffix: str
    """With its dot: .docx."""

    def export(self, document: Document) -> bytes:
        """The file's content."""
        ...
