"""Who is asking: a key of the request told as a caller, before any route runs. Hashes alone are known here."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from schemas.stored import KeyRow
from service.api.sessions import COOKIE, Sessions
from service.errors import TooManyRequestsError, UnauthenticatedError
from service.prompt.shelves import Shelf, seen_by
from service.text.hashing import key_hash

LOCAL = "local"
"""The name of whoever asks where no keys exist: only this machine can."""
LONGEST_KEY = 200
"""Characters of a key; what is longer is none of ours, and is not hashed."""
_READING = frozenset({"GET", "HEAD"})
Stored = Callable[[], Awaitable[Sequence[KeyRow]]]
"""All keys of the database, those that were revoked too."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `name` for the audit, `owner` whose plans alone are seen; an owner of None sees all."""

    name: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    sha256: str
    requests_per_minute: int | None = None


class Access:
    """The keys of the settings and of the database, and how often each may ask.

    Once there is a key, even a revoked one, no request is let in without a key: to revoke the last one opens nothing.
    """

    def __init__(
        self,
        configured: Mapping[str, str],
        stored: Stored | None = None,
        requests_per_minute: int = 600,
        sessions: Sessions | None = None,
        shelves: Sequence[Shelf] = (),
    ) -> None:
        """`configured`: name → SHA-256 in hex. `requests_per_minute`: of a key that has no number of its own.

        `shelves`: where requests find outlines that do not ship.
        """
        self.sessions = sessions or Sessions(None)
        self.shelves = shelves
        self._configured = [_Key(name, sha256) for name, sha256 in configured.items()]
        self._stored = stored
        self._requests_per_minute = requests_per_minute
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def needed(self) -> bool:
        """Whether requests must show a key. StoreError."""
        return bool(self._configured or await self._rows())

    async def caller(self, request: Request, *, session: bool = False) -> Caller:
        """UnauthenticatedError for no key or a wrong one, TooManyRequestsError beyond the key's rate, StoreError.

        A session's cookie stands for its key where the request only reads; with `session` also where it changes
        something: the caller has made sure then that the request comes from a page of this service.
        """
        shown, cookie = _shown(request), request.cookies.get(COOKIE, "")
        found = _matching(self._configured, shown)
        if found is None:
            rows = await self._rows()
            if not rows and not self._configured:
                return Caller(LOCAL, None)
            in_force = [_Key(r.name, r.sha256, r.requests_per_minute) for r in rows if r.revoked_at is None]
            found = _matching(in_force, shown)
            if not shown and cookie and (session or request.method in _READING):
                found = self._holder(cookie, [*self._configured, *in_force])
        if found is None:
            raise UnauthenticatedError(
                "密钥无效或已吊销，请向管理员索取新的密钥"
                if shown
                else "请在请求头 Authorization: Bearer 或 X-API-Key 中提供密钥"
            )
        request.state.caller = found.name  # for the log
        self._spend(found)
        return Caller(found.name, found.name)

    async def begin(self, key: str) -> str | None:
        """The cookie of a new session for the key; None for a key that is none of ours. StoreError."""
        rows = await self._rows()
        found = _matching([*self._configured, *(_Key(r.name, r.sha256) for r in rows if r.revoked_at is None)], key)
        return None if found is None else self.sessions.begin(found.name, found.sha256)

    def _holder(self, cookie: str, keys: Sequence[_Key]) -> _Key | None:
        name = self.sessions.holder(cookie, ((key.name, key.sha256) for key in keys))
        return next((key for key in keys if key.name == name), None)

    async def _rows(self) -> Sequence[KeyRow]:
        return await self._stored() if self._stored is not None else ()

    def _spend(self, key: _Key) -> None:
        """One request of the key's minute."""
        allowed = RateLimitItemPerMinute(key.requests_per_minute or self._requests_per_minute)
        if not self._limiter.hit(allowed, key.name):
            wait = self._limiter.get_window_stats(allowed, key.name).reset_time - time.time()
            raise TooManyRequestsError(
                f"请求过于频繁，每分钟最多{allowed.amount}次，请稍后重试", retry_after=max(1, math.ceil(wait))
            )


async def caller(request: Request) -> Caller:
    """Dependency: who asks. UnauthenticatedError, TooManyRequestsError, StoreError."""
    access = getattr(request.app.state, "access", None)
    if not isinstance(access, Access):
        access = Access({})
    found = await access.caller(request)
    # For what the request's route looks up, in this task or in threads that it waits for.
    seen_by(found.owner, access.shelves)
    return found


def _shown(request: Request) -> str:
    """The key of the request; empty where it shows none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "").strip()


def _matching(keys: Sequence[_Key], shown: str) -> _Key | None:
    """Compared with every key, so that the time taken tells neither which one matched nor how much of it."""
    if not shown or len(shown) > LONGEST_KEY:
        return None
    told = key_hash(shown)
    matching = [key for key in keys if hmac.compare_digest(key.sha256, told)]
    return matching[0] if matching else None
