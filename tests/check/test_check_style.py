"""Form that normalising cannot mend is told; official text is let be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import FactSheet
from schemas.finding import Finding, Severity
from service.check.case import BARE, Case
from service.check.style import check_style
from service.facts.ledger import Ledger
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline
from service.text.punctuation import normalise
from tests.doubles.cost import growth

OUTLINE = load_outline("city-2017")
SHEET = FactSheet.model_validate({"outline": "city-2017", "subject": {"name": "望海市"}, "plan_year": 2017})

OFFICIAL = [
    "2016年，全市电子商务交易额680亿元，增长34.5%，高于全省3.3个百分点。",
    "三次产业结构为9.0:47.0:44.0，会议于8:30召开，网址为https://www.gov.cn/a,b(1).htm。",
    "（一）总体目标\n到2021年，建成2～3个示范基地（牵头单位：市商务局）。",
    "1.完善城市电子商务物流配送体系\n制定城市物流配送仓储用地政策。",
    "重点推进以下工程：\n1.智能物流信息平台；\n2.通关综合服务平台。",
    "推进平台建设。（牵头单位：市商务局）",
    "解决城市配送的“最后一公里”问题，落实《望海市促进电子商务发展的若干意见》（望政发〔2015〕8号）。",
    "社会消费品零售总额【待补充：2016年社会消费品零售总额，亿元】，城乡市场平稳。",
    "从业人员达到【建议值：2021年电子商务从业人员12万人，待确认】。",
    "投资9亿～16亿元，比重提高到15%～30%，贷款利率下降0.5个百分点。",
    "人工智能产业加快发展，作为人工智能应用试点城市，我市率先起步。",
    "推进“互联网＋”行动，建设大数据、云计算中心……形成产业生态。",
]

FAULTY = [
    ("**加快发展**电子商务。", "**加快发展**", "Markdown"),
    ("## 总体目标\n建设示范城市。", "## ", "Markdown"),
    ("- 完善物流体系。", "- ", "Markdown"),
    ("推进平台建设（注：投资额待财政局确认）。", "（注：投资额待财政局确认）", "起草者"),
    ("根据您提供的资料，我市电子商务发展较快。", "根据您提供的资料", "起草者"),
    ("此处应补充园区数量。", "此处应补充", "起草者"),
    ("作为AI语言模型，我无法核实该数据。", "作为AI语言模型，我无法核实该数据", "模型自己"),
    ("加快发展。。", "。。", "标点重复"),
    ("物流，，支付协调发展。", "，，", "标点重复"),
    ("支持“走出去”、“引进来”工程。", "”、“", "顿号"),
    ("落实《意见》、《通知》要求。", "》、《", "顿号"),
    ("物流、支付等……协调发展。", "等……", "省略号"),
    ("比重提高到15～30%。", "15～30%", "百分号"),
    ("投资9～16亿元。", "9～16亿", "“万”“亿”"),
    ("投资1千3百万元。", "1千3百万", "阿拉伯数字"),
    ("物流成本下降2倍。", "下降2倍", "倍数"),
    ("电子商务的的发展。", "的的", "衍字"),
    ("建设物流园（含冷链中心。", "（", "后半"),
    ("建设物流园含冷链中心）。", "）", "前半"),
    ("鼓励电子商务“走出去。", "“", "后半"),
    ("全市电子商务交易额达到680亿元，增长34.5%", "%", "句号"),
    ("全市电子商务交易额达到680亿元，", "，", "停在句中"),
    ("建设[物流]园区，完善配套。", "[", "半角"),
]


def found(text: str, section: str = "2.1") -> list[Finding]:
    case = Case(texts={section: text}, outline=OUTLINE, ledger=Ledger(SHEET, OUTLINE))
    findings = list(check_style(case))
    assert all(f.severity is Severity.INFO and f.excerpt == text[f.start : f.end] for f in findings)
    return findings


@pytest.mark.parametrize("text", OFFICIAL)
def test_official_text_is_let_be(text: str) -> None:
    assert [(f.excerpt, f.message) for f in found(text)] == []


@pytest.mark.parametrize(("text", "excerpt", "said"), FAULTY)
def test_faults_are_told_in_their_place(text: str, excerpt: str, said: str) -> None:
    told = [f.excerpt for f in found(text) if said in f.message]
    assert told
    assert told[0] == excerpt


@pytest.mark.parametrize(("text", "excerpt", "said"), FAULTY)
def test_normalising_does_not_mend_them(text: str, excerpt: str, said: str) -> None:
    mended = normalise(text)
    assert [f for f in found(mended) if said in f.message]


@pytest.mark.parametrize("text", ["国际,国内协调发展.", "1、完善体系。", "建成2-3个基地(含园区)。", '鼓励"走出去"。'])
def test_what_normalising_mends_is_not_told(text: str) -> None:
    assert not [f for f in found(text) if "半角" in f.message]
    assert found(normalise(text)) == []


@pytest.mark.parametrize("exemplar_id", exemplar_ids())
def test_approved_plans_raise_next_to_nothing(exemplar_id: str) -> None:
    findings = [f for p in load_exemplar(exemplar_id).passages for f in found(p.text)]
    assert [(f.excerpt, f.message) for f in findings if "范围两端" not in f.message] == []


def test_a_checklist_needs_no_full_stops() -> None:
    base = load_outline("base")
    sheet = SHEET.model_copy(update={"outline": "base"})
    text = "1.上级地方政府关于批准基地建设的相关文件，附批复复印件"
    assert list(check_style(Case(texts={"8": text}, outline=base, ledger=Ledger(sheet, base)))) == []
    assert list(check_style(Case(texts={"7": text}, outline=base, ledger=Ledger(sheet, base)))) != []


def test_a_text_without_a_section() -> None:
    (finding,) = found("加快发展。。", BARE)
    assert finding.section is None


@given(st.text(alphabet="电子商务的了，。、；：（）《》“”【】〔〕*#-[]()0123456789%～千万亿等…\n", max_size=80))
def test_never_raises_and_gives_the_same_again(text: str) -> None:
    findings = found(text)
    assert findings == found(text)
    assert len({(f.start, f.end, f.message) for f in findings}) == len(findings)


def test_the_cost_grows_with_the_text_only() -> None:
    lines = "\n".join(OFFICIAL) + "\n"
    assert growth(lambda times: found(lines * times), 5, 50) < 12
