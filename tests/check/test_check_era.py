"""Periods, bodies, approvals and laws fit the plan's year; looking back and looking ahead are fine."""

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import FactSheet
from schemas.finding import CheckName, Finding, Severity
from schemas.outline import Chapter, Outline, Section
from service.check.case import BARE, Case
from service.check.era import check_era
from service.check.era_table import era_table, parse_era_table
from service.errors import PackageDataError
from service.facts.ledger import Ledger
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline
from service.strict_json import loads

OUTLINE = Outline(
    id="city-2017",
    title="编制要点",
    document_title="{subject}创建国家电子商务示范城市工作方案",
    subject_word="市",
    source="节选",
    chapters=(
        Chapter(
            id="4",
            number="四、",
            title="目标",
            sections=(Section(id="4.1", number="（一）", title="总体目标", guidance="总体目标。", target_length=300),),
        ),
    ),
)


def labelled() -> list[dict[str, object]]:
    lines = (files("evals") / "datasets" / "checks" / "era-own.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def sheet(city: str, year: int, facts: Sequence[object] = ()) -> FactSheet:
    return FactSheet.model_validate(
        {
            "outline": "city-2017",
            "subject": {"name": city},
            "plan_year": year,
            "period": [year, year + 4],
            "facts": facts,
        }
    )


def found(text: str, of: FactSheet, section: str = BARE) -> list[Finding]:
    return list(check_era(Case(texts={section: text}, outline=OUTLINE, ledger=Ledger(of, OUTLINE))))


def excerpts(city: str, year: int, text: str) -> list[str]:
    return [f.excerpt for f in found(text, sheet(city, year))]


def test_the_labelled_set_is_large_and_balanced() -> None:
    cases = labelled()
    assert len(cases) >= 60
    assert 0.4 < sum(not case["bad"] for case in cases) / len(cases) < 0.6


@pytest.mark.parametrize("case", labelled(), ids=lambda c: f"{c['id']}-{c['category']}")
def test_labelled(case: Mapping[str, object]) -> None:
    text, bad = case["text"], case["bad"]
    assert isinstance(text, str)
    assert isinstance(bad, list)
    of = FactSheet.model_validate(
        {"outline": "city-2017", **{k: case[k] for k in ("subject", "plan_year", "period", "facts")}}
    )
    findings = found(text, of)
    spans = [(text.index(b), text.index(b) + len(b)) for b in bad]
    missed = [b for b, (s, e) in zip(bad, spans, strict=True) if not any(f.start < e and s < f.end for f in findings)]
    extra = [f.excerpt for f in findings if not any(f.start < e and s < f.end for s, e in spans)]
    assert (missed, extra) == ([], [])


@pytest.mark.parametrize(
    ("city", "year", "text", "wrong"),
    [
        ("绵阳市", 2017, "完善电子商务法规政策，健全电子商务法律服务和电子商务法治环境。", []),
        ("绵阳市", 2017, "截至“十二五”末，全市电子商务企业达到3000家。", []),
        ("绵阳市", 2017, "“十二五”期末（2015年），全市电子商务交易额达到300亿元。", []),
        ("绵阳市", 2017, "今年是“十二五”开局之年，电子商务迎来重要机遇。", ["“十二五”"]),
        ("绵阳市", 2017, "实施二十大重点工程，举办第十九届西部博览会。", []),
        ("绵阳市", 2017, "2011年以来，市政府将电子商务纳入“十二五”规划，出台多项政策。", []),
        ("绵阳市", 2017, "到“十二五”末，实现电子商务交易额2500亿元。", ["“十二五”"]),
        ("绵阳市", 2017, "十二五时期全市网络零售额年均增速高于全省8个百分点。", []),
        ("绵阳市", 2017, "全市“十二五”电子商务发展目标是建成国家示范城市。", ["“十二五”"]),
        ("绵阳市", 2017, "在“十二五”期间形成较为完善的电子商务支撑体系。", ["“十二五”"]),
        ("绵阳市", 2017, "“十四五”规划启动编制前，完成电子商务专题研究。", []),
        ("绵阳市", 2022, "“十三五”以来，业务量年均增长30%，“十四五”期间将建成物流枢纽。", []),
        ("绵阳市", 2020, "市市场监管局（原市工商局、市质监局）负责网络交易监管。", []),
        ("绵阳市", 2020, "建立由工商局、商务局组成的联席会议制度。", ["工商局"]),
        ("绵阳市", 2017, "建立由市场监管局、文旅局、商务局组成的联席会议制度。", ["市场监管局", "文旅局"]),
        ("绵阳市", 2024, "加强与国家数据局、金融监管总局对接。", []),
        ("绵阳市", 2017, "加强与金融监管总局对接，落实银保监会要求。", ["金融监管总局", "银保监会"]),
        ("长沙市", 2017, "争取国家批准设立跨境电子商务综合试验区。", []),
        ("长沙市", 2017, "2018年长沙获批国家跨境电子商务综合试验区。", ["跨境电子商务综合试验区"]),
        ("绵阳市", 2017, "长沙获批跨境电子商务综合试验区后，竞争加剧。", ["跨境电子商务综合试验区"]),
        ("襄阳市", 2017, "依托跨境电子商务综合试验区建设监管中心。", []),
        ("绵阳市", 2017, "【待补充：“十二五”期末电子商务交易额，亿元；市税务局】", []),
    ],
)  # fmt: skip
def test_wordings(city: str, year: int, text: str, wrong: list[str]) -> None:
    assert excerpts(city, year, text) == wrong


def test_a_finding_is_a_warning_that_names_the_source_and_the_remedy() -> None:
    [finding] = found("由市国税局落实税收优惠。", sheet("绵阳市", 2020), section="6.1")
    assert (finding.check, finding.severity, finding.section) == (CheckName.ERA, Severity.WARNING, "6.1")
    assert (finding.start, finding.end, finding.excerpt) == (2, 5, "国税局")
    assert "改为税务局" in finding.message
    assert "《国税地税征管体制改革方案》" in finding.message
    assert found("由市国税局落实税收优惠。", sheet("绵阳市", 2020))[0].section is None


def test_a_body_that_the_facts_name_is_right() -> None:
    text = "市市场监督管理局牵头建设信用平台。"
    assert excerpts("深圳市", 2017, text) == ["市场监督管理局"]
    fact = {"id": "msa", "name": "深圳市市场监督管理局", "text": "负责网络交易监管", "kind": "organisation"}
    assert found(text, sheet("深圳市", 2017, [fact])) == []


@pytest.mark.parametrize("city", exemplar_ids())
def test_the_exemplars_fit_their_own_year_and_not_2017(city: str) -> None:
    data = (files("evals") / "datasets" / f"{city}.json").read_text(encoding="utf-8")
    text = load_exemplar(city).text
    assert found(text, FactSheet.model_validate(loads(data))) == []
    assert excerpts("绵阳市", 2017, text) == ["“十二五”"]


def test_neither_the_outline_nor_an_invented_city_s_facts_are_out_of_their_time() -> None:
    for section in load_outline("city-2017").sections:
        assert excerpts("绵阳市", 2017, section.guidance) == [], section.id
    of = FactSheet.model_validate(loads((files("evals") / "datasets" / "wanghai.json").read_text(encoding="utf-8")))
    bare = of.model_copy(update={"facts": ()})
    for fact in of.facts:
        assert found(f"{fact.name}：{fact.text or fact.title or ''}。", bare) == [], fact.id


def test_the_plan_s_period_counts_as_well_as_its_year() -> None:
    text = "“十三五”期末，电子商务交易额达到900亿元。"
    early = sheet("绵阳市", 2015).model_copy(update={"period": (2016, 2020)})
    assert found(text, early) == []
    assert [f.excerpt for f in found(text, sheet("绵阳市", 2011))] == ["“十三五”"]
    assert [f.excerpt for f in found(text, sheet("绵阳市", 2022))] == ["“十三五”"]


def test_every_row_has_its_source_and_years_in_order() -> None:
    table = era_table()
    assert era_table() is table
    sources = [p.source for p in table.periods] + [b.source for b in table.bodies] + [e.source for e in table.events]
    sources += [batch.source for approval in table.approvals for batch in approval.batches]
    assert all(re.search(r"《|〔|令|大会", source) for source in sources)
    assert all(p.last - p.first == 4 for p in table.periods)
    assert all(b.since or b.until for b in table.bodies)
    assert len(table.body_of) == sum(len(b.names) for b in table.bodies)
    for approval in table.approvals:
        assert len(approval.years) == sum(len(b.cities) for b in approval.batches)


@pytest.mark.parametrize("text", ["periods: [", "periods: []", "[]"])
def test_a_damaged_table_is_refused(text: str) -> None:
    with pytest.raises(PackageDataError, match=r"era\.yaml 损坏"):
        parse_era_table(text)


@given(
    st.text(
        alphabet="“”十二三四五期末间以来，。将已到2017年市国税局工商文化和旅游跨境电商综试区获批《》【】", max_size=80
    ),
    st.integers(2005, 2030),
)
def test_any_text_gives_findings_inside_it(text: str, year: int) -> None:
    findings = found(text, sheet("东莞市", year))
    assert all(f.excerpt == text[f.start : f.end] and f.start < f.end for f in findings)
    assert [f.start for f in findings] == sorted(f.start for f in findings)
