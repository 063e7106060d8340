"""Durable plans in numbers: `python -m evals.bench.plans [--plans 50] [--only many|one|start] [--limit 26]`.

Prints one JSON object:

- `many`: plans drafted at once by one `fangan serve` over an endpoint that answers after 0.2 s: whether all end as they
  should, time, memory, how long reads take meanwhile, the most calls that the endpoint saw at once; and the same calls
  by a bare asyncio program with the same limit, in the same run.
- `one`: one plan at 2 s a call, durable and by the pipeline without a database, in turn.
- `start`: from the start of the process to the first answer, and what an idle service costs.

Processor time and memory are those of the service's process alone, as the system counts them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx

from evals.bench.bare import CALLS, DIRECT
from evals.bench.paid import Call, PaidEndpoint, drafts_of
from schemas.plan import PlanRequest
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline

QUICK, SLOW = 0.2, 2.0
"""Seconds that a call takes: with many plans, with one."""
READERS = 4
READ_EVERY = 0.05
"""Seconds between two reads of one reader."""
IDLE = 20.0
"""Seconds over which an idle service is watched."""
TURNS = 3
_SETTLED = 5.0
_PATIENCE = 600.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Endpoint(PaidEndpoint):
    """Answers each section in the same words, and counts how many calls it is at."""

    open: int = 0
    most: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def take(self, body: Mapping[str, Any]) -> tuple[Call, bytes, float]:
        """As the endpoint of the kill bench, without faults; the body is kept for the bare program."""
        call, _, seconds = PaidEndpoint.take(self, body)
        self.bodies.append(dict(body))
        self.open += 1
        self.most = max(self.most, self.open)
        asyncio.get_running_loop().call_later(seconds, self._leave)
        return call, self._plain(call), seconds

    def _leave(self) -> None:
        self.open -= 1

    def _plain(self, call: Call) -> bytes:
        content = self.drafts[call.section]
        told = {"prompt_tokens": 6000, "completion_tokens": 1100, "total_tokens": 7100}
        choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        answer = {"id": f"c{call.number}", "object": "chat.completion", "created": 1, "model": "bench"}
        return json.dumps({**answer, "choices": [choice], "usage": told}, ensure_ascii=False).encode()

    def again(self, seconds: float) -> None:  # type: ignore[override]  # nothing here is paid twice
        """Forgets what was counted; calls take so long from now on."""
        self.latency = (seconds, seconds)
        self.most = self.open = 0
        self.bodies.clear()
        self.calls.clear()


class Served:
    """`fangan serve` in a process of its own."""

    def __init__(self, url: str, folder: Path, limit: int, plans: int) -> None:
        self._env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("FANGAN_", "OPENAI_", "OTEL_"))},
            "OPENAI_BASE_URL": url,
            "OPENAI_API_KEY": "bench",
            "FANGAN_MODEL": "bench",
            "FANGAN_RUNG": "json_schema",
            "FANGAN_WARM_CACHE": "off",
            "FANGAN_DATA_DIR": str(folder),
            "FANGAN_CONCURRENCY": str(limit),
            "FANGAN_PLANS_AT_ONCE": str(plans),
            "FANGAN_REQUESTS_PER_MINUTE": "1000000",
        }
        self._folder = folder
        self.client = httpx.AsyncClient(timeout=_PATIENCE, trust_env=False)

    async def start(self) -> float:
        """Seconds from the start of the process to the first answer."""
        port = _free_port()
        command = [str(Path(sys.executable).with_name("fangan")), "serve", "--port", str(port)]
        begun = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: ASYNC220 - what is measured begins here
            command, cwd=self._folder, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.client.base_url = f"http://127.0.0.1:{port}"
        while True:
            if self._process.poll() is not None:
                raise SystemExit("the service did not start")
            try:
                (await self.client.get("/healthz")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.005)
            else:
                return time.perf_counter() - begun

    async def stop(self) -> None:
        """As a stopped service ends."""
        await self.client.aclose()
        self._process.terminate()
        await asyncio.to_thread(self._process.wait, 60)

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        told = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / _TICKS

    def memory(self, name: str) -> float:
        """VmRSS (now) or VmHWM (at most), in MB."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        raise KeyError(name)

    async def make(self, body: Mapping[str, Any]) -> str:
        """The path of a new plan."""
        answer = (await self.client.post("/v1/plans", json=body)).raise_for_status()
        return answer.headers["location"]

    async def until_end(self, plan: str) -> None:
        """Follows the plan until it is at rest."""
        async with self.client.stream("GET", f"{plan}/events") as answer:
            answer.raise_for_status()
            async for _ in answer.aiter_lines():
                pass


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def _service(endpoint: Endpoint, limit: int, plans: int) -> AsyncIterator[Served]:
    with tempfile.TemporaryDirectory(prefix="fangan-plans-") as folder:
        service = Served(endpoint.url, Path(folder), limit, plans)
        await service.start()
        try:
            yield service
        finally:
            await service.stop()


