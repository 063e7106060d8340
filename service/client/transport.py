"""How the client asks: connections, repeats of what may be repeated, and streams of events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
from pydantic import JsonValue

from service.client.errors import ClientError, ConnectionFailedError, refusal

SILENCE = 60.0
"""Seconds after which a stream counts as lost: the service says something every 15 seconds."""
LONGEST_PAUSE = 30.0
"""Seconds; a service that asks for a longer pause than this is not asked again."""


class Transport:
    """Sends requests to the service at `base_url`; several threads may share it."""

    def __init__(self, base_url: str, api_key: str | None, *, timeout: float, retries: int, pause: float) -> None:
        """ClientError for a base URL that is none."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        try:
            url = httpx.URL(base_url)
            # A proxy of the environment is for what lies outside this machine.
            outside = url.host not in ("127.0.0.1", "::1", "localhost")
            self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, trust_env=outside)
        except httpx.InvalidURL as error:
            raise ClientError(f"服务地址 {base_url} 写得不对，应如 http://127.0.0.1:8000") from error
        self._timeout, self._retries, self._pause = timeout, retries, pause

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, str | int | bool] | None = None) -> httpx.Response:
        """The answer to a request that may be repeated."""
        return self.send("GET", path, again=True, params=params)

    def send(
        self,
        method: str,
        path: str,
        *,
        again: bool = False,
        json: Mapping[str, JsonValue] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int | bool] | None = None,
        patience: float = 0.0,
    ) -> httpx.Response:
        """The answer, a success. `again`: it may be repeated; `patience`: seconds that the answer may take at least."""
        request = self._http.build_request(
            method, path, json=json, content=content, headers=headers, params=params,
            timeout=self._patient(patience),
        )  # fmt: skip
        failures = 0
        while True:
            try:
                return self._once(lambda: self._http.send(request))
            except ClientError as error:
                failures += 1
                if not again:
                    raise
                self.rest_or_raise(error, failures)

    def _once(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            answer = send()
            if not answer.is_success:
                answer.read()
                answer.close()
        except httpx.RequestError as error:
            raise self._lost(error) from error
        if answer.is_success:
            return answer
        raise refusal(answer)

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, JsonValue] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Iterator[tuple[str, str, str]]]:
        """Name, id and data of each event, until the service closes the stream; leaving the block closes it."""
        accepted = {"Accept": "text/event-stream", **(headers or {})}
        request = self._http.build_request(method, path, json=json, headers=accepted, timeout=self._patient(SILENCE))
        answer = self._once(lambda: self._http.send(request, stream=True))
        try:
            yield server_sent(answer.iter_bytes())
        except httpx.RequestError as error:
            raise self._lost(error) from error
        finally:
            answer.close()

    def rest_or_raise(self, error: ClientError, failures: int) -> None:
        """Pauses before the next attempt, or raises the error where there is to be none."""
        pause = max(self._pause * 2 ** (failures - 1), error.retry_after or 0.0)
        if not error.passing or failures > self._retries or pause > LONGEST_PAUSE:
            raise error
        time.sleep(pause)

    def _patient(self, read: float) -> httpx.Timeout:
        return httpx.Timeout(self._timeout, read=max(read, self._timeout))

    def _lost(self, error: httpx.RequestError) -> ConnectionFailedError:
        url, said = self._http.base_url, str(error) or type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            return ConnectionFailedError(f"服务 {url} 没有在时限内答复（{said}），请稍后重试")
        return ConnectionFailedError(f"与服务 {url} 的连接失败（{said}），请检查地址以及服务是否在运行")


def server_sent(parts: Iterator[bytes]) -> Iterator[tuple[str, str, str]]:
    """Name, id and data of each event. Lines end with LF or CRLF alone: a text may hold what else Unicode breaks at."""
    name, number, data = "message", "", list[str]()
    for line in _lines(parts):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line and data:
            yield name, number, "\n".join(data)
        if not line:
            name, data = "message", []
        elif field == "event":
            name = value
        elif field == "id":
            number = value
        elif field == "data":
            data.append(value)


def _lines(parts: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
