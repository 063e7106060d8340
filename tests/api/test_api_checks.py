"""POST /v1/checks on texts of the sample city."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.api.checks import question_of
from service.checking import MOST_CHARACTERS, check_texts
from service.prompt.outlines import load_outline
from tests.api.live import sheet
from tests.doubles.hang import hung

TRUE = "2016年，全市地区生产总值1105.04亿元，增长7.8%，年末常住人口312.6万人。"


def _report(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/checks", json=fields)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_a_true_text_is_proven_figure_by_figure(client: httpx.Client) -> None:
    report = _report(client, **sheet(), text=TRUE, checks=["numbers"], explain=True)
    assert report["findings"] == []
    proofs = {s["excerpt"]: s["facts"] for s in report["supports"]}
    assert proofs == {"1105.04亿元": ["gdp-2016"], "7.8%": ["gdp-2016"], "312.6万人": ["population-2016"]}


def test_a_wrong_figure_is_found_where_it_stands(client: httpx.Client) -> None:
    text = TRUE.replace("312.6", "321.6")
    report = _report(client, **sheet(), text=text, section="2.1", checks=["numbers"])
    (finding,) = report["findings"]
    assert text[finding["start"] : finding["end"]] == finding["excerpt"]
    assert (finding["check"], finding["severity"], finding["section"]) == ("numbers", "error", "2.1")
    assert "321.6" in finding["excerpt"]
    assert finding["nearest"] == "population-2016"
    assert "supports" not in report


def test_the_same_request_has_the_same_answer(client: httpx.Client) -> None:
    body = {**sheet(), "text": TRUE.replace("7.8", "8.7") + "建设宽带望海，上级批复同意。", "explain": True}
    answers = {client.post("/v1/checks", json=body).content for _ in range(3)}
    assert len(answers) == 1


def test_counts_and_official_form(client: httpx.Client) -> None:
    text = "建成2-3个园区,完善“互联网+”应用."
    report = _report(client, text=text, checks=["length", "style"])
    assert report["counts"] == {"text": {"words": 18, "characters": 20, "hanzi": 12, "limit": None}}
    assert report["normalised"]["text"].startswith("建成2～3个园区，")
    assert {f["section"] for f in report["findings"]} <= {None}


def test_the_summary_is_counted_as_a_whole(client: httpx.Client) -> None:
    outline = load_outline("city-2017")
    texts = {s.id: "发展" * 450 for s in outline.chapters[0].sections}
    report = _report(client, **sheet(), sections=texts, checks=["length"])
    assert report["counts"]["1"]["limit"] == 3500
    assert report["counts"]["1"]["words"] > 3600
    assert {c: report["counts"][c]["words"] for c in texts} == dict.fromkeys(texts, 900)
    assert any(f["check"] == "length" and f["severity"] == "error" for f in report["findings"])


def test_sections_are_told_in_the_outlines_order(client: httpx.Client) -> None:
    wrong = "全市地区生产总值999亿元。"
    report = _report(client, **sheet(), sections={"2.2": wrong, "1.1": wrong, "2.1": wrong}, checks=["numbers"])
    assert list(report["counts"])[:3] == ["1.1", "2.1", "2.2"]
    order = [f["section"] for f in report["findings"]]
    assert order == sorted(order)
    assert set(order) == {"1.1", "2.1", "2.2"}


def test_text_alone_is_enough(client: httpx.Client) -> None:
    report = _report(client, text="我市电子商务交易额达到680亿元。")
    assert any(f["check"] == "numbers" for f in report["findings"])
    assert "plan_year" in report["skipped"]["era"]


def test_the_plan_year_is_told_from_the_facts(client: httpx.Client) -> None:
    fact = {"id": "gdp", "name": "地区生产总值", "value": 900, "unit": "亿元", "year": 2016}
    text = "十二五期间，我市将由市国税局落实税收优惠。"
    told = _report(client, facts=[fact], text=text, checks=["era"])
    stated = _report(client, facts=[fact], plan_year=2017, text=text, checks=["era"])
    assert told["skipped"] == {}
    assert told["findings"] == stated["findings"]
    assert _report(client, period=[2017, 2021], text=text, checks=["era"])["skipped"] == {}


def test_only_the_named_checks_run(client: httpx.Client) -> None:
    text = "一是建设宽带重庆,交易额达到999亿元。"
    for name in ("numbers", "policies", "leakage", "era", "style"):
        found = _report(client, **sheet(), text=text, checks=[name])["findings"]
        assert {f["check"] for f in found} <= {name}
    assert _report(client, **sheet(), text=text, checks=[])["findings"] == []


@pytest.mark.parametrize("exemplars", [[], ["harbin"]])
def test_only_the_named_exemplars_are_held_against(client: httpx.Client, exemplars: list[str]) -> None:
    text = "建设重庆两江新区电子商务产业园，打造宽带重庆。"
    assert _report(client, **sheet(), text=text, checks=["leakage"])["findings"]
    assert not _report(client, **sheet(), text=text, checks=["leakage"], exemplars=exemplars)["findings"]


def test_base_outline_without_a_subject(client: httpx.Client) -> None:
    report = _report(client, outline="base", text="基地电子商务应用水平不断提高。", section="2", checks=["numbers"])
    assert report["findings"] == []
    assert list(report["counts"]) == ["2"]


def checked(text: str) -> None:
    """All checks on the text, on this thread."""
    check_texts(question_of({**sheet(), "text": text, "section": "2.1", "explain": True}))


def test_the_longest_text_of_any_kind_does_not_hang() -> None:
    """What is not linear takes a minute at 30,000 characters, and eleven at the most that is accepted."""
    units = ["1", "【待补充：", "《", "（", "2-3-", "一是", "2016年", "增长7.8%，", "的" * 7 + "1"]
    texts = [unit * (MOST_CHARACTERS // len(unit)) for unit in units]
    assert hung("tests.api.test_api_checks", "checked", texts, patience=300) is None
