"""Importing a 编制要点: the two published ones, one of another programme, broken lines, Word, and what is refused."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path

import pytest
import yaml
from docx import Document
from docx.oxml import OxmlElement
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import Kind
from schemas.outline import ImportedOutline, Outline
from schemas.plan import PlanOptions, PlanRequest, SectionStatus
from service.errors import FileInputError, InputError
from service.facts.intake import read_sheet
from service.pipeline import Kit, draft_plan
from service.prompt.outline_import import import_outline, outline_yaml, short_title
from service.prompt.outline_points import Sort, matching, required
from service.prompt.outlines import load_outline
from service.writer.offline import OfflineWriter

DATA = Path(__file__).parents[1] / "data"
CROSSBORDER = DATA / "outlines-import" / "crossborder.txt"
MADE = {"city-2017": {"5.4.1", "5.4.2"}, "base": {"5.1", "5.2", "5.3", "5.4", "5.5", "5.6"}}
"""Sections whose shipped titles are an editor's, because the text has no heading there."""


def seed(name: str) -> bytes:
    return (DATA / "outlines" / f"{name}.txt").read_bytes()


def imported(text: str) -> ImportedOutline:
    return import_outline(text.encode(), "trial")


def told(result: ImportedOutline) -> str:
    return "\n".join(r.describe() for r in result.remarks)


@pytest.mark.parametrize("name", sorted(MADE))
def test_published_outlines_give_the_shipped_trees(name: str) -> None:
    result, shipped = import_outline(seed(name), "trial"), load_outline(name)
    outline = result.outline
    assert [s.id for s in outline.sections] == [s.id for s in shipped.sections]
    for mine, theirs in zip(outline.sections, shipped.sections, strict=True):
        assert (mine.number, mine.guidance) == (theirs.number, theirs.guidance)
        assert (mine.summary, mine.checklist) == (theirs.summary, theirs.checklist)
        if mine.id in MADE[name]:
            assert f"第{mine.id}节没有小标题，题目“{mine.title}”" in told(result)
            assert 4 <= len(mine.title) <= 20
        else:
            assert mine.title == theirs.title
    for chapter, theirs_too in zip(outline.chapters, shipped.chapters, strict=True):
        fields = {"id", "number", "title", "guidance", "note", "limit", "groups"}
        assert chapter.model_dump(include=fields) == theirs_too.model_dump(include=fields)
    assert (outline.subject_word, outline.document_title) == (shipped.subject_word, shipped.document_title)
    assert {r.id for r in outline.rules} == {r.id for r in shipped.rules}


@pytest.mark.parametrize("name", sorted(MADE))
def test_every_point_has_indicators_of_the_outline(name: str) -> None:
    outline, shipped = import_outline(seed(name), "trial").outline, load_outline(name)
    for section in outline.sections:
        assert section.points
        for point in section.points:
            assert point.indicators
            assert set(point.indicators) <= set(outline.indicators_by_id)
    own = [i for i in outline.indicators if i.id.startswith("own-")]
    assert all((i.department, i.dimension) == ("待定", "text") for i in own)
    known = {i for s in outline.sections for p in s.points for i in p.indicators} & set(shipped.indicators_by_id)
    asked = {i for s in shipped.sections for p in s.points for i in p.indicators}
    assert len(known) >= 0.6 * len(asked)


def test_figures_of_the_city_outline_are_the_shipped_indicators() -> None:
    outline, shipped = import_outline(seed("city-2017"), "trial").outline, load_outline("city-2017")
    for section in ("2.1", "4.2"):
        asked = {i for p in outline.sections_by_id[section].points for i in p.indicators}
        for point in shipped.sections_by_id[section].points:
            known = [shipped.indicators_by_id[i] for i in point.indicators]
            figures = [i.id for i in known if i.expects[0] != "text" and i.kind is not Kind.BENCHMARK]
            assert not figures or asked & set(figures), point.text


