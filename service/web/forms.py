"""What a page sends: the fields and files of a form, read within bounds; no page may send more than the API takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

from service.facts.loading import MAX_BYTES

_MOST_FIELDS = 2000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was chosen."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """`fields`: lines end as everywhere in the product, however the browser sent them."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The field; empty where it is missing."""
        return self.fields.get(name, "")


async def form_of(request: Request) -> Form:
    """The request's form; read once, however often it is asked for. 413 for more than 2 MB, 415 for no form."""
    known = getattr(request.state, "form", None)
    if isinstance(known, Form):
        return known
    body = await _body(request)
    told = request.headers.get("content-type", "")
    kind = told.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        form = Form(_plain(_pairs(body)))
    elif kind == "multipart/form-data":
        form = _multipart(told, body)
    elif not body:
        form = Form()
    else:
        raise HTTPException(415, "应以表单提交")
    request.state.form = form
    return form


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise HTTPException(413, f"提交的内容超过{MAX_BYTES // 1_000_000}MB，请删减后再提交")
        parts.append(part)
    return b"".join(parts)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, encoding="utf-8", errors="replace",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError as error:
        raise HTTPException(413, "表单的项目过多，请分次提交") from error


def _plain(pairs: list[tuple[str, str]]) -> dict[str, str]:
    return {name: value.replace("\r\n", "\n").replace("\r", "\n") for name, value in pairs}


def _multipart(told: str, body: bytes) -> Form:
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + told.encode("latin-1", "replace") + b"\r\n\r\n" + body
    )
    pairs: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        filename = part.get_filename()
        if filename is None:
            pairs.append((name, content.decode("utf-8", "replace")))
        elif filename:
            files[name] = Upload(filename, content)
    return Form(_plain(pairs), files)
