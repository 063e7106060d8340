"""Every error of the HTTP face as RFC 9457 problem+json: one stable `type`, one entry of `errors` for each fault."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from schemas.wire import KindOfProblem, Problem, ProblemFault
from service.errors import EditConflictError, FanganError, Fault, TooManyRequestsError

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"

_HTTP = {
    404: ("not-found", "No such resource", "没有这个地址，可用的接口见 /docs"),
    405: (
        "method-not-allowed",
        "This resource does not support the method",
        "这个地址不支持该方法，可用的方法见 Allow",
    ),
    413: ("payload-too-large", "The request body is larger than 2 MB", ""),
    415: ("unsupported-media-type", "The request body has a media type that is not accepted here", ""),
    500: ("internal", "Internal error", "服务内部出错，已记入日志；请稍后重试，仍有问题请把出错时间告诉管理员"),
}
"""Status → slug, title and the detail where the raiser gives none: for what HTTP itself refuses."""
_PARAMETER = re.compile(r"\\\{[^/]+?\\\}")
"""A parameter of a path that was escaped."""


def kinds() -> Iterator[KindOfProblem]:
    """All problem types: those of HTTP and those of the error tree."""
    for status, (slug, title, _) in _HTTP.items():
        yield KindOfProblem(type=address(slug), title=title, status=status)
    for error in _tree(FanganError):
        if error.type != FanganError.type:
            yield KindOfProblem(type=address(error.type), title=error.title, status=error.status)


def error_class(slug: str) -> type[FanganError]:
    """The error of that type; FanganError itself for one that the tree does not name."""
    return next((e for e in _tree(FanganError) if e.type == slug), FanganError)


def _tree(root: type[FanganError]) -> Iterator[type[FanganError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


def address(slug: str) -> str:
    """The `type` of a problem."""
    return f"/problems/{slug}"


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation for OpenAPI."""
    said = {
        401: "The request shows no API key that is in force; only where there are keys",
        404: "No such resource",
        409: "The plan's state does not allow it; `type` says why",
        412: "The section has a newer version, whose number is `version`; nothing was written",
        413: "The request body is larger than 2 MB",
        415: "The media type is not accepted",
        422: "The request is not valid; `errors` names every fault with its JSON pointer",
        428: "If-Match is missing",
        429: "The API key has made too many requests; see Retry-After",
        501: "The machine of the service has not the program that this needs",
        502: "The model endpoint gave no usable draft",
        503: "The database cannot serve, no model endpoint is configured, it is overloaded or limits our rate, or a PDF failed",
        504: "The model endpoint gave no complete answer in time",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {s: {"description": said[s], "content": {MEDIA_TYPE: {"schema": schema}}} for s in statuses}


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem."""
    app.add_exception_handler(FanganError, answer_to)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_parameters)
    app.add_exception_handler(Exception, _unforeseen)


def answer_to(request: Request, error: Exception) -> JSONResponse:
    """The problem that an error of ours is."""
    assert isinstance(error, FanganError)
    if error.status >= 500:
        _log.warning("%s %s: %s", request.method, request.url.path, error.type)
    version = error.version if isinstance(error, EditConflictError) else None
    return _answer(
        request,
        error.status,
        error.type,
        error.title,
        error.message,
        faults=error.faults,
        version=version,
        headers=_headers(error),
    )


def _headers(error: FanganError) -> dict[str, str]:
    """What HTTP wants said beside the problem."""
    if isinstance(error, TooManyRequestsError):
        return {"Retry-After": str(error.retry_after)}
    return {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}


def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    slug, title, detail = _HTTP.get(error.status_code, ("http", "The request was refused", ""))
    said = error.detail if error.status_code in {413, 415} else detail
    headers = dict(error.headers or {})
    if error.status_code == 405 and (allowed := _allowed(request)):
        headers["Allow"] = allowed
    return _answer(request, error.status_code, slug, title, said or str(error.detail), headers=headers)


def _allowed(request: Request) -> str | None:
    """The methods of the resource, as it is described: the framework names those of one of its routes alone.

    Where a path fits several patterns (`…/{plan}` and `…/{plan}:cancel`), it is the one with most of it literal.
    """
    paths: dict[str, dict[str, object]] = request.app.openapi()["paths"]
    fitting = [p for p in paths if re.fullmatch(_PARAMETER.sub("[^/]+", re.escape(p)), request.url.path)]
    if not fitting:
        return None
    resource = max(fitting, key=lambda p: len(_PARAMETER.sub("", re.escape(p))))
    return ", ".join(sorted(m.upper() for m in paths[resource]))


def _of_parameters(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [Fault("/" + "/".join(map(str, e["loc"])), f"参数不合要求：{e['msg']}") for e in error.errors()]
    return _answer(request, 422, "invalid-input", "The request is not valid; see errors", "请求参数有误", faults=faults)


def _unforeseen(request: Request, _: Exception) -> JSONResponse:
    # Starlette raises the exception again after this answer, so that the server logs it.
    slug, title, detail = _HTTP[500]
    return _answer(request, 500, slug, title, detail)


def _answer(
    request: Request,
    status: int,
    slug: str,
    title: str,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    headers: dict[str, str] | None = None,
    version: int | None = None,
) -> JSONResponse:
    problem = Problem(
        type=address(slug),
        title=title,
        status=status,
        detail=printable(detail),
        instance=printable(request.url.path),
        errors=tuple(ProblemFault(pointer=printable(f.pointer), detail=printable(f.detail)) for f in faults),
        version=version,
    )
    return JSONResponse(problem.model_dump(mode="json"), status, headers, MEDIA_TYPE)


def printable(text: str) -> str:
    """Without lone surrogates, which UTF-8 cannot hold; a request may echo them in a pointer."""
    return text.encode("utf-8", "replace").decode()
