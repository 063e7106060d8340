"""Format → exporter."""

from __future__ import annotations

from collections.abc import Mapping

from service.export.fonts import LAYOUT, Fonts
from service.export.html import HtmlExporter
from service.export.json_form import JsonExporter
from service.export.markdown import MarkdownExporter
from service.export.protocol import Exporter, Format

_LIGHT: Mapping[Format, Exporter] = {"md": MarkdownExporter(), "json": JsonExporter()}


def exporter(form: Format, fonts: Fonts = LAYOUT) -> Exporter:
    """The exporter of a format; those whose files name typefaces name these."""
    if form == "docx":
        # python-docx takes a quarter of a second to import, and the other formats have no use for it.
        from service.export.docx import DocxExporter  # noqa: PLC0415

        return DocxExporter(fonts)
    if form == "pdf":
        from service.export.pdf import PdfExporter  # noqa: PLC0415 - as above

        return PdfExporter(fonts)
    if form == "html":
        return HtmlExporter(fonts)
    return _LIGHT[form]
