"""The document's skeleton follows the outline; whatever is not text of the plan is a remark."""

from __future__ import annotations

from schemas.document import ChecklistBlock, Document, HeadingBlock, NoticeBlock, ParagraphBlock
from schemas.finding import CheckName, Severity
from schemas.plan import PlanOptions, SectionStatus
from service.assemble.document import assemble
from tests import factories


def headings(document: Document) -> list[tuple[int, str]]:
    return [(b.level, b.number + b.text) for b in document.blocks if isinstance(b, HeadingBlock)]


def notices(document: Document, section: str | None = None) -> list[str]:
    return [b.text for b in document.blocks if isinstance(b, NoticeBlock) and b.section == section]


def test_headings_are_numbered_as_the_outline_prints_them() -> None:
    document = assemble(factories.plan(), factories.outline())
    assert document.title == "望海市创建国家电子商务示范城市工作方案"
    assert (document.subject, document.outline, document.year) == ("望海市", "small", 2017)
    assert headings(document) == [
        (1, "一、摘要"),
        (2, "（一）创建工作目标"),
        (1, "二、城市经济社会发展现状与战略定位"),
        (2, "（一）城市经济社会发展概况"),
        (2, "（二）城市经济社会发展对电子商务的需求分析"),
        (1, "三、创建工作主要任务"),
        (2, "（一）完善电子商务政策法规环境"),
        (3, "1.完善电子商务促进政策与措施"),
        (3, "2.建立电子商务统计制度"),
        (1, "四、相关证明文件及附件"),
    ]


def test_every_section_keeps_its_text() -> None:
    plan = factories.plan()
    document = assemble(plan, factories.outline())
    for result in plan.sections:
        if result.id != "8":
            paragraphs = [b.text for b in document.blocks if isinstance(b, ParagraphBlock) and b.section == result.id]
            assert "\n".join(paragraphs) == result.text


def test_sections_not_asked_for_leave_no_heading() -> None:
    plan = factories.plan(factories.overview(), options=PlanOptions(sections=("2.1",)))
    document = assemble(plan, factories.outline())
    assert headings(document) == [(1, "二、城市经济社会发展现状与战略定位"), (2, "（一）城市经济社会发展概况")]


def test_a_failed_section_says_why_in_its_place() -> None:
    document = assemble(factories.plan(), factories.outline())
    assert notices(document, "5.1.2") == ["本节未能起草。模型接口在规定时间内没有给出完整答复，请稍后单独重写本节。"]


def test_a_cancelled_section_is_told() -> None:
    result = factories.section("2.1", "", status=SectionStatus.CANCELLED)
    assert notices(assemble(factories.plan(result), factories.outline()), "2.1") == ["本节已取消起草。"]


def test_opening_remarks_name_the_offline_writer_and_count_what_is_left() -> None:
    first, second = notices(assemble(factories.plan(), factories.outline()))
    assert "离线起草器" in first
    assert "未使用模型" in first
    assert second == "定稿前尚需处理：2项数据待补充；1处未通过核查，须修改或核实；1节没有写成。"


def test_a_finished_plan_of_a_model_carries_no_remark() -> None:
    text = "到2021年，建成国家电子商务示范城市。"
    plan = factories.plan(factories.section("1.1", text), writer="openai")
    assert notices(assemble(plan, factories.outline())) == []


def test_findings_about_the_whole_are_told_first() -> None:
    over = factories.finding("", "", "摘要共3620字，超过3500字的限制", section=None, check=CheckName.LENGTH)
    hint = over.model_copy(update={"severity": Severity.WARNING, "message": "字符数略超"})
    found = notices(assemble(factories.plan(findings=(over, hint)), factories.outline()))
    assert found[-1] == "全文核查：摘要共3620字，超过3500字的限制。"
    assert "2处未通过核查" in found[1]
    assert "1条核查提示" in found[1]


def test_a_missing_point_is_told_below_its_heading() -> None:
    text = "望海市地处云岭省东南沿海。"
    missing = tuple(
        factories.finding(text, "", f"没有写到要点“{point}”。", check=CheckName.COVERAGE) for point in ("人口", "区位")
    )
    document = assemble(factories.plan(factories.section("2.1", text, findings=missing)), factories.outline())
    assert notices(document, "2.1") == ["本节待修改：没有写到要点“人口”；没有写到要点“区位”。"]
    kinds = [b.kind for b in document.blocks if b.section == "2.1"]
    assert kinds == ["heading", "notice", "paragraph"]


def test_attachments_are_provided_or_missing() -> None:
    document = assemble(factories.plan(), factories.outline())
    (block,) = (b for b in document.blocks if isinstance(b, ChecklistBlock))
    assert [(i.text, i.provided, i.fact) for i in block.items] == [
        ("上级地方政府关于批准基地建设的相关文件", True, "approval"),
        ("基地电子商务发展规划", False, None),
    ]


def test_the_document_survives_json() -> None:
    document = assemble(factories.plan(), factories.outline())
    assert Document.model_validate_json(document.model_dump_json()) == document
