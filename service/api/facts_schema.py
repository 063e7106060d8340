"""Outline → JSON Schema of its fact sheet, with every indicator that may be named."""

from __future__ import annotations

import json
from typing import Any

from schemas.facts import FactSheet
from schemas.outline import Indicator, Outline


def facts_schema(outline: Outline) -> bytes:
    """JSON Schema 2020-12 as UTF-8 JSON, Chinese unescaped."""
    schema: dict[str, Any] = FactSheet.model_json_schema()
    used = _uses(outline)
    schema["properties"]["outline"] = {"const": outline.id, "description": outline.title}
    schema["$defs"]["Fact"]["properties"]["indicator"] = {
        "anyOf": [{"enum": [i.id for i in outline.indicators]}, {"type": "null"}],
        "default": None,
        "description": "指标编号；目录以外的数据不填。\n" + "\n".join(_line(i) for i in outline.indicators),
    }
    schema["$defs"]["Fact"]["properties"]["unit"]["description"] = (
        "单位，按统计资料的写法；有 indicator 时须与该指标同类。"
    )
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/v1/outlines/{outline.id}/facts-schema",
        **schema,
        "title": f"{outline.title}：事实表",
        "x-indicators": {i.id: _described(i, used.get(i.id, [])) for i in outline.indicators},
    }
    return f"{json.dumps(whole, ensure_ascii=False, indent=2)}\n".encode()


def _uses(outline: Outline) -> dict[str, list[str]]:
    """Indicator id → sections with a point that asks for it, in the outline's order."""
    uses: dict[str, list[str]] = {}
    for section in outline.sections:
        for name in dict.fromkeys(i for p in section.points for i in p.indicators):
            uses.setdefault(name, []).append(section.id)
    return uses


def _line(indicator: Indicator) -> str:
    unit = f"，单位：{indicator.unit}" if indicator.unit else "，文字说明" if indicator.dimension == "text" else ""
    return f"- {indicator.id}：{indicator.name}{unit}"


def _described(indicator: Indicator, sections: list[str]) -> dict[str, object]:
    return {
        **indicator.model_dump(mode="json", exclude={"id"}, exclude_none=True),
        "sections": sections,
    }
