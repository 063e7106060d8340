"""A redraft by the offline writer: its own text anew from the facts, a person's text kept but for what can be filled."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from schemas.draft import Draft, Task, TaskKind
from schemas.facts import FactSheet
from service.drafting import draft_of
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline
from service.writer.offline import OfflineWriter
from tests.doubles.tasks import task as plain_task

OUTLINE = load_outline("city-2017")
SECTION = OUTLINE.sections_by_id["2.1"]
ADDED = "全市上下把电子商务作为转型升级的重要抓手。"


def sheet(without: str = "") -> FactSheet:
    data: dict[str, Any] = json.loads(
        (Path(__file__).parents[2] / "evals" / "datasets" / "wanghai.json").read_text(encoding="utf-8")
    )
    data["facts"] = [f for f in data["facts"] if not without or f.get("indicator") != without]
    return read_sheet(data, outline=load_outline)


def asked(known: FactSheet, kind: TaskKind, previous: Draft | None = None) -> Draft:
    task = Task(
        kind=kind,
        section=SECTION,
        outline=OUTLINE,
        sheet=known,
        prompt=plain_task().prompt,
        previous=previous,
    )
    return Draft.model_validate_json(asyncio.run(OfflineWriter().write(task)).content)


def test_its_own_text_is_written_anew_when_facts_have_come() -> None:
    lacking = asked(sheet("gdp"), "section")
    assert "【待补充：2016年地区生产总值" in lacking.text
    again = asked(sheet(), "redraft", lacking)
    assert again.text == asked(sheet(), "section").text
    assert "1105.04亿元" in again.text


def test_a_persons_text_stays_and_its_placeholders_are_filled() -> None:
    lacking = asked(sheet("gdp"), "section").text
    edited = draft_of(f"{lacking}\n{ADDED}")
    again = asked(sheet(), "redraft", edited).text
    assert again.endswith(ADDED)
    assert "。全市地区生产总值1105.04亿元，比上年增长7.8%。" in again
    assert "【待补充：2016年地区生产总值" not in again
    kept = [s for s in lacking.split("。") if "【" not in s and s.strip()]
    assert kept
    assert all(s in again for s in kept)


def test_a_placeholder_without_a_fact_stays() -> None:
    edited = draft_of(f"{asked(sheet('gdp'), 'section').text}\n{ADDED}")
    assert asked(sheet("gdp"), "redraft", edited).text == edited.text
