"""Each point of a section is covered, a placeholder, or missing: own labelled cases, half of them never tuned on."""

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import FactSheet
from schemas.finding import Finding, Severity
from schemas.outline import Point, Section
from service.check.case import BARE, Case
from service.check.coverage import check_coverage, treated
from service.facts.ledger import Ledger
from service.prompt.outlines import load_outline
from tests.doubles.cost import growth
from tests.doubles.hang import hung

OUTLINE = load_outline("city-2017")
SHEET = FactSheet.model_validate({"outline": "city-2017", "subject": {"name": "望海市"}, "plan_year": 2017})
LEDGER = Ledger(SHEET, OUTLINE)


def labelled(half: str) -> list[dict[str, Any]]:
    lines = (files("evals") / "datasets" / "checks" / "coverage-own.jsonl").read_text(encoding="utf-8").splitlines()
    return [case for line in lines if (case := json.loads(line))["half"] == half]


def found(section: str, text: str, author: Any = "person") -> list[Finding]:
    return list(check_coverage(Case(texts={section: text}, outline=OUTLINE, ledger=LEDGER, author=author)))


def missing(section: str, text: str) -> list[str | None]:
    return [f.point for f in found(section, text)]


def states(section: str, text: str) -> dict[str, str]:
    return {s.point.id: s.state for s in treated(OUTLINE.sections_by_id[section], text, OUTLINE)}


def test_the_labelled_set_is_large_and_balanced() -> None:
    dev, held = labelled("dev"), labelled("held")
    assert len(dev) + len(held) >= 70
    assert abs(len(dev) - len(held)) <= 1
    assert sum(not c["missing"] for c in dev + held) >= 25
    assert len({c["section"] for c in dev + held}) == 12


@pytest.mark.parametrize("case", labelled("dev"), ids=lambda c: c["id"])
def test_developed_on(case: dict[str, Any]) -> None:
    assert missing(case["section"], case["text"]) == sorted(
        case["missing"], key=[p.id for p in OUTLINE.sections_by_id[case["section"]].points].index
    )
    got = treated(OUTLINE.sections_by_id[case["section"]], case["text"], OUTLINE)
    assert {s.point.id for s in got if s.state == "placeholder" and not s.point.optional} == set(case["placeholder"])


def test_held_out() -> None:
    """Judged by points: at most 2 in 100 false alarms, at least 90 in 100 of the missing found."""
    alarms = points = due = hit = 0
    for case in labelled("held"):
        told, wanted = set(missing(case["section"], case["text"])), set(case["missing"])
        points += len(OUTLINE.sections_by_id[case["section"]].points)
        alarms += len(told - wanted)
        due += len(wanted)
        hit += len(told & wanted)
    assert alarms <= 0.02 * points
    assert hit >= 0.9 * due


def test_a_missing_point_is_told_with_the_outlines_words_and_its_place() -> None:
    text = "每年安排5000万元电子商务扶持资金，按照专项资金管理办法实行专款专用。"
    (finding,) = found("6.2", text)
    assert (finding.point, finding.point_text) == ("appraisal", "考核机制")
    assert (finding.start, finding.end, finding.excerpt) == (len(text), len(text), "")
    assert "“考核机制”" in finding.message
    assert finding.severity is Severity.WARNING
    assert found("6.2", text, "writer")[0].severity is Severity.ERROR


def test_an_optional_point_is_never_told() -> None:
    assert "park" not in missing("5.2.1", "本节由相关部门另行编制。")
    assert states("5.2.1", "建设电子商务物流园区。")["park"] == "covered"


def test_an_empty_text_misses_all_required_points() -> None:
    section = OUTLINE.sections_by_id["3.1"]
    assert missing("3.1", "") == [p.id for p in section.points]


def test_a_covered_point_has_the_words_that_treat_it() -> None:
    text = "年末常住人口312.6万人。全市地区生产总值1105.04亿元，增长7.8%。"
    got = {s.point.id: text[s.start : s.end] for s in treated(OUTLINE.sections_by_id["2.1"], text, OUTLINE)}
    assert got["population"].startswith("人口3")
    assert "生产总值1105.04" in got["gdp"]


@pytest.mark.parametrize(
    ("section", "text", "point"),
    [
        ("2.1", "社会消费品零售总额【待补充：2016年社会消费品零售总额，亿元】。", "retail"),
        ("2.1", "常住人口为【待补充：2016年常住人口，万人】。", "population"),
        ("3.1", "【待补充：2016年全市跨境电子商务交易额，亿元】", "crossborder"),
        ("6.1", "【待补充：主管领导】", "lead"),
        ("6.2", "市财政每年安排专项资金【待补充：资金规模】。", "amount"),
    ],
)
def test_a_placeholder_is_no_gap_in_the_text(section: str, text: str, point: str) -> None:
    assert states(section, text)[point] == "placeholder"
    assert point not in missing(section, text)


