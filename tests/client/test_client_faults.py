"""The client against a server that fails: what it asks again, how often, and what it tells its caller."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from schemas.plan import SectionResult
from service.client import (
    BadAnswerError,
    Client,
    ClientError,
    ConflictError,
    ConnectionFailedError,
    RefusedError,
    ServiceFailedError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from service.client.transport import server_sent
from tests.api.live import sheet
from tests.doubles.faults import Act, Answer, FaultServer, data, http
from tests.doubles.threaded import threaded

AT = "2017-05-02T08:00:00Z"
PLAN: dict[str, Any] = {
    "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "title": "望海市工作方案", "subject": "望海市", "outline": "city-2017", "status": "done",
    "message": None, "writer": "offline", "model": None, "owner": "local", "sections": [], "findings": [], "counts": {},
    "gaps": 0, "usage": {}, "summary_stale": False, "stale_sections": [], "last_event": 3, "created_at": AT,
    "updated_at": AT,
}  # fmt: skip


def problem(status: int, kind: str, detail: str = "请稍后重试", **headers: str) -> Answer:
    body = {"type": f"/problems/{kind}", "title": "x", "status": status, "detail": detail, "instance": "/v1/plans"}
    return [http(data(body), status, "application/problem+json", {k.replace("_", "-"): v for k, v in headers.items()})]


def ok(value: object) -> Answer:
    return [http(data(value))]


def sse(*events: tuple[int, str, dict[str, Any]], then: Act = Act.CLOSE) -> Answer:
    told = "".join(f"id: {i}\r\nevent: {name}\ndata: {json.dumps(d, ensure_ascii=False)}\n\n" for i, name, d in events)
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n: still here\n\n"
    return [(head + told).encode(), then]


@contextmanager
def against(*answers: Answer, api_key: str | None = None, retries: int = 3) -> Iterator[tuple[Client, FaultServer]]:
    with (
        threaded(*answers) as server,
        Client(server.url.removesuffix("/v1"), api_key, retries=retries, pause=0.001) as client,
    ):
        yield client, server


BUSY, LIMITED = problem(503, "store-busy"), problem(429, "too-many-requests", Retry_After="0")
PROXY: Answer = [http(b"<html>Bad Gateway</html>", 502, "text/html")]


@pytest.mark.parametrize("failing", [BUSY, LIMITED, PROXY, [Act.RESET], [b"HTTP/1.1 200 OK\r\nContent-Le", Act.CLOSE]])
def test_reading_is_repeated_until_it_succeeds(failing: Answer) -> None:
    with against(failing, failing, ok(PLAN)) as (client, server):
        assert client.plan(PLAN["id"]).title == "望海市工作方案"
        assert len(server.requests) == 3


def test_a_plan_is_asked_for_again_under_the_same_key() -> None:
    with against([Act.RESET], BUSY, ok(PLAN)) as (client, server):
        client.create_plan(sheet())
        keys = [r.headers["idempotency-key"] for r in server.requests]
        assert len(keys) == 3
        assert len(set(keys)) == 1
        assert server.requests[0].raw == server.requests[2].raw
        client.create_plan(sheet(), idempotency_key="mine")
        client.create_plan(sheet())
        assert server.requests[3].headers["idempotency-key"] == "mine"
        assert server.requests[4].headers["idempotency-key"] != keys[0]


WRITING: list[Callable[[Client], object]] = [
    lambda c: c.draft_section(sheet(), "2.1"),
    lambda c: c.edit("p", "2.1", "文字。", 1),
    lambda c: c.redraft("p", "2.1"),
    lambda c: c.restore("p", "2.1", 1),
    lambda c: c.replace_facts("p", sheet(), '"d79fac6ae951"'),
    lambda c: c.complete_facts("p", b""),
    lambda c: c.import_outline(b"", store=True),
    lambda c: c.delete_outline("o"),
    lambda c: c.cancel("p"),
    lambda c: c.delete("p"),
    lambda c: list(c.stream_section(sheet(), "2.1")),
]


@pytest.mark.parametrize("call", WRITING)
def test_what_changes_or_costs_something_is_sent_once(call: Callable[[Client], object]) -> None:
    for failing, kind in ((BUSY, ServiceFailedError), ([Act.RESET], ConnectionFailedError)):
        with against(failing) as (client, server):
            with pytest.raises(kind):
                call(client)
            assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "asked"),
    [
        (BUSY, ServiceFailedError, 4),
        (LIMITED, TooManyRequestsError, 4),
        ([Act.RESET], ConnectionFailedError, 4),
        (problem(429, "too-many-requests", Retry_After="3600"), TooManyRequestsError, 1),
        (problem(503, "not-configured"), ServiceFailedError, 1),
        (problem(500, "internal"), ServiceFailedError, 1),
        (problem(401, "unauthenticated"), UnauthenticatedError, 1),
        (problem(409, "plan-busy"), ConflictError, 1),
        (problem(422, "invalid-input"), RefusedError, 1),
        ([http(b"", 302, headers={"Location": "https://elsewhere.example/"})], BadAnswerError, 1),
        (ok({"status": "ok"}), BadAnswerError, 1),
        ([http(b"<html>", kind="text/html")], BadAnswerError, 1),
    ],
)
def test_what_is_not_mended_by_asking_again_is_raised(answer: Answer, kind: type[ClientError], asked: int) -> None:
    with against(answer) as (client, server):
        with pytest.raises(kind) as caught:
            client.plan("p")
        assert type(caught.value) is kind
        assert len(server.requests) == asked


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with (
            Client(f"http://127.0.0.1:{taken.getsockname()[1]}", retries=1, pause=0.001) as client,
            pytest.raises(ConnectionFailedError, match="是否在运行") as caught,
        ):
            client.outlines()
    assert (caught.value.status, caught.value.type) == (None, "")
    with Client("ftp://127.0.0.1", retries=0) as client, pytest.raises(ConnectionFailedError):
        client.outlines()


def test_a_newer_service_says_more_than_the_client_knows() -> None:
    more = {**PLAN, "colour": "红", "usage": {"calls": 2, "joules": 9}}
    with against(ok(more)) as (client, _):
        assert client.plan("p").usage.calls == 2


EVENTS = [
    (1, "plan", {"status": "queued"}),
    (2, "section", {"section": "2.1", "status": "done", "text": "一\u2028行\x85"}),
    (4, "end", {"status": "done", "at": AT}),
]


def test_events_go_on_where_the_connection_broke_off() -> None:
    with against(sse(EVENTS[0], then=Act.RESET), [Act.RESET], BUSY, sse(EVENTS[1]), sse(EVENTS[2])) as (client, server):
        told = list(client.events("p"))
        assert [(t.id, t.event.event) for t in told] == [(1, "plan"), (2, "section"), (4, "end")]
        assert told[1].event.text == "一\u2028行\x85"
        assert told[2].at is not None
        assert [r.headers["last-event-id"] for r in server.requests] == ["0", "1", "1", "1", "2"]


def test_events_of_a_service_that_does_not_come_back() -> None:
    with against(sse(EVENTS[0]), sse()) as (client, server):
        stream = client.events("p", after=0)
        assert next(stream).id == 1
        with pytest.raises(ConnectionFailedError):
            next(stream)
        assert len(server.requests) == 1 + 3  # the failure that ends the first connection counts too


def test_a_stream_of_a_section_that_breaks_off_or_fails() -> None:
    begun = (1, "delta", {"section": "2.1", "text": "望海市", "attempt": 1})
    for answer, kind in (
        (sse(begun), ConnectionFailedError),
        (sse(begun, then=Act.RESET), ConnectionFailedError),
        (sse(begun, (2, "error", {"type": "/problems/internal", "message": "出错"})), ServiceFailedError),
        (sse((1, "delta", {"section": ["2.1"]})), BadAnswerError),
    ):
        with against(answer) as (client, server):
            with pytest.raises(kind):
                list(client.stream_section(sheet(), "2.1"))
            assert len(server.requests) == 1
    done = (2, "done", {"id": "2.1", "title": "概况", "status": "done", "text": "望海市。"})
    with against(sse(begun, done)) as (client, _):
        *_, last = client.stream_section(sheet(), "2.1")
        assert isinstance(last, SectionResult)


def test_the_key_goes_to_the_service_and_nowhere_else() -> None:
    key = "fk-9f8e7d6c5b4a"
    with against(problem(401, "unauthenticated"), api_key=key) as (client, server):
        with pytest.raises(UnauthenticatedError) as caught:
            client.plans()
        assert server.requests[0].headers["authorization"] == f"Bearer {key}"
        assert key not in f"{caught.value!r}{caught.value}{client!r}{vars(caught.value)}"


def test_events_are_read_however_they_are_cut() -> None:
    whole = 'event: a\r\ndata: {"x":\r\ndata: "望"}\n\n:\n\nid: 7\ndata: 1\n\ndata: never ended'.encode()
    for size in (1, 2, 3, 7, len(whole)):
        parts = (whole[i : i + size] for i in range(0, len(whole), size))
        assert list(server_sent(parts)) == [("a", "", '{"x":\n"望"}'), ("message", "7", "1")]
