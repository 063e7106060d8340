"""The version for submission: refused with counts and places while anything remains, else without any mark."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.document import Document, ExportOptions, NoticeBlock, spans_of
from service.assemble.document import assemble
from service.errors import NotFinalError
from service.export.protocol import Format
from service.export.registry import exporter
from service.export.submission import prepared
from tests import factories

CLEAN = ExportOptions(clean=True)
FORCED = ExportOptions(clean=True, force=True)
COVER: tuple[dict[str, Any], ...] = (
    {"id": "issuer", "name": "编制单位", "text": "望海市人民政府", "kind": "other"},
    {"id": "date", "name": "编制日期", "text": "2017年6月3日", "kind": "other"},
)


def unfinished() -> Document:
    return assemble(factories.plan(), factories.outline())


def finished() -> Document:
    section = factories.section(
        "1.1",
        factories.GOALS,
        supports=(factories.support(factories.GOALS, "2000亿元", "turnover-2021", section="1.1"),),
    )
    plan = factories.plan(section, sheet=factories.fact_sheet(*factories.FACTS, *COVER))
    return assemble(plan, factories.outline())


@pytest.mark.parametrize("form", ["docx", "md", "html", "json"])
def test_an_unfinished_plan_is_refused_in_every_format(form: Format) -> None:
    with pytest.raises(NotFinalError) as refused:
        exporter(form).export(unfinished(), CLEAN)
    assert (refused.value.type, refused.value.status) == ("not-final", 409)


def test_the_refusal_counts_what_remains_and_says_where() -> None:
    with pytest.raises(NotFinalError) as refused:
        prepared(unfinished(), CLEAN)
    assert refused.value.message == (
        "还不能输出报送稿：1处未通过核查（二（一））；1节没有写成（三（一）2）；4处待补充（封面、二（一）、四）；"
        "1处建议值待确认（二（二））。封面所缺的，请补入事实表的“其他”类，名称写“编制单位”“编制日期”。请处理后再输出，确需现在输出的，请指明强制输出（force）"
    )
    faults = {fault.detail: fault.pointer for fault in refused.value.faults}
    assert len(faults) == 7
    assert faults["二（一）：【待补充：2016年社会消费品零售总额，亿元】"] == "/sections/2.1"
    assert faults["封面：【待补充：编制单位】"] == ""
    assert faults["四：基地电子商务发展规划"] == "/sections/8"


def test_a_finished_plan_needs_no_force() -> None:
    assert finished().remaining == ()
    clean = prepared(finished(), CLEAN)
    assert clean.cover is not None
    assert [s.text for s in (*clean.cover.issuer, *clean.cover.date)] == ["望海市人民政府", "2017年6月3日"]


@pytest.mark.parametrize("form", ["docx", "md", "html", "json"])
def test_force_leaves_the_text_and_takes_every_mark_away(form: Format) -> None:
    clean = prepared(unfinished(), FORCED)
    spans = [span for block in clean.blocks for span in spans_of(block)]
    assert {(s.mark, s.note) for s in spans} == {("plain", None)}
    assert ("gdp-2016",) in {s.facts for s in spans}
    assert not any(isinstance(b, NoticeBlock) for b in clean.blocks)
    assert "基地电子商务发展规划" not in clean.model_dump_json(exclude={"remaining"})
    assert exporter(form).export(unfinished(), FORCED) == exporter(form).export(clean)


def test_a_clean_version_has_no_comments() -> None:
    with pytest.raises(ValidationError, match="clean version has no comments"):
        ExportOptions(clean=True, sources="comments")


def test_nothing_changes_without_clean() -> None:
    document = unfinished()
    assert prepared(document, ExportOptions(sources="footnotes")) is document
