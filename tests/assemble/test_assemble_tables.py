"""Tables are made from the facts alone: nothing invented, nothing where the facts say nothing."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.document import HeadingBlock, TableBlock
from schemas.outline import Section
from service.assemble.document import assemble
from service.prompt.outlines import load_outline
from tests import factories

TARGETS: tuple[dict[str, Any], ...] = (
    {"id": "turnover-2016", "indicator": "ecommerce-volume", "name": "电子商务交易额", "value": 680, "unit": "亿元",
     "year": 2016, "growth": 34.5, "source": "市商务局"},
    {"id": "turnover-2021", "indicator": "target-volume", "name": "电子商务交易额", "value": 2800, "unit": "亿元",
     "year": 2021, "kind": "target", "bound": "at_least", "source": "市政府常务会议纪要"},
    {"id": "growth-2021", "indicator": "target-growth", "name": "电子商务交易额年均增长率", "value": 32, "unit": "%",
     "year": 2021, "kind": "target", "source": "市政府常务会议纪要"},
    {"id": "province", "name": "全省电子商务交易额", "growth": 31.2, "year": 2016, "kind": "benchmark",
     "subject": "云岭省"},
    {"id": "jobs-2021", "indicator": "target-employment", "name": "电子商务从业人员", "value": 15, "unit": "万人",
     "year": 2021, "kind": "target"},
    {"id": "bases-2021", "name": "电子商务示范基地", "value": [2, 3], "unit": "个", "year": 2021, "kind": "target"},
)  # fmt: skip
TASKS: tuple[dict[str, Any], ...] = (
    {"id": "m-statistics", "name": "电子商务统计体系", "kind": "measure",
     "text": "建立由市统计局、市商务局共同负责的电子商务统计体系，2018年底前建成，落实《行动计划（2016—2019年）》"},
    {"id": "m-plain", "name": "移动支付", "kind": "measure", "text": "在农贸市场普及移动支付，落实《计划（2016—2018年）》"},
    {"id": "p-park", "name": "望海电子商务物流园", "kind": "project", "value": 12.5, "unit": "亿元",
     "text": "规划建设电子商务物流园区（牵头单位：市交通运输局），建设期为2017—2020年"},
    {"id": "mechanism", "indicator": "coordination", "name": "部门间协调工作机制", "kind": "measure",
     "text": "由市发展改革委牵头，2017年底前建立联席会议制度"},
)  # fmt: skip


def tables(section: str, *facts: dict[str, Any]) -> list[TableBlock]:
    outline = load_outline("city-2017")
    sheet = factories.fact_sheet(*facts, outline="city-2017")
    result = factories.section(section, "按照以下安排推进创建工作。")
    document = assemble(factories.plan(result, sheet=sheet), outline)
    return [b for b in document.blocks if isinstance(b, TableBlock)]


def rows(table: TableBlock) -> list[list[str]]:
    return [["".join(s.text for s in cell) for cell in row] for row in table.rows]


def test_targets_stand_beside_their_base_the_average_and_the_source() -> None:
    (table,) = tables("4.2", *TARGETS)
    assert table.caption == "表1 主要目标"
    assert [c.title for c in table.columns] == [
        "指标",
        "基期值（2016年）",
        "目标值（2021年）",
        "全省平均（2016年）",
        "数据来源",
    ]
    both = "市政府常务会议纪要；市商务局"
    assert rows(table) == [
        ["电子商务交易额", "680亿元", "不低于2800亿元", "—", both],
        ["电子商务交易额年均增长率", "34.5%", "32%", "31.2%", both],
        ["电子商务从业人员", "【待补充：2016年电子商务从业人员，万人】", "15万人", "—", "—"],
        ["电子商务示范基地", "—", "2～3个", "—", "—"],
    ]


def test_a_target_named_as_the_data_request_asks_for_it_is_called_by_its_thing() -> None:
    (table,) = tables("4.2", {**TARGETS[4], "name": "电子商务从业人员数量目标"}, TARGETS[0])
    assert rows(table) == [["电子商务从业人员数量", "【待补充：2016年电子商务从业人员数量，万人】", "15万人"]]


def test_a_rate_is_measured_from_a_rate_that_another_fact_may_give() -> None:
    volume = {k: v for k, v in TARGETS[0].items() if k != "growth"}
    growth = {**{k: v for k, v in volume.items() if k not in {"value", "unit"}}, "id": "grown", "growth": 34.5}
    target = {**TARGETS[2], "name": "电子商务交易额年均增长率目标"}
    (table,) = tables("4.2", volume, growth, target)
    assert rows(table)[0][:3] == ["电子商务交易额年均增长率", "34.5%", "32%"]
    assert table.rows[0][1][0].facts == ("grown",)
    (without,) = tables("4.2", volume, target)
    assert rows(without)[0][:3] == ["电子商务交易额年均增长率", "—", "32%"]


@pytest.mark.parametrize(
    ("base", "target", "told"),
    [
        ("市统计局：2016年公报", "市统计局：“十三五”规划", "市统计局：“十三五”规划、2016年公报"),
        ("市统计局：2016年公报", "市商务局：“十三五”规划", "市商务局：“十三五”规划；市统计局：2016年公报"),
        ("市统计局：", "市统计局：“十三五”规划", "市统计局：“十三五”规划；市统计局："),
        ("市统计局", "市统计局", "市统计局"),
    ],
)
def test_what_both_sources_begin_with_is_told_once(base: str, target: str, told: str) -> None:
    (table,) = tables("4.2", {**TARGETS[0], "source": base}, {**TARGETS[1], "source": target})
    assert rows(table)[0][-1] == told


def test_years_that_differ_stand_with_their_figures() -> None:
    (table,) = tables("4.2", *TARGETS, {**TARGETS[5], "id": "bases-2019", "year": 2019})
    assert [c.title for c in table.columns][1:3] == ["基期值（2016年）", "目标值"]
    assert [r[2] for r in rows(table)][-2:] == ["2～3个（2021年）", "2～3个（2019年）"]


def test_figures_carry_their_fact_and_a_missing_base_says_whom_to_ask() -> None:
    (table,) = tables("4.2", *TARGETS)
    base, target = table.rows[0][1][0], table.rows[0][2][0]
    assert (base.mark, base.facts) == ("supported", ("turnover-2016",))
    assert (target.mark, target.facts) == ("supported", ("turnover-2021",))
    assert target.note == "与事实一致：2021年电子商务交易额不低于2800亿元（来源：市政府常务会议纪要）"
    (missing,) = table.rows[2][1]
    assert missing.mark == "placeholder"
    assert missing.note is not None
    assert "市人力资源社会保障局" in missing.note


def test_tasks_are_those_of_which_the_facts_say_who_or_when() -> None:
    (table,) = tables("6.1", *TASKS)
    assert table.caption == "表1 主要任务安排"
    assert rows(table) == [
        ["1", "电子商务统计体系", "市统计局、市商务局", "2018年底前"],
        ["2", "望海电子商务物流园", "市交通运输局", "2017—2020年"],
    ]


def test_a_column_of_which_nothing_is_known_is_left_out() -> None:
    project = {**TASKS[2], "text": "建设期为2017—2020年"}
    (table,) = tables("6.1", project)
    assert [c.title for c in table.columns] == ["序号", "任务", "完成时限"]


@pytest.mark.parametrize("section", ["4.2", "6.1"])
def test_no_rows_no_table(section: str) -> None:
    assert tables(section, TARGETS[0], TASKS[1]) == []


def test_a_table_ends_its_section_and_tables_are_numbered_through() -> None:
    outline = load_outline("city-2017")
    sheet = factories.fact_sheet(*TARGETS, *TASKS, outline="city-2017")
    results = [factories.section(s.id, f"关于{s.title}的说明。") for s in outline.sections]
    blocks = assemble(factories.plan(*results, sheet=sheet), outline).blocks
    found = [(n, b) for n, b in enumerate(blocks) if isinstance(b, TableBlock)]
    assert [(b.section, b.caption) for _, b in found] == [("4.2", "表1 主要目标"), ("6.1", "表2 主要任务安排")]
    assert all(isinstance(blocks[n + 1], HeadingBlock) for n, _ in found)


def test_a_summary_has_no_table() -> None:
    with pytest.raises(ValidationError, match="summary has no table"):
        Section(
            id="1.1", number="（一）", title="目标", guidance="说明", target_length=1, summary=True, table="targets"
        )


def test_every_row_has_a_cell_for_each_column() -> None:
    (table,) = tables("4.2", *TARGETS)
    with pytest.raises(ValidationError, match="one cell for each column"):
        TableBlock(caption="表1", columns=table.columns[:2], rows=table.rows)


def test_a_base_value_may_go_by_another_name_of_the_indicator() -> None:
    base = {"id": "jobs-2016", "name": "电商从业人数", "value": 5.8, "unit": "万人", "year": 2016}
    other = {**base, "id": "jobs-usd", "name": "电子商务就业人数", "unit": "户", "year": 2017}
    (table,) = tables("4.2", TARGETS[4], base, other)
    assert rows(table) == [["电子商务从业人员", "5.8万人", "15万人"]]
