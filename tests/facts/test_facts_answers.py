"""For each point: the facts that answer it, and the data to ask for, in the words of a placeholder and of a request."""

from importlib.resources import files
from typing import Any

import pytest

from schemas.facts import FactSheet
from schemas.outline import Indicator, Outline, Point, Section
from service.facts.answers import Answer, Missing, answers, unassigned
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.prompt.outlines import load_outline

CITY = load_outline("city-2017")


def ledger(*facts: dict[str, Any], outline: Outline = CITY, **changes: Any) -> Ledger:
    data = {
        "outline": outline.id, "subject": {"name": "宁波市", "province": "浙江省"}, "plan_year": 2016,
        "period": [2016, 2020], "facts": facts,
    }  # fmt: skip
    return Ledger(FactSheet.model_validate({**data, **changes}), outline)


def answer(section: str, point: str, *facts: dict[str, Any], **changes: Any) -> Answer:
    known = ledger(*facts, **changes)
    return next(a for a in answers(CITY.sections_by_id[section], known) if a.point.id == point)


def ids(found: Answer) -> list[str]:
    return [f.id for f in found.facts]


def shown(found: Answer) -> list[str]:
    return [m.placeholder for m in found.missing]


GDP = {"id": "gdp", "indicator": "gdp", "name": "地区生产总值", "value": 8003.61, "unit": "亿元", "year": 2015}


def test_one_answer_for_each_point_in_order() -> None:
    for section in CITY.sections:
        assert [a.point for a in answers(section, ledger())] == list(section.points)


def test_a_part_that_the_fact_lacks_is_missing() -> None:
    found = answer("2.1", "gdp", GDP)
    assert ids(found) == ["gdp"]
    assert shown(found) == ["【待补充：2015年地区生产总值增速，%】"]
    assert found.missing == (
        Missing("gdp", "地区生产总值增速", "%", 2015, "2015年全市地区生产总值比上年增长多少（%）？", "市统计局"),
    )
    assert answer("2.1", "gdp", {**GDP, "growth": 8.0}).missing == ()


def test_growth_of_one_year_and_value_of_another_are_both_given() -> None:
    assert answer("2.1", "gdp", GDP, {"id": "g", "indicator": "gdp", "growth": 8.0, "year": 2015}).missing == ()


def test_the_year_asked_for_is_the_newest_of_the_sheet_or_the_year_before_the_plan() -> None:
    assert shown(answer("2.1", "population", GDP)) == ["【待补充：2015年常住人口，万人】"]
    assert shown(answer("2.1", "population", {**GDP, "year": 2014})) == ["【待补充：2014年常住人口，万人】"]
    assert shown(answer("2.1", "population")) == ["【待补充：2015年常住人口，万人】"]
    assert shown(answer("2.1", "population", {**GDP, "year": 2017})) == ["【待补充：2015年常住人口，万人】"]


def test_a_target_is_asked_for_the_last_year_of_the_period() -> None:
    found = answer("4.2", "employment")
    assert shown(found) == ["【待补充：2020年电子商务从业人员数量目标，万人】"]
    assert found.missing[0].question == "到2020年，全市电子商务从业人员数量的目标是多少（万人）？"
    assert shown(answer("4.2", "employment", period=None)) == ["【待补充：电子商务从业人员数量目标，万人】"]


