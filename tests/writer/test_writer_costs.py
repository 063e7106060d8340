"""What answers that came to nothing cost, and whether a plan should warm the endpoint's cache first."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schemas.draft import Usage
from service.errors import (
    ContentFilterError,
    ContextOverflowError,
    OverloadedError,
    ProtocolError,
    TruncatedError,
    UnpaidError,
    WriterError,
)
from service.main import build_endpoint
from service.settings import Settings
from service.writer.offline import OfflineWriter
from service.writer.openai import OpenAIWriter
from service.writer.protocol import warms_cache
from service.writer.recorded import Recorder
from tests.doubles.asking import KEY, ask, manner
from tests.doubles.faults import USAGE, Act, Answer, FaultServer, chunk, completion, data, error, http, stream, whole
from tests.doubles.tasks import DRAFT, task

ONCE = Usage(prompt_tokens=900, completion_tokens=80)
CACHED = {**USAGE, "prompt_tokens_details": {"cached_tokens": 700}}
CUT = whole(DRAFT[:60], "length")


def _times(count: int) -> Usage:
    return Usage(prompt_tokens=900 * count, completion_tokens=80 * count)


@pytest.mark.parametrize(
    ("answers", "kind", "cost"),
    [
        ((CUT,), TruncatedError, 2),
        ((whole(DRAFT, "content_filter"),), ContentFilterError, 1),
        ((whole(None, refusal="不便撰写"),), ContentFilterError, 1),
        (([http(data({**completion(DRAFT), "choices": []}))],), ProtocolError, 3),
        (([http(data({"error": {"message": "上游出错"}, "usage": USAGE}))],), ProtocolError, 3),
        ((whole(DRAFT, "insufficient_system_resource"),), OverloadedError, 6),
        ((CUT, error(402, "Insufficient Balance")), UnpaidError, 1),
    ],
    ids=["cut", "filtered", "refused", "no choices", "error in a success", "broken off", "cut, then unpaid"],
)
def test_a_failure_tells_what_its_answers_cost(answers: tuple[Answer, ...], kind: type[WriterError], cost: int) -> None:
    outcome = ask(*answers)
    assert isinstance(outcome.failure, kind)
    assert outcome.failure.usage == _times(cost)
    assert outcome.reply is None


def test_a_prompt_cut_in_silence_was_paid_for() -> None:
    usage = {"prompt_tokens": 4096, "completion_tokens": 80}
    outcome = ask(whole(DRAFT, usage=usage), of=task(tokens=12_000))
    assert isinstance(outcome.failure, ContextOverflowError)
    assert outcome.failure.usage == Usage(prompt_tokens=4096, completion_tokens=80)


@pytest.mark.parametrize(
    ("last", "tries"),
    [([{"error": {"message": "上游出错"}}], 3), ([Act.RESET], 4), ([b"data: {\n\n"], 3)],
    ids=["error event", "cut", "not JSON"],
)
def test_a_stream_that_breaks_off_costs_what_it_said(last: list[object], tries: int) -> None:
    events = {**chunk(content=DRAFT[:30]), "usage": USAGE}
    outcome = ask(stream(events, *last, done=False), watched=True)
    assert outcome.failure.usage == _times(tries)


@pytest.mark.parametrize(
    "answer", [error(401, "wrong key"), error(400, "bad request"), whole(DRAFT[:60], "length", None)]
)
def test_what_the_endpoint_does_not_count_is_not_invented(answer: Answer) -> None:
    assert ask(answer).failure.usage is None


def test_the_cache_is_warmed_where_the_endpoint_was_seen_to_have_one() -> None:
    async def run() -> list[tuple[bool, bool]]:
        seen = []
        async with FaultServer(whole(DRAFT), whole(DRAFT, usage=CACHED), whole(DRAFT)) as server:
            writer = OpenAIWriter(server.url, KEY, "m", manner())
            for _ in range(3):
                await writer.write(task())
                seen.append((writer.caches_prompts, warms_cache(writer)))
            other = writer.with_model("other")
            seen.append((other.caches_prompts, warms_cache(other)))
            await writer.aclose()
        return seen

    assert asyncio.run(run()) == [(False, False), (True, True), (True, True), (False, False)]


@pytest.mark.parametrize(
    ("wanted", "before", "after"), [("auto", False, True), ("on", True, True), ("off", False, False)]
)
def test_the_setting_decides_before_anything_was_seen(
    wanted: str, before: bool, after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANGAN_WARM_CACHE", wanted)
    monkeypatch.setenv("FANGAN_RUNG", "json_schema")

    async def run() -> tuple[bool, bool]:
        async with FaultServer(whole(DRAFT, usage=CACHED)) as server:
            writer = build_endpoint(Settings(openai_base_url=server.url, model="m", _env_file=None))
            recorder = Recorder(writer, tmp_path)
            first = warms_cache(recorder)
            await recorder.write(task())
            await writer.aclose()
            return first, warms_cache(recorder)

    assert asyncio.run(run()) == (before, after)
    assert not warms_cache(OfflineWriter())
