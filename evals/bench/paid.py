"""A model endpoint for the durability bench: answers each prompt in its own words, and notes what it was paid for.

It outlives the services that the bench kills. An answer is a function of the request's messages alone: the offline
writer's draft for the section, with a mark that no other prompt gets, so that a text in the wrong place shows. Every
fourth first answer states a figure that no fact has, so that sections take several calls.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from evals.bench.endpoint import LOOPBACK, Connection, Later, response
from schemas.draft import Reply, Task
from schemas.plan import PlanRequest
from service.pipeline import Kit, draft_plan
from service.prompt.outlines import load_outline
from service.writer.offline import OfflineWriter
from service.writer.protocol import OnDelta

_SIGNS = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"
_WRONG = "2016年，全市完成相关投资98765.43亿元。"
_FAULTY = 4
"""One in so many first answers is wrong, and has to be repaired."""
_PER_CHARACTER = 0.7
"""Tokens, about what Chinese costs: the service minds an endpoint that counts far less."""


@dataclass(slots=True)
class Call:
    """One paid request. `number` is told as its completion tokens, so that the ledger shows which answer it holds."""

    number: int
    prompt: str
    section: str
    mark: str
    text: str
    """All messages, in which the tokens of plan and redraft are looked for."""
    sent: bool = False
    """Whether the whole answer left this process."""


class Again(NamedTuple):
    """Calls that were made more often than their answers were needed."""

    kept: int
    """Made when the answer was in the ledger: paid twice for nothing."""
    sent: int
    """The answer had been sent whole, and was not kept: the window between a reply and its commit."""
    cut: int
    """The answer was under way when the service was killed."""


@dataclass(slots=True)
class PaidEndpoint:
    """Serves chat completions on a port of this machine; latencies in seconds, drawn from a seed."""

    drafts: Mapping[str, str]
    latency: tuple[float, float]
    seed: int
    calls: list[Call] = field(default_factory=list)
    url: str = ""
    _server: asyncio.Server | None = None
    _random: random.Random = field(default_factory=random.Random)

    async def start(self) -> None:
        """Listens; `url` is what OPENAI_BASE_URL is to be."""
        self._random.seed(self.seed)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self._later), LOOPBACK, 0, backlog=1024)
        self.url = f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}/v1"

    def stop(self) -> None:
        """Listens no more."""
        if self._server is not None:
            self._server.close()

    def take(self, body: Mapping[str, Any]) -> tuple[Call, bytes, float]:
        """Notes the request; its answer, and after how many seconds it is given."""
        messages = [(m["role"], m["content"]) for m in body["messages"]]
        prompt = hashlib.sha256(json.dumps(messages).encode()).hexdigest()
        told = re.search(r"（编号 ([\d.]+)）", messages[1][1])
        assert told, "a prompt without a section"
        call = Call(len(self.calls) + 1, prompt, told[1], mark_of(prompt), "".join(text for _, text in messages))
        self.calls.append(call)
        content = _worded(self.drafts[call.section], call.mark, faulty=len(messages) == 2 and _faulty(prompt))
        tokens = round(sum(len(text) for _, text in messages) * _PER_CHARACTER)
        usage = {"prompt_tokens": tokens, "completion_tokens": call.number, "total_tokens": tokens + call.number}
        choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        answer = {"id": f"c{call.number}", "object": "chat.completion", "created": 1, "model": "bench"}
        data = json.dumps({**answer, "choices": [choice], "usage": usage}, ensure_ascii=False).encode()
        return call, data, self._random.uniform(*self.latency)

    def _later(self, body: bytes) -> Later:
        call, answer, seconds = self.take(json.loads(body))

        def sent() -> None:
            call.sent = True

        return Later(response(answer), seconds, sent)

    def again(self, ledger: Collection[int], first: int = 0) -> Again:
        """How often was paid for the same prompt again, from the call at index `first` on.

        `ledger`: numbers of the calls whose answers are kept.
        """
        same: dict[str, list[Call]] = {}
        for call in self.calls[first:]:
            same.setdefault(call.prompt, []).append(call)
        count: Counter[str] = Counter()
        for calls in same.values():
            # An answer that is kept was needed: a second repair may well be asked for in the words of the first.
            last = max((c.number for c in calls if c.number in ledger), default=0)
            for call in calls if len(calls) > 1 else ():
                if call.number not in ledger:
                    count["kept" if call.number > last > 0 else "sent" if call.sent else "cut"] += 1
        return Again(count["kept"], count["sent"], count["cut"])

    def marks_of(self, section: str, token: str) -> set[str]:
        """Marks of all answers for a section whose prompts had the token."""
        return {call.mark for call in self.calls if call.section == section and token in call.text}


def mark_of(prompt: str) -> str:
    """Ten characters that belong to this prompt alone."""
    number = int(prompt[:16], 16)
    signs = []
    for _ in range(10):
        number, at = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[at])
    return "".join(signs)


def _faulty(prompt: str) -> bool:
    return int(prompt[-2:], 16) % _FAULTY == 0


def _worded(draft: str, mark: str, *, faulty: bool) -> str:
    """The draft's JSON with the mark at its end."""
    reply = json.loads(draft)
    if not reply["paragraphs"]:
        return draft
    reply["paragraphs"][-1]["text"] += (_WRONG if faulty else "") + f"（{mark}）"
    return json.dumps(reply, ensure_ascii=False)


class _Listening(OfflineWriter):
    """Keeps the first answer for each section."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        reply = await super().write(task, on_delta)
        self.said.setdefault(task.section.id, reply.content)
        return reply


async def drafts_of(request: PlanRequest) -> Mapping[str, str]:
    """The offline writer's raw reply for every section of the outline."""
    writer = _Listening()
    await draft_plan(request, Kit(load_outline(request.sheet.outline), (), writer))
    return writer.said
