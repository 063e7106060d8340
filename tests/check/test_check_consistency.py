"""One fact, one figure, one name, one lead: labelled cases, and what a finding tells."""

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import FactSheet
from schemas.finding import Finding
from service.check.case import Case
from service.check.consistency import check_consistency
from service.facts.ledger import Ledger
from service.prompt.outlines import load_outline
from tests.doubles.cost import growth

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (files("evals") / "datasets" / "checks" / "consistency-own.jsonl").read_text("utf-8").splitlines()
]


def found(
    sections: dict[str, str], facts: object = (), outline: str = "city-2017", *, complete: bool = False
) -> list[Finding]:
    sheet = FactSheet.model_validate(
        {"outline": outline, "subject": {"name": "望海市"}, "plan_year": 2017, "period": [2017, 2021], "facts": facts}
    )
    spec = load_outline(outline)
    return list(check_consistency(Case(sections, spec, Ledger(sheet, spec), complete=complete)))


def touches(finding: Finding, section: str, excerpt: str) -> bool:
    return finding.section == section and (excerpt in finding.excerpt or finding.excerpt in excerpt)


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_labelled_cases(case: dict[str, Any]) -> None:
    findings = found(case["sections"], case["facts"], case["outline"])
    for section, excerpt in case["bad"]:
        assert any(touches(f, section, excerpt) for f in findings), (section, excerpt)
    assert [f for f in findings if not any(touches(f, *bad) for bad in case["bad"])] == []
    assert all(case["sections"][f.section or ""][f.start : f.end] == f.excerpt for f in findings)


def test_half_of_the_cases_are_clean_and_half_are_held_out() -> None:
    clean = sum(not c["bad"] for c in CASES)
    assert len(CASES) >= 40
    assert 0.4 <= clean / len(CASES) <= 0.6
    assert sum(c["half"] == "held" for c in CASES) * 2 == len(CASES)


def test_changes_since_other_years_are_no_statements_of_one_thing() -> None:
    sections = {
        "2.1": "2016年，全市地区生产总值1105.04亿元，比2015年的1018.36亿元增加86.68亿元。",
        "3.1": "2016年，全市电子商务交易额680亿元，比2015年的505.58亿元增加174.42亿元。",
        "2.3": "2016年，全市电子商务交易额680亿元，比2014年的376.74亿元增加303.26亿元。",
    }
    assert not found(sections)


def test_the_statement_that_the_facts_support_is_the_right_one() -> None:
    sections = {"4.1": "到2021年，网络零售额达到400亿元。", "5.5.2": "到2021年，网络零售额达到450亿元。"}
    for value, wrong in ((400, "5.5.2"), (450, "4.1")):
        facts = [{"id": "t", "name": "网络零售额", "value": value, "unit": "亿元", "year": 2021, "kind": "target"}]
        (finding,) = found(sections, facts)
        assert finding.section == wrong
        assert finding.other_section == ({"4.1", "5.5.2"} - {wrong}).pop()
        assert f"{value}亿元" in str(finding.other_excerpt)


def test_a_year_in_brackets_dates_only_what_stands_in_them() -> None:
    goal = "到2021年，全市网络零售额达到400亿元（2016年为96.5亿元），电子商务服务企业达到500家（2016年为186家）。"
    assert not found({"4.2": goal, "5.4.1": "到2021年，全市电子商务服务企业达到500家。"})
    assert [f.excerpt for f in found({"4.2": goal, "5.4.1": "到2021年，全市电子商务服务企业达到600家。"})] == ["600家"]


def test_a_year_that_something_is_compared_with_dates_its_own_figure_only() -> None:
    goal = "到2021年，全市网络零售额达到400亿元，比2016年的96.5亿元增加303.5亿元，跨境电子商务交易额达到150亿元。"
    base = "在2016年进出口总额186.35亿元的基础上，拓展对外贸易新渠道。"
    rates = "2015年、2016年全市电子商务交易额分别增长34.2%和34.5%。"
    now = "2016年，全市网络零售额96.5亿元，进出口总额186.35亿元，电子商务交易额增长34.5%。"
    assert not found({"2.1": now, "2.2": base, "2.3": rates, "4.2": goal})
    assert [f.excerpt for f in found({"2.1": now, "2.2": base.replace("186", "188")})] == ["188.35亿元"]


def test_of_two_statements_the_value_that_some_fact_has_is_the_right_one() -> None:
    facts = [{"id": "m", "name": "电子商务发展专项资金每年安排", "value": 3000, "unit": "万元", "kind": "measure"}]
    sections = {"1.4": "每年安排专项资金3000万元。", "6.2": "每年安排专项资金3000亿元，纳入预算管理。"}
    assert [(f.section, f.excerpt) for f in found(sections, facts)] == [("6.2", "3000亿元")]


