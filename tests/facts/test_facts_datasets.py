"""The shipped fact sheets: every figure is coherent with the others, every invented datum says that it is invented."""

from decimal import Decimal
from importlib.resources import files

import pytest

from schemas.facts import Fact, FactSheet, Kind
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline
from service.text.documents import document_numbers, titles

NAMES = ("wanghai", "wanghai-base", "ningbo", "chengdu", "chongqing", "harbin")


def load(name: str) -> FactSheet:
    return read_sheet((files("evals") / "datasets" / f"{name}.json").read_bytes(), outline=load_outline)


WANGHAI = load("wanghai")
FACTS = {f.id: f for f in WANGHAI.facts}


def value(name: str) -> Decimal:
    number = FACTS[name].value
    assert isinstance(number, Decimal)
    return number


def growth(now: str, before: str) -> Decimal:
    return (value(now) / value(before) - 1) * 100


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_sheet_is_accepted_as_it_is(name: str) -> None:
    assert load(name).facts
    assert all(f.name and f.source for f in load(name).facts)


def test_the_complete_sheet_has_every_indicator_and_several_years() -> None:
    assert {i.id for i in load_outline("city-2017").indicators} <= {f.indicator for f in WANGHAI.facts}
    assert 90 <= len(WANGHAI.facts) <= 130
    assert {2014, 2015, 2016, 2021} <= {f.year for f in WANGHAI.facts}


def test_the_examples_of_the_contract_are_in_it() -> None:
    gdp, bases, province, policy = (FACTS[i] for i in ("gdp-2016", "bases-2021", "prov-growth", "policy-1"))
    assert (gdp.value, gdp.unit, gdp.year, gdp.growth) == (Decimal("1105.04"), "亿元", 2016, Decimal("7.8"))
    assert (bases.value, bases.year, bases.kind) == ((Decimal(2), Decimal(3)), 2021, Kind.TARGET)
    assert (province.growth, province.subject, province.kind) == (Decimal("31.2"), "云岭省", Kind.BENCHMARK)
    assert (policy.title, policy.doc_number) == ("望海市促进电子商务发展的若干意见", "望政发〔2015〕8号")


@pytest.mark.parametrize("name", ["wanghai", "wanghai-base"])
def test_invented_data_say_so(name: str) -> None:
    contract = {"gdp-2016"}
    assert all(str(f.source).startswith("虚构数据，仅供演示") for f in load(name).facts if f.id not in contract)


def test_industries_add_up_to_the_whole_and_their_shares_to_a_hundred() -> None:
    parts = ("primary-2016", "secondary-2016", "tertiary-2016")
    assert sum(value(p) for p in parts) == value("gdp-2016")
    assert sum(FACTS[p].share or 0 for p in parts) == 100
    for part in parts:
        assert round(value(part) / value("gdp-2016") * 100, 1) == FACTS[part].share
    zero = Decimal(0)
    weighted = sum(((FACTS[p].growth or zero) * (FACTS[p].share or zero) / 100 for p in parts), zero)
    assert abs(weighted - (FACTS["gdp-2016"].growth or zero)) < Decimal("0.1")


@pytest.mark.parametrize(
    ("now", "before"),
    [("retail-2016", "retail-2015"), ("turnover-2016", "turnover-2015"), ("turnover-2015", "turnover-2014")],
)
def test_nominal_growth_is_that_of_the_values(now: str, before: str) -> None:
    assert round(growth(now, before), 1) == FACTS[now].growth


def test_e_commerce_adds_up_and_its_targets_follow() -> None:
    assert value("domestic-2016") + value("cross-border-2016") == value("turnover-2016")
    share = value("online-retail-2016") / value("retail-2016") * 100
    assert round(share, 1) == FACTS["online-retail-share-2016"].share
    rate = 1 + value("turnover-growth-2021") / 100
    assert (
        value("turnover-2016") * rate**5
        <= value("turnover-2021")
        < value("turnover-2016") * (rate + Decimal("0.02")) ** 5
    )
    assert value("turnover-growth-2021") > (FACTS["prov-growth"].growth or 0)


def test_projects_and_money_add_up() -> None:
    projects = [f for f in WANGHAI.facts if f.kind is Kind.PROJECT]
    assert len(projects) == 10
    assert "共10个重点工程" in str(FACTS["project-total"].text)
    assert sum(f.value for f in projects if isinstance(f.value, Decimal)) == value("project-total")
    assert value("fund") * 5 == value("fund-total") * 10_000


def test_the_announced_number_of_rules_is_the_number_listed() -> None:
    rules = FACTS["rules-2021"]
    assert rules.value == len(list(titles(rules.text or "")))


@pytest.mark.parametrize("name", NAMES)
def test_document_numbers_are_well_formed_and_not_from_the_future(name: str) -> None:
    sheet = load(name)
    for fact in sheet.facts:
        for number in document_numbers("\n".join(p for p in (fact.name, fact.text, fact.doc_number) if p)):
            assert number.text == number.standard
            assert number.year <= sheet.plan_year
            assert fact.kind is not Kind.POLICY or number.year == fact.year


def test_texts_are_clauses_that_can_be_set_into_a_sentence() -> None:
    for name in ("wanghai", "wanghai-base"):
        for fact in load(name).facts:
            text = fact.text or ""
            assert not text.endswith(("。", "；", "，")), fact.id
            assert not set(text) & set(",;:()[]\"'"), fact.id


def test_the_base_adds_up() -> None:
    facts = {f.id: f for f in load("wanghai-base").facts}

    def number(fact: Fact) -> Decimal:
        assert isinstance(fact.value, Decimal)
        return fact.value

    made = number(facts["enterprises-2021"]) * number(facts["output-2021"])
    assert made == number(facts["revenue-2021"]) * 10_000
    assert "58家" in str(facts["tenants-2016"].text)
    assert number(facts["tenants-2016"]) == 58 + 188


def test_ningbo_holds_what_is_sourced_and_nothing_from_memory() -> None:
    sheet = load("ningbo")
    assert not any("memory" in str(f.source) or "未核实" in str(f.source) for f in sheet.facts)
    facts = {f.id: f for f in sheet.facts}
    parts = [facts[f"{p}-2015"] for p in ("primary", "secondary", "tertiary")]
    assert sum(f.value for f in parts if isinstance(f.value, Decimal)) == facts["gdp-2015"].value
    assert sum(f.share or 0 for f in parts) == 100
