"""All checks together: the order of their findings, and the one form of their messages."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from schemas.finding import CheckName, Finding
from service.check.case import Case
from service.check.registry import CHECKS, run_checks
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline

OUTLINE = load_outline("city-2017")
SHEET = read_sheet((files("evals") / "datasets" / "wanghai.json").read_bytes(), outline=load_outline)
EXEMPLARS = tuple(load_exemplar(i) for i in exemplar_ids())
FAULTY = {
    "1.1": "到2021年，全市电子商务交易额达到9876亿元，实施八大工程。" + "加快电子商务示范城市创建工作。" * 300,
    "2.1": "2016年，全市常住人口321.6万人。**地区生产总值**999亿元；“十一五”时期加快发展",
    "3.2": "落实《国务院关于不存在事项的意见》（国发[2016] 999号）和《望海市快递车辆通行规定》。",
    "4.1": "到2021年，网络零售额达到450亿元。重点实施三项任务：一是建平台；二是育主体。",
    "5.5.2": "到2021年，网络零售额达到460亿元。N万亿元。",
    "6.2": "设立专项资金，市商务局牵头。",
    "6.3": "市金融办牵头。",
}


def found(texts: dict[str, str]) -> tuple[Finding, ...]:
    return run_checks(Case(texts, OUTLINE, Ledger(SHEET, OUTLINE), EXEMPLARS))


def texts_of(case: dict[str, Any]) -> dict[str, str]:
    if "sections" in case:
        return {i: t for i, t in case["sections"].items() if not i or i in OUTLINE.sections_by_id}
    return {case["section"] if case.get("section") in OUTLINE.sections_by_id else "": case["text"]}


def test_missing_points_come_in_the_order_of_the_outline() -> None:
    for section in OUTLINE.sections:
        wanted = [p.id for p in section.points if not p.optional]
        findings = run_checks(Case({section.id: "略。"}, OUTLINE, Ledger(SHEET, OUTLINE)), {CheckName.COVERAGE})
        assert [f.point for f in findings] == [p for p in wanted if p in {f.point for f in findings}]
        assert len({f.point for f in findings}) == len(findings)


def test_findings_come_in_the_order_of_sections_and_places() -> None:
    findings = found(FAULTY)
    places = [(list(FAULTY).index(f.section or ""), f.start, f.end) for f in findings]
    assert places == sorted(places)


def test_every_check_has_something_to_say_about_faulty_texts() -> None:
    assert {f.check for f in found(FAULTY)} == {name for name, _ in CHECKS} == set(CheckName)


@pytest.mark.parametrize(
    "name", sorted(p.name for p in (files("evals") / "datasets" / "checks").iterdir() if p.name.endswith("-own.jsonl"))
)
def test_messages_are_one_sentence_without_a_stop(name: str) -> None:
    """Every message that the labelled texts call forth, in any check: Chinese, no stop at the end, one line."""
    lines = (files("evals") / "datasets" / "checks" / name).read_text("utf-8").splitlines()
    findings = [f for line in lines for f in found(texts_of(json.loads(line)))]
    for finding in [*findings, *found(FAULTY)]:
        assert re.search("[\u4e00-\u9fff]", finding.message)
        assert not finding.message.endswith(("。", "！", "，", "；", "."))
        assert "\n" not in finding.message