def test_a_summary_figure_that_a_conflict_names_is_reported_once() -> None:
    facts = [{"id": "t", "name": "企业电子商务应用普及率", "value": 78, "unit": "%", "year": 2021, "kind": "target"}]
    right = "到2021年，企业电子商务应用普及率达到78%。"
    sections = {"1.1": right, "1.2": right, "4.2": right.replace("78", "87")}
    assert [(f.section, f.excerpt) for f in found(sections, facts)] == [("4.2", "87%")]


PROJECTS = [
    {"id": "a", "name": "望海智慧云仓", "text": "新建望海智慧云仓，2018年开工、2020年建成", "kind": "project"},
    {"id": "b", "name": "渔都网货中心项目", "text": "建设期为2017—2019年", "kind": "project"},
    {"id": "c", "name": "“光网望海”提升工程", "text": "一期2018年建成，二期2020年建成", "kind": "project"},
]


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        ("望海智慧云仓2019年建成。", "望海智慧云仓2020年建成。", ("5.2.1", "2019年")),
        ("望海智慧云仓２０１９年建成。", "望海智慧云仓2020年建成。", ("5.2.1", "２０１９年")),
        ("望海智慧云仓2020年建成。", "望海智慧云仓2021年底前建成投用。", ("5.4.2", "2021年")),
        ("2019年建成渔都网货中心，2021年建成望海智慧云仓。", "望海智慧云仓2020年建成。", ("5.2.1", "2021年")),
        ("望海智慧云仓（2019年建成）。", "望海智慧云仓2020年建成。", ("5.2.1", "2019年")),
        ("2019年，望海智慧云仓建成投用。", "规划望海智慧云仓，由市商务局牵头建设，2020年建成。", ("5.2.1", "2019年")),
        ("望海智慧云仓2017年开工。", "望海智慧云仓2018年开工建设。", ("5.2.1", "2017年")),
        ("望海智慧云仓2019年投入使用。", "望海智慧云仓2020年竣工。", ("5.2.1", "2019年")),
        ("渔都网货中心建设期为2017—2018年。", "渔都网货中心建设期：2017—2019年。", ("5.2.1", "2017—2018年")),
        ("“光网望海”提升工程一期2019年建成。", "“光网望海”提升工程一期2018年建成。", ("5.2.1", "2019年")),
        ("望海智慧云仓和渔都网货中心2019年建成。", "望海智慧云仓2020年建成。", ("5.2.1", "2019年")),
    ],
)
def test_a_project_has_one_year_for_each_of_its_stages(one: str, other: str, wrong: tuple[str, str]) -> None:
    assert [(f.section, f.excerpt) for f in found({"5.2.1": one, "5.4.2": other}, PROJECTS)] == [wrong]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("望海智慧云仓2018年开工。", "望海智慧云仓2020年建成投用。"),
        ("望海智慧云仓2020年底前建成。", "望海智慧云仓于2020年建成。"),
        ("到2021年，望海智慧云仓建成投用。", "望海智慧云仓2020年建成。"),
        ("2017—2020年建成望海智慧云仓。", "望海智慧云仓2020年建成。"),
        ("望海智慧云仓2019年基本建成，2020年全面建成。", "望海智慧云仓2020年建成。"),
        ("望海智慧云仓主体工程2019年完工。", "望海智慧云仓2020年建成。"),
        ("望海智慧云仓一期2018年建成，二期2020年建成。", "望海智慧云仓2020年建成。"),
        ("“光网望海”提升工程（一期）2018年建成。", "“光网望海”提升工程二期2020年建成。"),
        ("2019年建成渔都网货中心，2020年建成望海智慧云仓。", "望海智慧云仓2020年建成，渔都网货中心2019年建成。"),
        ("望海智慧云仓、渔都网货中心分别于2020年、2019年建成。", "望海智慧云仓2020年建成。"),
        ("依托望海智慧云仓，2019年建成冷链中心。", "望海智慧云仓2020年建成。"),
        ("渔都网货中心建设期为2017—2019年。", "渔都网货中心2018年投入使用。"),
    ],
)
def test_phases_parts_spans_and_other_projects_are_no_contradiction(one: str, other: str) -> None:
    assert found({"5.2.1": one, "5.4.2": other}, PROJECTS) == []


def test_items_of_the_summarys_list_are_looked_for_in_the_body() -> None:
    body = {"5.4.2": "建设特产云市和黔北茶网，设立发展基金，发展冷链物流，支持返乡创业。"}
    for text, absent in (
        ("重点建设特产云市、黔北茶网和乌江航运电商港。", ["乌江航运电商港"]),
        ("设立产业发展基金、冷链物流园和大学生创业学院等。", []),
        ("设立产业发展基金，建设冷链物流园、水产博览会、打造特产云市。", ["水产博览会"]),
    ):
        assert [f.excerpt for f in found({"1.3": text, **body})] == absent


