"""The form of any outline: sheets that Excel can name, each indicator once."""

import pytest

from schemas.outline import Chapter, Indicator, Outline, Point, Section
from service.facts.form import COVER, forms, required_indicators, sheet_title
from service.prompt.outlines import load_outline, outline_ids
from tests.factories import outline as small_outline


def with_chapters(*titles: str) -> Outline:
    indicators = tuple(
        Indicator(id=f"i{n}", name=f"指标{n}", dimension="text", expects=("text",), department="市统计局")
        for n in range(len(titles))
    )
    chapters = tuple(
        Chapter(
            id=str(n), number="", title=title,
            sections=(Section(id=str(n), number="", title=title, guidance="概况。", target_length=300, points=(Point(id="p", text="概况", indicators=(f"i{n}",)),)),),
        )
        for n, title in enumerate(titles)
    )  # fmt: skip
    return small_outline().model_copy(update={"indicators": indicators, "chapters": chapters})


def test_titles_are_what_excel_allows_and_all_different() -> None:
    long = "很" * 40
    titles = [f.title for f in forms(with_chapters(long, long, "其他", "甲/乙:丙?[丁]", COVER, long))]
    assert len(titles) == len(set(titles)) == 12
    assert COVER not in titles
    assert all(0 < len(t) <= 31 and not set(t) & set("[]:*?/\\") for t in titles)


@pytest.mark.parametrize(
    ("text", "title"), [("'二、现状'", "二、现状"), ("甲/乙", "甲 乙"), ("发展：现状？", "发展 现状")]
)
def test_titles_without_signs_that_excel_refuses(text: str, title: str) -> None:
    assert sheet_title(text) == title


@pytest.mark.parametrize("outline", outline_ids())
def test_required_is_what_some_point_cannot_do_without(outline: str) -> None:
    found = load_outline(outline)
    required = required_indicators(found)
    for name in required:
        points = [p for s in found.sections for p in s.points if name in p.indicators]
        assert any(not p.optional and (not p.any_of or len(p.indicators) == 1) for p in points)
    assert required < set(found.indicators_by_id) or required == set(found.indicators_by_id)
