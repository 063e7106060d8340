"""Document → JSON: the document itself, for tools that render it their own way."""

from __future__ import annotations

from schemas.document import Document


class JsonExporter:
    """UTF-8 JSON of schemas.document.Document, Chinese unescaped."""

    media_type = "application/json"
    suffix = ".json"

    def export(self, document: Document) -> bytes:
        """The file's content."""
        return f"{document.model_dump_json(indent=2)}\n".encode()
