"""The service's own description: request bodies that are parsed strictly, problem types, and /openapi.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from schemas import Model
from schemas.document import Document
from schemas.facts import FactSheet
from schemas.finding import CheckName
from schemas.wire import Problem
from service.api.body import XLSX_TYPE
from service.api.problems import kinds

_REF = "#/components/schemas/{model}"
_ABOUT = """Drafts a 国家电子商务示范城市 (or 示范基地) 创建工作方案 from a fact sheet, section by section, and proves
every figure it writes.

A plan (`/v1/plans`) is stored and drafted by the service itself: it survives the end of any process, a reply of the
model that was received is not paid for again, each section can be edited, written again and restored, and every
version is kept. `/v1/sections`, `/v1/checks` and `/v1/fact-sheets` store nothing. Nothing is sent to anyone but the
model endpoint that the service's operator has configured. Where there are API keys, a key sees its own plans alone.

Bodies are UTF-8 JSON of at most 2 MB without duplicate keys. Messages that a drafter reads are Chinese; titles are
English. Every error is an RFC 9457 problem (`application/problem+json`) with a stable `type`; `errors` has one entry
per fault with its JSON pointer. `GET /problems` lists the types:

"""

_KEYS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key; `fangan keys add` makes one"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same"},
}
"""Ways to show a key."""


def body_of(options: type[Model], example: dict[str, Any], *, required: Sequence[str] = ()) -> dict[str, Any]:
    """`openapi_extra` of an operation that takes the fact sheet's fields plus its own options."""
    sheet, own = (m.model_json_schema(ref_template=_REF) for m in (FactSheet, options))
    schema = {
        "type": "object",
        "properties": {**sheet["properties"], **own["properties"]},
        "required": [*required, *own.get("required", [])],
        "additionalProperties": False,
    }
    return _request({"application/json": {"schema": schema, "example": example}})


def own_body(fields: type[Model], example: dict[str, Any]) -> dict[str, Any]:
    """`openapi_extra` of an operation whose strictly parsed body has fields of its own alone."""
    schema = fields.model_json_schema(ref_template=_REF)
    return _request({"application/json": {"schema": schema, "example": example}})


def sheet_request(example: dict[str, Any]) -> dict[str, Any]:
    """`openapi_extra` of an operation that takes a fact sheet as JSON, YAML or a filled template."""
    schema = {"$ref": _REF.format(model="FactSheet")}
    return _request(
        {
            "application/json": {"schema": schema, "example": example},
            "application/yaml": {"schema": schema},
            XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}},
        }
    )


def _request(content: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI) -> None:
    """Makes /openapi.json complete: the schemas that strictly parsed bodies refer to, and the problem types."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # how FastAPI documents extending its description


def _description(app: FastAPI) -> dict[str, Any]:
    listed = "\n".join(f"- `{k.type}` ({k.status}): {k.title}" for k in kinds())
    schema = get_openapi(
        title=app.title, version=app.version, description=_ABOUT + listed, routes=app.routes, tags=app.openapi_tags
    )
    _, ours = models_json_schema(
        [(FactSheet, "validation"), (Problem, "serialization"), (Document, "serialization")], ref_template=_REF
    )
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    for name, definition in ours["$defs"].items():
        components.setdefault(name, definition)
    schema["components"]["securitySchemes"] = _KEYS
    schema["security"] = [{}, *({name: []} for name in _KEYS)]  # none where there are no keys
    components.setdefault(CheckName.__name__, {"type": "string", "enum": [c.value for c in CheckName]})
    _without_foreign_errors(schema)
    return schema


def _without_foreign_errors(schema: dict[str, Any]) -> None:
    """The framework says of every operation with parameters that it may refuse them, in a form that we never answer.

    Those that can refuse them say so themselves.
    """
    foreign = _REF.format(model="HTTPValidationError")
    for operations in schema["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            told = answers.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
            if told.get("$ref") == foreign:
                del answers["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
