"""The service as its clients see it in the durability bench: there, gone, and there again on another port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

_AGAIN = 0.05
"""Seconds before a request that broke off is made again."""
_PATIENCE = 30.0
"""Seconds that one request may take."""


@dataclass(slots=True)
class Site:
    """Where requests go; each is made again until the service has answered it."""

    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=_PATIENCE, trust_env=False))
    _url: str = ""
    _there: asyncio.Event = field(default_factory=asyncio.Event)
    unanswered: int = 0
    """Requests that broke off, so that nobody knew whether they had been done."""

    def opens(self, port: int) -> None:
        """The service answers on this port."""
        self._url = f"http://127.0.0.1:{port}"
        self._there.set()

    def closes(self) -> None:
        """It is gone."""
        self._there.clear()

    async def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer, from whichever process gives one: what is asked must be harmless when it is asked twice."""
        while True:
            answer = await self.once(method, path, body, headers)
            if answer is not None and answer.status_code != 503:
                return answer
            await asyncio.sleep(_AGAIN)

    async def once(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response | None:
        """The answer; None when the connection broke off."""
        await self._there.wait()
        try:
            return await self.client.request(method, self._url + path, json=body, headers=headers)
        except httpx.TransportError:
            self.unanswered += 1
            return None

    async def lines(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[str]:
        """Lines of a stream, until it ends or breaks off."""
        await self._there.wait()
        try:
            async with self.client.stream("GET", self._url + path, headers=headers) as stream:
                if stream.status_code == 200:
                    async for line in stream.aiter_lines():
                        yield line
        except httpx.TransportError:
            return


@dataclass(slots=True)
class Follower:
    """A client that follows a plan's events, and comes back with Last-Event-ID whenever the stream broke off."""

    site: Site
    plan: str
    seen: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """Number, name and data of every event, as they came."""

    async def until_end(self, so: Callable[[str, dict[str, Any]], bool] = lambda name, _: name == "end") -> None:
        """Follows until an event is so: the closing `end`, when nothing else is said."""
        while True:
            last = str(self.seen[-1][0] if self.seen else 0)
            fields: dict[str, str] = {}
            async for line in self.site.lines(f"/v1/plans/{self.plan}/events", {"Last-Event-ID": last}):
                kind, _, value = line.partition(": ")
                if line:
                    fields[kind] = value
                elif "event" in fields:  # a whole one: half of one is worth nothing
                    number, name, data = int(fields["id"]), fields["event"], json.loads(fields["data"])
                    self.seen.append((number, name, data))
                    fields = {}
                    if so(name, data):
                        return
            await asyncio.sleep(_AGAIN)

    @property
    def numbers(self) -> list[int]:
        """Of the events that came, but for the closing ones, which tell a state."""
        return [number for number, name, _ in self.seen if name != "end"]
