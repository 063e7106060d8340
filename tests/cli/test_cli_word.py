"""Manuscripts kept as .docx: what the exporter writes, what people change in Word, and files that are none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from schemas.document import ExportOptions
from service.assemble.document import assemble
from service.cli.manuscript import sections_of
from service.cli.word import MAX_UNPACKED, word_text
from service.errors import FileInputError
from service.export.registry import exporter
from tests import factories
from tests.cli.conftest import Run
from tests.cli.running import SAMPLE


def saved(*texts: str, table: Sequence[Sequence[str]] = ()) -> bytes:
    word = docx.Document()
    for text in texts:
        word.add_paragraph(text)
    if table:
        made = word.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(made.add_row().cells, row, strict=True):
                cell.text = text
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("sources", ["none", "footnotes", "comments"])
def test_an_exported_plan_is_read_back_section_by_section(sources: Literal["none", "footnotes", "comments"]) -> None:
    plan, outline = factories.plan(), factories.outline()
    raw = exporter("docx").export(assemble(plan, outline), ExportOptions(sources=sources))
    read = sections_of(word_text(raw), outline, markdown=False)
    written = {s.id: s.text for s in plan.sections if s.draft}
    assert {i: t for i, t in read.items() if i in written} == written
    assert set(read) <= {*written, "8"}


def test_tracked_insertions_count_and_deletions_do_not() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("全市常住人口")
    author = 'w:id="1" w:author="a" w:date="2017-01-01T00:00:00Z"'
    for tag, text in (("ins", "<w:t>312.6万人</w:t>"), ("del", "<w:delText>300万人</w:delText>")):
        paragraph._p.append(parse_xml(f"<w:{tag} {nsdecls('w')} {author}><w:r>{text}</w:r></w:{tag}>"))
    stream = io.BytesIO()
    word.save(stream)
    assert word_text(stream.getvalue()) == "全市常住人口312.6万人"


def test_a_persons_table_is_text_to_check_and_the_exporters_is_not() -> None:
    cells = (("指标", "数值"), ("地区生产总值", "1105.04亿元"))
    assert word_text(saved("主要指标", table=cells)).split("\n") == [
        "主要指标",
        "指标，数值",
        "地区生产总值，1105.04亿元",
    ]
    assert word_text(saved("表1 主要目标", table=cells)) == ""


def test_a_wrong_figure_in_a_word_file_is_found(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "稿.docx"
    path.write_bytes(saved("2016年，全市地区生产总值1205.04亿元，增长7.8%。"))
    done = run("check", path, "--facts", SAMPLE, "--section", "2.1")
    assert done.code == 1
    assert "1205.04亿元〔1〕" in done.out


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [("xl/workbook.xml", 1, "不是有效的 .docx"), ("word/document.xml", MAX_UNPACKED + 1, "解压后过大")],
)
def test_packages_that_are_no_manuscript(name: str, size: int, said: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, b" " * size)
    with pytest.raises(FileInputError, match=said):
        word_text(stream.getvalue())
