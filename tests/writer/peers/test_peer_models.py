"""Real model servers that others wrote, their models all chance: what comes is valid or an error of ours, never half.

Run by `pytest -m peers -n0`; docs/peers.md says how to install the servers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.draft import Task
from schemas.finding import CheckName, Severity
from schemas.plan import Event, PlanRequest, SectionResult, SectionStatus
from service.errors import ContextOverflowError, ProtocolError, TruncatedError, UnauthorisedError
from service.pipeline import draft_section
from service.writer.doctor import Diagnosis
from service.writer.judge import keeps_schema
from service.writer.openai import OpenAIWriter
from service.writer.request import Rung
from tests.doubles.asking import KEY, Outcome, attempt, manner
from tests.doubles.llama import serve_llama
from tests.doubles.offline_endpoint import kit, sheet
from tests.doubles.tasks import task
from tests.writer.peers.servers import CONTEXT, Peer, serve_litellm, serve_llama_cpp_python, serve_transformers

pytestmark = pytest.mark.peers

SCHEMA = task().prompt.json_schema
# The random models count bytes, and their prompts are short: no estimate, nothing to compare.
SHORT = task(tokens=0, max_output_tokens=700)
WORDS = {
    Rung.JSON_SCHEMA: "json_schema",
    Rung.TOOL: "工具调用",
    Rung.JSON_OBJECT: "json_object",
    Rung.PROMPT: "提示词约定",
}


@dataclass(frozen=True)
class Expected:
    """What a server was found to do."""

    rung: Rung
    counts_streams: bool = True
    """Usage comes with a stream too."""
    checks_key: bool = True
    limits_prompts: bool = True
    """A prompt beyond the context is refused."""

    @property
    def binds(self) -> bool:
        """The schema is kept by the server's doing."""
        return self.rung <= Rung.TOOL


SERVERS = {
    "llama-cpp-python": Expected(Rung.TOOL, counts_streams=False),
    "transformers": Expected(Rung.PROMPT, checks_key=False, limits_prompts=False),
    "litellm": Expected(Rung.JSON_SCHEMA),
}


@dataclass(frozen=True)
class Running:
    """A server with what is expected of it."""

    peer: Peer
    expected: Expected

    def writer(self, key: str = KEY, **changes: Any) -> OpenAIWriter:
        """A writer for it; a high temperature, for at a low one the random models say the same each time."""
        values = {"deadline": 90.0, "idle": 30.0, "temperature": 1.2, "rung": None, **changes}
        return OpenAIWriter(self.peer.url, key, self.peer.model, manner(**values))

    def ask(self, of: Task, times: int, *, watched: bool = False, key: str = KEY, **changes: Any) -> list[Outcome]:
        """What comes of the task, so many times, with one writer."""

        async def run() -> list[Outcome]:
            writer = self.writer(key, **changes)
            outcomes = [Outcome() for _ in range(times)]
            try:
                for outcome in outcomes:
                    await attempt(writer, outcome, of, watched=watched)
            finally:
                await writer.aclose()
            return outcomes

        return asyncio.run(run())


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    name: str = request.param
    folder: Path = tmp_path_factory.mktemp("peer")
    with ExitStack() as stack:
        if name == "litellm":
            behind = stack.enter_context(serve_llama(folder, context=CONTEXT))
            url = stack.enter_context(serve_litellm(folder, {"random": (behind, "random")}))
            peer = Peer(url, "random")
        else:
            serve = serve_transformers if name == "transformers" else serve_llama_cpp_python
            peer = stack.enter_context(serve(folder))
        yield Running(peer, SERVERS[name])


def test_the_doctor_finds_the_way_that_holds(server: Running) -> None:
    async def run() -> Diagnosis:
        writer = server.writer()
        try:
            return await writer.diagnose()
        finally:
            await writer.aclose()

    found = asyncio.run(run())
    assert found.rung is server.expected.rung
    assert found.answered == server.peer.model
    assert found.streams
    assert found.counts_tokens is server.expected.counts_streams
    assert not found.thinks


