"""Document numbers and titles as official prose names them."""

from __future__ import annotations

import pytest

from service.text.documents import document_numbers
from tests.doubles.hang import hung


@pytest.mark.parametrize(
    ("text", "standard", "printed"),
    [
        ("依据商办电函〔2014〕12号", "商办电函〔2014〕12号", "商办电函〔2014〕12号"),
        ("落实国发 〔2015〕 24 号精神", "国发〔2015〕24号", "国发 〔2015〕 24 号"),
        ("（发改高技[2011]第463号）", "发改高技〔2011〕463号", "发改高技[2011]第463号"),
        ("文件   〔2011〕436号", "文件〔2011〕436号", "文件   〔2011〕436号"),
        ("，   〔2011〕436号", "〔2011〕436号", "〔2011〕436号"),
    ],
)
def test_a_number_is_read_however_it_is_bracketed_and_spaced(text: str, standard: str, printed: str) -> None:
    (found,) = document_numbers(text)
    assert found.standard == standard
    assert found.text == printed == text[found.start : found.end]


@pytest.mark.parametrize("blank", [" ", "　"])
def test_a_run_of_blanks_is_not_read_again_from_each_of_its_places(blank: str) -> None:
    assert hung("service.text.documents", "document_numbers", ["建设" + blank * 300_000], patience=60) is None
