"""字数 against 75 measured strings, and laws that hold for every text."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.counting import count
from tests.doubles.hang import hung

MEASURED = Path(__file__).parents[1] / "data" / "wordcount.csv"
with MEASURED.open(encoding="utf-8-sig", newline="") as file:
    ROWS = {row["id"]: row for row in csv.DictReader(file)}
SHOWN = str.maketrans({"⏎": "\n", "↵": "\v", "⇥": "\t", "⍽": "\u00a0"})

CURLY = "each curly quote is one; both others let it join a run of Latin or of its own kind"
DASH = "each — is one; LibreOffice lets it part words and counts nothing, Word's rule joins it to a run"
ELLIPSIS = "each … is one; both others count …… as one run"
DIFFERENT = {
    "full_punct_only": (15, CURLY),
    "year_range_emdash": (4, DASH),
    "em_dash_double": (7, DASH),
    "ellipsis_cn": (6, ELLIPSIS),
    "curly_only_latin": (3, CURLY),
}
"""Strings that the definition counts otherwise than LibreOffice and Word's rule: how many, and why."""
LIBREOFFICE_ALONE = {
    "year_range_endash": "LibreOffice lets – part words",
    "circled": "LibreOffice counts each of ①②③, the rule one run",
    "zero_width_space": "LibreOffice counts nothing after a zero-width space",
}
"""Strings where the definition and Word's rule agree against LibreOffice."""


def text_of(row: dict[str, str]) -> str:
    return row["text"].replace("[ZWSP]", "\u200b").translate(SHOWN)


def test_all_strings_are_there() -> None:
    assert len(ROWS) == 75
    assert {*DIFFERENT, *LIBREOFFICE_ALONE} <= set(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_words_of_a_measured_string(name: str) -> None:
    row = ROWS[name]
    words = count(text_of(row)).words
    measured = {"lo": int(row["lo_words"]), "rule": int(row["word_rule_words"])}
    if name in DIFFERENT:
        expected, _ = DIFFERENT[name]
        assert words == expected
        assert words not in measured.values()
    elif name in LIBREOFFICE_ALONE:
        assert words == measured["rule"] != measured["lo"]
    else:
        assert words == measured["lo"] == measured["rule"]


@pytest.mark.parametrize("name", ROWS)
def test_characters_and_hanzi_of_a_measured_string(name: str) -> None:
    row = ROWS[name]
    counts = count(text_of(row))
    invisible = text_of(row).count("\u200b")
    assert counts.characters == int(row["py_len_no_space"]) - invisible
    if name not in LIBREOFFICE_ALONE:
        assert counts.characters == int(row["lo_chars_no_space"])
    assert counts.hanzi == int(row["han_only"])


@pytest.mark.parametrize(
    ("text", "words", "characters", "hanzi"),
    [
        ("2017年6月30日", 6, 10, 3),
        ("网络零售额——增长20%……", 12, 14, 7),
        ("\ufeff\u200b", 0, 0, 0),
        ("【建议值：2021年电子商务从业人员12万人，待确认】", 23, 27, 17),
        ("电子商务交易额，达到2500亿元。", 14, 17, 11),
    ],
)
def test_words_characters_hanzi(text: str, words: int, characters: int, hanzi: int) -> None:
    assert count(text) == (words, characters, hanzi)


@given(st.lists(st.text(max_size=60), max_size=6))
def test_paragraphs_add_up(paragraphs: list[str]) -> None:
    parts = [count(p) for p in paragraphs]
    assert count("\n".join(paragraphs)) == tuple(map(sum, zip(*parts, strict=True))) if parts else (0, 0, 0)


@given(st.text(max_size=200))
def test_bounds(text: str) -> None:
    counts = count(text)
    assert counts.hanzi <= counts.words <= counts.characters <= len(text)


@given(st.text(max_size=80), st.text(alphabet=" \t\u3000\u00a0\n", min_size=1, max_size=4))
def test_blanks_around_count_nothing(text: str, blanks: str) -> None:
    assert count(blanks + text + blanks) == count(text)


@given(st.text(alphabet="电子商务交易额，。“”—…（）《》、１％", max_size=80))
def test_chinese_text_has_as_many_words_as_characters(text: str) -> None:
    counts = count(text)
    assert counts.words == counts.characters == len(text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_joining_texts_merges_one_run_at_most(left: str, right: str) -> None:
    apart = count(left).words + count(right).words
    assert apart - 1 <= count(left + right).words <= apart


def test_long_runs_do_not_hang() -> None:
    runs = ["1", "万", " ", "\u3000", "中 ", "a中", "\u200b", "——", "……", "“"]
    assert hung("service.text.counting", "count", [run * (200_000 // len(run)) for run in runs]) is None