@pytest.mark.parametrize(
    ("section", "point", "fact"),
    [
        ("2.1", "gdp", {"name": "GDP", "value": 8003.61, "unit": "亿元", "growth": 8, "year": 2015}),
        ("2.1", "retail", {"name": "2015年全市社零总额", "value": 3349.63, "unit": "亿元", "growth": 9}),
        ("3.1", "domestic", {"name": "宁波市国内电子商务交易额", "value": 1, "unit": "亿元", "growth": 9}),
        ("4.2", "employment", {"name": "电商从业人员", "value": 30, "unit": "万人", "kind": "target"}),
        (
            "4.2",
            "above-average",
            {"name": "全省电子商务交易额", "growth": 31.2, "kind": "benchmark", "subject": "浙江省"},
        ),
        ("1.4", "lead", {"name": "领导小组", "text": "由常务副市长任组长", "kind": "organisation"}),
        ("1.4", "lead-department", {"name": "创建工作牵头部门", "text": "市发展改革委", "kind": "organisation"}),
        ("1.3", "projects", {"name": "跨境电商物流园", "value": 12, "unit": "亿元", "kind": "project"}),
        ("3.2", "policies", {"name": "若干意见", "title": "若干意见", "kind": "policy"}),
    ],
)
def test_a_fact_without_an_indicator_is_found_by_its_name_or_kind(
    section: str, point: str, fact: dict[str, Any]
) -> None:
    assert "x" in ids(answer(section, point, {"id": "x", **fact}))


@pytest.mark.parametrize(
    ("section", "point", "fact"),
    [
        ("2.1", "retail", {"name": "全省社会消费品零售总额", "value": 1, "unit": "亿元", "kind": "benchmark"}),
        ("2.1", "retail", {"name": "社会消费品零售总额", "value": 1, "unit": "亿元", "subject": "浙江省"}),
        ("2.1", "retail", {"name": "社会消费品零售总额", "value": 1, "unit": "亿元", "kind": "target"}),
        ("2.1", "population", {"name": "人口", "value": 1, "unit": "亿元"}),
        ("4.2", "employment", {"name": "电子商务从业人员", "value": 3, "unit": "万人"}),
        ("3.1", "domestic", {"name": "电子商务交易额年均增速", "value": 3, "unit": "%"}),
    ],
)  # fmt: skip
def test_another_subject_kind_dimension_or_name_is_no_answer(section: str, point: str, fact: dict[str, Any]) -> None:
    found = answer(section, point, {"id": "x", **fact})
    assert "x" not in ids(found)
    assert found.missing


def test_facts_tied_by_indicator_come_before_those_tied_by_name() -> None:
    named = {"id": "n", "name": "地区生产总值", "value": 7610.28, "unit": "亿元", "year": 2014, "growth": 7.6}
    assert ids(answer("2.1", "gdp", named, GDP)) == ["gdp", "n"]


def test_one_of_several_indicators_is_enough_where_the_outline_says_so() -> None:
    assert shown(answer("1.2", "effects")) == ["【待补充：2020年电子商务交易额目标，亿元】"]
    target = {"id": "t", "indicator": "target-penetration", "value": 85, "unit": "%", "year": 2020, "kind": "target"}
    assert answer("1.2", "effects", target).missing == ()


def test_what_the_guidance_leaves_open_is_never_missing() -> None:
    assert answer("5.2.1", "park").missing == ()


def test_a_percentage_may_stand_in_any_field() -> None:
    for field in ("value", "share", "growth"):
        fact = {"id": "t", "indicator": "target-penetration", field: 85, "unit": "%", "kind": "target"}
        assert answer("4.2", "penetration", fact).missing == ()


def test_a_point_of_kinds_and_words_is_tied_by_both() -> None:
    point = Point(
        id="p", text="人才培训工程", kinds=("project",), keywords=(("人才", "培训"), ("工程", "计划")),
        question="全市实施了哪些人才培训工程？", department="市人力资源社会保障局",
    )  # fmt: skip
    section = Section(
        id="9", number="九、", title="人才", guidance="人才培训工程。", target_length=200, points=(point,)
    )
    outline = CITY.model_copy(update={"chapters": ()})
    good = {"id": "a", "name": "万名电商人才计划", "text": "三年培训一万人", "kind": "project"}
    other = {"id": "b", "name": "人才公寓", "text": "建设公寓", "kind": "project"}
    (found,) = answers(section, ledger(good, other, outline=outline))
    assert (ids(found), found.missing) == (["a"], ())
    (empty,) = answers(section, ledger(other, outline=outline))
    assert shown(empty) == ["【待补充：人才培训工程】"]
    assert empty.missing[0].question == "全市实施了哪些人才培训工程？"
    assert empty.missing[0].department == "市人力资源社会保障局"


