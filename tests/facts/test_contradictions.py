"""Facts of one sheet that contradict each other."""

from collections.abc import Mapping

from schemas.facts import FactSheet
from service.facts.contradictions import contradictions
from service.facts.ledger import Ledger
from service.prompt.outlines import load_outline


def _ledger(*facts: Mapping[str, object]) -> Ledger:
    sheet = {
        "outline": "city-2017",
        "subject": {"name": "望海市", "province": "云岭省"},
        "plan_year": 2017,
        "facts": [{"id": f"f{n}", "year": 2016, **fact} for n, fact in enumerate(facts, 1)],
    }
    return Ledger(FactSheet.model_validate(sheet), load_outline("city-2017"))


GDP = {"name": "地区生产总值", "value": 1105.04, "unit": "亿元"}


def test_two_values_for_one_datum() -> None:
    assert contradictions(_ledger(GDP, {**GDP, "value": 1120}, {**GDP, "value": 1120})) == (("f1", "f2"), ("f1", "f3"))


def test_whose_and_when_tell_data_apart() -> None:
    others = (
        {**GDP, "value": 1020, "year": 2015},
        {**GDP, "value": 1500, "kind": "target"},
        {**GDP, "value": 24000, "name": "全省地区生产总值"},
        {**GDP, "value": 160, "unit": "亿美元"},
        {**GDP, "value": 99, "subject": "东海省"},
    )
    assert contradictions(_ledger(GDP, GDP, *others)) == ()


def test_the_citys_name_makes_no_difference() -> None:
    assert contradictions(_ledger(GDP, {**GDP, "name": "望海市地区生产总值", "value": 1100})) == (("f1", "f2"),)
