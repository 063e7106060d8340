"""Realistic examples for /openapi.json: the fictional sample city 望海市."""

from __future__ import annotations

from typing import Any

FACT_SHEET: dict[str, Any] = {
    "outline": "city-2017",
    "subject": {"name": "望海市", "short_name": "望海", "province": "云岭省"},
    "plan_year": 2017,
    "period": [2017, 2021],
    "facts": [
        {
            "id": "gdp-2016",
            "indicator": "gdp",
            "name": "地区生产总值",
            "value": 1105.04,
            "unit": "亿元",
            "year": 2016,
            "growth": 7.8,
            "source": "2016年统计公报",
        },
        {
            "id": "population-2016",
            "indicator": "population",
            "name": "常住人口",
            "value": 312.6,
            "unit": "万人",
            "year": 2016,
            "source": "2016年统计公报",
        },
    ],
}
CHECK_REQUEST: dict[str, Any] = {
    **FACT_SHEET,
    "section": "2.1",
    "text": "2016年，全市地区生产总值1105.04亿元，增长7.8%，年末常住人口321.6万人。",
    "checks": ["numbers", "style"],
    "explain": True,
}
_END = CHECK_REQUEST["text"].index("321.6万人")
REPORT: dict[str, Any] = {
    "findings": [
        {
            "check": "numbers",
            "severity": "error",
            "section": "2.1",
            "start": _END,
            "end": _END + len("321.6万人"),
            "excerpt": "321.6万人",
            "message": "“321.6万人”与事实“2016年常住人口312.6万人”不符，请改为事实表中的数值",
            "reason": "value",
            "nearest": "population-2016",
        }
    ],
    "counts": {"2.1": {"words": 29, "characters": 45, "hanzi": 21, "limit": None}},
    "normalised": {"2.1": CHECK_REQUEST["text"]},
    "skipped": {},
    "contradictions": [],
    "supports": [
        {
            "section": "2.1",
            "start": 14,
            "end": 23,
            "excerpt": "1105.04亿元",
            "facts": ["gdp-2016"],
            "how": "与事实一致",
        },
        {"section": "2.1", "start": 26, "end": 30, "excerpt": "7.8%", "facts": ["gdp-2016"], "how": "与事实一致"},
    ],
}
SECTION_REQUEST: dict[str, Any] = {**FACT_SHEET, "section": "2.1", "instruction": "突出港口城市的特点"}
SECTION_RESULT: dict[str, Any] = {
    "id": "2.1",
    "title": "城市经济社会发展概况",
    "status": "done",
    "text": "2016年，全市地区生产总值1105.04亿元，增长7.8%。",
    "counts": {"words": 22, "characters": 30, "hanzi": 13},
    "findings": [],
    "gaps": [
        {
            "section": "2.1",
            "point": "2.1-5",
            "point_text": "社会消费品零售总额",
            "indicator": "retail-sales",
            "name": "社会消费品零售总额",
            "unit": "亿元",
            "year": 2016,
            "question": "2016年社会消费品零售总额是多少？",
            "department": "市统计局",
        }
    ],
}
SECTION_STREAM = (
    'event: section\ndata: {"section":"2.1","status":"drafting"}\n\n'
    'event: delta\ndata: {"section": "2.1", "attempt": 1, "text": "2016年，全市地区生产总值"}\n\n'
    'event: delta\ndata: {"section": "2.1", "attempt": 1, "text": "1105.04亿元，增长7.8%。"}\n\n'
    'event: section\ndata: {"section":"2.1","status":"done"}\n\n'
    'event: done\ndata: {"id":"2.1","title":"城市经济社会发展概况","status":"done","text":"……"}\n\n'
)
OUTLINES: list[dict[str, Any]] = [
    {
        "id": "city-2017",
        "title": "国家电子商务示范城市创建工作方案（编制要点）",
        "subject_word": "市",
        "sections": 26,
        "indicators": 101,
    }
]
EXEMPLARS: list[dict[str, Any]] = [
    {
        "id": "chengdu",
        "city": "成都市",
        "title": "成都市创建国家电子商务示范城市工作方案",
        "source": "公开文件",
        "era": "十二五",
        "passages": 20,
    }
]
