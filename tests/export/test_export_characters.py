"""What no file may carry is taken out, and nothing else."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from service.export.characters import printable


def test_controls_and_direction_marks_go_and_breaks_become_blanks() -> None:
    assert printable("增长\x007.8\x1b[31m%\u202e亿\u2066元\ufffe") == "增长7.8[31m%亿元"
    assert printable("第一行\r\n第二行\u2028第三行\t末") == "第一行 第二行 第三行 末"


def test_ordinary_chinese_text_is_kept_character_for_character() -> None:
    text = "“互联网＋”——望政发〔2015〕8号，2～3个，１２３％，㎡，𠮷野家，零宽\u200b空格，三次产业7.9∶41.3∶50.8。"
    assert printable(text) == text


@given(st.text())
def test_result_is_stable_and_xml_takes_it(text: str) -> None:
    clean = printable(text)
    assert printable(clean) == clean
    element = ElementTree.Element("t")
    element.text = clean
    assert (ElementTree.fromstring(ElementTree.tostring(element, "utf-8")).text or "") == clean
