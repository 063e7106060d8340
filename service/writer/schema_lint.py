"""The part of JSON Schema that every endpoint takes and enforces; whatever a prompt asks for stays inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

ALLOWED = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs"}
    | {"title", "description"}
)
"""Tried on llama.cpp, xgrammar, llguidance, and read in OpenAI's and Kimi's strict subsets. pattern, format,
uniqueItems, multipleOf, not, if, prefixItems, propertyNames and ranges are refused by some and silently ignored by
others; lengths and ranges are the validator's matter."""
TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
MAX_DEPTH = 5
"""Levels of objects and arrays; OpenAI refuses deeper ones on some models."""
MAX_ENUM = 1000
"""Enum values in all; OpenAI's limit for a strict schema."""


def lint_schema(schema: Schema) -> list[str]:
    """Everything in the schema that some endpoint would refuse or ignore: path and reason. Empty: fine everywhere."""
    found = list(_lint(schema, "#", 0))
    if schema.get("type") != "object":
        found.insert(0, "#: the root must be an object")
    total = sum(len(s["enum"]) for s in _walk(schema) if isinstance(s.get("enum"), list))
    if total > MAX_ENUM:
        found.append(f"#: {total} enum values, more than {MAX_ENUM}")
    return found


def _lint(schema: Schema, path: str, depth: int) -> Iterator[str]:
    yield from (f"{path}: {keyword} is not supported everywhere" for keyword in schema if keyword not in ALLOWED)
    if depth > MAX_DEPTH:
        yield f"{path}: deeper than {MAX_DEPTH} levels"
    if not schema.keys() & {"type", "enum", "const", "anyOf", "$ref"}:
        yield f"{path}: says nothing about its values"
    types = schema.get("type", ())
    for name in [types] if isinstance(types, str) else types:
        if name not in TYPES:
            yield f"{path}: unknown type {name}"
    if schema.get("enum") == []:
        yield f"{path}: an empty enum admits nothing"
    if schema.get("type") == "object":
        yield from _lint_object(schema, path)
    if schema.get("type") == "array" and "items" not in schema:
        yield f"{path}: an array needs items"
    for name, child in _children(schema):
        yield from _lint(child, f"{path}/{name}", depth + ("properties/" in name or name == "items"))


def _lint_object(schema: Schema, path: str) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"{path}: additionalProperties must be false"
    optional = set(schema.get("properties", {})) ^ set(schema.get("required", ()))
    if optional:
        yield f"{path}: all properties must be required, and only they: {', '.join(sorted(optional))}"


def _children(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for keyword in ("properties", "$defs"):
        for name, child in schema.get(keyword, {}).items():
            yield f"{keyword}/{name}", child
    for n, child in enumerate(schema.get("anyOf", ())):
        yield f"anyOf/{n}", child
    if isinstance(schema.get("items"), Mapping):
        yield "items", schema["items"]


def _walk(schema: Schema) -> Iterator[Schema]:
    yield schema
    for _, child in _children(schema):
        yield from _walk(child)