def test_requests_read_like_requests() -> None:
    assert answer("2.1", "location").missing[0].question == "请提供城市区位方面的材料：地理位置、交通条件、行政区划。"
    assert answer("6.1", "lead").missing[0].question == "请明确创建工作的主管领导。"
    assert answer("3.1", "typical").missing[0].question == "请说明全市典型电子商务企业经营情况。"
    base = load_outline("base")
    tenants = next(a for a in answers(base.sections_by_id["3"], ledger(outline=base)) if a.point.id == "tenants")
    assert tenants.missing[0].question == "2015年基地已入驻企业数量是多少（家）？"


def test_every_question_ends_and_names_a_department() -> None:
    for name in ("city-2017", "base"):
        outline = load_outline(name)
        for section in outline.sections:
            for missing in (m for a in answers(section, ledger(outline=outline)) for m in a.missing):
                assert missing.question.endswith(("？", "。")), missing
                assert missing.department
                assert "的有关情况的" not in missing.question
                assert missing.placeholder.startswith("【待补充：")


def test_unassigned_facts_are_those_that_no_point_uses() -> None:
    odd = {"id": "odd", "name": "公园绿地面积", "value": 12, "unit": "平方公里"}
    assert [f.id for f in unassigned(CITY, ledger(GDP, odd))] == ["odd"]


def test_the_shipped_sheets_have_the_gaps_they_are_meant_to_have() -> None:
    def gaps(name: str) -> set[str]:
        sheet = read_sheet((files("evals") / "datasets" / f"{name}.json").read_bytes(), outline=load_outline)
        outline = load_outline(sheet.outline)
        known = Ledger(sheet, outline)
        found = (m for s in outline.sections for a in answers(s, known) for m in a.missing)
        return {m.indicator or m.name for m in found}

    assert gaps("wanghai") == set()
    assert gaps("wanghai-base") == {"attachment-tenants"}
    ningbo = gaps("ningbo")
    assert {
        "gdp",
        "retail-sales",
        "imports-exports",
        "ecommerce-volume",
        "parcels",
        "policies-issued",
        "parks",
    } <= ningbo
    assert not {"population", "income-urban", "income-rural", "gdp-primary", "gdp-tertiary"} & ningbo


def test_an_indicator_that_the_outline_no_longer_has_is_ignored() -> None:
    point = Point(id="p", text="某事", indicators=("gone",))
    section = Section(id="9", number="九、", title="某节", guidance="某事。", target_length=200, points=(point,))
    (found,) = answers(section, ledger())
    assert (found.facts, shown(found)) == ((), ["【待补充：某事】"])


def test_text_indicators_take_any_fact_of_theirs() -> None:
    indicator = Indicator(id="i", name="支柱产业", dimension="text", expects=("text",), department="市统计局")
    assert indicator.unit is None
    value = {"id": "v", "indicator": "industries", "name": "装备制造业产值", "value": 308.7, "unit": "亿元"}
    assert answer("2.1", "industries", value).missing == ()


def test_a_fact_tied_to_another_point_is_not_drawn_in_by_words() -> None:
    tied = {
        "id": "m",
        "indicator": "measure-resources",
        "name": "鼓励政策",
        "text": "统筹仓储用地和统计报表工作",
        "kind": "measure",
    }
    loose = {"id": "n", "name": "统计工作", "text": "建立统计报表制度", "kind": "measure"}
    assert ids(answer("5.1.2", "statistics", tied, loose)) == ["n"]
    assert ids(answer("5.1.1", "resources", tied, loose)) == ["m"]
