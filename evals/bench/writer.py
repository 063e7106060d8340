"""Speed of the model writer against the bare client: `python -m evals.bench.writer`.

Against a local endpoint that answers after 200 ms: plans of 26 calls one after another, then 50 such plans at once;
then one plan of 26 and 4 calls (body, summary) at 2 s. The bare client makes the same calls and holds each reply against the
same schema, on its default transport and on the one of aiohttp, which is ours. Prints plans a second, processor time of
a plan, their ratios, and beside them the processor time of a plan's checks, as one JSON object. The endpoint runs in a
process of its own, so two idle cores are needed for the figures to mean anything.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import NamedTuple

import openai

from evals.bench.check_speed import CHARACTERS, FACTS, Bench
from schemas.draft import Message, Prompt, Task
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline
from service.prompt.reply_schema import draft_schema
from service.writer.conformity import conforms
from service.writer.job import Manner
from service.writer.openai import OpenAIWriter
from service.writer.request import Rung

PLANS, BODY, SUMMARY = 50, 26, 4
ALONE = 12
"""Plans one after another."""
LATENCY, SLOW = 0.2, 2.0
SYSTEM_CHARACTERS = 8000
Call = Callable[[], Awaitable[object]]
Side = Callable[[str, Task], tuple[Callable[[], Awaitable[None]], Call]]
"""(base URL, task) → what closes the connections, and one call."""


class Figures(NamedTuple):
    """Of plans all at once."""

    per_second: float
    cpu_ms: float


def _task() -> Task:
    """A section's task with a prompt of usual size."""
    outline = load_outline("city-2017")
    sheet = read_sheet((files("evals") / "datasets" / "wanghai.json").read_bytes(), outline=load_outline)
    section = outline.sections_by_id["2.1"]
    row = "gdp-2016｜地区生产总值｜1105.04亿元，增长7.8%｜2016年｜现状\n"
    system = Message(role="system", content=row * (SYSTEM_CHARACTERS // len(row)))
    user = Message(role="user", content="起草“城市经济社会发展概况”一节，只输出一个 JSON 对象。" * 20)
    prompt = Prompt(
        template="section.md.j2",
        template_hash="sha256:0",
        messages=(system, user),
        json_schema=draft_schema([f.id for f in sheet.facts], [p.id for p in section.points]),
        hash="sha256:0",
    )
    return Task(kind="section", section=section, outline=outline, sheet=sheet, prompt=prompt)


@asynccontextmanager
async def _endpoint(seconds: float) -> AsyncIterator[str]:
    """Base URL of a local endpoint in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "evals.bench.endpoint",
        str(seconds),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/v1"
    finally:
        process.stdin.close()
        await process.wait()


async def _plan(call: Call) -> None:
    await asyncio.gather(*(call() for _ in range(BODY)))


async def _crowd(call: Call) -> Figures:
    """Plans a second, all at once, and milliseconds of processor time for a plan."""
    await _plan(call)
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_plan(call) for _ in range(PLANS)))
    return Figures(PLANS / (time.perf_counter() - wall), 1000 * (time.process_time() - cpu) / PLANS)


async def _alone(call: Call) -> float:
    """Milliseconds of processor time for a plan that has the process to itself."""
    await _plan(call)
    cpu = time.process_time()
    for _ in range(ALONE):
        await _plan(call)
    return 1000 * (time.process_time() - cpu) / ALONE


async def _both(side: Side, url: str, task: Task) -> tuple[float, Figures]:
    """One side with fresh connections: a plan alone, then the crowd."""
    close, call = side(url, task)
    try:
        return await _alone(call), await _crowd(call)
    finally:
        await close()


async def _one(call: Call) -> float:
    """Seconds of one plan, connections not yet open."""
    wall = time.perf_counter()
    await _plan(call)
    await asyncio.gather(*(call() for _ in range(SUMMARY)))
    return time.perf_counter() - wall


def _ours(url: str, task: Task) -> tuple[Callable[[], Awaitable[None]], Call]:
    writer = OpenAIWriter(url, "bench", "bench", Manner(rung=Rung.JSON_SCHEMA))
    return writer.aclose, lambda: writer.write(task)


def _bare(url: str, task: Task) -> tuple[Callable[[], Awaitable[None]], Call]:
    return _client(openai.AsyncOpenAI(base_url=url, api_key="bench", max_retries=0, timeout=600), task)


def _bare_aiohttp(url: str, task: Task) -> tuple[Callable[[], Awaitable[None]], Call]:
    transport = openai.DefaultAioHttpClient()
    return _client(
        openai.AsyncOpenAI(base_url=url, api_key="bench", max_retries=0, timeout=600, http_client=transport), task
    )


def _client(client: openai.AsyncOpenAI, task: Task) -> tuple[Callable[[], Awaitable[None]], Call]:
    prompt = task.prompt

    async def call() -> object:
        reply = await client.chat.completions.create(
            model="bench",
            messages=[{"role": "system", "content": m.content} for m in prompt.messages],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "draft", "strict": True, "schema": prompt.json_schema},
            },
            max_tokens=prompt.max_output_tokens,
        )
        content = reply.choices[0].message.content or ""
        assert conforms(json.loads(content), prompt.json_schema)
        return content

    return client.close, call


async def measure() -> dict[str, float]:
    """All figures but the checks'; each side with fresh connections."""
    task = _task()
    async with _endpoint(LATENCY) as url:
        bare_alone, bare = await _both(_bare, url, task)
        aiohttp_alone, aiohttp = await _both(_bare_aiohttp, url, task)
        our_alone, ours = await _both(_ours, url, task)
    async with _endpoint(SLOW) as url:
        close, call = _ours(url, task)
        seconds = await _one(call)
        await close()
    return {
        "our_plans_per_second": ours.per_second,
        "bare_plans_per_second": bare.per_second,
        "bare_aiohttp_plans_per_second": aiohttp.per_second,
        "our_cpu_ms_per_plan": our_alone,
        "bare_cpu_ms_per_plan": bare_alone,
        "bare_aiohttp_cpu_ms_per_plan": aiohttp_alone,
        "our_cpu_to_bare": our_alone / bare_alone,
        "our_cpu_to_bare_aiohttp": our_alone / aiohttp_alone,
        "our_cpu_ms_per_plan_of_50": ours.cpu_ms,
        "bare_cpu_ms_per_plan_of_50": bare.cpu_ms,
        "bare_aiohttp_cpu_ms_per_plan_of_50": aiohttp.cpu_ms,
        "our_cpu_to_bare_of_50": ours.cpu_ms / bare.cpu_ms,
        "slow_plan_seconds": seconds,
        "slow_plan_to_ideal": seconds / (2 * SLOW),
    }


def main() -> None:
    """Measures and prints."""
    figures = asyncio.run(measure())
    figures["checks_cpu_ms_per_plan"] = 1000 * Bench().seconds(CHARACTERS, FACTS)
    print(json.dumps({k: round(v, 3) for k, v in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
