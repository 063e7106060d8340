"""Whether a value has the shape that a schema asks for: tells an endpoint that enforces it from one that ignores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def conforms(value: object, schema: Schema, root: Schema | None = None) -> bool:
    """True when `value` (as json.loads gives it) fits; reads the keywords that schema_lint allows."""
    root = schema if root is None else root
    if "$ref" in schema:
        return conforms(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in schema:
        return any(conforms(value, branch, root) for branch in schema["anyOf"])
    listed = value in schema.get("enum", [value]) and value == schema.get("const", value)
    if not listed or not _is_of(value, schema.get("type")):
        return False
    if isinstance(value, dict):
        return _object_fits(value, schema, root)
    if isinstance(value, list) and "items" in schema:
        return all(conforms(item, schema["items"], root) for item in value)
    return True


def _is_of(value: object, name: str | Sequence[str] | None) -> bool:
    if name is None:
        return True
    if not isinstance(name, str):
        return any(_is_of(value, one) for one in name)
    if isinstance(value, bool) and name in ("number", "integer"):
        return False
    return isinstance(value, _TYPES[name])


def _object_fits(value: Mapping[str, object], schema: Schema, root: Schema) -> bool:
    known: Mapping[str, Schema] = schema.get("properties", {})
    if any(key not in value for key in schema.get("required", ())):
        return False
    if schema.get("additionalProperties") is False and any(key not in known for key in value):
        return False
    return all(conforms(item, known[key], root) for key, item in value.items() if key in known)
