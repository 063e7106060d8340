"""Requests of the client as the service takes them, and its answers as typed shapes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import JsonValue, TypeAdapter, ValidationError

from schemas import Model
from schemas.facts import FactSheet
from schemas.plan import Event
from schemas.wire import PlanEvent
from service.client.errors import BadAnswerError, NotFoundError

T = TypeVar("T")
Sheet = FactSheet | Mapping[str, object]
"""A fact sheet as parsed, or its fields as they would be sent."""
SheetSource = Sheet | bytes | Path
"""The same, or JSON, YAML or the filled spreadsheet as a person wrote it."""
XLSX_TYPE = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
"""Headers of a spreadsheet."""
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_JSON: TypeAdapter[object] = TypeAdapter(object)


class PlanFacts(Model):
    """A plan's fact sheet as it was read."""

    sheet: FactSheet
    etag: str
    """To be given with other facts, so that nobody's are overwritten."""


def part(name: str) -> str:
    """An id as a segment of a path."""
    if name in ("", ".", ".."):
        raise NotFoundError("编号为空，请填写编号", status=404)
    return quote(name, safe="")


def of(plan: str, section: str | None = None) -> str:
    """The path of a plan, or of one of its sections."""
    return f"/v1/plans/{part(plan)}" + ("" if section is None else f"/sections/{part(section)}")


def given(**values: str | int | bool | None) -> dict[str, str | int | bool]:
    """Parameters of a query, without those that are not chosen."""
    return {name: value for name, value in values.items() if value is not None}


def with_options(sheet: Sheet, **options: object) -> dict[str, JsonValue]:
    """The sheet's fields and those options that are chosen, as the service takes them."""
    fields = sheet.model_dump(mode="json", exclude_none=True) if isinstance(sheet, FactSheet) else dict(sheet)
    chosen = {name: value for name, value in options.items() if value is not None}
    return {name: _JSON.dump_python(value, mode="json") for name, value in {**fields, **chosen}.items()}


def bytes_of(source: bytes | Path) -> bytes:
    """What is to be sent of a file. OSError."""
    return source.read_bytes() if isinstance(source, Path) else source


def sheet_content(source: SheetSource) -> tuple[bytes, dict[str, str]]:
    """A fact sheet as a body, and the headers that say what it is, told by how it begins. OSError."""
    content = bytes_of(source) if isinstance(source, bytes | Path) else _JSON.dump_json(with_options(source))
    if content.startswith(b"PK"):
        return content, XLSX_TYPE
    json = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return content, {"Content-Type": "application/json" if json else "application/yaml"}


def outline_content(source: bytes | Path) -> tuple[bytes, dict[str, str]]:
    """The text of an outline as a body, and the headers that say what it is, told by how it begins. OSError."""
    content = bytes_of(source)
    return content, {"Content-Type": _DOCX if content.startswith(b"PK") else "text/plain"}


def told(shape: type[T], answer: httpx.Response) -> T:
    """The answer as a shape. BadAnswerError."""
    return read(shape, answer.content)


def read(shape: type[T], data: bytes | str) -> T:
    """JSON as a shape; fields that the shape does not know are ignored. BadAnswerError."""
    try:
        return TypeAdapter(shape).validate_json(data, extra="ignore")
    except ValidationError as error:
        raise BadAnswerError(f"服务的答复不是所期望的内容（{error.errors()[0]['msg']}），请检查地址和版本") from error


def event(name: str, data: str) -> Event:
    """An event of a section in the making."""
    return read(Event, _JSON.dump_json({"event": name, **read(dict[str, JsonValue], data)}).decode())


def plan_event(name: str, number: str, data: str) -> PlanEvent:
    """An event of a plan."""
    fields = read(dict[str, JsonValue], data)
    at = fields.pop("at", None)
    return read(PlanEvent, _JSON.dump_json({"id": number, "at": at, "event": {"event": name, **fields}}).decode())
