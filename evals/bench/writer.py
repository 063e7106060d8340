"""Speed of the model writer against the bare client: `python -m evals.bench.writer`.

50 plans of 26 calls each, all at once, against a local endpoint that answers after 200 ms; then one plan of 26 and 4
calls (body, summary) at 2 s. Prints plans a second, processor time of a plan and their ratios as one JSON object. The endpoint
runs in a process of its own, so two cores are needed for the figures to mean anything.
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

import openai

from schemas.draft import Message, Prompt, Task
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline
from service.prompt.reply_schema import draft_schema
from service.writer.job import Manner
from service.writer.openai import OpenAIWriter
from service.writer.request import Rung

PLANS, BODY, SUMMARY = 50, 26, 4
LATENCY, SLOW = 0.2, 2.0
SYSTEM_CHARACTERS = 8000
Call = Callable[[], Awaitable[object]]


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


async def _crowd(call: Call) -> tuple[float, float]:
    """Plans a second and milliseconds of processor time for a plan."""
    await _plan(call)
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_plan(call) for _ in range(PLANS)))
    return PLANS / (time.perf_counter() - wall), 1000 * (time.process_time() - cpu) / PLANS


async def _one(call: Call) -> float:
    """Seconds of one plan, connections not yet open."""
    wall = time.perf_counter()
    await _plan(call)
    await asyncio.gather(*(call() for _ in range(SUMMARY)))
    return time.perf_counter() - wall


def _ours(url: str, task: Task) -> tuple[OpenAIWriter, Call]:
    writer = OpenAIWriter(url, "bench", "bench", Manner(rung=Rung.JSON_SCHEMA))
    return writer, lambda: writer.write(task)


def _bare(url: str, task: Task) -> tuple[openai.AsyncOpenAI, Call]:
    client = openai.AsyncOpenAI(base_url=url, api_key="bench", max_retries=0, timeout=600)

    async def call() -> object:
        reply = await client.chat.completions.create(
            model="bench",
            messages=[{"role": "system", "content": m.content} for m in task.prompt.messages],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "draft", "strict": True, "schema": task.prompt.json_schema},
            },
            max_tokens=task.prompt.max_output_tokens,
        )
        return reply.choices[0].message.content

    return client, call


async def measure() -> dict[str, float]:
    """All figures; each side with fresh connections."""
    task = _task()
    async with _endpoint(LATENCY) as url:
        client, bare_call = _bare(url, task)
        bare, bare_cpu = await _crowd(bare_call)
        await client.close()
        writer, our_call = _ours(url, task)
        ours, our_cpu = await _crowd(our_call)
        await writer.aclose()
    async with _endpoint(SLOW) as url:
        writer, our_call = _ours(url, task)
        seconds = await _one(our_call)
        await writer.aclose()
    return {
        "bare_plans_per_second": bare,
        "our_plans_per_second": ours,
        "bare_cpu_ms_per_plan": bare_cpu,
        "our_cpu_ms_per_plan": our_cpu,
        "our_cpu_to_bare": our_cpu / bare_cpu,
        "slow_plan_seconds": seconds,
        "slow_plan_to_ideal": seconds / (2 * SLOW),
    }


def main() -> None:
    """Measures and prints."""
    figures = asyncio.run(measure())
    print(json.dumps({k: round(v, 3) for k, v in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
