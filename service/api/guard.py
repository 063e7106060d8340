"""Around every request: whether it may come in at all, what every answer says to a browser, and how long it took."""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import answer_to
from service.errors import FanganError, ForeignHostError
from service.logs import about

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers would not tell of which origin our own forms are
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer, unless its route says otherwise: pages bring a policy of their own, and what may be kept says so."""
_WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines every few seconds."""
_PLAN = re.compile(r"/v1/plans/([0-9A-Za-z_-]{1,64})(?:/sections/([0-9.]{1,12}))?")
_log = logging.getLogger(__name__)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Observed = Callable[[str, str, int, float], None]
"""Told of each answer: method, route, status, and seconds until it began."""


class Guard:
    """ASGI middleware. `keyed` tells whether requests must show an API key.

    Without keys whoever reaches the service may use it, so it must be reached from this machine alone, and no page that
    its user happens to visit may ask in the user's place: a name that only points here (DNS rebinding) and a page of
    another origin are turned away.
    """

    def __init__(self, app: ASGIApp, keyed: Callable[[], Awaitable[bool]], observed: Observed) -> None:
        self._app = app
        self._keyed = keyed
        self._observed = observed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                self._told(scope, message["status"], time.perf_counter() - begun)
            await send(message)

        try:
            await self._admitted(scope)
        except FanganError as refusal:
            await answer_to(Request(scope), refusal)(scope, receive, answering)
            return
        with about(**_ids(scope["path"])):
            await self._app(scope, receive, answering)

    def _told(self, scope: Scope, status: int, seconds: float) -> None:
        """Measured and logged: by its route, as an address may hold what was searched for."""
        method, route = scope["method"], _route(scope)
        self._observed(method, route, status, seconds)
        told = {"status": status, "ms": round(seconds * 1000), "caller": scope.get("state", {}).get("caller")}
        _log.log(logging.DEBUG if route in _WATCHED else logging.INFO, "%s %s", method, route, extra=told)

    async def _admitted(self, scope: Scope) -> None:
        """ForeignHostError; StoreError where it must be known whether there are keys and cannot be."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _is_local(host) and _is_own(scope["method"], headers.get("origin"), host):
            return
        if not await self._keyed():
            raise ForeignHostError("未设置密钥时，服务只应答本机的请求：请用 127.0.0.1 或 localhost 访问，或先添加密钥")


def _is_local(host: str) -> bool:
    """Whether it is a name of this machine. None at all is no browser's."""
    if not host:
        return True
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_own(method: str, origin: str | None, host: str) -> bool:
    """Whether a request that may change something comes from no page, or from one of this service."""
    return method in _SAFE or origin is None or urlsplit(origin).netloc == host


def _ids(path: str) -> dict[str, str]:
    """What of a plan the request is about."""
    found = _PLAN.match(path)
    return {} if found is None else {k: v for k, v in zip(("plan", "section"), found.groups(), strict=True) if v}


def _route(scope: Scope) -> str:
    """The route's pattern: a path holds ids without end."""
    return str(getattr(scope.get("route"), "path", "other"))
