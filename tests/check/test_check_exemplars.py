"""Each exemplar against its own fact sheet: no false alarm; against another city's: every figure is flagged."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.exemplar import Exemplar
from service.check.case import BARE, Case
from service.check.numbers import Examination, examine
from service.check.policies import check_policies
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.prompt.exemplars import load_exemplar
from service.prompt.outlines import load_outline

DATASETS = Path(__file__).parents[2] / "evals" / "datasets"
CITIES = ("chongqing", "harbin", "chengdu")


def case(exemplar: Exemplar, sheet: str) -> Case:
    outline = load_outline("city-2017")
    facts = read_sheet((DATASETS / f"{sheet}.json").read_bytes(), outline=load_outline)
    return Case({BARE: exemplar.text}, outline, Ledger(facts, outline))


def examined(city: str, sheet: str) -> Examination:
    return examine(case(load_exemplar(city), sheet))


@pytest.mark.parametrize("city", CITIES)
def test_a_plan_agrees_with_its_own_sheet(city: str) -> None:
    examination = examined(city, city)
    assert not examination.findings
    assert examination.supports
    assert not [f for f in check_policies(case(load_exemplar(city), city)) if f.severity == "error"]


@pytest.mark.parametrize(("city", "sheet"), [(c, s) for c in CITIES for s in CITIES if c != s])
def test_every_figure_is_flagged_against_another_citys_sheet(city: str, sheet: str) -> None:
    # Loose counts in characters (两个市场, 三年内) are passed over where the sheet counts nothing of the kind.
    figures = {s.excerpt for s in examined(city, city).supports if any(c.isdigit() for c in s.excerpt)}
    examination = examined(city, sheet)
    assert not examination.supports
    assert figures <= {f.excerpt for f in examination.findings}
