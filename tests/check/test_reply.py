"""The one validation that every writer's reply passes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.draft import Draft
from service.check.reply import parse_reply

FACTS = {"gdp-2016", "policy-1"}
POINTS = {"2.1-gdp"}


def reply(**changes: object) -> str:
    data: dict[str, object] = {
        "paragraphs": [
            {"text": "2016年,全市地区生产总值1105.04亿元(增长7.8%)。", "facts": ["gdp-2016"], "points": ["2.1-gdp"]}
        ],
        "gaps": [],
        "proposals": [],
    }
    return json.dumps({**data, **changes}, ensure_ascii=False)


def test_valid_reply_is_a_draft_with_official_punctuation() -> None:
    draft = parse_reply(reply(), FACTS, POINTS)
    assert isinstance(draft, Draft)
    assert draft.text == "2016年，全市地区生产总值1105.04亿元（增长7.8%）。"


def test_a_paragraph_with_line_breaks_becomes_several() -> None:
    text = "第一段。\n\n第二段。"
    draft = parse_reply(reply(paragraphs=[{"text": text, "facts": [], "points": []}]), FACTS, POINTS)
    assert isinstance(draft, Draft)
    assert [p.text for p in draft.paragraphs] == ["第一段。", "第二段。"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "不是合法的 JSON"),
        ('{"paragraphs": [', "不是合法的 JSON"),
        ('{"paragraphs":[],"paragraphs":[],"gaps":[],"proposals":[]}', "重复"),
        ('{"paragraphs":[{"text":"\\ud800","facts":[],"points":[]}],"gaps":[],"proposals":[]}', "代理字符"),
        ("[]", "应为对象"),
        (reply(notes="给审稿人的话"), "notes：不应有该字段"),
        ('{"paragraphs":[],"gaps":[]}', "proposals：缺少该字段"),
        (reply(paragraphs=[]), "没有正文"),
        (reply(paragraphs=[{"text": "  \n ", "facts": [], "points": []}]), "没有正文"),
        (reply(paragraphs=[{"text": "好。", "facts": ["gdp-2017"], "points": []}]), "没有编号为“gdp-2017”的事实"),
        (reply(paragraphs=[{"text": "好。", "facts": [], "points": ["9.9"]}]), "没有编号为“9.9”的要点"),
        (reply(gaps=[{"point": "9.9", "question": "？", "department": "市统计局"}]), "gaps.0.point"),
        (reply(paragraphs=[{"text": "长" * 20_001, "facts": [], "points": []}]), "远超一节的篇幅"),
        (
            '{"paragraphs":[{"text":"好。","facts":[],"points":[]}],"gaps":[],'
            '"proposals":[{"name":"网店","value":NaN,"unit":"家","year":2021,"basis":"测算"}]}',
            "NaN",
        ),
    ],
)
def test_faults_are_named(content: str, says: str) -> None:
    faults = parse_reply(content, FACTS, POINTS)
    assert isinstance(faults, tuple)
    assert any(says in fault for fault in faults), faults


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["paragraphs", "text", "gaps", "x"]), inner),
        max_leaves=12,
    )
)
def test_any_json_is_a_draft_or_a_list_of_faults(value: object) -> None:
    result = parse_reply(json.dumps(value), FACTS, POINTS)
    assert isinstance(result, Draft) or (result and all(isinstance(f, str) for f in result))