async def many(endpoint: Endpoint, body: Mapping[str, Any], plans: int, limit: int) -> dict[str, object]:
    """So many plans at once, read meanwhile; then the same calls by a bare program."""
    async with _service(endpoint, limit, plans) as service:
        await service.until_end(await service.make(body))  # whatever is read once is read
        endpoint.again(QUICK)
        begun, cpu = time.perf_counter(), service.cpu
        made = await asyncio.gather(*(service.make(body) for _ in range(plans)))
        reads: dict[str, list[float]] = {"plan": [], "section": []}
        readers = [asyncio.ensure_future(_reading(service, made, reads, n)) for n in range(READERS)]
        await asyncio.gather(*map(service.until_end, made))
        seconds, cpu = time.perf_counter() - begun, service.cpu - cpu
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        wrong = await _wrong(service, made)
        memory = service.memory("VmHWM")
    calls, most = list(endpoint.bodies), endpoint.most
    endpoint.again(QUICK)
    bare = await _beside(CALLS, endpoint.url, str(limit), given=calls)
    return {
        "plans": plans,
        "statuses": wrong[0],
        "sections_without_text": wrong[1],
        "calls": len(calls),
        "limit": limit,
        "most_calls_at_once": most,
        "seconds": round(seconds, 2),
        "bare_seconds": round(bare["seconds"], 2),
        "seconds_to_bare": round(seconds / bare["seconds"], 2),
        "cpu_ms_per_plan": round(1000 * cpu / plans),
        "bare_cpu_ms_per_plan": round(1000 * bare["cpu"] / plans),
        "peak_mb": round(memory),
        "reads": {k: _spread(v) for k, v in reads.items()},
    }


