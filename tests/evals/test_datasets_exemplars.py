"""The exemplar cities' fact sheets hold every figure, name and title that their plans state, and nothing else."""

import re
from decimal import Decimal
from importlib.resources import files

import pytest

from schemas.facts import Bound, Fact, FactSheet, Kind
from service.facts.intake import read_sheet
from service.prompt.exemplars import load_exemplar
from service.prompt.outlines import load_outline

CITIES = ("chengdu", "chongqing", "harbin")
SCALE = {"万": 4, "亿": 8}
_FIGURE = re.compile(r"(\d+)(?:～(\d+))?(万|亿)?(美元|平方米|Gbps|[%元户个家人台条M])")

Figure = tuple[tuple[Decimal, ...], str]


def sheet(city: str) -> FactSheet:
    return read_sheet((files("evals") / "datasets" / f"{city}.json").read_text(encoding="utf-8"), outline=load_outline)


def figures(text: str) -> set[Figure]:
    """({value} or {low, high} in the base unit, base unit) of each figure with Arabic digits and a unit."""
    found = set()
    for low, high, magnitude, unit in _FIGURE.findall(text):
        factor = 10 ** SCALE.get(magnitude, 0)
        found.add((tuple(Decimal(n) * factor for n in (low, high) if n), unit))
    return found


def known(fact: Fact) -> set[Figure]:
    found = figures(fact.text or "")
    for percent in (fact.growth, fact.share):
        if percent is not None:
            found.add(((percent,), "%"))
    if fact.value is not None and fact.unit is not None:
        magnitude = next((m for m in SCALE if fact.unit.startswith(m)), "")
        numbers = fact.value if isinstance(fact.value, tuple) else (fact.value,)
        found.add((tuple(n * 10 ** SCALE.get(magnitude, 0) for n in numbers), fact.unit.removeprefix(magnitude)))
    return found


@pytest.mark.parametrize("city", CITIES)
def test_every_figure_of_the_plan_is_a_fact_and_every_fact_a_figure_of_the_plan(city: str) -> None:
    stated = figures(load_exemplar(city).text)
    sheets = {f.id: known(f) for f in sheet(city).facts}
    assert stated - set().union(*sheets.values()) == set()
    spelt = {"百人以上": ((Decimal(100),), "人"), "百次以上": ((Decimal(100),), "次"), "三年内": ((Decimal(3),), "年")}
    spelt["营业额过亿"] = ((Decimal(10**8),), "元")
    said = {figure for words, figure in spelt.items() if words in load_exemplar(city).text}
    assert {i: found - stated - said for i, found in sheets.items() if found - stated - said} == {}


@pytest.mark.parametrize("city", CITIES)
def test_every_title_and_quoted_name_of_the_plan_is_in_the_sheet(city: str) -> None:
    text = load_exemplar(city).text
    facts = "\n".join(part for f in sheet(city).facts for part in (f.name, f.text, f.title) if part)
    titles = {f.title for f in sheet(city).facts if f.kind is Kind.POLICY}
    assert set(re.findall(r"《([^》]+)》", text)) <= titles
    quoted = {name for name in re.findall(r"“([^”]+)”", text) if not name.startswith("十二")}
    assert {name for name in quoted if name not in facts} == set()
    own = [n for n in load_exemplar(city).local_names if n in text and n not in facts]
    assert own == []


@pytest.mark.parametrize("city", CITIES)
def test_bounds_are_those_of_the_plan(city: str) -> None:
    at_least = {
        "chongqing": {"mobile-users", "volume-share", "fund"},
        "harbin": {"info-growth", "fund"},
        "chengdu": {
            "volume", "large-logistics-turnover", "graduates", "trained", "training-times", "training-size", "managers",
        },
    }  # fmt: skip
    assert {f.id for f in sheet(city).facts if f.bound is not Bound.EXACT} == at_least[city]


@pytest.mark.parametrize("city", CITIES)
def test_the_sheet_is_of_its_plan(city: str) -> None:
    data = sheet(city)
    assert data.subject.name == load_exemplar(city).city
    assert (data.plan_year, data.period) == (2011, (2011, 2015))
    assert len({f.id for f in data.facts}) == len(data.facts)
    assert {f.source for f in data.facts} == {f"《{load_exemplar(city).title}》"}
    assert {f.year for f in data.facts} <= {None, 2015}
    assert all(f.kind is Kind.TARGET for f in data.facts if f.year == 2015)
    proposed = [f for f in data.facts if f.kind is Kind.POLICY]
    assert all(f.doc_number is None and f.text and f.text.startswith("拟") for f in proposed)


@pytest.mark.parametrize("city", CITIES)
def test_indicators_are_of_the_outline_and_of_the_fact_s_sort(city: str) -> None:
    catalogue = load_outline("city-2017").indicators_by_id
    tied = [f for f in sheet(city).facts if f.indicator]
    assert len(tied) >= 14
    for fact in tied:
        assert fact.indicator is not None
        indicator = catalogue[fact.indicator]
        assert (indicator.kind is Kind.TARGET) == (fact.kind is Kind.TARGET), fact.id
        assert (indicator.dimension == "text") == (fact.value is None), fact.id
