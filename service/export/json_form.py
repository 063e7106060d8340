"""Document → JSON: the document itself, for tools that render it their own way."""

from __future__ import annotations

from schemas.document import Document, ExportOptions
from service.export.protocol import DEFAULT
from service.export.submission import prepared


class JsonExporter:
    """UTF-8 JSON of schemas.document.Document, Chinese unescaped."""

    media_type = "application/json"
    suffix = ".json"

    def export(self, document: Document, options: ExportOptions = DEFAULT) -> bytes:
        """The file's content; it holds the sources whatever the options say."""
        return f"{prepared(document, options).model_dump_json(indent=2)}\n".encode()
