"""Request bodies: read within 2 MB, parsed strictly, and the fact sheet's fields told from the operation's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TypeVar

from fastapi import HTTPException, Request
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas import Model
from schemas.facts import FactSheet
from schemas.outline import Outline
from service.errors import FactSheetError, Fault, FileInputError, InputError, UnknownExemplarError
from service.facts.faults import control_characters, near, pointer
from service.facts.intake import read_sheet
from service.facts.loading import MAX_BYTES
from service.prompt.exemplars import load_exemplar
from service.prompt.outlines import load_outline
from service.strict_json import StrictJSONError, loads

DRAINED = 16 * MAX_BYTES
"""How much of a body that is too large is read and thrown away, so that the caller gets to see the answer."""
JSON_TYPES = ("application/json",)
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Own = TypeVar("Own", bound=Model)


async def json_body(request: Request) -> bytes:
    """Dependency: the body of a request that must be JSON. 413 over 2 MB, 415 for another media type."""
    return await _read(request, JSON_TYPES)


async def sheet_body(request: Request) -> bytes:
    """Dependency: the body of a request that may be JSON, YAML or a filled template."""
    return await _read(request, (*JSON_TYPES, *YAML_TYPES, "text/plain", XLSX_TYPE))


async def xlsx_body(request: Request) -> bytes:
    """Dependency: the body of a request that must be a spreadsheet."""
    return await _read(request, (XLSX_TYPE,))


async def outline_body(request: Request) -> bytes:
    """Dependency: the body of a request that must be plain text or a .docx file."""
    return await _read(request, ("text/plain", DOCX_TYPE))


async def _read(request: Request, accepted: tuple[str, ...]) -> bytes:
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    size = request.headers.get("content-length", "")
    if not (size.isdecimal() and int(size) > DRAINED):
        body, whole = await _receive(request)
        if told not in accepted and not (told.endswith("+json") and told.startswith("application/")):
            # None at all is refused too: any web page may send such a request from a browser on this machine.
            what = f"不接受 {told[:60]} 格式的请求" if told else "请求没有说明格式"
            raise HTTPException(415, f"{what}，请在 Content-Type 中写明 {'、'.join(accepted)}")
        if whole:
            return body
    raise HTTPException(413, f"请求正文超过{MAX_BYTES // 1_000_000}MB，请拆分或删去无关内容后再提交")


async def _receive(request: Request) -> tuple[bytes, bool]:
    """The body, and whether it is all of it: what is beyond the limit is thrown away as it comes."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= MAX_BYTES:
            parts.append(part)
        elif size > DRAINED:
            break
    return b"".join(parts), size <= MAX_BYTES


def parse_object(body: bytes) -> Mapping[str, object]:
    """The JSON object of a body. FileInputError for what is no JSON, InputError for what is no object or unprintable."""
    try:
        data = loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _unreadable("请求正文不是 UTF-8 编码，请改用 UTF-8 编码的 JSON") from error
    except StrictJSONError as error:
        raise _unreadable(f"请求正文无法读取：{error}") from error
    if not isinstance(data, dict):
        raise _invalid([Fault("", "请求正文应是一个 JSON 对象")])
    if faults := list(control_characters(data)):
        raise _invalid(faults)
    return data


def split(data: Mapping[str, object], own: type[Own]) -> tuple[dict[str, object], Own | None, list[Fault]]:
    """(the fact sheet's fields, the operation's own or None, their faults); what is neither is a fault too."""
    sheet = {k: v for k, v in data.items() if k in FactSheet.model_fields}
    mine = {k: v for k, v in data.items() if k in own.model_fields}
    known = [*own.model_fields, *FactSheet.model_fields]
    faults = [_unknown(k, known) for k in data if k not in known]
    options, wrong = _validated(own, mine)
    return sheet, options, [*faults, *wrong]


def only(body: bytes, own: type[Own]) -> Own:
    """The body of an operation that takes its own fields alone. Raises with all faults at once."""
    data = parse_object(body)
    faults = [_unknown(k, list(own.model_fields)) for k in data if k not in own.model_fields]
    options, wrong = _validated(own, {k: v for k, v in data.items() if k in own.model_fields})
    if options is None or faults or wrong:
        raise _invalid([*faults, *wrong])
    return options


