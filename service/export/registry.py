"""Format → exporter."""

from __future__ import annotations

from collections.abc import Mapping

from service.export.html import HtmlExporter
from service.export.json_form import JsonExporter
from service.export.markdown import MarkdownExporter
from service.export.protocol import Exporter, Format

_LIGHT: Mapping[Format, Exporter] = {"md": MarkdownExporter(), "html": HtmlExporter(), "json": JsonExporter()}


def exporter(form: Format) -> Exporter:
    """The exporter of a format."""
    if form == "docx":
        # python-docx takes a quarter of a second to import, and the other formats have no use for it.
        from service.export.docx import DocxExporter  # noqa: PLC0415

        return DocxExporter()
    if form == "pdf":
        from service.export.pdf import PdfExporter  # noqa: PLC0415 - as above

        return PdfExporter()
    return _LIGHT[form]
