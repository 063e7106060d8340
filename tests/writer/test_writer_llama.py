"""A real server with real constrained decoding: llama.cpp in this process, its model all chance.

Random weights keep the form or nothing: what has it has it by the server's doing.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from schemas.draft import Reply
from service.errors import ContextOverflowError, ProtocolError, TruncatedError, UnauthorisedError, WriterError
from service.writer.conformity import conforms
from service.writer.judge import keeps_schema
from service.writer.openai import OpenAIWriter
from service.writer.request import Rung
from tests.doubles.asking import KEY, Outcome, attempt, manner
from tests.doubles.llama import MODEL, serve_llama
from tests.doubles.tasks import task

SCHEMA = task().prompt.json_schema
# The random model counts more tokens than o200k, and its prompts are short: no estimate, nothing to compare.
TASK = task(tokens=0, max_output_tokens=900)


async def _write(url: str, times: int = 1, **changes: object) -> list[Reply]:
    writer = OpenAIWriter(url, KEY, MODEL, manner(**{"deadline": 20.0, "temperature": 1.0, **changes}))
    try:
        return [await writer.write(TASK) for _ in range(times)]
    finally:
        await writer.aclose()


def test_the_schema_is_enforced_and_found_to_be(llama_server: str) -> None:
    replies = asyncio.run(_write(llama_server, 8, rung=None))
    for reply in replies:
        assert conforms(json.loads(reply.content), SCHEMA)
        assert reply.model == MODEL
        assert reply.usage.prompt_tokens > 100
        assert not reply.usage.estimated
        assert any("json_schema" in note for note in reply.notes)
    assert replies[-1].usage.cached_tokens > 0


def test_a_watched_reply_is_the_same_as_its_pieces(llama_server: str) -> None:
    # llama.cpp keeps a least number of items; without it most random drafts have no paragraph at all.
    paragraphs = {**SCHEMA["properties"]["paragraphs"], "minItems": 1}
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "paragraphs": paragraphs}}
    watched = task(tokens=0, max_output_tokens=900, json_schema=schema)

    async def run() -> None:
        writer = OpenAIWriter(llama_server, KEY, MODEL, manner(deadline=20.0, temperature=1.0))
        for _ in range(3):
            seen: list[str] = []
            reply = await writer.write(watched, seen.append)
            text = "".join(seen[len(seen) - seen[::-1].index("") :] if "" in seen else seen)
            assert text == "\n".join(p["text"] for p in json.loads(reply.content)["paragraphs"])
        await writer.aclose()

    asyncio.run(run())


def test_the_doctor_finds_the_highest_way(llama_server: str) -> None:
    async def run() -> None:
        writer = OpenAIWriter(llama_server, KEY, MODEL, manner(deadline=20.0, rung=None))
        found = await writer.diagnose()
        await writer.aclose()
        assert (found.rung, found.answered) == (Rung.JSON_SCHEMA, MODEL)
        assert found.streams
        assert found.counts_tokens
        assert not found.thinks

    asyncio.run(run())


def test_a_tool_is_enforced_only_where_the_template_knows_tools(llama_tools_server: str, llama_server: str) -> None:
    async def kept(url: str, times: int) -> bool:
        """Whether one of so many answers has the right form; chance alone gives none."""
        writer = OpenAIWriter(url, KEY, MODEL, manner(deadline=20.0, temperature=1.0, rung=Rung.TOOL))
        short = task(tokens=0, max_output_tokens=120)
        for _ in range(times):
            outcome = Outcome()
            await attempt(writer, outcome, short, watched=False)
            if outcome.reply is not None and keeps_schema(outcome.content, SCHEMA):
                break
        else:
            outcome.reply = None
        await writer.aclose()
        return outcome.reply is not None

    assert asyncio.run(kept(llama_tools_server, 60))
    assert not asyncio.run(kept(llama_server, 5))


def test_thoughts_are_read_past(llama_think_server: str) -> None:
    async def run() -> Outcome:
        outcome = Outcome()
        writer = OpenAIWriter(llama_think_server, KEY, MODEL, manner(deadline=20.0, temperature=1.0))
        for _ in range(20):  # by chance a model may think, or write, beyond any limit
            await attempt(writer, outcome, TASK, watched=True)
            if outcome.reply is not None:
                break
            assert isinstance(outcome.failure, TruncatedError | ProtocolError)
        await writer.aclose()
        return outcome

    assert conforms(json.loads(asyncio.run(run()).content), SCHEMA)


def test_a_prompt_beyond_the_context_and_an_answer_beyond_the_limit(llama_server: str) -> None:
    async def run(user: str, limit: int) -> WriterError:
        outcome = Outcome()
        writer = OpenAIWriter(llama_server, KEY, MODEL, manner(deadline=20.0, temperature=1.0))
        await attempt(writer, outcome, task(user, tokens=0, max_output_tokens=limit), watched=False)
        await writer.aclose()
        return outcome.failure

    assert isinstance(asyncio.run(run("电子商务" * 3000, 900)), ContextOverflowError)
    assert isinstance(asyncio.run(run("电子商务", 8)), TruncatedError)  # no draft has 16 tokens


def test_a_wrong_key(tmp_path: Path) -> None:
    with serve_llama(tmp_path, key="sk-right") as url, pytest.raises(UnauthorisedError, match="OPENAI_API_KEY"):
        asyncio.run(_write(url))


def test_a_cancelled_call_frees_its_slot(llama_server: str) -> None:
    def busy() -> bool:
        with urlopen(llama_server.removesuffix("/v1") + "/slots") as answer:
            return any(slot["is_processing"] for slot in json.load(answer))

    async def run(seen: list[str]) -> None:
        writer = OpenAIWriter(llama_server, KEY, MODEL, manner(deadline=20.0, rung=Rung.PROMPT))
        long = task("电子商务" * 900, tokens=0, max_output_tokens=3000)
        call = asyncio.create_task(writer.write(long, seen.append))
        for _ in range(100):
            await asyncio.sleep(0.005)
            if call.done() or await asyncio.to_thread(busy):
                break
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await writer.aclose()
        async with asyncio.timeout(20):
            while await asyncio.to_thread(busy):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    asyncio.run(run([]))
