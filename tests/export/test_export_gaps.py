"""The data request as an office sends it: one table for each department, one row for each datum."""

from __future__ import annotations

import json
from itertools import pairwise

from markdown_it import MarkdownIt

from service.assemble.gaps import collect_gaps
from service.export.gaps import gaps_json, gaps_markdown, section_labels
from tests import factories

TITLE = "望海市创建国家电子商务示范城市工作方案"


def cells(markdown: str) -> list[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [t.content for before, t in pairwise(tokens) if before.type == "td_open"]


def test_a_datum_is_asked_once_and_names_all_sections() -> None:
    rows = (
        factories.gap(),
        factories.gap(section="5.1.1"),
        factories.gap("网商贷款余额", "8", year=None, unit=None, department="人民银行望海市中心支行"),
    )
    text = gaps_markdown(rows, factories.outline(), TITLE).decode()
    assert text.startswith(f"# 数据需求清单：{TITLE}\n")
    assert "## 市统计局（1项）" in text
    assert "## 人民银行望海市中心支行（1项）" in text
    question = "2016年全市社会消费品零售总额是多少？"
    assert cells(text)[:6] == ["1", "社会消费品零售总额", "2016年", "亿元", "二（一）、三（一）1", question]
    assert cells(text)[6:11] == ["1", "网商贷款余额", "—", "—", "四"]


def test_different_questions_about_one_datum_are_all_asked() -> None:
    rows = (factories.gap(), factories.gap(section="5.1.1", question="其中网上零售额是多少？"))
    text = gaps_markdown(rows, factories.outline(), TITLE).decode()
    assert cells(text)[5] == "2016年全市社会消费品零售总额是多少？其中网上零售额是多少？"


def test_text_cannot_break_the_table() -> None:
    rows = (factories.gap("甲|乙\n丙<b>", question="`|`\\|？", department="|局"),)
    text = gaps_markdown(rows, factories.outline(), TITLE).decode()
    assert len(cells(text)) == 6


def test_nothing_missing_is_said() -> None:
    assert "没有需要补充的数据" in gaps_markdown((), factories.outline(), TITLE).decode()


def test_json_rows_are_those_of_the_plan_unescaped() -> None:
    rows = collect_gaps(factories.plan(), factories.outline())
    raw = gaps_json(rows)
    assert [r["name"] for r in json.loads(raw)] == ["社会消费品零售总额", "基地电子商务发展规划"]
    assert "市统计局".encode() in raw


def test_labels_are_the_numbers_that_the_plan_prints() -> None:
    assert dict(section_labels(factories.outline())) == {
        "1.1": "一（一）",
        "2.1": "二（一）",
        "2.2": "二（二）",
        "5.1.1": "三（一）1",
        "5.1.2": "三（一）2",
        "8": "四",
    }
