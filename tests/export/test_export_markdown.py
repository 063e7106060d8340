"""Markdown that shows the plan's words as they are, whatever they hold; a CommonMark parser is the judge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from schemas.document import (
    ChecklistBlock,
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
from service.export.markdown import MarkdownExporter
from tests import factories

PARSER = MarkdownIt("commonmark").enable(["strikethrough", "table"])


def document(*blocks: HeadingBlock | ParagraphBlock | ChecklistBlock | NoticeBlock, title: str = "方案") -> Document:
    return Document(title=title, subject="望海市", outline="small", year=2017, blocks=blocks)


def paragraph(text: str) -> ParagraphBlock:
    return ParagraphBlock(spans=(Span(text=text),))


def exported(doc: Document) -> str:
    return MarkdownExporter().export(doc).decode()


def test_the_plan_reads_as_plain_text() -> None:
    text = exported(assemble(factories.plan(), factories.outline()))
    lines = text.split("\n")
    assert lines[0] == "# 望海市创建国家电子商务示范城市工作方案"
    assert "> 本稿由内置的离线起草器" in text
    for heading in ("## 一、摘要", "### （一）创建工作目标", "#### 1.完善电子商务促进政策与措施"):
        assert heading in lines
    assert factories.GOALS in lines
    assert "【待补充：2016年社会消费品零售总额，亿元】" in text
    approval = "《关于同意建设望海电子商务示范基地的批复》（云政函〔2016〕21号）"
    assert f"1. 上级地方政府关于批准基地建设的相关文件：{approval}\n2. 基地电子商务发展规划【待补充】" in text
    assert "数据需求" not in text


def test_an_unsupported_figure_has_a_footnote() -> None:
    text = exported(assemble(factories.plan(), factories.outline()))
    assert "约为21.3%[^1]，" in text
    assert text.endswith("[^1]: 事实表中没有全省电子商务交易额，无法推算占比，请改为待补充。\n")


HOSTILE = (
    "# 不是标题",
    "1. 不是列表",
    "2) 也不是",
    "-",
    "---",
    "=== ===",
    "> 引用",
    "    缩进代码",
    "```python",
    "~~~",
    "<script>alert(1)</script>",
    "**加粗**与_斜体_和`代码`",
    "[链接](javascript:alert(1))与![图](x)",
    "&lt;不是实体&amp;",
    "反斜杠\\*和\\",
    "[^1]: 不是脚注",
    "+ 加号",
    "~~删除~~",
    "a | b\n--|--",
    "##",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_the_text_is_shown_not_obeyed(text: str) -> None:
    shows_as_it_is(text)


@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("#*_`[]()<>&\\~|-+=.0123 \t\n!^$：望海市增长"), st.characters()), min_size=1
    )
)
def test_any_text_comes_back_from_the_parser(text: str) -> None:
    shows_as_it_is(text)


def shows_as_it_is(text: str) -> None:
    expected = printable(text).strip()
    if not expected:
        return
    tokens = PARSER.parse(exported(document(paragraph(text))))
    assert [t.type for t in tokens if t.type != "inline"] == [
        "heading_open", "heading_close", "paragraph_open", "paragraph_close",
    ]  # fmt: skip
    children = tokens[4].children or []
    assert {c.type for c in children} <= {"text"}
    assert "".join(c.content for c in children) == expected


def test_headings_and_remarks_are_escaped_too() -> None:
    heading = HeadingBlock(level=2, number="（一）", text="发展*目标*")
    text = exported(document(heading, NoticeBlock(text="1. 接口说：<b>错</b>"), title="#方案_一_"))
    assert text.split("\n\n") == ["# #方案\\_一\\_", "### （一）发展\\*目标\\*", "> 1\\. 接口说：\\<b>错\\</b>\n"]


def test_a_table_is_a_table_and_bars_in_text_do_not_split_cells() -> None:
    cells = ((Span(text="交易额|全口径"),), (Span(text="680亿元", mark="supported", facts=("turnover-2016",)),))
    columns = (TableColumn(title="指标"), TableColumn(title="基期值", align="center"))
    table = TableBlock(caption="表1 主要目标", columns=columns, rows=(cells,))
    text = exported(Document(title="方案", subject="望海市", outline="small", year=2017, blocks=(table,)))
    assert text == (
        "# 方案\n\n**表1 主要目标**\n\n| 指标 | 基期值 |\n| :--- | :---: |\n| 交易额\\|全口径 | 680亿元 |\n"
    )


def test_sources_are_footnotes_once_in_a_section() -> None:
    figure = Span(text="680亿元", mark="supported", facts=("turnover-2016",))
    blocks = tuple(ParagraphBlock(spans=(figure, figure), section=s) for s in ("3.1", "4.2"))
    source = Source(fact="turnover-2016", text="2016年电子商务交易额，来源：市商务局。")
    document = Document(title="方案", subject="望海市", outline="small", year=2017, blocks=blocks, sources=(source,))
    text = MarkdownExporter().export(document, ExportOptions(sources="footnotes")).decode()
    assert "680亿元[^1]680亿元\n\n680亿元[^2]680亿元" in text
    assert text.count(": 2016年电子商务交易额，来源：市商务局。") == 2
    assert "[^" not in exported(document)
