"""A local endpoint for benches: answers every chat completion after a fixed time, as cheaply as asyncio can.

Run by evals/bench/writer.py in a process of its own: `python -m evals.bench.endpoint SECONDS`; prints its port and ends
when its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import sys

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
    data = json.dumps(body, ensure_ascii=False).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data) + data


class Connection(asyncio.Protocol):
    """One connection: counts the bytes of a request by its Content-Length, answers later."""

    def __init__(self, seconds: float, answer: bytes) -> None:
        self._seconds = seconds
        self._answer = answer
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport to answer on."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers when a whole request is there."""
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        fields = bytes(self._buffer[:head]).lower()
        _, _, rest = fields.partition(b"content-length:")
        if len(self._buffer) >= head + 4 + int(rest.split(b"\r\n", 1)[0] or b"0"):
            self._buffer.clear()
            asyncio.get_running_loop().call_later(self._seconds, self._send)

    def _send(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(self._answer)


async def serve(seconds: float) -> None:
    """Serves until standard input closes."""
    loop = asyncio.get_running_loop()
    answer = _answer()
    server = await loop.create_server(lambda: Connection(seconds, answer), LOOPBACK, 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
