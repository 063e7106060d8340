"""POST /v1/sections with writers that answer, stream, fail, block, and are left waiting."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from schemas.draft import Reply, Task
from schemas.plan import SectionResult
from service.errors import DeadlineError, OverloadedError, UnauthorisedError, WriterError
from service.main import create_app
from service.writer.protocol import OnDelta
from service.writer.scripted import ScriptedWriter
from tests.api.live import PATIENCE, TEXT, Streaming, reply_of, scripted, served, settings, sheet

Serve = Callable[[FastAPI], httpx.Client]
STREAM = {"accept": "text/event-stream"}


def _events(lines: Iterator[str]) -> list[tuple[str, dict[str, Any]]]:
    """(event, data) of a whole stream, comments left out."""
    found, name = [], ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            found.append((name, json.loads(line.removeprefix("data: "))))
    return found


def _streamed(client: httpx.Client, **fields: Any) -> list[tuple[str, dict[str, Any]]]:
    with client.stream("POST", "/v1/sections", json=sheet(**fields), headers=STREAM) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        return _events(answer.iter_lines())


def test_a_section_is_drafted_and_checked(client: httpx.Client) -> None:
    answer = client.post("/v1/sections", json=sheet(section="2.1"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    result = SectionResult.model_validate(answer.json())
    assert (result.id, result.text) == ("2.1", TEXT)
    assert "1105.04亿元" in {s.excerpt for s in result.supports}
    assert result.attempts[0].writer == "scripted"
    assert result.counts is not None
    assert result.counts.words > 20


def test_the_summary_is_drawn_from_the_sections_it_summarises(serve: Serve) -> None:
    writer = scripted()
    client = serve(create_app(settings(), lambda _: writer, durable=False))
    assert client.post("/v1/sections", json=sheet(section="1.2")).json()["id"] == "1.2"
    *first, last = writer.tasks
    assert (last.kind, last.section.id) == ("summary", "1.2")
    assert set(last.body) == {t.section.id for t in first} == set(last.section.summarises)


def test_instruction_and_exemplars_reach_the_writer(serve: Serve) -> None:
    writer = ScriptedWriter(lambda _: reply_of(TEXT))
    client = serve(create_app(settings(), lambda _: writer, durable=False))
    answer = client.post("/v1/sections", json=sheet(section="2.1", instruction="突出港口特色", exemplars=[]))
    assert answer.status_code == 200
    (task,) = writer.tasks
    assert task.instruction == "突出港口特色"
    assert "突出港口特色" in task.prompt.messages[-1].content


def test_the_model_is_the_one_asked_for(serve: Serve) -> None:
    asked: list[str | None] = []

    def writer_for(model: str | None) -> ScriptedWriter:
        asked.append(model)
        return scripted()

    client = serve(create_app(settings(), writer_for, durable=False))
    for model in ("qwen-max", "qwen-max", None):
        assert client.post("/v1/sections", json=sheet(section="2.1", model=model)).status_code == 200
    assert asked == ["qwen-max", None]


def test_a_model_without_an_endpoint_is_refused(serve: Serve) -> None:
    client = serve(create_app(settings(), durable=False))
    for headers in ({}, STREAM):
        answer = client.post("/v1/sections", json=sheet(section="2.1", model="qwen-max"), headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-configured")
        assert "OPENAI_BASE_URL" in answer.json()["detail"]
    assert client.post("/v1/sections", json=sheet(section="2.1", model="offline")).status_code == 200


def test_a_stream_tells_text_as_it_comes_and_ends_with_the_result(serve: Serve) -> None:
    events = _streamed(serve(create_app(settings(), lambda _: Streaming(), durable=False)), section="2.1")
    names = [name for name, _ in events]
    assert names[0] == "section"
    assert names[-1] == "done"
    assert names.count("delta") > 3
    assert "".join(data["text"] for name, data in events if name == "delta") == TEXT
    result = SectionResult.model_validate(events[-1][1])
    assert result.text == TEXT
    told = [data["finding"] for name, data in events if name == "finding"]
    assert told == [f.model_dump(mode="json") for f in result.findings]


def test_a_writer_that_does_not_stream_has_its_text_in_one_delta(client: httpx.Client) -> None:
    events = _streamed(client, section="2.1")
    assert [data["text"] for name, data in events if name == "delta"] == [TEXT]


def test_a_stream_tells_of_repairs(serve: Serve) -> None:
    wrong = TEXT.replace("312.6", "999.9")
    writer = ScriptedWriter(lambda task: reply_of(wrong if task.kind == "section" else TEXT), reads_prompt=False)
    events = _streamed(serve(create_app(settings(max_repairs=1), lambda _: writer, durable=False)), section="2.1")
    assert ("repair", {"section": "2.1", "attempt": 2, "kept": True}) in events
    assert events[-1][1]["text"] == TEXT


def test_a_stream_of_a_summary_tells_only_its_own_text(serve: Serve) -> None:
    events = _streamed(serve(create_app(settings(), lambda _: Streaming(), durable=False)), section="1.2")
    assert {data["section"] for name, data in events if name in {"delta", "finding", "repair"}} == {"1.2"}
    assert len({data["section"] for name, data in events if name == "section"}) > 1
    assert events[-1][1]["id"] == "1.2"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnauthorisedError("模型接口拒绝了密钥，请检查 OPENAI_API_KEY"), 502),
        (OverloadedError("无法连接模型接口，请检查 OPENAI_BASE_URL 和网络"), 503),
        (DeadlineError("模型接口在规定时间内没有答复，请稍后重试"), 504),
    ],
)
def test_a_writer_that_fails_is_a_problem_or_the_end_of_the_stream(
    serve: Serve, error: WriterError, status: int
) -> None:
    client = serve(create_app(settings(), lambda _: ScriptedWriter(lambda _: error, reads_prompt=False), durable=False))
    answer = client.post("/v1/sections", json=sheet(section="2.1"))
    assert answer.status_code == status
    assert (answer.json()["type"], answer.json()["detail"]) == (f"/problems/{error.type}", error.message)
    name, data = _streamed(client, section="2.1")[-1]
    assert (name, data["status"]) == ("done", "failed")
    assert data["failure"] == {"type": error.type, "message": error.message}


class Waiting:
    """Never answers; tells when it was asked and when it was cancelled."""

    name = "waiting"
    model = "waiting-1"
    reads_prompt = False

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.cancelled = threading.Event()

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        del task, on_delta
        self.asked.set()
        try:
            await asyncio.sleep(10 * PATIENCE)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        raise AssertionError


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_caller_who_leaves_ends_the_drafting(serve: Serve, accept: str) -> None:
    writer = Waiting()
    client = serve(create_app(settings(), lambda _: writer, durable=False))

    async def leave() -> None:
        async with httpx.AsyncClient(base_url=client.base_url, timeout=PATIENCE, trust_env=False) as caller:
            asking = asyncio.ensure_future(
                caller.post("/v1/sections", json=sheet(section="2.1"), headers={"accept": accept})
            )
            assert await asyncio.to_thread(writer.asked.wait, PATIENCE)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking

    asyncio.run(leave())
    assert writer.cancelled.wait(PATIENCE)


def test_stopping_the_service_ends_the_drafting() -> None:
    writer = Waiting()
    with served(create_app(settings(), lambda _: writer, durable=False)) as client:

        def ask() -> None:
            with suppress(httpx.HTTPError):
                client.post("/v1/sections", json=sheet(section="2.1"))

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        assert writer.asked.wait(PATIENCE)
    assert writer.cancelled.wait(PATIENCE)
    thread.join(PATIENCE)
    assert not thread.is_alive()


class Blocking:
    """Computes without giving way, as a long check does, until it is released."""

    name = "blocking"
    model = "blocking-1"
    reads_prompt = False

    def __init__(self) -> None:
        self.busy = threading.Event()
        self.released = threading.Event()

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        del task, on_delta
        self.busy.set()
        self.released.wait(2 * PATIENCE)
        return Reply(content=reply_of(TEXT), writer=self.name, model=self.model)


def test_the_service_answers_while_a_section_is_computed(serve: Serve) -> None:
    writer = Blocking()
    client = serve(create_app(settings(), lambda _: writer, durable=False))
    client.get("/healthz")
    answers: list[int] = []
    thread = threading.Thread(
        target=lambda: answers.append(client.post("/v1/sections", json=sheet(section="2.1")).status_code)
    )
    thread.start()
    assert writer.busy.wait(PATIENCE)
    try:
        assert client.get("/healthz").status_code == 200
        assert answers == []
    finally:
        writer.released.set()
    thread.join(PATIENCE)
    assert answers == [200]


def test_the_offline_writer_tells_text_not_json(serve: Serve) -> None:
    events = _streamed(serve(create_app(settings(), durable=False)), section="2.1")
    told = [data["text"] for name, data in events if name == "delta"]
    assert told == [events[-1][1]["text"]]
    assert "1105.04亿元" in told[0]
