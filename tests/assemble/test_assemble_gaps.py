"""The data request: every datum once for each section, in the outline's order."""

from __future__ import annotations

from service.assemble.gaps import collect_gaps
from tests import factories


def test_rows_are_unique_and_ordered_by_section_then_department() -> None:
    first = factories.section(
        "5.1.1",
        "设立专项资金。",
        gaps=(
            factories.gap("专项资金", "5.1.1", department="市财政局"),
            factories.gap("网商贷款余额", "5.1.1", department="人民银行"),
        ),
    )
    second = factories.section(
        "2.1",
        "概况。",
        gaps=(
            factories.gap(),
            factories.gap(point="2.1-9"),
            factories.gap(year=2015),
            factories.gap("零售总额", indicator="retail"),
            factories.gap("社零总额", indicator="retail"),
        ),
    )
    rows = collect_gaps(factories.plan(first, second), factories.outline())
    assert [(g.section, g.name, g.year) for g in rows] == [
        ("2.1", "社会消费品零售总额", 2016),
        ("2.1", "社会消费品零售总额", 2015),
        ("2.1", "零售总额", 2016),
        ("5.1.1", "网商贷款余额", 2016),
        ("5.1.1", "专项资金", 2016),
    ]


def test_a_plan_without_gaps_asks_for_nothing() -> None:
    assert collect_gaps(factories.plan(factories.section("1.1", "目标。")), factories.outline()) == ()
