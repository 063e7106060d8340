"""The template as a spreadsheet program sees it, and read back as the fact sheet it was filled with."""

from importlib.resources import files

import pytest

from schemas.facts import FactSheet
from service.export.facts_template import facts_template
from service.facts.intake import read_sheet
from service.facts.spreadsheet import read_spreadsheet
from service.prompt.outlines import load_outline

CASES = ("chongqing", "harbin", "chengdu", "wanghai", "ningbo", "wanghai-base")


def known(case: str) -> FactSheet:
    return read_sheet((files("evals") / "datasets" / f"{case}.json").read_bytes(), outline=load_outline)


@pytest.mark.parametrize("case", CASES)
def test_a_prefilled_template_reads_back_as_the_same_sheet(case: str) -> None:
    sheet = known(case)
    assert read_spreadsheet(facts_template(load_outline(sheet.outline), sheet), outline=load_outline) == sheet
