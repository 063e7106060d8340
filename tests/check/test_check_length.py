"""The limit of the summary and of single sections: by 字数 an error, by characters alone a warning."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import FactSheet
from schemas.finding import Finding, Severity
from service.check.case import BARE, Case
from service.check.length import check_length, measure
from service.facts.ledger import Ledger
from service.prompt.outlines import load_outline
from service.text.counting import count

OUTLINE = load_outline("city-2017")
SUMMARY = OUTLINE.chapters[0]
SHEET = FactSheet.model_validate({"outline": "city-2017", "subject": {"name": "望海市"}, "plan_year": 2017})
HEADINGS = sum(count(f"{s.number}{s.title}").words for s in SUMMARY.sections)


def found(texts: Mapping[str, str], limits: Mapping[str, int] | None = None) -> list[Finding]:
    case = Case(texts=texts, outline=OUTLINE, ledger=Ledger(SHEET, OUTLINE), limits=limits or {})
    return list(check_length(case))


def han(number: int) -> str:
    """So many Chinese characters, each of them one 字."""
    return ("电子商务示范城市创建工作" * (number // 12 + 1))[:number]


def summary(total: int) -> dict[str, str]:
    """Four sections that have so many 字 together, headings included."""
    body = total - HEADINGS
    parts = [body // 4] * 3 + [body - 3 * (body // 4)]
    return {s.id: han(n) for s, n in zip(SUMMARY.sections, parts, strict=True)}


def test_headings_are_counted_and_the_note_is_not() -> None:
    texts = summary(3500)
    assert measure(SUMMARY, texts).words == 3500
    assert measure(SUMMARY, {"1.1": "目标。"}).words == count("（一）创建工作目标目标。").words


def test_exactly_the_limit_is_fine() -> None:
    assert found(summary(3500)) == []


def test_one_more_is_an_error_where_the_text_passes_the_limit() -> None:
    texts = summary(3501)
    (finding,) = found(texts)
    assert finding.severity is Severity.ERROR
    assert finding.section == "1.4"
    assert (finding.start, finding.end) == (len(texts["1.4"]) - 1, len(texts["1.4"]))
    assert finding.excerpt == texts["1.4"][-1]
    assert "3501字，超过3500字的上限，请压缩1字以上" in finding.message


def test_both_counts_are_told_with_what_each_is_over() -> None:
    texts = summary(3500)
    texts["1.2"] += "GDP2800"
    (finding,) = found(texts)
    assert finding.severity is Severity.ERROR
    assert "3501字，超过3500字的上限，请压缩1字以上" in finding.message
    assert "“字符数（不计空格）”为3507，压缩7字以上" in finding.message


def test_over_by_characters_only_is_a_warning() -> None:
    texts = summary(3490)
    texts["1.2"] += "GDP2800"
    assert measure(SUMMARY, texts).words == 3491
    (finding,) = found(texts | {"1.3": texts["1.3"] + "B2B2C-O2O2C"})
    assert finding.severity is Severity.WARNING
    assert finding.section == "1.4"
    assert "“字数”为3492，未超过3500" in finding.message
    assert "“字符数（不计空格）”为3508" in finding.message


def test_the_finding_stands_in_the_section_that_passes_the_limit() -> None:
    texts = summary(3400)
    texts["1.2"] = han(3600)
    (finding,) = found(texts)
    assert finding.section == "1.2"
    assert count(f"（一）创建工作目标{texts['1.1']}（二）创建工作主要任务{texts['1.2'][: finding.start]}").words == 3500


def test_the_body_has_no_limit() -> None:
    assert found({"2.1": han(9000), "5.2.1": han(5000)}) == []


@pytest.mark.parametrize(("section", "shown"), [("2.1", "2.1"), (BARE, None)])
def test_a_limit_of_one_section(section: str, shown: str | None) -> None:
    text = "全市电子商务交易额达到680亿元，增长34.5%。"
    words = count(text).words
    assert found({section: text}, {section: len(text)}) == []
    (warning,) = found({section: text}, {section: words})
    assert warning.severity is Severity.WARNING
    (error,) = found({section: text}, {section: words - 1})
    assert error.severity is Severity.ERROR
    assert error.section == shown
    assert error.excerpt == "。"


def test_a_limit_of_a_section_that_is_not_there_is_silent() -> None:
    assert found({"2.1": "人口312.6万人。"}, {"3.1": 1}) == []


@given(st.text(alphabet="电子商务，。2017 abc%\n", max_size=120), st.integers(min_value=0, max_value=60))
def test_what_stands_before_the_finding_keeps_the_limit(text: str, limit: int) -> None:
    for finding in found({"2.1": text}, {"2.1": limit}):
        kept, over = text[: finding.start], text[: finding.start + 1]
        index = 0 if finding.severity is Severity.ERROR else 1
        assert count(kept)[index] <= limit < count(over)[index]
