"""One page without scripts or outside resources, every figure with its fact, every text escaped."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from schemas.document import Document, ExportOptions, ParagraphBlock, Span, TableBlock, TableColumn
from service.assemble.document import assemble
from service.export.characters import printable
from service.export.html import HtmlExporter
from tests import factories

VOID = {"meta", "wbr", "col"}


class Page(HTMLParser):
    """Tags with attributes and text; fails on a tag that is not closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            self.texts[tag] = self.texts.get(tag, "") + data


def page(document: Document) -> Page:
    return Page(HtmlExporter().export(document).decode())


def test_figures_tell_their_fact_and_doubts_their_reason() -> None:
    parsed = page(assemble(factories.plan(), factories.outline()))
    marks = {a["class"]: a for _, a in parsed.tags if "title" in a}
    assert set(marks) == {"supported", "unsupported", "placeholder", "proposal"}
    first = next(a for _, a in parsed.tags if a.get("data-facts") == "gdp-2016")
    assert first["title"] == "与事实一致：2016年地区生产总值1105.04亿元，增长7.8%（来源：2016年统计公报）"
    assert "市统计局" in marks["placeholder"]["title"]
    assert "无法推算占比" in marks["unsupported"]["title"]


def test_the_page_holds_the_plan() -> None:
    parsed = page(assemble(factories.plan(), factories.outline()))
    assert parsed.texts["h1"] == parsed.texts["title"] == "望海市创建国家电子商务示范城市工作方案"
    assert "一、摘要" in parsed.texts["h2"]
    assert "1.完善电子商务促进政策与措施" in parsed.texts["h4"]
    assert factories.GOALS in parsed.texts["p"]
    assert "离线起草器" in parsed.texts["aside"]
    assert "基地电子商务发展规划【待补充】" in parsed.texts["ol"]


def test_it_needs_nothing_from_outside_and_has_one_id_for_each_heading() -> None:
    source = HtmlExporter().export(assemble(factories.plan(), factories.outline())).decode()
    parsed = Page(source)
    assert not {"script", "link", "img", "iframe"} & {t for t, _ in parsed.tags}
    assert "://" not in source
    assert "@import" not in source
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids)) == 10
    assert "prefers-color-scheme: dark" in source
    assert "@media print" in source


@given(st.text(), st.text())
def test_any_text_is_shown_and_nothing_of_it_is_markup(text: str, note: str) -> None:
    spans = (Span(text=text, mark="unsupported", note=note or None),)
    blocks = (ParagraphBlock(spans=spans),)
    parsed = page(Document(title="方案", subject="望海市", outline="small", year=2017, blocks=blocks))
    assert parsed.texts.get("p", "") == printable(text)
    mark = next(a for t, a in parsed.tags if t == "mark" and "title" in a) if note else {}
    assert mark.get("title", "") == "\n".join(printable(line) for line in note.split("\n"))


def test_a_hostile_page_stays_one_paragraph() -> None:
    text = "</p></main><script>alert(1)</script>\"' onload=x \u202e长" + "长" * 500
    blocks = (ParagraphBlock(spans=(Span(text=text, mark="supported", facts=('"><b>',), note=text),)),)
    parsed = page(Document(title=text, subject="望海市", outline="small", year=2017, blocks=blocks))
    assert [t for t, _ in parsed.tags].count("p") == 1
    assert "script" not in {t for t, _ in parsed.tags}


def test_a_table_has_its_titles_and_figures_with_their_facts() -> None:
    figure = Span(text="680亿元", mark="supported", facts=("turnover-2016",), note="与事实一致：680<亿元>")
    columns = (TableColumn(title="指标", width=3), TableColumn(title="基期值", align="center"))
    table = TableBlock(caption="表1 主要目标", columns=columns, rows=(((Span(text="交易额"),), (figure,)),))
    document = Document(title="方案", subject="望海市", outline="small", year=2017, blocks=(table,))
    parsed = page(document)
    assert (parsed.texts["caption"], parsed.texts["th"], parsed.texts["td"]) == (
        "表1 主要目标",
        "指标基期值",
        "交易额680亿元",
    )
    assert [a["style"] for t, a in parsed.tags if t == "col"] == ["width:75%", "width:25%"]
    assert next(a["title"] for _, a in parsed.tags if a.get("data-facts") == "turnover-2016") == "与事实一致：680<亿元>"
    assert "key" in {a.get("class") for _, a in parsed.tags}


def test_sources_stand_after_the_text_when_asked_for() -> None:
    document = assemble(factories.plan(), factories.outline())
    assert "footer" not in page(document).texts
    with_sources = Page(HtmlExporter().export(document, ExportOptions(sources="footnotes")).decode())
    assert "2016年地区生产总值，来源：2016年统计公报。" in with_sources.texts["footer"]
