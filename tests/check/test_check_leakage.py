"""Nothing of an exemplar but its register passes; what the outline, the facts or the subject's own plan say is no leak."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.exemplar import Exemplar
from schemas.facts import FactSheet
from schemas.finding import CheckName, Finding, Severity
from schemas.outline import Chapter, Outline, Section
from service.check.case import BARE, Case
from service.check.leakage import check_leakage
from service.facts.ledger import Ledger
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.mask import mask
from service.prompt.outlines import load_outline, outline_ids
from service.strict_json import loads
from tests.doubles.cost import growth

EXEMPLARS = tuple(load_exemplar(i) for i in exemplar_ids())
GUIDANCE = (
    "鼓励建设完善农村、社区、学校、机关的物流配送点，解决城市配送的“最后一公里”问题，逐步形成适应电子商务发展需求的城市物流配送体系。",
    "推动金融 IC 卡在公共服务领域的一卡多应用，重点发展移动支付、跨境支付和多种支付手段集成等城市电子支付的创新应用。",
    "支持大型骨干企业利用电子商务增强与产业链上下游企业的协同运作能力，提升供应链管理水平。",
    "积极引导中小企业利用第三方电子商务服务平台拓展国内外市场，鼓励电子商务“走出去”。",
)
OUTLINE = Outline(
    id="city-2017",
    title="国家电子商务示范城市创建工作方案编制要点",
    document_title="{subject}创建国家电子商务示范城市工作方案",
    subject_word="市",
    source="节选",
    chapters=(
        Chapter(
            id="5",
            number="五、",
            title="创建工作主要任务",
            sections=tuple(
                Section(id=f"5.{n}", number=f"{n}.", title="任务", guidance=text, target_length=300)
                for n, text in enumerate(GUIDANCE, start=1)
            ),
        ),
    ),
)


def labelled() -> list[dict[str, object]]:
    lines = (files("evals") / "datasets" / "checks" / "leakage-own.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines]


def sheet(subject: Mapping[str, object], facts: Sequence[object] = (), year: int = 2017) -> FactSheet:
    data = {"outline": "city-2017", "subject": subject, "plan_year": year, "facts": facts}
    return FactSheet.model_validate(data)


def found(text: str, of: FactSheet, exemplars: tuple[Exemplar, ...] = EXEMPLARS, section: str = BARE) -> list[Finding]:
    case = Case(texts={section: text}, outline=OUTLINE, ledger=Ledger(of, OUTLINE), exemplars=exemplars)
    findings = list(check_leakage(case))
    assert findings == list(check_leakage(case))
    return findings


MIANYANG = sheet({"name": "绵阳市", "province": "四川省"})


def test_the_labelled_set_is_large_and_balanced() -> None:
    cases = labelled()
    assert len(cases) >= 70
    clean = sum(not case["bad"] for case in cases)
    assert 0.4 < clean / len(cases) < 0.6
    assert {case["half"] for case in cases} == {"dev", "held"}


@pytest.mark.parametrize("case", labelled(), ids=lambda c: f"{c['id']}-{c['category']}")
def test_labelled(case: Mapping[str, object]) -> None:
    text, bad = case["text"], case["bad"]
    assert isinstance(text, str)
    assert isinstance(bad, list)
    of = FactSheet.model_validate({"outline": "city-2017", **{k: case[k] for k in ("subject", "plan_year", "facts")}})
    findings = found(text, of)
    spans = [(text.index(b), text.index(b) + len(b)) for b in bad]
    missed = [b for b, (s, e) in zip(bad, spans, strict=True) if not any(f.start < e and s < f.end for f in findings)]
    extra = [f.excerpt for f in findings if not any(f.start < e and s < f.end for s, e in spans)]
    assert (missed, extra) == ([], [])


def test_a_finding_says_what_where_and_whose() -> None:
    text = "加快建设。实施“宽带绵阳”工程，推进光纤到户。"
    [finding] = found(text, MIANYANG, section="5.3.1")
    assert (finding.check, finding.severity, finding.exemplar) == (CheckName.LEAKAGE, Severity.ERROR, "chongqing")
    assert finding.section == "5.3.1"
    assert finding.excerpt == text[finding.start : finding.end] == "宽带绵阳"
    assert "换了地名" in finding.message
    assert "重庆市" in finding.message
    [bare] = found(text, MIANYANG)
    assert bare.section is None


@pytest.mark.parametrize("city", exemplar_ids())
def test_a_city_s_own_plan_is_no_leak(city: str) -> None:
    text = (files("evals") / "datasets" / f"{city}.json").read_text(encoding="utf-8")
    assert found(load_exemplar(city).text, FactSheet.model_validate(loads(text))) == []


@pytest.mark.parametrize("city", exemplar_ids())
def test_any_passage_is_a_leak_elsewhere_masked_or_not(city: str) -> None:
    exemplar = load_exemplar(city)
    for passage in exemplar.passages:
        for text in (passage.text, passage.text.replace(exemplar.city.removesuffix("市"), "绵阳")):
            findings = found(text, MIANYANG)
            assert findings, passage.id
            assert all(f.exemplar in exemplar_ids() for f in findings)
        if len(passage.text) > 40:
            assert found(mask(passage.text, exemplar), MIANYANG), passage.id


@pytest.mark.parametrize("name", ["重庆市", "重庆"])
def test_the_subject_is_known_by_either_name(name: str) -> None:
    text = "实施“宽带重庆”工程，力争在渝企业达到15家。"
    assert found(text, sheet({"name": name})) == []
    assert [f.excerpt for f in found(text + "依托哈药集团。", sheet({"name": name}))] == ["哈药集团"]


@pytest.mark.parametrize("outline_id", outline_ids())
def test_no_outline_leaks_by_its_own_wording(outline_id: str) -> None:
    outline = load_outline(outline_id)
    texts = {s.id: f"{s.title}\n{s.guidance}" for s in outline.sections}
    case = Case(texts=texts, outline=outline, ledger=Ledger(MIANYANG, outline), exemplars=EXEMPLARS)
    assert list(check_leakage(case)) == []


def test_an_invented_city_s_own_facts_are_no_leak() -> None:
    of = FactSheet.model_validate(loads((files("evals") / "datasets" / "wanghai.json").read_text(encoding="utf-8")))
    for fact in of.facts:
        words = "，".join(part for part in (fact.name, fact.text, fact.title) if part)
        value = f"{fact.value}{fact.unit}" if fact.unit and not isinstance(fact.value, tuple | None) else ""
        assert found(f"{words}{value}。", of) == [], fact.id


def test_without_exemplars_nothing_is_a_leak() -> None:
    assert found("实施“宽带绵阳”工程，力争在渝企业达到15家。", MIANYANG, exemplars=()) == []


def copied(length: int, filler: str = "") -> str:
    source = next(p.text for p in load_exemplar("chongqing").passages if p.id == "3.7")
    return "各县区要" + filler.join(source[:length]) + "并建立台账。"


def test_twenty_consecutive_characters_are_the_limit() -> None:
    assert found(copied(19), MIANYANG) == []
    [finding] = found(copied(20), MIANYANG)
    assert (finding.start, finding.end) == (4, 24)


def test_a_copy_is_recognised_however_it_is_typed() -> None:
    half = copied(30).replace("，", ",").replace("、", "、 ")
    [finding] = found(half, MIANYANG)
    assert finding.excerpt.startswith("充分利用各种媒体")
    without = copied(30).replace("，", "").replace("、", "")
    assert [f.exemplar for f in found(without, MIANYANG)] == ["chongqing"]
    broken = copied(30, "\n")
    assert [f.exemplar for f in found(broken, MIANYANG)] == ["chongqing"]


def test_own_wording_inside_a_run_is_not_counted() -> None:
    run = "由主管副市长任组长，相关部门和单位参加。统筹领导电子商务"
    lead = {"id": "lead", "name": "领导小组", "text": "由主管副市长任组长，相关部门和单位参加", "kind": "organisation"}
    of = sheet({"name": "绵阳市"}, [lead])
    assert found(run, of) == []
    assert found(run, MIANYANG) != []
    assert found(run + "示范城市建设工作，研究决定实施方案", of) != []


def test_a_name_that_the_facts_have_is_free_and_another_is_not() -> None:
    fact = {"id": "port", "name": "重庆无水港", "text": "与重庆港共建绵阳无水港", "kind": "project"}
    of = sheet({"name": "绵阳市"}, [fact])
    assert found("与重庆港共建无水港，辐射川西北。", of) == []
    assert [f.excerpt for f in found("与重庆港共建无水港，力争在渝企业入驻，服务成都市。", of)] == ["在渝", "成都市"]


@pytest.mark.parametrize(
    "text",
    [
        "全市人民隆重庆祝电商节开幕。",
        "建成都市农业电子商务平台，形成都市圈一小时配送网络。",
        "开展对口合作，组团赴哈萨克斯坦、来哈密考察。",
        "支持蓉江新区、芙蓉镇建设电子商务服务站。",
        "面对俄罗斯市场变化，企业及时调整结构。",
        "支持湖北药企开展线上销售。",
    ],
)
def test_words_that_only_look_like_a_name(text: str) -> None:
    assert found(text, MIANYANG) == []


@pytest.mark.parametrize("figure", ["2500亿元", "２５００亿元", "2,500亿元", "0.25万亿元", "两千五百亿元"])
def test_a_figure_is_recognised_however_it_is_written(figure: str) -> None:
    text = f"到2021年，电子商务交易额达到{figure}，年均增长19%。"
    assert [f.excerpt for f in found(text, MIANYANG)] == [figure]
    own = {"id": "v", "name": "电子商务交易额", "value": 2500, "unit": "亿元", "year": 2021, "kind": "target"}
    assert found(text, sheet({"name": "绵阳市"}, [own])) == []


def test_a_common_figure_leaks_only_with_its_noun() -> None:
    assert found("农村网络零售额增长15%，新建服务站80个。", MIANYANG) == []
    assert [f.excerpt for f in found("网上零售占社会消费品零售总额的15%。", MIANYANG)] == ["15%"]
    assert [f.excerpt for f in found("引进国际国内大型知名物流企业80家。", MIANYANG)] == ["80家"]
    assert [f.excerpt for f in found("支持10至15家大型专业市场上网。", MIANYANG)] == ["10至15家"]
    assert [f.excerpt for f in found("引进行业领先IDC企业2-3家，入户户均带宽达到10兆。", MIANYANG)] == ["2-3家", "10兆"]
    assert [f.excerpt for f in found("电子信息产品制造业增加值快速提高，年均增长23%。", MIANYANG)] == ["23%"]
    assert found("全市网络零售额快速提高，年均增长23%。", MIANYANG) == []


def test_marks_inside_a_placeholder_are_the_drafter_s() -> None:
    assert found("【待补充：××园区入驻企业数，家】，促进某市场主体发展。", MIANYANG) == []
    assert [f.excerpt for f in found("引进N家企业，某市财政安排××资金。", MIANYANG)] == ["N家", "某市", "××"]


def test_the_cost_grows_with_the_text_only() -> None:
    piece = "".join(GUIDANCE) + EXEMPLARS[0].passages[2].text + "全市电子商务交易额稳步增长，支撑体系日益完善。" * 4
    of = FactSheet.model_validate(loads((files("evals") / "datasets" / "harbin.json").read_text(encoding="utf-8")))
    assert growth(lambda times: found(piece * times, of), 4, 40) < 12


@given(st.text(alphabet="重庆渝在成都蓉哈尔滨市宽带2500亿元%～.《》“”×N某，。电子商务工程\n ", max_size=80))
def test_any_text_gives_findings_inside_it(text: str) -> None:
    last = -1
    for finding in found(text, MIANYANG):
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.excerpt == text[finding.start : finding.end]
        assert finding.start > last
        last = finding.start
