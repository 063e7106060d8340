"""The durability bench's endpoint: its words belong to one prompt alone, and it knows what was paid for in vain."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from evals.bench.paid import Call, PaidEndpoint
from tests.api.live import reply_of

DRAFTS = {"2.1": reply_of("望海市地处云岭省东南沿海。"), "2.2": reply_of("电子商务需求旺盛。")}


def request(section: str, *more: str) -> dict[str, Any]:
    told = ("事实表", f"起草“基本概况”（编号 {section}）。", *more)
    return {"messages": [{"role": "user", "content": text} for text in told]}


BODY = json.dumps(request("2.1")).encode()
POSTED = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


def said(answer: bytes) -> str:
    content = json.loads(json.loads(answer)["choices"][0]["message"]["content"])
    text: str = content["paragraphs"][-1]["text"]
    return text


def test_the_same_prompt_gets_the_same_words_and_another_one_others() -> None:
    endpoint = PaidEndpoint(DRAFTS, (0.0, 0.1), 1)
    first, again, other, elsewhere = (
        endpoint.take(request(*given)) for given in (("2.1",), ("2.1",), ("2.1", "甲号批次"), ("2.2",))
    )
    assert said(first[1]) == said(again[1])
    assert len({said(answer) for _, answer, _ in (first, other, elsewhere)}) == 3
    assert f"（{other[0].mark}）" in said(other[1])
    assert endpoint.marks_of("2.1", "甲号批次") == {other[0].mark}


def test_a_repaired_answer_has_no_figure_without_a_source() -> None:
    endpoint = PaidEndpoint(DRAFTS, (0.0, 0.1), 1)
    told = request("2.1")["messages"]
    repairs = [{"messages": [*told, {"role": "user", "content": f"修改{n}"}]} for n in range(30)]
    answers = [endpoint.take(body) for body in repairs]
    assert not any("98765.43" in said(answer) for _, answer, _ in answers)


def test_a_call_made_although_its_answer_was_kept_is_told_from_one_that_was_cut() -> None:
    endpoint = PaidEndpoint(DRAFTS, (0.0, 0.1), 1)
    for _ in range(4):
        endpoint.take(request("2.1"))
    endpoint.take(request("2.2"))
    endpoint.calls[1].sent = True
    # The first was cut, the second sent and lost, the third is kept, the fourth was for nothing.
    assert endpoint.again({3, 5}) == (1, 1, 1)
    # A second repair in the same words is needed too.
    assert endpoint.again({3, 4, 5}) == (0, 1, 1)
    assert endpoint.again({3, 5}, first=2) == (1, 0, 0)


class Deserted(PaidEndpoint):
    """Its caller leaves as soon as the request was taken."""

    caller: asyncio.StreamWriter

    def take(self, body: Mapping[str, Any]) -> tuple[Call, bytes, float]:
        self.caller.transport.abort()
        return PaidEndpoint.take(self, body)


async def connected(endpoint: PaidEndpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    await endpoint.start()
    url = urlsplit(endpoint.url)
    return await asyncio.open_connection(url.hostname, url.port)


def test_requests_that_come_in_pieces_are_answered_on_one_connection() -> None:
    async def work(endpoint: PaidEndpoint) -> list[bytes]:
        reader, writer = await connected(endpoint)
        answers = []
        for at in (20, POSTED.index(b"{"), len(POSTED)):
            writer.write(POSTED[:at])
            await asyncio.sleep(0.01)
            writer.write(POSTED[at:])
            head = await reader.readuntil(b"\r\n\r\n")
            answers.append(await reader.readexactly(int(head.rpartition(b"Content-Length: ")[2])))
        writer.close()
        endpoint.stop()
        return answers

    endpoint = PaidEndpoint(DRAFTS, (0.0, 0.0), 1)
    assert len({said(answer) for answer in asyncio.run(work(endpoint))}) == 1
    assert [call.sent for call in endpoint.calls] == [True, True, True]


def test_an_answer_whose_caller_left_was_not_sent() -> None:
    async def work(endpoint: Deserted) -> None:
        _, endpoint.caller = await connected(endpoint)
        endpoint.caller.write(POSTED)
        while not endpoint.calls:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)  # began after the answer's wait, and is longer
        endpoint.stop()

    endpoint = Deserted(DRAFTS, (0.2, 0.2), 1)
    asyncio.run(work(endpoint))
    assert [call.sent for call in endpoint.calls] == [False]
