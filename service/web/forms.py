"""What a page sends: the fields and files of a form, read within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

from service.facts.loading import MAX_BYTES

_MOST_FIELDS = 20_000
_MOST_BYTES = 4 * MAX_BYTES
"""The largest fact sheet, as it was read and once more laid out to be edited, in percent signs at worst."""
_BOUNDARY = re.compile(r'boundary="?([\w\'()+,\-./:=?]{1,70})"?', re.ASCII)
_NAME, _FILENAME = re.compile(rb'[ ;]name="([^"]*)"'), re.compile(rb'[ ;]filename="([^"]*)"')


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
    """The request's form; read once, however often it is asked for. 413 for more than a form may hold, 415 for no form."""
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
        if size > _MOST_BYTES:
            raise HTTPException(413, f"提交的内容超过{_MOST_BYTES // 1_000_000}MB，请删减后再提交")
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
    boundary = _BOUNDARY.search(told)
    if boundary is None:
        raise HTTPException(415, "应以表单提交")
    pairs: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    for head, content in _parts(body, boundary[1].encode()):
        name, filename = _NAME.search(head), _FILENAME.search(head)
        if name is None or len(pairs) >= _MOST_FIELDS:
            raise HTTPException(413, "表单的项目过多，请分次提交")
        if filename is None:
            pairs.append((_decoded(name[1]), _decoded(content)))
        elif filename[1]:
            files[_decoded(name[1])] = Upload(_decoded(filename[1]), content)
    return Form(_plain(pairs), files)


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Head and content of each part (RFC 2046): the line break before a delimiter belongs to it.

    Read here rather than by the standard library's mail parser, which takes seconds for a fact sheet's thousand fields.
    """
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise HTTPException(400, "表单没有传完整，请返回后重新提交")
    for piece in pieces[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        yield head.replace(b"\r\n", b" "), content


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
