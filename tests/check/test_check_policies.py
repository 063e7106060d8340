"""Titles and document numbers: labelled cases, and what the verdicts say to the drafter."""

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import FactSheet
from schemas.finding import Finding, Severity
from service.check.case import Case
from service.check.policies import check_policies
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.prompt.exemplars import load_exemplar
from service.prompt.outlines import load_outline
from tests.doubles.cost import growth

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (files("evals") / "datasets" / "checks" / "policies-own.jsonl").read_text("utf-8").splitlines()
]
FACTS = (
    {"id": "p1", "kind": "policy", "title": "望海市促进电子商务发展的若干意见", "doc_number": "望政发〔2015〕8号"},
    {"id": "p2", "kind": "policy", "title": "望海市农村电子商务发展实施方案", "doc_number": "望政办发〔2015〕61号"},
    {"id": "d1", "kind": "policy", "title": "望海市电子商务促进办法", "text": "拟于2018年制定"},
)


def found(
    text: str | dict[str, str], facts: object = FACTS, subject: str = "望海市", year: int = 2017
) -> list[Finding]:
    sheet = FactSheet.model_validate(
        {"outline": "city-2017", "subject": {"name": subject}, "plan_year": year, "facts": facts}
    )
    outline = load_outline("city-2017")
    texts = {"": text} if isinstance(text, str) else text
    return list(check_policies(Case(texts, outline, Ledger(sheet, outline))))


def verdicts(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return sorted((f.excerpt, f.verdict) for f in findings)


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_labelled_cases(case: dict[str, Any]) -> None:
    findings = found(case.get("sections") or case["text"], case["facts"], case["subject"]["name"], case["plan_year"])
    assert verdicts(findings) == sorted((excerpt, verdict) for excerpt, verdict in case["bad"])


def test_half_of_the_cases_are_clean_and_half_are_held_out() -> None:
    clean = sum(not c["bad"] for c in CASES)
    assert len(CASES) >= 40
    assert 0.4 <= clean / len(CASES) <= 0.6
    assert sum(c["half"] == "held" for c in CASES) * 2 == len(CASES)


def test_the_message_says_the_right_number_and_the_nearest_fact() -> None:
    text = "落实《望海市促进电子商务发展的若干意见》（望政发〔2016〕8号）。"
    (wrong,) = found(text)
    assert wrong.verdict == "right_title_wrong_number"
    assert "望政发〔2015〕8号" in wrong.message
    assert wrong.nearest == "p1"
    assert text[wrong.start : wrong.end] == wrong.excerpt == "望政发〔2016〕8号"


def test_a_near_title_is_offered() -> None:
    (wrong,) = found("根据《望海市农村电子商务发展工作方案》开展工作。")
    assert (wrong.verdict, wrong.nearest) == ("invented_title", "p2")
    assert "《望海市农村电子商务发展实施方案》" in wrong.message


@pytest.mark.parametrize(
    "title",
    ["中华人民共和国消费者权益保护法", "国务院关于深化流通体制改革的意见", "商务部等十九部门关于促进进口的指导意见",
     "云岭省人民政府关于发展跨境贸易的实施意见", "国家税务总局关于发票管理的公告"],
)  # fmt: skip
def test_a_document_that_no_city_makes_is_to_be_added_or_deleted(title: str) -> None:
    (wrong,) = found(f"认真执行《{title}》。")
    assert wrong.message == f"事实表和编制要点中没有《{title}》，请在事实表中补充该文件，或删去"


@pytest.mark.parametrize("title", ["望海市快递车辆通行规定", "全域数字商务奖励办法", "教育部门网络采购规定"])
def test_a_document_of_its_own_may_be_proposed(title: str) -> None:
    (wrong,) = found(f"认真执行《{title}》。")
    assert wrong.message.endswith("；拟制定的文件请写明“研究制定”")


def test_form_is_a_warning_and_says_the_right_form() -> None:
    (form,) = found("执行望政发[2015] 8号文件。")
    assert form.severity is Severity.WARNING
    assert "望政发〔2015〕8号" in form.message


@pytest.mark.parametrize(
    "mark", ["【待补充：《××办法》及文号】", "【建议值：《望海市数据条例》（望政发〔2099〕1号），待确认】"]
)
def test_placeholders_name_nothing(mark: str) -> None:
    assert found(f"已出台的政策有{mark}。") == []


def test_a_draft_of_the_facts_may_not_be_told_as_issued() -> None:
    assert found("推动出台《望海市电子商务促进办法》。") == []
    (told,) = found("我市已出台《望海市电子商务促进办法》。")
    assert (told.verdict, told.nearest) == ("not_yet_issued", "d1")


def test_offsets_belong_to_their_section() -> None:
    (wrong,) = found(
        {"3.2": "出台《望海市促进电子商务发展的若干意见》。", "6.2": "按照望财企〔2016〕99号文件安排资金。"}
    )
    assert (wrong.section, wrong.verdict) == ("6.2", "invented_number")


@pytest.mark.parametrize("city", ["chengdu", "chongqing", "harbin"])
def test_an_approved_plan_names_only_its_own_documents(city: str) -> None:
    sheet = read_sheet((files("evals") / "datasets" / f"{city}.json").read_bytes(), outline=load_outline)
    outline = load_outline(sheet.outline)
    assert list(check_policies(Case({"": load_exemplar(city).text}, outline, Ledger(sheet, outline)))) == []


@given(
    st.text(
        alphabet="《》〈〉（）()〔〕[]【】第号0123456789望政发国办关于印发的通知意见办法根据研究制定已，。；\n ",
        max_size=200,
    )
)
def test_any_text_is_read_and_every_finding_points_at_its_excerpt(text: str) -> None:
    findings = found(text)
    assert all(text[f.start : f.end] == f.excerpt and f.excerpt for f in findings)
    assert findings == found(text)


def test_the_cost_grows_with_the_text_only() -> None:
    sentence = "按照《望海市促进电子商务发展的若干意见》（望政发〔2015〕8号）要求，完善城市物流配送体系，提高配送效率。"
    assert found(sentence * 100) == []
    assert growth(lambda times: found(sentence * times), 20, 200) < 12


def test_a_number_that_a_measure_is_based_on_is_known_and_a_title_made_up_for_it_is_not() -> None:
    facts = [{"id": "m", "kind": "measure", "name": "专项资金", "text": "按照望政发〔2016〕8号要求每年安排专项资金"}]
    assert found("按照望政发〔2016〕8号要求安排资金。", facts) == []
    (wrong,) = found("按照《关于加快电子商务发展的意见》（望政发〔2016〕8号）安排资金。", facts)
    assert (wrong.verdict, wrong.excerpt) == ("right_number_wrong_title", "《关于加快电子商务发展的意见》")
    assert "事实表只有文号“望政发〔2016〕8号”" in wrong.message


@pytest.mark.parametrize("said", ["据称国家已在{}文件中批复，请直接引用", "{}文件有待核实"])
def test_a_number_that_a_fact_knows_from_hearsay_is_no_document_of_the_sheet(said: str) -> None:
    number = "发改高技〔2016〕8888号"
    facts = [{"id": "o", "kind": "other", "name": "发展改革文件", "text": said.format(number)}]
    assert verdicts(found(f"落实{number}文件。", facts)) == [(number, "invented_number")]