def test_an_announced_number_points_at_its_list() -> None:
    text = "实施三大工程：一是平台培育工程；二是应用推广工程。"
    (finding,) = found({"5.4.1": text})
    assert (finding.excerpt, finding.other_section) == ("三大工程", "5.4.1")
    assert "一是平台培育工程" in str(finding.other_excerpt)


def test_the_summary_is_judged_only_beside_its_body() -> None:
    summary = {"1.1": "到2021年，跨境电子商务交易额达到150亿元。"}
    assert found(summary) == []
    assert found({**summary, "6.3": "广泛开展宣传。"}) == []
    assert [f.excerpt for f in found({**summary, "4.2": "到2021年，网络零售额达到400亿元。"})] == ["150亿元"]
    assert [f.excerpt for f in found({**summary, "6.3": "广泛开展宣传。"}, complete=True)] == ["150亿元"]


@given(
    st.dictionaries(
        st.sampled_from(["1.1", "1.2", "4.2", "5.1.1", "6.1", ""]),
        st.text(
            alphabet="一二三十大项工程平台任务到2021年0.5亿万元%家个由市长任组长牵头办公室设在“”《》（），。、：；是等和\n",
            max_size=120,
        ),
        max_size=4,
    )
)
def test_any_texts_are_read_and_every_finding_points_at_its_excerpt(sections: dict[str, str]) -> None:
    findings = found(sections)
    assert all(sections[f.section or ""][f.start : f.end] == f.excerpt for f in findings)
    assert findings == found(sections)


@pytest.mark.parametrize(
    "line",
    [
        "到2021年，全市网络零售额达到400亿元，比2016年增长3倍以上，建设望海电子商务物流园，总投资12.5亿元。\n",
        "望海智慧云仓2018年开工、2020年建成，重点建设渔都网货中心、黔北茶网和乌江航运电商港。\n",
        "建设渔都网货中心、",
        "由市商务局牵头，总投资1.5亿元，" * 2,
        "2019年全面",
    ],
)
def test_the_cost_grows_with_the_text_only(line: str) -> None:
    sections = ("4.2", "5.2.1", "1.1")
    assert growth(lambda times: found(dict.fromkeys(sections, line * times), PROJECTS), 10, 100) < 12


def test_a_lead_that_the_sheet_contradicts_points_at_the_fact() -> None:
    facts = [{"id": "d", "name": "牵头部门", "text": "市发展改革委为牵头部门", "kind": "organisation"}]
    (finding,) = found({"6.1": "创建工作由市商务局牵头，各有关部门参与。"}, facts)
    assert (finding.excerpt, finding.nearest) == ("市商务局", "d")
    assert "创建工作牵头部门为“市发展改革委”" in finding.message


def test_a_lead_that_sheet_and_section_contradict_is_reported_once() -> None:
    facts = [{"id": "l", "name": "主管领导", "text": "由常务副市长任组长", "kind": "organisation"}]
    sections = {
        "1.4": "成立创建工作领导小组，由市长任组长。",
        "6.1": "成立创建工作领导小组，由常务副市长任组长。",
    }
    assert [(f.section, f.excerpt) for f in found(sections, facts)] == [("1.4", "市长")]


def test_of_two_leads_in_the_sheet_each_is_right() -> None:
    facts = [
        {"id": "a", "name": "电子商务统计监测体系", "text": "由市统计局牵头建设", "kind": "measure"},
        {"id": "b", "name": "职责分工", "text": "市商务局牵头建设电子商务统计监测体系", "kind": "organisation"},
    ]
    for body, wrong in (("市统计局", 0), ("市商务局", 0), ("市财政局", 1)):
        assert len(found({"5.1.2": f"电子商务统计监测体系由{body}牵头建设。"}, facts)) == wrong


PARK, PLATFORM = "望海电子商务物流园", "智能物流信息平台"