async def _reading(service: Served, made: list[str], reads: dict[str, list[float]], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing is secret here
    while True:
        plan = chance.choice(made)
        for name, path in (("plan", plan), ("section", f"{plan}/sections/{chance.choice(('2.1', '3.1', '4.2'))}")):
            begun = time.perf_counter()
            (await service.client.get(path)).raise_for_status()
            reads[name].append(time.perf_counter() - begun)
            await asyncio.sleep(READ_EVERY)


def _spread(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {"reads": len(seconds)}
    cuts = statistics.quantiles(seconds, n=100)
    return {
        "reads": len(seconds),
        "p50_ms": round(1000 * cuts[49], 1),
        "p95_ms": round(1000 * cuts[94], 1),
        "max_ms": round(1000 * max(seconds), 1),
    }


async def _wrong(service: Served, made: list[str]) -> tuple[dict[str, int], int]:
    """Plans by status, and sections that have no text."""
    statuses: Counter[str] = Counter()
    empty = 0
    for plan in made:
        found = (await service.client.get(plan)).raise_for_status().json()
        statuses[found["status"]] += 1
        empty += sum(not section["revision"] for section in found["sections"])
    return dict(statuses), empty


async def one(endpoint: Endpoint, body: Mapping[str, Any], limit: int) -> dict[str, object]:
    """One plan, durable and not, in turn; the median of each."""
    durable: list[float] = []
    direct: list[float] = []
    cpu: list[float] = []
    direct_cpu: list[float] = []
    async with _service(endpoint, limit, 4) as service:
        endpoint.again(0.01)
        await service.until_end(await service.make(body))
        for _ in range(TURNS):
            endpoint.again(SLOW)
            begun, used = time.perf_counter(), service.cpu
            await service.until_end(await service.make(body))
            durable.append(time.perf_counter() - begun)
            cpu.append(service.cpu - used)
            calls = len(endpoint.calls)
            told = await _beside(DIRECT, endpoint.url, str(limit), given=[dict(body)])
            direct.append(told["seconds"])
            direct_cpu.append(told["cpu"])
            if len(endpoint.calls) != calls * 3:  # the direct one drafts it once to be warm
                print(f"calls: durable {calls}, direct {len(endpoint.calls) - calls}", file=sys.stderr)
    return {
        "durable_seconds": [round(s, 2) for s in durable],
        "direct_seconds": [round(s, 2) for s in direct],
        "ratio": round(statistics.median(durable) / statistics.median(direct), 3),
        "durable_cpu_ms": round(1000 * statistics.median(cpu)),
        "direct_cpu_ms": round(1000 * statistics.median(direct_cpu)),
    }


async def start(endpoint: Endpoint, limit: int) -> dict[str, object]:
    """Starts of the service, the first one on an empty folder; then an idle one."""
    seconds: list[float] = []
    with tempfile.TemporaryDirectory(prefix="fangan-plans-") as folder:
        for turn in range(TURNS):
            service = Served(endpoint.url, Path(folder), limit, 4)
            seconds.append(await service.start())
            if turn < TURNS - 1:
                await service.stop()
        await asyncio.sleep(_SETTLED)
        cpu = service.cpu
        await asyncio.sleep(IDLE)
        used = service.cpu - cpu
        memory = service.memory("VmRSS")
        await service.stop()
    return {
        "first_answer_seconds": [round(s, 2) for s in seconds],
        "idle_mb": round(memory),
        "idle_cpu_percent": round(100 * used / IDLE, 2),
    }


async def _beside(what: str, *args: str, given: list[dict[str, Any]]) -> dict[str, float]:
    """What a program of evals/bench/bare.py prints."""
    command = [sys.executable, "-m", "evals.bench.bare", what, *args]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    told, _ = await process.communicate(json.dumps(given).encode())
    if process.returncode:
        raise SystemExit(f"{what} exited {process.returncode}")
    found: dict[str, float] = json.loads(told)
    return found


async def measured(only: str | None, plans: int, limit: int) -> dict[str, object]:
    """All figures, or those of one part."""
    sheet = read_sheet((files("evals") / "datasets" / "wanghai.json").read_bytes(), outline=load_outline)
    body = sheet.model_dump(mode="json")
    endpoint = Endpoint(await drafts_of(PlanRequest(sheet=sheet)), (QUICK, QUICK), 1)
    await endpoint.start()
    told: dict[str, object] = {}
    if only in (None, "start"):
        told["start"] = await start(endpoint, limit)
    if only in (None, "one"):
        told["one"] = await one(endpoint, body, limit)
    if only in (None, "many"):
        told["many"] = await many(endpoint, body, plans, limit)
    endpoint.stop()
    return told


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="Durable plans in numbers")
    parser.add_argument("--plans", type=int, default=50)
    parser.add_argument("--limit", type=int, default=26, help="calls at once, those of all plans together")
    parser.add_argument("--only", choices=("many", "one", "start"))
    given = parser.parse_args()
    print(json.dumps(asyncio.run(measured(given.only, given.plans, given.limit)), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
