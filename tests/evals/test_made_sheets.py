"""Sheets that are made by rule: the files are what the rule makes, and the invented statistics add up."""

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from evals.made_sheets import DISTRICTS, MADE, written
from schemas.facts import Fact, FactSheet, Kind
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline

DATASETS = Path(__file__).parents[2] / "evals" / "datasets"


def load(name: str) -> FactSheet:
    return read_sheet((DATASETS / f"{name}.json").read_bytes(), outline=load_outline)


def number(fact: Fact) -> Decimal:
    assert isinstance(fact.value, Decimal)
    return fact.value


@pytest.mark.parametrize("name", sorted(MADE))
def test_the_file_is_what_the_rule_makes(name: str) -> None:
    text = (DATASETS / f"{name}.json").read_text(encoding="utf-8")
    assert text == written(MADE[name]())
    assert json.loads(text) == MADE[name]()


def test_the_large_sheet_has_three_hundred_facts_that_add_up() -> None:
    facts = load("large").facts
    assert len(facts) == 300
    cities = {f.id: f for f in facts if f.subject is None}
    parts: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.subject in DISTRICTS:
            series, _, year = fact.id.split("-")
            parts[f"{series}-{year}"].append(fact)
    assert len(parts) == 21
    for whole, districts in parts.items():
        assert len(districts) == len(DISTRICTS)
        assert sum(map(number, districts)) == number(cities[whole])


def test_growth_in_the_large_sheet_is_that_of_the_values() -> None:
    facts = {f.id: f for f in load("large").facts}
    grown = [f for f in facts.values() if f.growth is not None and f.value is not None]
    assert len(grown) == 2 * 7 * 13
    for fact in grown:
        series, year = fact.id.rsplit("-", 1)
        before = number(facts[f"{series}-{int(year) - 1}"])
        assert fact.growth is not None
        assert abs((number(fact) / before - 1) * 100 - fact.growth) <= Decimal("0.05")


def test_without_targets_all_else_is_as_it_was() -> None:
    rest, whole = load("no-targets"), load("wanghai")
    assert not [f for f in rest.facts if f.kind is Kind.TARGET]
    assert rest.facts == tuple(f for f in whole.facts if f.kind is not Kind.TARGET)


@pytest.mark.parametrize("name", ["large", "hostile", "langang-gaps", "base-gaps"])
def test_invented_data_say_so(name: str) -> None:
    assert all(str(f.source).startswith("虚构数据，仅供演示") for f in load(name).facts)
