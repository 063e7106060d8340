"""The metered writer: its reply is the writer's, and every end is told once, without a word of it."""

from __future__ import annotations

import asyncio

import pytest

from schemas.draft import Reply, Task, Usage
from service.errors import RateLimitedError, WriterError
from service.writer.job import Manner
from service.writer.metered import Asked, Metered
from service.writer.openai import OpenAIWriter
from service.writer.protocol import OnDelta
from service.writer.request import Rung
from tests.doubles.faults import FaultServer, error, whole
from tests.doubles.tasks import task


class Writer:
    name, model, reads_prompt, warms_cache = "openai", "qwen-max", True, True

    def __init__(self, outcome: Reply | BaseException) -> None:
        self._outcome = outcome

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        del task
        if on_delta:
            on_delta("望海市")
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome


def asked(outcome: Reply | BaseException) -> tuple[Asked, list[str]]:
    told: list[Asked] = []
    heard: list[str] = []
    writer = Metered(Writer(outcome), told.append)
    assert (writer.name, writer.model, writer.reads_prompt, writer.warms_cache) == ("openai", "qwen-max", True, True)
    if isinstance(outcome, Reply):
        assert asyncio.run(writer.write(task(), heard.append)) is outcome
    else:
        with pytest.raises(type(outcome)):
            asyncio.run(writer.write(task(), heard.append))
    (one,) = told
    assert one.seconds > 0
    return one, heard


def test_an_answer() -> None:
    usage = Usage(prompt_tokens=900, completion_tokens=120, cached_tokens=800)
    one, heard = asked(Reply(content="{}", writer="openai", model="qwen", usage=usage))
    assert (one.writer, one.kind, one.outcome, one.usage, one.retries) == ("openai", "section", "answered", usage, 0)
    assert heard == ["望海市"]


@pytest.mark.parametrize(
    ("failure", "outcome", "tokens"),
    [
        (RateLimitedError("接口限流"), "rate-limited", 0),
        (WriterError("答复被截断", usage=Usage(prompt_tokens=700)), "writer-failed", 700),
        (asyncio.CancelledError(), "cancelled", 0),
        (ZeroDivisionError(), "broken", 0),
    ],
)
def test_every_other_end(failure: BaseException, outcome: str, tokens: int) -> None:
    one, _ = asked(failure)
    assert (one.outcome, one.usage.prompt_tokens) == (outcome, tokens)


def test_calls_made_again_are_counted() -> None:
    """By an endpoint that is busy twice and cuts one answer short."""

    async def run() -> list[Asked]:
        told: list[Asked] = []
        cut = whole('{"paragraphs": [{"text": "2016年，', finish="length")
        async with FaultServer(error(503, "busy"), error(503, "busy"), cut, whole("{}")) as at:
            manner = Manner(rung=Rung.JSON_OBJECT, pause=0.001)
            writer = OpenAIWriter(at.url, "key", "qwen", manner)
            try:
                await Metered(writer, told.append).write(task())
            finally:
                await writer.aclose()
        return told

    (one,) = asyncio.run(run())
    assert (one.outcome, one.retries) == ("answered", 3)
