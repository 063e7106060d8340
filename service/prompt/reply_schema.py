"""The JSON Schema of a draft as one section's prompt gives it to the model: ids are enums of what exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _ids(ids: Sequence[str]) -> dict[str, Any]:
    # An empty enum is not valid JSON Schema; without ids our own validator refuses whatever is named.
    return {"type": "string", "enum": list(ids)} if ids else {"type": "string"}


def draft_schema(fact_ids: Sequence[str], point_ids: Sequence[str]) -> dict[str, Any]:
    """Schema of schemas.draft.Draft for one section.

    Stays inside what every endpoint accepts: all fields required, no extra ones, enums, no pattern, format or
    length; lengths and ranges are the validator's matter (check/reply.py).
    """
    text = {"type": "string"}
    paragraph = _object(
        {
            "text": text,
            "facts": {"type": "array", "items": _ids(fact_ids)},
            "points": {"type": "array", "items": _ids(point_ids)},
        }
    )
    gap = _object({"point": _ids(point_ids), "question": text, "department": text})
    proposal = _object(
        {"name": text, "value": {"type": "number"}, "unit": text, "year": {"type": "integer"}, "basis": text}
    )
    return _object(
        {
            "paragraphs": {"type": "array", "items": paragraph},
            "gaps": {"type": "array", "items": gap},
            "proposals": {"type": "array", "items": proposal},
        }
    )