def test_blanks_inside_do_not_hide_a_point() -> None:
    text = "推动金融 IC 卡在公交领域一卡多用，\n  发展 跨境 支付。"
    got = {s.point.id: text[s.start : s.end] for s in treated(OUTLINE.sections_by_id["5.2.2"], text, OUTLINE)}
    assert got["ic-card"] == "IC 卡"
    assert got["crossborder"] == "跨境 支付"
    assert got["integration"] == ""


def test_a_placeholder_for_one_thing_is_none_for_another() -> None:
    got = states("3.1", "【待补充：2016年跨境电子商务交易额，亿元】")
    assert got["domestic"] == "missing"


def test_a_proposal_treats_its_point() -> None:
    assert (
        states("4.2", "电子商务从业人员达到【建议值：2021年电子商务从业人员15万人，待确认】。")["employment"]
        == "covered"
    )


def test_a_text_without_a_section_and_an_unknown_section_are_let_be() -> None:
    assert found(BARE, "电子商务交易额680亿元。") == []
    assert found("9.9", "电子商务交易额680亿元。") == []


BASE = {
    "1": "区域产业结构偏重，亟待以电子商务带动转型升级；全市产业布局规划把园区列为现代服务业集聚区；网络市场秩序有待规范。"
    "创建示范基地，有利于带动本地电子商务集聚发展，降低流通成本，探索公共服务新模式，辐射周边县域协同发展。",
    "3": "园区位于城东新区，规划面积1200亩，分两期建设。设有园区管委会，已有260家企业入驻。"
    "县政府印发了扶持电子商务发展的若干意见，建成标准仓储、人才公寓和培训中心等配套设施。",
    "4": "到2021年，建成全国知名的水产品电子商务基地。入驻企业达到500家，户均年销售收入2000万元，基地年营业收入100亿元，"
    "拥有省级以上研发中心5个，带动就业3万人，组建电子商务协会。",
    "6": "成立由分管副县长任组长的工作专班，分管副市长担任组长，县商务局牵头，财政局负责资金、统计局负责统计。每年安排专项资金1000万元。",
    "7": "2017年启动建设，2018—2020年全面推进，2021年总结验收。年度目标分解到单位，逐年考核。",
}


@pytest.mark.parametrize("section_id", BASE)
def test_a_bases_sections(section_id: str) -> None:
    outline = load_outline("base")
    section = outline.sections_by_id[section_id]
    assert [s.point.id for s in treated(section, BASE[section_id], outline) if s.state == "missing"] == []
    assert {s.state for s in treated(section, "本节由有关方面另行编写。", outline)} == {"missing"}


def test_a_point_without_signs_is_known_by_its_words() -> None:
    section = Section(
        id="1",
        number="一、",
        title="试验",
        guidance="试验。",
        target_length=100,
        points=(
            Point(id="plain", text="管理机构"),
            Point(id="words", text="用地政策", keywords=(("用地", "土地"), ("政策", "指标"))),
        ),
    )

    def of(text: str) -> list[str]:
        return [s.state for s in treated(section, text)]

    assert of("设立管理机构。优先安排用地指标。") == ["covered", "covered"]
    assert of("管理有机构。土地紧张。完善政策。") == ["missing", "missing"]
    assert of(f"设立管理机构，用地{'，' * 70}指标。") == ["covered", "missing"]


@given(
    st.text(alphabet="电子商务交易额人口年增长%。，0123456789【待补充：】《》\n", max_size=120),
    st.sampled_from(["2.1", "3.1", "4.2"]),
)
def test_states_are_in_order_and_inside_the_text(text: str, section_id: str) -> None:
    section = OUTLINE.sections_by_id[section_id]
    got = treated(section, text, OUTLINE)
    assert [s.point for s in got] == list(section.points)
    assert all(0 <= s.start <= s.end <= len(text) for s in got)
    assert all((s.start == s.end == len(text)) for s in got if s.state == "missing")


def test_the_cost_grows_with_the_text_only() -> None:
    cases = {c["section"]: c["text"] for c in [*labelled("dev"), *labelled("held")]}

    def judged(characters: int) -> list[Finding]:
        texts = {section: (text * (characters // len(text) + 1))[:characters] for section, text in cases.items()}
        return list(check_coverage(Case(texts=texts, outline=OUTLINE, ledger=LEDGER)))

    assert growth(judged, 1000, 10_000) < 12


def judged_in_three_sections(text: str) -> None:
    for section in ("2.1", "3.1", "6.1"):
        treated(OUTLINE.sections_by_id[section], text, OUTLINE)


def test_long_runs_do_not_hang() -> None:
    runs = [run * (200_000 // len(run)) for run in ("电", "增长", "，", "1", "由市")]
    assert hung("tests.check.test_check_coverage", "judged_in_three_sections", runs) is None
