"""A local endpoint for benches: answers every chat completion after a fixed time, as cheaply as asyncio can.

Run by evals/bench/writer.py in a process of its own: `python -m evals.bench.endpoint SECONDS`; prints its port and ends
when its standard input closes. Its connections serve evals/bench/paid.py too.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import NamedTuple

LOOPBACK = "127.0.0.1"


def _answer() -> bytes:
    """A section's reply of some 1,500 characters; it keeps the schema of section 2.1 of city-2017."""
    text = "到2021年，全市电子商务交易额不低于2000亿元，建成国家电子商务示范城市。" * 40
    paragraph = {"text": text, "facts": ["turnover-2021"], "points": ["location"]}
    content = json.dumps({"paragraphs": [paragraph], "gaps": [], "proposals": []}, ensure_ascii=False)
    body = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "bench",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": 6000, "completion_tokens": 1100, "total_tokens": 7100},
    }
    return json.dumps(body, ensure_ascii=False).encode()


class Later(NamedTuple):
    """An answer that is given after so many seconds."""

    response: bytes
    """Its head included."""
    seconds: float
    sent: Callable[[], None] | None = None
    """Called when the whole of it left this process."""


class Connection(asyncio.Protocol):
    """One connection: a request at a time, its bytes counted by its Content-Length; `take` gets the body."""

    def __init__(self, take: Callable[[bytes], Later]) -> None:
        self._take = take
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport to answer on."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Takes a request when it is there as a whole."""
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        _, _, rest = bytes(self._buffer[:head]).lower().partition(b"content-length:")
        end = head + 4 + int(rest.split(b"\r\n", 1)[0] or b"0")
        if len(self._buffer) >= end:
            later = self._take(bytes(self._buffer[head + 4 : end]))
            del self._buffer[:end]
            asyncio.get_running_loop().call_later(later.seconds, self._send, later)

    def _send(self, later: Later) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(later.response)
        # What the system did not take at once goes to a caller that is gone, or is told as cut.
        if later.sent is not None and self._transport.get_write_buffer_size() == 0:
            later.sent()


def response(body: bytes) -> bytes:
    """The answer that holds this JSON."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def serve(seconds: float) -> None:
    """Serves until standard input closes."""
    loop = asyncio.get_running_loop()
    later = Later(response(_answer()), seconds)
    server = await loop.create_server(lambda: Connection(lambda _: later), LOOPBACK, 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
