"""Scripted answers through servers that others wrote: aimock by itself, and LiteLLM in front of an endpoint of ours.

A gateway rewrites what it passes on: codes, headers, reasons for ending. Run by `pytest -m peers -n0`; docs/peers.md.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from schemas.draft import Usage
from schemas.plan import Event, PlanRequest, SectionResult
from service.errors import (
    ContentFilterError,
    ContextOverflowError,
    OverloadedError,
    ProtocolError,
    RateLimitedError,
    TruncatedError,
    UnpaidError,
    WriterError,
)
from service.pipeline import draft_section
from service.writer.openai import OpenAIWriter
from service.writer.request import Rung
from tests.doubles.asking import KEY, Outcome, attempt, manner
from tests.doubles.faults import Answer, body_error, chunk, error, http, pieces, stream, whole
from tests.doubles.offline_endpoint import kit, offline, right, sheet
from tests.doubles.tasks import DRAFT, task
from tests.doubles.threaded import threaded
from tests.writer.peers.servers import Peer, serve_aimock, serve_litellm

pytestmark = pytest.mark.peers

SECTION = "2.1"


def _ask(peer: Peer, user: str, *, watched: bool = False, **changes: Any) -> Outcome:
    """What comes of one task whose prompt says `user`."""

    async def run() -> Outcome:
        outcome = Outcome()
        values = {"deadline": 30.0, "idle": 10.0, "rung": Rung.JSON_OBJECT, **changes}
        writer = OpenAIWriter(peer.url, KEY, peer.model, manner(**values))
        try:
            await attempt(writer, outcome, task(user, tokens=0), watched=watched)
        finally:
            await writer.aclose()
        return outcome

    return asyncio.run(run())


def _section(peer: Peer, **changes: Any) -> tuple[SectionResult, list[Event]]:
    """A whole section of the sample city, watched."""
    events: list[Event] = []

    async def run() -> SectionResult:
        writer = OpenAIWriter(peer.url, KEY, peer.model, manner(**{"deadline": 30.0, "idle": 10.0, **changes}))
        try:
            return await draft_section(PlanRequest(sheet=sheet()), SECTION, kit(writer, max_repairs=1), events.append)
        finally:
            await writer.aclose()

    return asyncio.run(run()), events


def _standing(pieces: list[str]) -> str:
    """The text that a watcher holds: an empty piece voids what came before it."""
    return "".join(pieces[len(pieces) - pieces[::-1].index("") :] if "" in pieces else pieces)


def _same_as_offline(section: SectionResult) -> None:
    expected = next(s for s in offline()[0].sections if s.id == SECTION)
    assert (section.text, section.status, section.failure) == (expected.text, expected.status, None)
    assert section.draft is not None


# --- aimock -----------------------------------------------------------------------------------------------------


def _fixture(word: str, response: dict[str, object], **more: object) -> dict[str, object]:
    return {"match": {"userMessage": word}, "response": response, **more}


def _refusal(word: str, status: int, message: str, kind: str, **more: object) -> dict[str, object]:
    said = {"message": message, "type": kind, "code": kind}
    return _fixture(word, {"error": said, "status": status, **more})


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    limited = {"message": "Rate limit reached", "type": "rate_limit_error", "code": "rate_limit_exceeded"}
    fixtures: list[dict[str, object]] = [
        _fixture("Return exactly this JSON", {"content": '{"probe":"a","n":1}'}),
        _fixture(f"（编号 {SECTION}）", {"content": offline()[1][SECTION]}),
        {
            "match": {"userMessage": "LIMITED", "sequenceIndex": 0},
            "response": {"error": limited, "status": 429, "retryAfter": 1},
        },
        _fixture("LIMITED", {"content": DRAFT}),
        _refusal("SHUT", 429, "Rate limit reached", "rate_limit_exceeded", retryAfter=300),
        _refusal("ALWAYS500", 500, "boom", "server_error"),
        _refusal("QUOTA", 429, "You exceeded your current quota", "insufficient_quota"),
        _refusal("INSPECT", 400, "Output data may contain inappropriate content.", "data_inspection_failed"),
        _refusal("WINDOW", 400, "This model's maximum context length is 4096 tokens.", "context_length_exceeded"),
        _fixture("CUTOFF", {"content": DRAFT[:60], "finishReason": "length"}),
        _fixture("FILTERED", {"content": DRAFT[:60], "finishReason": "content_filter"}),
        _fixture("FENCED", {"content": f"好的，以下为JSON：\n```json\n{DRAFT}\n```"}),
        _fixture("THINKS", {"content": DRAFT, "reasoning": "先想一想。"}),
        _fixture("BLANKS", {"content": "   "}),
        _fixture("BROKEN", {"content": DRAFT}, chaos={"malformedRate": 1}),
        _fixture("DROPPED", {"content": DRAFT}, chaos={"dropRate": 1}),
        _fixture("HANGSUP", {"content": DRAFT}, chaos={"disconnectRate": 1}),
        _fixture("STOPS", {"content": DRAFT}, chunkSize=8, latency=20, truncateAfterChunks=12),
        _fixture("LEAVES", {"content": DRAFT}, chunkSize=8, latency=50, disconnectAfterMs=800),
        _fixture("TOOLCUT", {"toolCalls": [{"name": "submit", "arguments": DRAFT[:60]}]}),
    ]
    with serve_aimock(tmp_path_factory.mktemp("aimock"), fixtures) as peer:
        yield peer


def test_aimock_stands_on_the_third_way(aimock: Peer) -> None:
    async def run() -> tuple[Rung, bool]:
        writer = OpenAIWriter(aimock.url, KEY, aimock.model, manner(rung=None))
        found = await writer.diagnose()
        await writer.aclose()
        return found.rung, found.streams

    assert asyncio.run(run()) == (Rung.JSON_OBJECT, True)


def test_aimock_gives_a_whole_section(aimock: Peer) -> None:
    section, events = _section(aimock, rung=None)
    _same_as_offline(section)
    assert _standing([e.text or "" for e in events if e.event == "delta"]) == section.text
    assert all(not a.usage.estimated and "json_object" in a.notes[0] for a in section.attempts)


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize(
    ("user", "kind"),
    [
        ("SHUT", RateLimitedError),
        ("ALWAYS500", OverloadedError),
        ("QUOTA", UnpaidError),
        ("INSPECT", ContentFilterError),
        ("WINDOW", ContextOverflowError),
        ("CUTOFF", TruncatedError),
        ("FILTERED", ContentFilterError),
        ("BLANKS", ProtocolError),
        ("BROKEN", ProtocolError),
        ("DROPPED", OverloadedError),
        ("HANGSUP", OverloadedError),
    ],
)
def test_a_fault_of_aimock_is_one_of_our_errors(
    aimock: Peer, user: str, kind: type[WriterError], *, watched: bool
) -> None:
    outcome = _ask(aimock, user, watched=watched)
    assert type(outcome.failure) is kind
    assert _standing(outcome.deltas) == ""
    if user in {"CUTOFF", "FILTERED"} and not watched:
        assert outcome.failure.usage is not None


@pytest.mark.parametrize("user", ["STOPS", "LEAVES"])
def test_a_stream_that_aimock_cuts_is_withdrawn(aimock: Peer, user: str) -> None:
    outcome = _ask(aimock, user, watched=True)
    assert isinstance(outcome.failure, OverloadedError | ProtocolError)
    assert _standing(outcome.deltas) == ""
    assert any(outcome.deltas)


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("user", ["LIMITED", "FENCED", "THINKS"])
def test_what_can_be_read_is_read(aimock: Peer, user: str, *, watched: bool) -> None:
    outcome = _ask(aimock, user, watched=watched)
    assert outcome.content == DRAFT
    assert "先想一想" not in "".join(outcome.deltas)


def test_cut_arguments_of_a_tool_are_no_draft(aimock: Peer) -> None:
    outcome = _ask(aimock, "TOOLCUT", rung=Rung.TOOL)
    # Said to be complete: the reply's validation refuses it.
    assert outcome.content == DRAFT[:60]


# --- LiteLLM ----------------------------------------------------------------------------------------------------

BROKEN_OFF = "insufficient_system_resource"
FAULTS = (
    "limited", "shut", "filtered", "window", "unpaid", "busy", "page", "blocked", "ends", "odd", "uncounted", "plan",
)  # fmt: skip


class _Upstream:
    """The endpoint behind the gateway: its fault is the model's name."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()
        self._replies = offline()[1]

    def __call__(self, body: dict[str, Any]) -> Answer:
        fault = str(body["model"])
        self._asked[fault] += 1
        if fault == "plan":
            return right(body, self._replies)
        if fault == "limited" and self._asked[fault] % 2:
            return error(429, "Rate limit reached", headers={"Retry-After": "1"}, code="rate_limit_exceeded")
        return self._streamed(fault) if body.get("stream") else self._whole(fault)

    def _whole(self, fault: str) -> Answer:
        azure = {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}
        answers: dict[str, Answer] = {
            "shut": error(429, "Rate limit reached", headers={"Retry-After": "300"}, code="rate_limit_exceeded"),
            "filtered": body_error(400, {"error": {"message": "The response was filtered", **azure}}),
            "window": error(400, "This model's maximum context length is 4096 tokens.", code="context_length_exceeded"),
            "unpaid": error(429, "You exceeded your current quota", code="insufficient_quota"),
            "busy": error(503, "The engine is overloaded"),
            "page": [http(b"<html>login</html>", kind="text/html")],
            "blocked": whole(DRAFT[:60], "sensitive"),
            "odd": whole(DRAFT[:60], BROKEN_OFF),
            "uncounted": whole(DRAFT, usage=None),
        }
        return answers.get(fault, whole(DRAFT))

    def _streamed(self, fault: str) -> Answer:
        first = pieces(DRAFT[:120])
        endings: dict[str, Answer] = {
            "blocked": stream(*first, chunk(finish="sensitive")),
            "ends": stream(*first, done=False),
            "odd": stream(*first, chunk(finish=BROKEN_OFF)),
        }
        if fault in endings:
            return endings[fault]
        return self._whole(fault) if fault not in {"limited", "uncounted"} else stream(*pieces(DRAFT), chunk("stop"))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as stack:
        behind = stack.enter_context(threaded(_Upstream()))
        models = {name: (behind.url, name) for name in FAULTS}
        yield stack.enter_context(serve_litellm(tmp_path_factory.mktemp("litellm"), models))


