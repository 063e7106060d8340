"""What evals/bench/plans.py holds durable plans against, in a process of its own: `python -m evals.bench.bare WHAT URL LIMIT`.

Reads JSON from standard input, prints seconds and processor seconds. `calls`: the requests of a model client, with
nothing around them but a semaphore. `direct`: the pipeline without a database, for the first fact sheet, once warm.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import openai

from schemas.plan import PlanRequest
from service.facts.intake import read_sheet
from service.main import build_kit, build_writer, close
from service.pipeline import draft_plan
from service.prompt.outlines import load_outline
from service.settings import Settings

CALLS, DIRECT = "calls", "direct"


async def calls(url: str, limit: int, bodies: list[dict[str, Any]]) -> None:
    """Each request by the client that the service uses too."""
    at_once = asyncio.Semaphore(limit)
    async with openai.AsyncOpenAI(base_url=url, api_key="bench", max_retries=0, timeout=600) as client:

        async def call(body: dict[str, Any]) -> None:
            async with at_once:
                answer = await client.chat.completions.create(**body)
                json.loads(answer.choices[0].message.content or "")

        await asyncio.gather(*map(call, bodies))


async def direct(url: str, limit: int, sheets: list[dict[str, Any]]) -> tuple[float, float]:
    """The second of two plans."""
    settings = Settings(
        _env_file=None,
        openai_base_url=url,
        openai_api_key="bench",
        model="bench",
        rung="json_schema",
        warm_cache="off",
        concurrency=limit,
    )
    request = PlanRequest(sheet=read_sheet(sheets[0], outline=load_outline))
    writer = build_writer(settings)
    kit = build_kit(settings, load_outline(request.sheet.outline), request.options, writer)
    await draft_plan(request, kit)
    begun, cpu = time.perf_counter(), time.process_time()
    await draft_plan(request, kit)
    took = time.perf_counter() - begun, time.process_time() - cpu
    await close(writer)
    return took


def main() -> None:
    """Prints seconds and processor seconds."""
    what, url, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
    given = json.load(sys.stdin)
    if what == DIRECT:
        seconds, used = asyncio.run(direct(url, limit, given))
    else:
        begun, cpu = time.perf_counter(), time.process_time()
        asyncio.run(calls(url, limit, given))
        seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": used}))


if __name__ == "__main__":
    main()