def test_noise_is_reported_with_its_line() -> None:
    remarks = told(import_outline(seed("city-2017"), "trial"))
    assert "第1行：标题前的“第二篇:”未采用" in remarks
    assert "第2行：“2017年国家电子商务示范城市创建工作方案-编制要编制单位" in remarks
    assert "第12行：注“注：请将此部分文字字数控制在3500字以内。”作为第1章的字数限制" in remarks
    assert "第2行：标题“国家电子商务示范基地创建工作方案编制要点”重复" in told(import_outline(seed("base"), "trial"))


def test_the_yaml_is_an_outline_of_the_library() -> None:
    result = import_outline(CROSSBORDER.read_bytes(), "crossborder")
    again = Outline.model_validate(yaml.safe_load(outline_yaml(result)))
    assert again.chapters == result.outline.chapters
    assert again.indicators == result.outline.indicators
    assert any("编制单位" in line for line in again.cleaned)


def test_another_programme() -> None:
    result = import_outline(CROSSBORDER.read_bytes(), "crossborder")
    outline = result.outline
    ids = ["1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "4.1.1", "4.1.2", "4.2.1", "4.2.2", "5.1", "5.2"]
    assert [s.id for s in outline.sections] == ids
    assert outline.document_title == "{subject}跨境电子商务综合试验区实施方案"
    summary = outline.chapters[0]
    assert summary.limit is not None
    assert summary.limit.maximum == 1200
    assert sum(s.target_length for s in summary.sections) <= 1200
    assert [s.summarises for s in summary.sections] == [("3.1", "3.2"), ("4.1.1", "4.1.2", "4.2.1", "4.2.2")]
    base = outline.sections_by_id["2.1"]
    assert [i for p in base.points for i in p.indicators][:2] == ["imports-exports", "ecommerce-crossborder"]
    assert "、\n" not in base.guidance
    assert "交易额及增速、外贸综合服务企业情况" in base.guidance
    assert outline.sections_by_id["3.2"].title == "具体目标"
    assert outline.sections_by_id["4.2.1"].title == "规划建设跨境电子商务产业园区"
    assert [p.text for p in outline.sections_by_id["4.2.2"].points][-2:] == [
        "支持企业注册境外商标",
        "支持企业建设独立站",
    ]
    assert outline.sections_by_id["4.2.2"].guidance.endswith("（1）支持企业注册境外商标；（2）支持企业建设独立站。")
    assert {r.id for r in outline.rules} == {"horizon", "organisation", "fund"}
    targets = [outline.indicators_by_id[i] for p in outline.sections_by_id["3.2"].points for i in p.indicators]
    assert all(i.kind is Kind.TARGET for i in targets)


def test_a_plan_on_an_imported_outline() -> None:
    outline = import_outline(CROSSBORDER.read_bytes(), "crossborder").outline
    sheet = read_sheet(
        {
            "outline": "crossborder",
            "subject": {"name": "望海市", "short_name": "望海", "province": "云岭省"},
            "plan_year": 2017,
            "period": [2017, 2021],
            "facts": [
                {"id": "trade", "indicator": "imports-exports", "value": 86.4, "unit": "亿美元", "year": 2016,
                 "growth": 5.2},
                {"id": "cross", "indicator": "ecommerce-crossborder", "value": 42.7, "unit": "亿元", "year": 2016},
                {"id": "window", "kind": "project", "name": "跨境电子商务“单一窗口”",
                 "text": "建设跨境电子商务“单一窗口”，连通海关、税务、外汇和邮政部门"},
                {"id": "lead", "indicator": "lead", "kind": "organisation", "name": "综合试验区建设领导小组",
                 "text": "由市长任组长"},
            ],
        },
        outline=lambda _: outline,
    )  # fmt: skip
    request = PlanRequest(sheet=sheet, options=PlanOptions())
    plan = asyncio.run(draft_plan(request, Kit(outline, (), OfflineWriter())))
    assert plan.title == "望海市跨境电子商务综合试验区实施方案"
    texts = {s.id: s.text for s in plan.sections}
    assert all(s.status is not SectionStatus.FAILED and s.text for s in plan.sections)
    assert "86.4亿美元" in texts["2.1"]
    assert "42.7亿元" in texts["2.1"]
    assert any("单一窗口" in text for section, text in texts.items() if section.startswith("4."))
    assert "由市长任组长" in texts["5.1"]
    assert "【待补充：" in texts["2.2"]
    unproved = [f.message for s in plan.sections for f in s.findings if f.check == "numbers"]
    assert unproved == []


def test_lines_broken_at_the_page_width_are_joined() -> None:
    text = (
        "关于报送示范城市工作方案的编制要点\n一、城市电子商务发展现状与面临的主要问题以及今后三\n年的发展思路\n"
        "（一）发展概况。电子商务交易额及增速、电子商务企业数\n量、电子商务园区（基地）建设情况、电子商务协会等社团\n组织建设情况。\n"
        "（二）主要问题。当前电子商务发展存在的主要问题及拟采\n取的应对措施。\n"
    )
    outline = imported(text).outline
    assert outline.chapters[0].title == "城市电子商务发展现状与面临的主要问题以及今后三年的发展思路"
    first, second = outline.sections
    assert "电子商务企业数量、" in first.guidance
    assert second.guidance == "当前电子商务发展存在的主要问题及拟采取的应对措施。"


def test_a_table_of_contents_and_a_second_outline_are_left_out() -> None:
    text = (
        "示范城市工作方案编制要点\n一、发展现状\n二、主要任务\n一、发展现状\n说明电子商务交易额。\n"
        "二、主要任务\n说明物流配送体系。\n第二篇：另一份编制要点\n一、别的\n说明别的。\n"
    )
    result = imported(text)
    assert [c.title for c in result.outline.chapters] == ["发展现状", "主要任务"]
    assert "第2行至第3行与后文的标题重复，视为目录" in told(result)
    assert "第8行：“第二篇：另一份编制要点”起是另一份编制要点，未读入" in told(result)


def test_a_gap_in_the_numbering_is_reported_and_ids_stay_unique() -> None:
    result = imported("工作方案编制要点\n一、现状\n说明人口。\n三、任务\n说明任务一。\n三、保障\n说明资金。\n")
    assert [c.id for c in result.outline.chapters] == ["1", "3", "4"]
    assert "第4行：“三、任务”的编号不连续，应为第2项" in told(result)
    assert "第6行：“三、保障”的编号不连续，应为第4项" in told(result)


def test_limits_of_a_section_and_of_a_chapter() -> None:
    text = "方案编制要点\n一、现状（略）\n（一）概况。说明人口、地区生产总值，不超过500字。\n（二）问题。说明主要问题，800字左右。\n"
    result = imported(text)
    assert [s.target_length for s in result.outline.sections] == [450, 800]
    assert result.outline.chapters[0].limit is None
    assert "“概况”要求500字以内" in told(result)


def test_word_documents_are_read_in_order() -> None:
    document = Document()
    for line in CROSSBORDER.read_text(encoding="utf-8").splitlines():
        document.add_paragraph(line)
    automatic = document.add_paragraph("其他要求")
    automatic._p.get_or_add_pPr().append(OxmlElement("w:numPr"))
    document.add_table(1, 1)
    saved = io.BytesIO()
    document.save(saved)
    result, plain = import_outline(saved.getvalue(), "x"), import_outline(CROSSBORDER.read_bytes(), "x")
    assert [(s.id, s.title) for s in result.outline.sections] == [(s.id, s.title) for s in plain.outline.sections]
    assert "使用了自动编号" in told(result)
    assert "1个表格" in told(result)


def test_gb18030_is_read() -> None:
    text = CROSSBORDER.read_text(encoding="utf-8")
    assert import_outline(text.encode("gb18030"), "x") == import_outline(text.encode(), "x")


def broken_package() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("word/document.xml", "<w:document")
    return packed.getvalue()


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 25_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "空的"),
        (b" \n\t\n", "空的"),
        (b"\x00\x01\x02\xff" * 50, "文本|编码"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "文本|编码"),
        (b"an outline in English\n1. Goals\n", "不是中文文本"),
        ("一、现状\n".encode() * 500_000, "超过2MB"),
        (("一、现状\n" + "说明人口、" * 20_000).encode(), "超过5万字"),
        ("没有编号的一段话，说明电子商务发展情况。".encode(), "没有找到带编号的标题"),
        (b"PK\x03\x04 no zip at all", "不是有效的"),
        (broken_package(), "不是有效的"),
        (bomb(), "解压后过大"),
    ],
)
def test_what_is_no_outline_is_refused_in_chinese(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        import_outline(data, "trial")


@pytest.mark.parametrize("name", ["", "City", "../x", "a" * 65, "city-2017"])
def test_ids_are_checked(name: str) -> None:
    with pytest.raises(InputError, match="编号"):
        import_outline(CROSSBORDER.read_bytes(), name)


@pytest.mark.parametrize(
    ("guidance", "points"),
    [
        ("城市区位、人口、GDP总量及增速。", ["城市区位", "人口", "GDP总量及增速"]),
        ("现代物流、信用、标准等电子商务支撑体系建设情况。", ["现代物流", "信用", "标准"]),
        ("围绕目标，重点说明组织机制，包括主管领导、牵头部门等。", ["主管领导", "牵头部门"]),
        ("产业规划、市场环境对电子商务的需求。", ["产业规划对电子商务的需求", "市场环境对电子商务的需求"]),
        ("推动移动支付，形成服务体系；鼓励企业“走出去”。", ["推动移动支付", "鼓励企业“走出去”"]),
        ("如何形成产、学、研、用的合作机制。", ["如何形成产、学、研、用的合作机制"]),
    ],
)
def test_points_of_a_guidance(guidance: str, points: list[str]) -> None:
    assert list(required(guidance)) == points


@pytest.mark.parametrize(
    ("text", "sort", "ids"),
    [
        ("社会消费品零售总额及增速", Sort(), ["retail-sales"]),
        ("城乡居民可支配收入", Sort(), ["income-urban", "income-rural"]),
        ("全国电子商务交易额", Sort(), []),
        ("入驻率", Sort(), []),
        ("电子商务交易额指标", Sort(Kind.TARGET), ["target-volume"]),
        ("电子商务交易额", Sort(), ["ecommerce-volume"]),
    ],
)
def test_matching_by_name_and_synonym(text: str, sort: Sort, ids: list[str]) -> None:
    assert [i.id for i in matching(text, sort)] == ids


def test_short_titles() -> None:
    assert short_title("面向跨境、农业等领域，支持服务平台品牌化发展，拓展功能。") == "支持服务平台品牌化发展"
    assert short_title("基地为入驻企业建立的投融资渠道和机制，拟建设的孵化中心。") == "投融资渠道和机制"


LINES = st.lists(
    st.one_of(
        st.sampled_from(["一、现状", "二、任务", "（一）概况。人口、面积。", "1、建设平台", "（1）细项", "第二篇：要点", "①", "1.5万"]),
        st.text(st.sampled_from("一二十（）()1、.。；：，字约不超过500以内《》“等包括重点说明 　\t目标"), max_size=30),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(LINES)
def test_whatever_the_lines_the_outline_holds_together(lines: list[str]) -> None:
    try:
        outline = imported("\n".join(lines)).outline
    except (InputError, FileInputError):
        return
    ids = [s.id for s in outline.sections]
    assert len(ids) == len(set(ids))
    for section in outline.sections:
        assert section.title
        assert section.points
        assert all(p.indicators and set(p.indicators) <= set(outline.indicators_by_id) for p in section.points)
    assert Outline.model_validate_json(outline.model_dump_json()) == outline
