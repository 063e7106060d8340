"""What the outline states in words: horizon, provincial average, money, bodies, problems with counter-measures."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import FactSheet
from schemas.finding import Finding, Severity
from service.check.case import Case
from service.check.rules import check_rules
from service.facts.ledger import Ledger
from service.prompt.outlines import load_outline

AVERAGES: tuple[dict[str, Any], ...] = (
    {"id": "p1", "name": "全省电子商务交易额", "growth": 31.2, "year": 2016, "kind": "benchmark", "subject": "云岭省"},
    {"id": "p0", "name": "全省电子商务交易额", "growth": 40.1, "year": 2015, "kind": "benchmark", "subject": "云岭省"},
    {"id": "p2", "name": "全省企业电子商务应用普及率", "value": 48.5, "unit": "%", "year": 2016, "kind": "benchmark"},
    {"id": "p3", "name": "全国电子商务交易额", "growth": 19.8, "year": 2016, "kind": "benchmark"},
)


def found(
    section: str, text: str, facts: Sequence[dict[str, Any]] = AVERAGES, outline_id: str = "city-2017", **changes: Any
) -> list[Finding]:
    outline = load_outline(outline_id)
    sheet = FactSheet.model_validate(
        {"outline": outline_id, "subject": {"name": "望海市"}, "plan_year": 2017, "period": [2017, 2021],
         "facts": facts, **changes}
    )  # fmt: skip
    findings = list(check_rules(Case(texts={section: text}, outline=outline, ledger=Ledger(sheet, outline))))
    assert all(f.severity is Severity.WARNING and f.excerpt == text[f.start : f.end] for f in findings)
    return findings


def named(section: str, text: str, rule: str, **more: Any) -> list[str]:
    return [f.excerpt for f in found(section, text, **more) if f.rule == rule]


@pytest.mark.parametrize(
    "text",
    [
        "到2021年，建成全国重要的水产品电子商务交易中心。",
        "力争用3～5年时间，把望海建设成为跨境电子商务先行区。",
        "经过五年努力，基本形成电子商务发展体系。",
        "未来三年，电子商务交易额翻一番。",
        "2017—2021年，分两步推进创建工作。",
        "“十三五”期末，电子商务成为主要交易方式。",
        "到2020年底，建成国家电子商务示范城市，并为2030年远景目标打好基础。",
    ],
)
def test_a_horizon_of_three_to_five_years(text: str) -> None:
    assert named("4.1", text, "horizon") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("到2030年，建成全国重要的水产品电子商务交易中心。", "2030"),
        ("用十年左右时间，建成国家电子商务示范城市。", "用十年"),
        ("“十四五”期末，建成国家电子商务示范城市。", "十四五”期末"),
        ("2017—2018年，集中开展创建工作。", "2017—2018年"),
        ("把望海建设成为跨境电子商务先行区。", ""),
        ("“十二五”期间，电子商务快速发展，现着力建设先行区。", ""),
    ],
)
def test_another_horizon(text: str, told: str) -> None:
    assert named("4.1", text, "horizon") == [told]
    (finding,) = found("4.1", text)
    assert "重点说明3～5年内创建工作的总体目标" in finding.message


def test_the_horizon_counts_from_the_plans_own_year() -> None:
    text = "到2015年，建成国家电子商务示范城市。"
    assert named("4.1", text, "horizon", plan_year=2011, period=[2011, 2015]) == []
    assert named("4", "到2030年，基地年营业收入达到100亿元。", "horizon", outline_id="base", facts=()) == ["2030"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("电子商务交易额达到2800亿元，年均增长32%以上；企业电子商务应用普及率达到85%以上。", []),
        ("电子商务交易额达到2800亿元，年均增长25%；企业电子商务应用普及率达到85%。", ["25%"]),
        ("电子商务交易额年均增长31.2%，企业电子商务应用普及率达到45%。", ["31.2%", "45%"]),
        ("电子商务交易额年均增长32%，高于全省31.2%的平均水平。", []),
        ("全省电子商务交易额增长31.2%，我市目标为年均增长35%。", []),
        ("2016年，全省企业电子商务应用普及率为48.5%，我市目标为85%。", []),
        ("固定宽带家庭普及率达到40%，电子商务交易额达到2800亿元。", []),
        ("网络零售额年均增长20%。", []),
    ],
)
def test_targets_above_the_provincial_average(text: str, told: list[str]) -> None:
    assert named("4.2", text, "above_average") == told


def test_without_a_benchmark_there_is_nothing_to_compare() -> None:
    text = "电子商务交易额年均增长5%，企业电子商务应用普及率达到10%。"
    assert found("4.2", text, facts=AVERAGES[3:]) == []
    assert len(found("4.2", text)) == 2


def test_the_fund_names_amount_rules_and_appraisal() -> None:
    whole = "每年安排专项资金3000万元，按照专项资金管理办法使用，每年开展绩效评价。"
    assert found("6.2", whole) == []
    (finding,) = found("6.2", "加大对电子商务发展的资金支持力度，统筹用好各类资金。")
    assert "没有写明资金额度、资金使用管理办法和考核机制" in finding.message
    assert "明确政府支持的资金额度、资金使用管理办法和考核机制" in finding.message
    assert finding.start == finding.end
    (finding,) = found("6.2", whole.replace("3000万元", "若干"))
    assert "没有写明资金额度，" in finding.message
    assert found("6.2", whole.replace("3000万元", "【待补充：政府支持的资金额度，万元】")) == []


@pytest.mark.parametrize("section", ["1.4", "6.1"])
def test_the_organisation_names_who_leads_and_how(section: str) -> None:
    whole = (
        "由常务副市长任组长，市发展改革委牵头，市财政局、市商务局等部门参与，建立联席会议制度，"
        "协商不成的事项提请市政府研究决定。"
    )
    assert found(section, whole) == []
    (finding,) = found(section, whole.replace("由常务副市长任组长，", ""))
    assert finding.rule == "organisation"
    assert "没有写明主管领导，" in finding.message


def test_the_organisation_of_a_base_names_duties() -> None:
    text = "由分管副市长任组长，市商务局牵头，每年安排专项资金1000万元。"
    (finding,) = found("6", text, facts=(), outline_id="base")
    assert "没有写明职责分工，" in finding.message


def test_problems_come_with_countermeasures() -> None:
    problem = "我市电子商务平台规模偏小、专业人才短缺等问题依然突出。"
    (finding,) = found("3.3", problem)
    assert finding.rule == "problems"
    assert "应对措施" in finding.message
    assert found("3.3", problem + "下一步将实施平台培育计划，引进和培养运营人才。") == []


def test_sections_without_a_rule_and_empty_texts_are_let_be() -> None:
    assert found("2.1", "到2030年，建成中心城市。") == []
    assert found("6.2", "") == []


@given(
    st.text(alphabet="到20173年—～，。五十未来内努力增长交易额普及率%.“”期末", max_size=60),
    st.sampled_from(["4.1", "4.2", "6.2"]),
)
def test_never_raises_and_stays_inside_the_text(text: str, section: str) -> None:
    for finding in found(section, text):
        assert 0 <= finding.start <= finding.end <= len(text)