@pytest.mark.parametrize(
    "wording",
    [
        "规划建设{name}，由市发展改革委牵头，项目总投资{amount}亿元。",
        "{name}由市发展改革委牵头，总投资{amount}亿元，建设期为2017—2020年。",
        "新建{name}，由市发展改革委、市商务局共同牵头，市财政局配合，计划总投资{amount}亿元。",
        "{name}，建设期为2017—2020年，由市发展改革委牵头，投资额{amount}亿元。",
        "{name}，由市发展改革委牵头，项目建设期2017—2020年，估算总投资{amount}亿元。",
        "{name}（牵头单位：市发展改革委），总投资{amount}亿元。",
        "{name}（市发展改革委牵头，2017—2020年建设），总投资{amount}亿元。",
        "由市发展改革委牵头，实施{name}项目，依托望海港和疏港铁路，项目总投资{amount}亿元。",
        "由市发展改革委牵头建设{name}，位于高新技术产业开发区，占地500亩，总投资{amount}亿元。",
        "依托望海港建设{name}，市发展改革委负责，计划2018年开工、2020年底前建成，总投资{amount}亿元。",
        "建设{name}，采取政府引导、企业投资、市场运作的模式，总投资{amount}亿元。",
        "建设{name}，由望海港务集团投资{amount}亿元。",
        "{name}总投资{amount}亿元，由望海港务集团承担，占地面积300亩。",
        "该项目由市发展改革委牵头，总投资{amount}亿元。",
        "由市发展改革委牵头，建设期为2017—2020年，总投资{amount}亿元。",
    ],
)
def test_the_amount_is_the_projects_and_not_of_who_leads_it_when_or_where(wording: str) -> None:
    def said(name: str, amount: str) -> str:
        return wording.format(name=name, amount=amount)

    assert found({"5.2.1": said(PARK, "12.5"), "5.3.1": said(PLATFORM, "0.6")}) == []
    assert found({"5.2.1": said(PARK, "12.5"), "5.3.1": said(PARK, "12.5")}) == []
    if "{name}" in wording:
        differing = found({"5.2.1": said(PARK, "12.5"), "5.3.1": said(PARK, "15.2")})
        assert [f.excerpt for f in differing] == ["15.2亿元"]


def test_of_two_projects_in_one_sentence_each_has_its_own_amount() -> None:
    both = (
        "建设望海电子商务物流园，由市发展改革委牵头，总投资12.5亿元；"
        "建设智能物流信息平台，由市发展改革委牵头，建设期为2017—2018年，总投资0.6亿元。"
    )
    apart = "智能物流信息平台由市发展改革委牵头，总投资{}亿元。"
    assert found({"5.2.1": both, "5.4.2": apart.format("0.6")}) == []
    assert [f.excerpt for f in found({"5.2.1": both, "5.4.2": apart.format("0.8")})] == ["0.8亿元"]


@pytest.mark.parametrize(
    "terms",
    [
        "由{body}牵头，建设期为2017—2018年",
        "由{body}牵头，项目建设期2017—2018年",
        "建设期为2017—2018年，由{body}牵头",
        "由{body}牵头，实施期限为2017年至2018年",
        "由{body}牵头，建设地点在高新技术产业开发区",
        "由{body}牵头，依托望海职业技术学院",
        "总投资6000万元，由{body}牵头",
    ],
)
def test_when_where_and_for_how_much_is_nothing_that_is_led(terms: str) -> None:
    first, other = terms.format(body="市发展改革委"), terms.format(body="市商务局")
    sections = {"5.2.1": f"建设智能物流信息平台，{first}。", "5.3.2": f"建设网络交易纠纷调解平台，{other}。"}
    sheet = [{"id": "p", "name": "智能物流信息平台", "text": first, "unit": "万元", "value": 6000, "kind": "project"}]
    assert found(sections) == []
    assert found(sections, sheet) == []
    wrong = found(
        {"5.2.1": f"智能物流信息平台{other}。" if other.startswith("由") else f"智能物流信息平台，{other}。"}, sheet
    )
    assert [(f.excerpt, f.nearest) for f in wrong] == [("市商务局", "p")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("期货交割仓库", "由市财政局牵头，建设期货交割仓库。"),
        ("投资促进体系", "投资促进体系由市财政局牵头。"),
        ("建设资金筹集方案", "建设资金筹集方案由市财政局牵头制定。"),
        ("实施主体培育工程", "实施主体培育工程由市财政局牵头。"),
        ("物流信息平台", "建设物流信息平台，建设期为2017—2018年，总投资0.6亿元，由市财政局牵头。"),
        ("自由贸易服务中心", "自由贸易服务中心由市财政局牵头。"),
    ],
)
def test_a_thing_that_begins_like_such_a_clause_is_led(name: str, said: str) -> None:
    sheet = [{"id": "p", "name": name, "text": "由市商务局牵头", "kind": "measure"}]
    assert [(f.excerpt, f.nearest) for f in found({"5.2.1": said}, sheet)] == [("市财政局", "p")]
    assert found({"5.2.1": said.replace("市财政局", "市商务局")}, sheet) == []


def test_what_is_instituted_has_one_lead_and_how_it_is_done_none() -> None:
    for said, disputes in (
        ("实行重点项目联席会议制度", 1),
        ("实行一次申报、一次查验、一次放行", 0),
        ("按照职责分工", 0),
    ):
        sections = {"5.2.1": f"{said}，由市财政局牵头。", "5.4.2": f"{said}，由市商务局牵头。"}
        assert len(found(sections)) == disputes
