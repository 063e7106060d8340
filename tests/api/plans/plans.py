"""Plans over a real server: writers by the model that a request names, and what tests do again and again."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from schemas.draft import Reply, Task
from service.errors import NotConfiguredError, OverloadedError
from service.writer.offline import OfflineWriter
from service.writer.protocol import OnDelta, Writer
from service.writer.scripted import ScriptedWriter
from tests.api.live import PATIENCE, reply_of, sheet

OVERVIEW = (
    "望海市地处云岭省东南沿海，是全省重要的港口城市。2016年，全市地区生产总值1105.04亿元，增长7.8%。\n"
    "年末常住人口312.6万人，港口货物吞吐量稳步增长。"
)
REDRAFTED = "望海市是云岭省重要的港口城市，港口物流发达。2016年，全市地区生产总值1105.04亿元，增长7.8%。"
EDITED = "望海市依港而兴，2016年地区生产总值1105.04亿元，增长7.8%，年末常住人口312.6万人。"
TWO = ["2.1", "2.2"]


class Gate:
    """Holds the calls of the model `held` until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.reached = threading.Event()
        """A call waits."""

    def close(self) -> None:
        """Calls wait from now on."""
        self._open.clear()
        self.reached.clear()

    def open(self) -> None:
        """Calls go on."""
        self._open.set()

    async def passed(self) -> None:
        """Returns when it is open."""
        self.reached.set()
        await asyncio.to_thread(self._open.wait, PATIENCE)


class _Held:
    name, model, reads_prompt = "held", "held-1", False

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        del task, on_delta
        await self._gate.passed()
        return Reply(content=reply_of(OVERVIEW), writer=self.name, model=self.model)


def _says(task: Task) -> str:
    return reply_of(REDRAFTED if task.instruction else OVERVIEW)


def _fails(task: Task) -> str | Exception:
    return OverloadedError("模型接口暂时不可用，请稍后重试") if task.section.id == "2.2" else reply_of(OVERVIEW)


def writer_for(gate: Gate) -> Callable[[str | None], Writer]:
    """Model → writer; `recovering` fails once for each section 2.2 that it is asked for."""
    failed: list[bool] = []

    def recovers(task: Task) -> str | Exception:
        if task.section.id == "2.2" and not failed:
            failed.append(True)
            return OverloadedError("模型接口暂时不可用，请稍后重试")
        return reply_of(OVERVIEW)

    def chosen(model: str | None) -> Writer:
        match model:
            case None | "offline":
                return OfflineWriter()
            case "scripted":
                return ScriptedWriter(_says)
            case "failing":
                return ScriptedWriter(_fails, reads_prompt=False)
            case "recovering":
                return ScriptedWriter(recovers, reads_prompt=False)
            case "wordless":
                return ScriptedWriter(lambda _: "我不会写。", reads_prompt=False)
            case "held":
                return _Held(gate)
            case _:
                raise NotConfiguredError(f"没有配置模型接口，不能使用模型“{model}”")

    return chosen


@dataclass(frozen=True)
class Told:
    """An event as a client gets it."""

    id: int
    event: str
    data: dict[str, Any]


@dataclass
class Office:
    """A client with the plans that it made."""

    client: httpx.Client
    gate: Gate
    made: list[str] = field(default_factory=list)

    def make(self, sections: list[str] | None = None, model: str | None = "scripted", **changes: Any) -> str:
        """The path of a new plan, queued."""
        answer = self.client.post("/v1/plans", json=sheet(sections=sections, model=model, **changes))
        assert answer.status_code == 202, answer.text
        self.made.append(answer.headers["location"])
        return self.made[-1]

    def drafted(self, sections: list[str] | None = None, model: str | None = "scripted", **changes: Any) -> str:
        """The path of a plan whose drafting has ended."""
        plan = self.make(sections or TWO, model, **changes)
        self.events(plan)
        return plan

    def events(self, plan: str, after: int = 0) -> list[Told]:
        """What happened after that event, until the plan is at rest."""
        with self.client.stream("GET", f"{plan}/events", headers={"Last-Event-ID": str(after)}) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            return list(map(_read, "\n".join(answer.iter_lines()).strip().split("\n\n")))

    def plan(self, plan: str) -> dict[str, Any]:
        """The plan as it stands."""
        found: dict[str, Any] = self.client.get(plan).raise_for_status().json()
        return found

    def section(self, plan: str, section: str = "2.1") -> httpx.Response:
        """The section as it stands."""
        return self.client.get(f"{plan}/sections/{section}").raise_for_status()

    def texts(self, plan: str) -> dict[str, str]:
        """All texts."""
        return {s["id"]: self.section(plan, s["id"]).json()["text"] for s in self.plan(plan)["sections"]}

    def edit(self, plan: str, text: str, etag: str, section: str = "2.1") -> httpx.Response:
        """A person's text, on top of the version with that ETag."""
        return self.client.put(f"{plan}/sections/{section}", json={"text": text}, headers={"If-Match": etag})

    def held(self, sections: list[str] | None = None) -> str:
        """A plan whose writer is at work, and stays so until the gate is opened."""
        self.gate.close()
        plan = self.make(sections or TWO, "held")
        assert self.gate.reached.wait(PATIENCE)
        return plan

    def clear(self) -> None:
        """Deletes what was made."""
        self.gate.open()
        for plan in self.made:
            assert self.client.delete(plan).status_code in (204, 404)


def _read(block: str) -> Told:
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    return Told(int(fields["id"]), fields["event"], json.loads(fields["data"]))


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem of an answer that must be one."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"/problems/{kind}"
    return found
