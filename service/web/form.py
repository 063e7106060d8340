"""The body of a page's form → its fields and files: the only place where a browser's encodings are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

MAX_FORM = 8_000_000
"""Bytes: the largest fact sheet, once in the form as it was read and once more as what may be edited."""
MAX_FIELDS = 20_000
_BOUNDARY = re.compile(r'boundary="?([\w\'()+,\-./:=? ]{1,70})"?', re.ASCII)
_NAME = re.compile(rb'[ ;]name="([^"\r\n]*)"')
_FILE_NAME = re.compile(rb'[ ;]filename="([^"\r\n]*)"')
_BROKEN = "表单不完整，请返回重新提交"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was chosen; the content of one that was left out is empty."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    r"""What a form sent. Line breaks of its texts are \n, as everywhere but in browsers' forms."""

    fields: Mapping[str, str]
    files: Mapping[str, File]

    def get(self, name: str) -> str:
        """The field, or nothing."""
        return self.fields.get(name, "")


async def form_of(request: Request) -> Form:
    """Dependency: the form. 413 for one that is too large, 415 for a body of another kind, 400 for a broken one."""
    kind = request.headers.get("content-type", "")
    body = await _received(request)
    if kind.startswith("application/x-www-form-urlencoded"):
        return _urlencoded(body)
    found = _BOUNDARY.search(kind)
    if not kind.startswith("multipart/form-data") or found is None:
        raise HTTPException(415, "应以网页表单提交")
    return _multipart(body, found[1].encode())


async def _received(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            raise HTTPException(413, f"提交的内容超过{MAX_FORM // 1_000_000}MB，请拆分或删去无关内容后再提交")
    return bytes(body)


def _urlencoded(body: bytes) -> Form:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise HTTPException(400, _BROKEN) from error
    return Form({name: _text(value) for name, value in pairs}, {})


def _multipart(body: bytes, boundary: bytes) -> Form:
    fields: dict[str, str] = {}
    files: dict[str, File] = {}
    for head, content in _parts(body, boundary):
        name = _NAME.search(head)
        if name is None or len(fields) + len(files) >= MAX_FIELDS:
            raise HTTPException(400, _BROKEN)
        file_name = _FILE_NAME.search(head)
        try:
            if file_name is not None:
                files[name[1].decode()] = File(file_name[1].decode(errors="replace"), content)
            else:
                fields[name[1].decode()] = _text(content.decode())
        except UnicodeDecodeError as error:
            raise HTTPException(400, _BROKEN) from error
    return Form(fields, files)


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Head and content of each part (RFC 2046): the line break before a delimiter belongs to it."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise HTTPException(400, _BROKEN)
    for piece in pieces[1:-1]:
        head, found, content = piece.partition(b"\r\n\r\n")
        if not found:
            raise HTTPException(400, _BROKEN)
        yield head.replace(b"\r\n", b" "), content


def _text(value: str) -> str:
    return value.replace("\r\n", "\n")
