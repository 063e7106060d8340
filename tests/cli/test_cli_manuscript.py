"""Manuscripts: what the exporter writes is read back as the same sections."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.assemble.document import assemble
from service.check.case import BARE
from service.cli.manuscript import part_of, sections_of, whole
from service.export.markdown import escaped
from service.export.registry import exporter
from service.prompt.outlines import load_outline
from tests import factories


def test_an_exported_plan_is_read_back_section_by_section() -> None:
    plan, outline = factories.plan(), factories.outline()
    text = exporter("md").export(assemble(plan, outline)).decode()
    read = sections_of(text, outline, markdown=True)
    written = {s.id: s.text for s in plan.sections if s.draft}
    assert {i: t for i, t in read.items() if i in written} == written
    assert set(read) <= {*written, "8"}


def test_headings_of_one_wording_go_by_their_order() -> None:
    outline = load_outline("city-2017")
    printed = {s.id: f"{s.number}{s.title}" for s in outline.sections}
    lines = []
    for chapter in outline.chapters:
        lines.append(f"{chapter.number}{chapter.title}")
        announced = ""
        for section in chapter.sections:
            group = next((g for g in chapter.groups if section.id.startswith(f"{g.id}.")), None)
            if group is not None and group.id != announced:
                announced = group.id
                lines.append(f"{group.number}{group.title}")
            if section.id != chapter.id:
                lines.append(printed[section.id])
            lines.append(f"本节编号为{section.id}。")
    read = sections_of("\n".join(lines), outline, markdown=False)
    assert read == {s.id: f"本节编号为{s.id}。" for s in outline.sections}


def test_text_before_any_heading_belongs_to_no_section() -> None:
    outline = load_outline("city-2017")
    assert sections_of("我市电子商务发展较快。\n\n前景广阔。", outline, markdown=False) == {
        BARE: "我市电子商务发展较快。\n前景广阔。"
    }
    assert sections_of("# 标题\n\n> 说明\n\n我市**电子商务**发展较快[^1]。\n\n[^1]: 注", outline, markdown=True) == {
        BARE: "我市电子商务发展较快。"
    }


@pytest.mark.parametrize("markdown", [False, True])
def test_one_section_is_taken_from_between_its_neighbours(markdown: bool) -> None:
    outline = load_outline("city-2017")
    mark = "## " if markdown else ""
    titles = {i: f"{mark}{s.number}{s.title}" for i, s in outline.sections_by_id.items()}
    text = f"{titles['1.1']}\n目标明确。\n{titles['2.1']}\n人口众多。\n{titles['2.2']}\n基础扎实。"
    taken = {i: part_of(text, outline, i, markdown=markdown) for i in ("1.1", "2.1", "2.2", "3.2")}
    assert taken == {"1.1": "目标明确。", "2.1": "人口众多。", "2.2": "基础扎实。", "3.2": None}
    assert part_of("人口众多。\n\n位于东南。", outline, "2.1", markdown=False) == "人口众多。\n\n位于东南。"


@pytest.mark.parametrize("text", ["a\r\nb", "a\nb\n", "\na\n\nb"])
def test_line_ends(text: str) -> None:
    assert [line for line in whole(text, markdown=True).split("\n") if line] == ["a", "b"]
    assert "\r" not in whole(text, markdown=False)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=60))
@example("[^0]")
@example("\\[^0]")
def test_escaped_text_is_read_as_it_was(text: str) -> None:
    assert whole(f"文{escaped(text)}字", markdown=True) == f"文{text}字"


@given(st.text(max_size=200), st.booleans())
def test_no_manuscript_is_too_strange(text: str, markdown: bool) -> None:
    for found in sections_of(text, factories.outline(), markdown=markdown).values():
        assert found.strip()