def _validated(own: type[Own], mine: Mapping[str, object]) -> tuple[Own | None, list[Fault]]:
    """The options with what is wrong left out, so that the rest can be looked at; None when it cannot be left out."""
    try:
        return own.model_validate(mine), []
    except ValidationError as error:
        faults = {str(e["loc"][0]): _fault(own, e) for e in reversed(error.errors(include_url=False)) if e["loc"]}
    rest = {k: v for k, v in mine.items() if k not in faults}
    try:
        return own.model_validate(rest), list(faults.values())
    except ValidationError:
        return None, list(faults.values())


def _fault(own: type[Model], error: ErrorDetails) -> Fault:
    """A field's description is `应为……：what it is`."""
    loc = error["loc"]
    field = str(loc[0])
    description = own.model_fields[field].description or ""
    form, _, meaning = description.partition("：")
    if error["type"] == "missing":
        return Fault(pointer(loc), f"缺少 {field}（{meaning}），请补充")
    if error["type"] == "enum":
        allowed = "、".join(_allowed(error))
        return Fault(pointer(loc), f"{field} 中没有“{str(error['input'])[:40]}”这一项，可选的有 {allowed}")
    if len(loc) > 1:
        return Fault(pointer(loc), f"{field} 的每一项应为文字，不能是 {_shown(error['input'])}")
    if error["type"] == "string_too_long":
        return Fault(pointer(loc), f"{field} {form}（{meaning}），现有{len(str(error['input']))}个字符，请删减")
    return Fault(pointer(loc), f"{field} {form}（{meaning}），不能是 {_shown(error['input'])}")


def _allowed(error: ErrorDetails) -> list[str]:
    """What pydantic expects of an enum ("'a', 'b' or 'c'"), in its order."""
    return re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:40]}……"


def _unknown(name: str, known: list[str]) -> Fault:
    close = near(name, known)
    hint = f"是否应为 {'、'.join(close)}" if close else f"可用的字段有 {'、'.join(known)}"
    return Fault(pointer((name,)), f"没有名为“{name[:40]}”的字段，{hint}")


def sheet_of(fields: Mapping[str, object], faults: list[Fault]) -> tuple[FactSheet, Outline]:
    """The fact sheet and its outline. Raises with all faults at once, those found so far included."""
    try:
        sheet = read_sheet(fields, outline=load_outline)
    except FactSheetError as error:
        raise _sheet_error([*faults, *error.faults]) from error
    if faults:
        raise _invalid(faults)
    return sheet, load_outline(sheet.outline)


def outline_or_none(fields: Mapping[str, object]) -> Outline | None:
    """The outline that the fields name, where there is one: to look at the rest even if the sheet has faults."""
    name = fields.get("outline")
    try:
        return load_outline(name) if isinstance(name, str) else None
    except InputError:
        return None


def exemplar_faults(ids: tuple[str, ...] | None) -> list[Fault]:
    """Of the ids of exemplars in a request."""
    return [f for n, i in enumerate(ids or ()) for f in _exemplar_fault(n, i)]


def _exemplar_fault(number: int, name: str) -> list[Fault]:
    try:
        load_exemplar(name)
    except UnknownExemplarError as error:
        return [Fault(pointer(("exemplars", number)), error.message)]
    return []


def section_fault(outline: Outline | None, name: str, at: tuple[str | int, ...]) -> list[Fault]:
    """Of a section's id in a request."""
    if outline is None or name in outline.sections_by_id:
        return []
    known = list(outline.sections_by_id)
    return [Fault(pointer(at), f"编制要点 {outline.id} 没有编号为“{name[:20]}”的节，可用的有：{'、'.join(known)}")]


def _unreadable(message: str) -> FileInputError:
    return FileInputError(message, [Fault("", message)])


def _invalid(faults: list[Fault]) -> InputError:
    return InputError(_told("请求", faults), faults)


def _sheet_error(faults: list[Fault]) -> FactSheetError:
    return FactSheetError(_told("请求", faults), faults)


def _told(what: str, faults: list[Fault]) -> str:
    more = f"（另有{len(faults) - 1}处）" if len(faults) > 1 else ""
    return f"{what}有{len(faults)}处需要修改，{faults[0].pointer or '正文'}：{faults[0].detail}{more}"
