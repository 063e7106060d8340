"""Marks never lose, add or reorder a character, and the gravest mark wins where several meet."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schemas.document import Mark, Span
from schemas.finding import CheckName, Severity
from schemas.plan import SectionResult
from service.assemble.marks import Region, marked_paragraphs, merged
from tests import factories

MARKS: tuple[Mark, ...] = ("supported", "proposal", "placeholder", "unsupported")
FACTS = {f.id: f for f in factories.fact_sheet().facts}


def spans(result: SectionResult, mark: Mark) -> list[Span]:
    return [s for p in marked_paragraphs(result, FACTS, ()) for s in p if s.mark == mark]


def test_figures_are_marked_with_their_facts_and_what_these_say() -> None:
    found = spans(factories.overview(), "supported")
    assert [s.text for s in found] == ["1105.04亿元", "7.8%", "312.6万人", "680亿元"]
    assert found[0].facts == ("gdp-2016",)
    assert found[0].note == "与事实一致：2016年地区生产总值1105.04亿元，增长7.8%（来源：2016年统计公报）"


def test_an_unsupported_figure_carries_the_finding() -> None:
    (wrong,) = spans(factories.overview(), "unsupported")
    assert wrong.text == "21.3%"
    assert wrong.note is not None
    assert "无法推算占比" in wrong.note


def test_a_placeholder_says_what_is_missing_and_whom_to_ask() -> None:
    (missing,) = spans(factories.overview(), "placeholder")
    assert missing.text == "【待补充：2016年社会消费品零售总额，亿元】"
    assert missing.note == "2016年全市社会消费品零售总额是多少？请向市统计局索取，补入事实表后重写本节。"


def test_a_placeholder_of_the_summary_finds_the_gap_of_the_body() -> None:
    text = "2016年，社会消费品零售总额【待补充：2016年社会消费品零售总额，亿元】。"
    result = factories.section("1.1", text)
    body = (factories.gap("总额", department="市商务局"), factories.gap(), factories.gap(year=2015, department="别处"))
    (missing,) = (s for p in marked_paragraphs(result, {}, body) for s in p if s.mark == "placeholder")
    assert missing.note is not None
    assert "市统计局" in missing.note


def test_a_proposal_names_its_basis() -> None:
    result = next(s for s in factories.plan().sections if s.id == "2.2")
    (proposal,) = spans(result, "proposal")
    assert proposal.text == "【建议值：2021年电子商务从业人员12万人，待确认】"
    assert proposal.note is not None
    assert "按近三年年均增速测算" in proposal.note


def test_errors_without_a_place_and_warnings_mark_nothing() -> None:
    text = "全市电子商务交易额680亿元。"
    result = factories.section(
        "2.1",
        text,
        findings=(
            factories.finding(text, "", "未写到要点：城市区位", check=CheckName.COVERAGE),
            factories.finding(text, "680亿元", severity=Severity.WARNING),
        ),
    )
    assert spans(result, "unsupported") == []


def test_a_finding_over_two_paragraphs_marks_both() -> None:
    text = "全市建成网商创业园三个。\n全市建成电子商务集聚区五个。"
    result = factories.section("2.1", text, findings=(factories.finding(text, "三个。\n全市"),))
    assert [s.text for s in spans(result, "unsupported")] == ["三个。", "全市"]


def test_an_error_over_part_of_a_placeholder_takes_it_whole_with_both_notes() -> None:
    text = "开展肉菜追溯试点，投资【待补充：项目总投资，万元】。"
    leak = factories.finding(
        text, "开展肉菜追溯试点，投资【待补", "这是范例城市的项目，请删去。", check=CheckName.LEAKAGE
    )
    (wrong,) = spans(factories.section("2.1", text, findings=(leak,)), "unsupported")
    assert wrong.text == "开展肉菜追溯试点，投资【待补充：项目总投资，万元】"
    assert wrong.note is not None
    assert wrong.note.split("\n")[0] == "这是范例城市的项目，请删去。"
    assert "补入事实表" in wrong.note


def test_empty_paragraphs_are_left_out_and_offsets_stay_right() -> None:
    text = "\n第一段。\n\n  \n第二段，投资3亿元。\n"
    result = factories.section("2.1", text, findings=(factories.finding(text, "3亿元"),))
    paragraphs = list(marked_paragraphs(result, {}, ()))
    assert ["".join(s.text for s in p) for p in paragraphs] == ["第一段。", "第二段，投资3亿元。"]
    assert paragraphs[1][1].mark == "unsupported"


@st.composite
def regions(draw: st.DrawFn) -> Region:
    start = draw(st.integers(0, 60))
    return Region(start, start + draw(st.integers(1, 30)), draw(st.sampled_from(MARKS)), notes=(str(start),))


@given(st.lists(regions(), max_size=12))
def test_merged_regions_are_disjoint_cover_the_same_and_keep_the_gravest(given_regions: list[Region]) -> None:
    rank = ("plain", *MARKS)
    result = merged(given_regions)
    assert all(a.end <= b.start for a, b in pairwise(result))
    covered = {i for r in given_regions for i in range(r.start, r.end)}
    assert {i for r in result for i in range(r.start, r.end)} == covered
    for region in result:
        inside = [r for r in given_regions if region.start <= r.start < region.end]
        assert region.mark == max((r.mark for r in inside), key=rank.index)
        assert {r.notes[0] for r in inside if r.mark == "unsupported"} <= set(region.notes)


@given(
    st.text("望海市0123%亿元，。\n【】待补充建议值：", max_size=80),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 40))),
)
def test_spans_add_up_to_the_text(text: str, places: list[tuple[int, int]]) -> None:
    findings = tuple(
        factories.finding("", "").model_copy(update={"start": start, "end": start + length}) for start, length in places
    )
    result = factories.section("2.1", text or "无", findings=findings)
    lines = ["".join(s.text for s in p) for p in marked_paragraphs(result, FACTS, ())]
    assert lines == [line for line in result.text.split("\n") if line.strip()]
