"""Tasks and replies for tests of writers: one section of the small outline, with a prompt of a thousand tokens."""

from __future__ import annotations

import json
from typing import Any

from schemas.draft import Message, Prompt, Task
from service.prompt.reply_schema import draft_schema
from tests import factories

SECTION = "2.1"
TEXT = "望海市地处云岭省东南沿海。2016年，全市地区生产总值1105.04亿元，增长7.8%。"
SECOND = "全市社会消费品零售总额【待补充：2016年社会消费品零售总额，亿元】。"
DRAFT = json.dumps(
    {
        "paragraphs": [
            {"text": TEXT, "facts": ["gdp-2016"], "points": ["2.1-1"]},
            {"text": SECOND, "facts": [], "points": ["2.1-2"]},
        ],
        "gaps": [{"point": "2.1-2", "question": "2016年社会消费品零售总额是多少？", "department": "市商务局"}],
        "proposals": [],
    },
    ensure_ascii=False,
)
"""A reply that has the form asked for."""


def task(user: str = "起草本节，只输出一个 JSON 对象。", **prompt: Any) -> Task:
    """The task of section 2.1; keywords change its prompt."""
    outline, sheet = factories.outline(), factories.fact_sheet()
    section = outline.sections_by_id[SECTION]
    values: dict[str, Any] = {
        "template": "section.md.j2",
        "template_hash": "sha256:0a",
        "messages": (
            Message(role="system", content="你是起草组的执笔人。" + factories.OVERVIEW * 3),
            Message(role="user", content=user),
        ),
        "json_schema": draft_schema([f.id for f in sheet.facts], [p.id for p in section.points]),
        "hash": "sha256:1b",
        "tokens": 1000,
        "max_output_tokens": 1500,
        **prompt,
    }
    return Task(kind="section", section=section, outline=outline, sheet=sheet, prompt=Prompt(**values))
