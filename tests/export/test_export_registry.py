"""Every format of the contract has an exporter, and only Word's needs python-docx."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from schemas.document import Document, ExportOptions
from service.assemble.document import assemble
from service.export.protocol import Format
from service.export.registry import exporter
from tests import factories

PURE = [form for form in get_args(Format) if form != "pdf"]
"""All but the one that another program makes (test_export_pdf.py)."""


@pytest.mark.parametrize("form", PURE)
def test_every_format_exports(form: Format) -> None:
    document = assemble(factories.plan(), factories.outline())
    made = exporter(form)
    assert made.suffix == f".{form}"
    assert "/" in made.media_type
    assert made.export(document) == exporter(form).export(document)
    told = ExportOptions(sources="footnotes")
    assert made.export(document, told) == exporter(form).export(document, told)


def test_json_is_the_document() -> None:
    document = assemble(factories.plan(), factories.outline())
    raw = exporter("json").export(document)
    assert Document.model_validate_json(raw) == document
    assert "望海市".encode() in raw


def test_light_formats_do_not_load_python_docx() -> None:
    code = "import sys, service.export.registry as r; r.exporter('md'); sys.exit('docx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
