"""Speed and memory of the main job: `python -m evals.bench.pipeline`.

Prints seconds, the ratio to the ideal where there is one, and the peak memory of a whole process. The model is a
scripted writer that answers after two seconds with what the offline writer would have said, so that the checks
have real text to work on and no repair is needed.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path

from schemas.draft import Reply, Task
from schemas.plan import Plan, PlanRequest
from service.facts.intake import read_sheet
from service.pipeline import Kit, draft_plan
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline
from service.prompt.tokens import count_tokens
from service.writer.offline import OfflineWriter
from service.writer.protocol import OnDelta, Writer
from service.writer.scripted import ScriptedWriter

MODEL_SECONDS = 2.0
RUNS = 5


class Listening:
    """The offline writer, with what it said kept by section."""

    name = "offline"
    model = "offline"
    reads_prompt = False

    def __init__(self) -> None:
        self._inner = OfflineWriter()
        self.said: dict[str, Reply] = {}

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """Answers as the offline writer does."""
        self.said[task.section.id] = reply = await self._inner.write(task, on_delta)
        return reply


def _request() -> PlanRequest:
    sample = (files("evals") / "datasets" / "wanghai.json").read_bytes()
    return PlanRequest(sheet=read_sheet(sample, outline=load_outline))


def _plan(writer: Writer, request: PlanRequest) -> tuple[Plan, float]:
    kit = Kit(load_outline("city-2017"), tuple(load_exemplar(i) for i in exemplar_ids()), writer)
    start = time.perf_counter()
    plan = asyncio.run(draft_plan(request, kit))
    return plan, time.perf_counter() - start


def _process(*command: str) -> tuple[float, float]:
    """Median seconds and peak megabytes of a whole process."""
    seconds, peak = [], 0.0
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            seconds.append(time.perf_counter() - start)
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                raise SystemExit(f"{command} exited {child.returncode}")
            peak = max(peak, usage.ru_maxrss / 1024)
    return statistics.median(seconds), peak


def main() -> None:
    """Runs every measurement and prints one JSON object."""
    request = _request()
    fangan = str(Path(sys.executable).with_name("fangan"))
    _plan(OfflineWriter(), request)
    count_tokens("预热")
    warm = [_plan(OfflineWriter(), request)[1] for _ in range(RUNS)]
    heard = Listening()
    _plan(heard, request)
    model = ScriptedWriter(lambda task: heard.said[task.section.id], MODEL_SECONDS)
    plan, slow = _plan(model, request)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    demo, demo_peak = _process(fangan, "demo")
    helping, _ = _process(fangan, "--help")
    figures = {
        "offline_plan_warm_seconds": round(statistics.median(warm), 3),
        "demo_process_seconds": round(demo, 3),
        "demo_process_peak_mb": round(demo_peak),
        "help_seconds": round(helping, 3),
        "slow_model_plan_seconds": round(slow, 3),
        "slow_model_ratio_to_two_levels": round(slow / (2 * MODEL_SECONDS), 3),
        "slow_model_attempts": sum(len(s.attempts) for s in plan.sections),
        "this_process_peak_mb": round(rss),
    }
    print(json.dumps(figures, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
