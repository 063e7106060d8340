"""An endpoint that answers byte for byte what a test says, faults included; loopback only, bounded, records requests.

    async with FaultServer(error(429, "slow down", headers={"Retry-After": "1"}), whole(DRAFT)) as server:
        ...  # the first request gets the first answer, the last answer is repeated

An answer is a sequence of bytes to send, seconds to wait (float), and `Act`s.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

LOOPBACK = "127.0.0.1"
MOST_REQUESTS = 400
LONGEST_WAIT = 30.0


class Act(Enum):
    """What a broken server does to its connection."""

    RESET = auto()
    CLOSE = auto()


Answer = Sequence["bytes | float | Act"]
Chooser = Callable[[dict[str, Any]], Answer]
"""Answers by the request's body: for endpoints whose answer depends on what is asked."""


@dataclass(slots=True)
class Request:
    """One recorded request."""

    body: dict[str, Any]
    raw: bytes
    headers: dict[str, str]
    at: float
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """The caller hung up before the answer was complete."""


@dataclass
class FaultServer:
    """`answers` in order, the last one again and again; or one function of the request."""

    answers: tuple[Answer | Chooser, ...]
    requests: list[Request] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __init__(self, *answers: Answer | Chooser) -> None:
        self.answers = answers
        self.requests = []
        self._tasks = set()

    @property
    def url(self) -> str:
        """Base URL for the client."""
        return f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}/v1"

    async def __aenter__(self) -> FaultServer:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            while len(self.requests) < MOST_REQUESTS:
                request = await _read(reader)
                self.requests.append(request)
                if not await _send(self._answer(request), request, reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    def _answer(self, request: Request) -> Answer:
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        return answer(request.body) if callable(answer) else answer


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    pairs = (line.partition(":") for line in head.split("\r\n")[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(json.loads(raw or b"{}"), raw, headers, time.monotonic())


async def _send(answer: Answer, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """False when the connection is gone."""
    for part in answer:
        if part is Act.RESET:
            writer.transport.abort()
            return False
        if part is Act.CLOSE:
            return False
        if isinstance(part, bytes):
            writer.write(part)
            await writer.drain()
        elif isinstance(part, float) and await _hung_up(reader, min(part, LONGEST_WAIT)):
            request.closed.set()
            return False
    return True


async def _hung_up(reader: asyncio.StreamReader, seconds: float) -> bool:
    """Waits, and notices when the caller closes its side meanwhile."""
    try:
        async with asyncio.timeout(seconds):
            return not await reader.read(1)
    except TimeoutError:
        return False
    except ConnectionError:
        return True


# --- what to say ------------------------------------------------------------------------------------------------


def http(
    body: bytes, status: int = 200, kind: str = "application/json", headers: dict[str, str] | None = None
) -> bytes:
    """A complete HTTP answer."""
    more = "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items())
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


def data(value: object) -> bytes:
    """JSON, not escaped."""
    return json.dumps(value, ensure_ascii=False).encode()


USAGE = {"prompt_tokens": 900, "completion_tokens": 80, "total_tokens": 980}


def completion(content: object, finish: str | None = "stop", usage: object = USAGE, **message: Any) -> dict[str, Any]:
    """A chat completion; `usage=None` leaves it out."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "answering-model", "choices": [choice]}
    return body if usage is None else {**body, "usage": usage}


def whole(content: object, finish: str | None = "stop", usage: object = USAGE, **message: Any) -> Answer:
    """A whole reply."""
    return [http(data(completion(content, finish, usage, **message)))]


def error(status: int, message: str, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    """An error in OpenAI's shape."""
    return body_error(status, {"error": {"message": message, "type": None, "code": None, **more}}, headers)


def body_error(status: int, body: object, headers: dict[str, str] | None = None) -> Answer:
    """An error of any shape; bytes as they are."""
    if isinstance(body, bytes):
        return [http(body, status, "text/html", headers)]
    return [http(data(body), status, headers=headers)]


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One chunk of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "model": "answering-model", "choices": [choice]}


def sse(event: object) -> bytes:
    """One event, within a chunk of HTTP's chunked coding; bytes are sent as they are, within it."""
    line = (
        event
        if isinstance(event, bytes)
        else b"data: " + (event.encode() if isinstance(event, str) else data(event)) + b"\n\n"
    )
    return chunked(line)


def chunked(part: bytes) -> bytes:
    """A piece of chunked coding."""
    return b"%x\r\n" % len(part) + part + b"\r\n"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def stream(*events: object, done: bool = True, end: bool = True) -> Answer:
    """A stream of events (dict, str, bytes as they are), seconds and acts; [DONE] and the end unless told otherwise."""
    parts: list[bytes | float | Act] = [HEAD]
    parts += [e if isinstance(e, float | Act) else sse(e) for e in events]
    return [*parts, *([sse("[DONE]")] if done else []), *([END] if end else [])]


def pieces(text: str, size: int = 40) -> list[dict[str, Any]]:
    """A content cut into chunks."""
    return [
        chunk(role="assistant", content=""),
        *(chunk(content=text[n : n + size]) for n in range(0, len(text), size)),
    ]