def test_replies_are_bound_where_the_server_binds_them(server: Running) -> None:
    outcomes = server.ask(SHORT, 6)
    replies = [o.reply for o in outcomes if o.reply is not None]
    for outcome in outcomes:
        if outcome.reply is None:
            # By chance the random model may write beyond any limit, or nothing: told, and its cost told.
            assert isinstance(outcome.failure, TruncatedError | ProtocolError)
            assert outcome.failure.usage is not None
            assert outcome.failure.usage.prompt_tokens > 100
    assert replies, [o.error for o in outcomes]
    for reply in replies:
        assert reply.model == server.peer.model
        assert reply.usage.prompt_tokens > 100
        assert not reply.usage.estimated
        assert WORDS[server.expected.rung] in reply.notes[0]
    assert [keeps_schema(r.content, SCHEMA) for r in replies] == [server.expected.binds] * len(replies)


def test_a_watched_reply_that_fails_is_withdrawn(server: Running) -> None:
    for outcome in server.ask(SHORT, 4, watched=True):
        pieces = outcome.deltas
        last = pieces[len(pieces) - pieces[::-1].index("") :] if "" in pieces else pieces
        if outcome.reply is None:
            assert isinstance(outcome.failure, TruncatedError | ProtocolError)
            assert last == []
        elif server.expected.binds:
            paragraphs = json.loads(outcome.content)["paragraphs"]
            assert "".join(last) == "\n".join(p["text"] for p in paragraphs)
            assert outcome.reply.usage.estimated is not server.expected.counts_streams
        else:
            assert "".join(last) == ""  # no JSON, no paragraph


def _section(server: Running) -> tuple[SectionResult, list[Event]]:
    facts = sheet().model_copy(update={"facts": sheet().facts[:3]})
    events: list[Event] = []

    async def run() -> SectionResult:
        writer = server.writer()
        try:
            return await draft_section(PlanRequest(sheet=facts), "2.1", kit(writer, max_repairs=1), events.append)
        finally:
            await writer.aclose()

    return asyncio.run(run()), events


def test_a_whole_section_is_marked_as_nonsense_or_fails_with_a_reason(server: Running) -> None:
    section, _ = _section(server)
    if section.failure is not None:
        assert section.status is SectionStatus.FAILED
        assert section.failure.type in {"invalid-reply", "truncated", "protocol"}
        assert "请" in section.failure.message
        assert (section.text, section.draft) == ("", None)
    else:
        assert server.expected.binds
        assert section.status is SectionStatus.NEEDS_REVIEW
        assert section.draft is not None
        missing = [f for f in section.findings if f.check is CheckName.COVERAGE and f.severity is Severity.ERROR]
        assert missing
        assert [a for a in section.attempts if a.kept]
    for made in section.attempts:
        assert made.model == server.peer.model
        assert made.usage.prompt_tokens > 1000
        assert WORDS[server.expected.rung] in made.notes[0]
    if not server.expected.binds:
        assert section.failure is not None
        assert section.failure.type == "invalid-reply"
        assert len(section.attempts) == 2
        assert all(a.faults and not a.kept for a in section.attempts)


def test_a_prompt_beyond_the_context_is_told(server: Running) -> None:
    if not server.expected.limits_prompts:
        pytest.skip("this server takes any prompt")
    long = task("电子商务" * 6000, tokens=0, max_output_tokens=200)
    (outcome,) = server.ask(long, 1)
    assert isinstance(outcome.failure, ContextOverflowError)
    assert "FANGAN_CONTEXT_TOKENS" in outcome.failure.message


def test_a_wrong_key_is_told(server: Running) -> None:
    if not server.expected.checks_key:
        pytest.skip("this server asks for no key")
    wrong = "sk-falsch-9876543210"
    (outcome,) = server.ask(SHORT, 1, key=wrong)
    assert isinstance(outcome.failure, UnauthorisedError)
    assert "OPENAI_API_KEY" in outcome.failure.message
    assert wrong not in outcome.failure.message