def test_a_gateway_passes_a_whole_section_on(gateway: str) -> None:
    section, events = _section(Peer(gateway, "plan"))
    _same_as_offline(section)
    assert _standing([e.text or "" for e in events if e.event == "delta"]) == section.text


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("shut", RateLimitedError),
        ("filtered", ContentFilterError),
        ("window", ContextOverflowError),
        ("unpaid", UnpaidError),
        ("busy", OverloadedError),
        ("page", (OverloadedError, ProtocolError)),
        ("blocked", ContentFilterError),
    ],
)
def test_what_a_gateway_rewrites_is_still_known(
    gateway: str, fault: str, kind: type[WriterError] | tuple[type[WriterError], ...], *, watched: bool
) -> None:
    outcome = _ask(Peer(gateway, fault), "起草本节，只输出一个 JSON 对象。", watched=watched)
    assert isinstance(outcome.failure, kind)
    assert _standing(outcome.deltas) == ""


def test_a_stream_that_ends_behind_a_gateway_is_withdrawn(gateway: str) -> None:
    outcome = _ask(Peer(gateway, "ends"), "起草本节，只输出一个 JSON 对象。", watched=True)
    assert isinstance(outcome.failure, OverloadedError | ProtocolError)
    assert _standing(outcome.deltas) == ""


@pytest.mark.parametrize("watched", [False, True])
def test_a_wait_that_a_gateway_renames_is_kept(gateway: str, *, watched: bool) -> None:
    outcome = _ask(Peer(gateway, "limited"), "起草本节，只输出一个 JSON 对象。", watched=watched)
    assert outcome.content == DRAFT
    assert outcome.reply is not None
    assert sum("限流" in note for note in outcome.reply.notes) == 1


def test_a_cut_answer_said_to_be_complete_is_no_draft(gateway: str) -> None:
    # The gateway says `stop` for every reason that it does not know.
    section, events = _section(Peer(gateway, "odd"))
    assert section.failure is not None
    assert section.failure.type == "invalid-reply"
    assert (section.text, section.draft) == ("", None)
    assert all(a.faults and not a.kept for a in section.attempts)
    assert not [e for e in events if e.event == "done"]


def test_tokens_that_a_gateway_does_not_count_are_marked_as_estimated(gateway: str) -> None:
    outcome = _ask(Peer(gateway, "uncounted"), "起草本节，只输出一个 JSON 对象。")
    assert outcome.content == DRAFT
    assert outcome.reply is not None
    assert outcome.reply.usage != Usage()
