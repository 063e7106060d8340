"""Realistic examples of plans for /openapi.json."""

from __future__ import annotations

from typing import Any

from service.api.examples import FACT_SHEET, SECTION_RESULT

_ID = "01k8x2w6f3r9c7tq5m0zdn4vab"
_AT = "2026-03-02T02:15:08.120000Z"
_LATER = "2026-03-02T02:16:41.507000Z"
_TITLE = "望海市创建国家电子商务示范城市工作方案"
_HEAD: dict[str, Any] = {
    "id": _ID,
    "title": _TITLE,
    "subject": "望海市",
    "outline": "city-2017",
    "status": "drafting",
    "writer": "openai",
    "model": "qwen3-32b",
    "owner": "local",
}
_TIMES: dict[str, Any] = {"created_at": _AT, "updated_at": _LATER}

PLAN_REQUEST: dict[str, Any] = {**FACT_SHEET, "sections": ["2.1", "2.2"], "instruction": "突出港口城市的特点"}
PLAN: dict[str, Any] = {
    **_HEAD,
    "message": None,
    "sections": [
        {
            "id": "2.1",
            "title": "城市经济社会发展概况",
            "status": "done",
            "revision": 1,
            "counts": {"words": 22, "characters": 30, "hanzi": 13},
            "findings": {"error": 0, "warning": 1, "info": 0},
            "gaps": 1,
            "stale": False,
            "failure": None,
            "updated_at": _LATER,
        },
        {
            "id": "2.2",
            "title": "城市经济社会发展对电子商务的需求分析",
            "status": "drafting",
            "revision": 0,
            "counts": None,
            "findings": {"error": 0, "warning": 0, "info": 0},
            "gaps": 0,
            "stale": False,
            "failure": None,
            "updated_at": _AT,
        },
    ],
    "findings": [],
    "counts": {"error": 0, "warning": 1, "info": 0},
    "gaps": 1,
    "usage": {"calls": 1, "prompt_tokens": 5210, "completion_tokens": 820},
    "summary_stale": False,
    "stale_sections": [],
    "last_event": 5,
    **_TIMES,
}
PLANS: dict[str, Any] = {
    "plans": [{**_HEAD, "progress": {"done": 1, "drafting": 1}, "summary_stale": False, **_TIMES}],
    "next_cursor": None,
}
PLAN_EVENTS = (
    'event: plan\ndata: {"status": "queued", "at": "2026-03-02T02:15:08.120000+00:00"}\nid: 1\n\n'
    'event: section\ndata: {"section": "2.1", "status": "drafting", "at": "2026-03-02T02:15:08.410000+00:00"}\nid: 2\n\n'
    'event: section\ndata: {"section": "2.1", "status": "done", "at": "2026-03-02T02:15:39.002000+00:00"}\nid: 3\n\n'
    'event: end\ndata: {"status": "done", "at": "2026-03-02T02:15:39.240000+00:00"}\nid: 4\n\n'
)
VERSION: dict[str, Any] = {
    "number": 1,
    "kind": "draft",
    "who": "qwen3-32b",
    "why": None,
    "at": _LATER,
    "characters": 30,
    "text": SECTION_RESULT["text"],
    "counts": SECTION_RESULT["counts"],
    "findings": [],
    "supports": [],
    "gaps": SECTION_RESULT["gaps"],
}
SECTION: dict[str, Any] = {
    "plan": _ID,
    "id": "2.1",
    "title": "城市经济社会发展概况",
    "status": "done",
    "revision": 1,
    "text": SECTION_RESULT["text"],
    "draft": None,
    "counts": SECTION_RESULT["counts"],
    "findings": [],
    "supports": [],
    "gaps": SECTION_RESULT["gaps"],
    "dropped_facts": [],
    "failure": None,
    "attempts": [],
    "versions": [{k: VERSION[k] for k in ("number", "kind", "who", "why", "at", "characters")}],
    "updated_at": _LATER,
}
EDIT_REQUEST: dict[str, Any] = {"text": "2016年，全市实现地区生产总值1105.04亿元，比上年增长7.8%。"}
REDRAFT_REQUEST: dict[str, Any] = {"instruction": "补充港口物流的内容"}
RESTORE_REQUEST: dict[str, Any] = {"version": 1}
DIFFERENCE: list[dict[str, Any]] = [
    {"op": "equal", "text": "2016年，全市"},
    {"op": "insert", "text": "实现"},
    {"op": "equal", "text": "地区生产总值1105.04亿元，"},
    {"op": "insert", "text": "比上年"},
    {"op": "equal", "text": "增长7.8%。"},
]
FACTS_UPDATE: dict[str, Any] = {"answered": ["2.1"], "disagreeing": [], "plan": {**PLAN, "status": "done"}}
