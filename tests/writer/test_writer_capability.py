"""Which way of asking for JSON an endpoint keeps: seen through endpoints that keep, ignore or refuse each of them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from service.errors import OverloadedError, UnauthorisedError
from service.writer.capability import Ladder
from service.writer.openai import OpenAIWriter
from service.writer.request import Rung
from tests.doubles.asking import KEY, ask, manner
from tests.doubles.faults import Answer, FaultServer, Request, body_error, error, whole
from tests.doubles.tasks import DRAFT, task

UNSUPPORTED = error(400, "This response_format type is unavailable now", type="invalid_request_error")
OLD_LLAMA = error(
    500,
    "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\"}]",
    type="internal_server_error",
)


def rung_of(body: dict[str, Any]) -> Rung:
    """The way of asking that a request uses."""
    if "tools" in body:
        return Rung.TOOL
    kind = body.get("response_format", {}).get("type")
    return {"json_schema": Rung.JSON_SCHEMA, "json_object": Rung.JSON_OBJECT, None: Rung.PROMPT}[kind]


def is_canary(body: dict[str, Any]) -> bool:
    """A question of the probe."""
    return '"probe"' in body["messages"][-1]["content"]


def _schema(body: dict[str, Any]) -> dict[str, Any]:
    if "tools" in body:
        return dict(body["tools"][0]["function"]["parameters"])
    return dict(body["response_format"]["json_schema"]["schema"])


def _allowed(body: dict[str, Any]) -> str:
    """What only the canary's schema allows."""
    return json.dumps({"probe": _schema(body)["properties"]["probe"]["enum"][0], "n": 1})


def _obedient(body: dict[str, Any]) -> Answer:
    """Does what the schema says, by a tool if asked for one."""
    content = _allowed(body) if is_canary(body) else DRAFT
    if "tools" in body:
        return whole(None, "tool_calls", tool_calls=[{"function": {"name": "submit", "arguments": content}}])
    return whole(content)


def _heedless(body: dict[str, Any]) -> Answer:
    """Knows nothing of schemas: follows the words of the prompt."""
    return whole('{"probe":"a","n":1}' if is_canary(body) else DRAFT)


def endpoint(**ways: Any) -> Any:
    """An endpoint by what it does at each rung: an answer, or a function of the request; heedless where not said."""

    def choose(body: dict[str, Any]) -> Answer:
        does = ways.get(rung_of(body).name.lower(), _heedless)
        return does(body) if callable(does) else does  # type: ignore[no-any-return]

    return choose


def _enforced(body: dict[str, Any]) -> Answer:
    return whole(_allowed(body)) if is_canary(body) else GOOD


GOOD = whole(DRAFT)


@pytest.mark.parametrize(
    ("server", "rung"),
    [
        (endpoint(json_schema=_enforced), Rung.JSON_SCHEMA),
        (endpoint(json_schema=UNSUPPORTED, tool=_obedient), Rung.TOOL),
        (endpoint(json_schema=OLD_LLAMA, tool=_obedient), Rung.TOOL),
        (endpoint(tool=_obedient), Rung.TOOL),
        (endpoint(json_schema=UNSUPPORTED), Rung.JSON_OBJECT),
        (
            endpoint(json_schema=UNSUPPORTED, tool=error(400, "tool_choice must be auto, named is not supported")),
            Rung.JSON_OBJECT,
        ),
        (endpoint(), Rung.JSON_OBJECT),
        (endpoint(json_schema=whole("  "), tool=whole(None)), Rung.JSON_OBJECT),
        (endpoint(json_schema=whole("好的", "length")), Rung.JSON_OBJECT),
        (
            endpoint(
                json_schema=UNSUPPORTED, tool=UNSUPPORTED, json_object=error(422, "response_format: unknown field")
            ),
            Rung.PROMPT,
        ),
        (endpoint(json_schema=whole("好"), tool=whole("好"), json_object=whole("好")), Rung.PROMPT),
    ],
)
def test_the_highest_way_that_an_endpoint_keeps_is_found(server: Any, rung: Rung) -> None:
    outcome = ask(server, rung=None, times=2)
    assert outcome.content == DRAFT
    asked = [request for request in outcome.requests if not is_canary(request.body)]
    assert [rung_of(request.body) for request in asked] == [rung, rung]


def test_many_workers_share_one_probe() -> None:
    async def run() -> list[Request]:
        async with FaultServer(endpoint(json_schema=UNSUPPORTED, tool=_obedient)) as server:
            writer = OpenAIWriter(server.url, KEY, "m", manner(rung=None))
            await asyncio.gather(*(writer.write(task()) for _ in range(8)))
            await writer.aclose()
            return server.requests

    counted = Counter((rung_of(r.body), is_canary(r.body)) for r in asyncio.run(run()))
    assert counted == {(Rung.JSON_SCHEMA, True): 2, (Rung.TOOL, True): 2, (Rung.TOOL, False): 8}


def test_the_word_json_is_in_every_request() -> None:
    for rung in Rung:
        for request in ask(GOOD, rung=rung, of=task("起草本节。")).requests:
            text = "".join(m["content"] for m in request.body["messages"])
            assert "JSON" in text
            assert ("JSON Schema" in text) is (rung >= Rung.JSON_OBJECT)


def test_two_answers_of_the_wrong_form_in_a_row_lower_the_endpoint() -> None:
    wrong = whole('{"paragraphs": []}')
    replies = iter([wrong, GOOD, wrong, wrong])

    def turncoat(body: dict[str, Any]) -> Answer:
        return _enforced(body) if is_canary(body) else next(replies)

    outcome = ask(endpoint(json_schema=turncoat, tool=_obedient), rung=None, times=5)
    asked = [rung_of(r.body) for r in outcome.requests if not is_canary(r.body)]
    assert asked == [Rung.JSON_SCHEMA] * 4 + [Rung.TOOL]
    assert outcome.content == DRAFT


def test_blank_answers_time_and_again_lower_the_endpoint() -> None:
    def mute(body: dict[str, Any]) -> Answer:
        return _enforced(body) if is_canary(body) else whole("  ")

    outcome = ask(endpoint(json_schema=mute), rung=None)
    assert outcome.content == DRAFT
    asked = [rung_of(r.body) for r in outcome.requests if not is_canary(r.body)]
    assert asked == [Rung.JSON_SCHEMA] * 3 + [Rung.JSON_OBJECT]


@pytest.mark.parametrize(
    "said",
    [error(401, "bad key"), error(402, "no balance"), error(400, "x", code="content_filter"), error(503, "busy")],
)
def test_other_failures_never_lower_it(said: Answer) -> None:
    failing = iter([said] * 6)

    def moody(body: dict[str, Any]) -> Answer:
        return _enforced(body) if is_canary(body) else next(failing, GOOD)

    outcome = ask(endpoint(json_schema=moody), rung=None, times=8)
    assert outcome.content == DRAFT
    assert {rung_of(r.body) for r in outcome.requests} == {Rung.JSON_SCHEMA}


def test_a_way_refused_in_the_middle_is_left_at_once() -> None:
    refusing = iter([GOOD])

    def fickle(body: dict[str, Any]) -> Answer:
        return _enforced(body) if is_canary(body) else next(refusing, UNSUPPORTED)

    outcome = ask(endpoint(json_schema=fickle), rung=None, times=2)
    assert outcome.content == DRAFT
    assert outcome.reply is not None
    assert any("JSON 模式" in note for note in outcome.reply.notes)
    assert [rung_of(r.body) for r in outcome.requests if not is_canary(r.body)] == [
        Rung.JSON_SCHEMA,
        Rung.JSON_SCHEMA,
        Rung.JSON_OBJECT,
    ]


def test_a_refused_schema_is_simplified_before_the_way_is_left() -> None:
    refusal = error(400, "Invalid schema for response_format 'submit': enum has too many values")

    def strict(body: dict[str, Any]) -> Answer:
        return refusal if '"enum"' in json.dumps(_schema(body)) else GOOD

    outcome = ask(strict, times=2)
    assert outcome.content == DRAFT
    assert len(outcome.requests) == 3
    assert outcome.reply is not None
    assert any("简化" in note for note in outcome.reply.notes)
    outcome = ask(endpoint(json_schema=lambda body: _enforced(body) if is_canary(body) else refusal), rung=None)
    assert [rung_of(r.body) for r in outcome.requests if not is_canary(r.body)] == [
        Rung.JSON_SCHEMA,
        Rung.JSON_SCHEMA,
        Rung.JSON_OBJECT,
    ]


def test_a_probe_that_says_nothing_about_the_form_is_a_failure_of_its_own() -> None:
    assert isinstance(ask(error(401, "bad key"), rung=None).failure, UnauthorisedError)
    outcome = ask(body_error(502, b"<html>"), body_error(502, b"<html>"), endpoint(json_schema=_enforced), rung=None)
    assert outcome.content == DRAFT
    assert isinstance(ask(error(503, "busy"), rung=None).failure, OverloadedError)


def test_a_parameter_refused_in_the_probe_is_learned_there() -> None:
    said = error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    outcome = ask(lambda body: said if "max_tokens" in body else _enforced(body), rung=None)
    assert outcome.content == DRAFT
    assert len(outcome.requests) == 5


def test_what_was_found_out_is_forgotten_after_a_while() -> None:
    async def run() -> list[Rung]:
        asked: list[Rung] = []

        async def probe(rung: Rung) -> bool:
            asked.append(rung)
            return len(asked) > 1

        lasting, passing = Ladder(), Ladder(remembered=0.0)
        assert await lasting.rung(probe) is Rung.TOOL
        assert await lasting.rung(probe) is Rung.TOOL
        assert lasting.known is Rung.TOOL
        for _ in range(2):
            assert await passing.rung(probe) is Rung.JSON_SCHEMA
            assert passing.known is None
        return asked

    assert asyncio.run(run()) == [Rung.JSON_SCHEMA, Rung.TOOL, Rung.JSON_SCHEMA, Rung.JSON_SCHEMA]


def test_a_failing_probe_leaves_the_question_open() -> None:
    async def run() -> None:
        async def broken(_: Rung) -> bool:
            raise UnauthorisedError("x")

        async def fine(rung: Rung) -> bool:
            return rung is Rung.JSON_SCHEMA

        ladder = Ladder()
        with pytest.raises(UnauthorisedError):
            await ladder.rung(broken)
        assert await ladder.rung(fine) is Rung.JSON_SCHEMA
        assert not ladder.lower(Rung.PROMPT)
        assert Ladder(Rung.TOOL).known is Rung.TOOL
        assert not Ladder(Rung.TOOL).lower(Rung.TOOL)

    asyncio.run(run())


def test_the_doctor_tells_what_was_found() -> None:
    async def run() -> None:
        async with FaultServer(endpoint(json_schema=UNSUPPORTED, tool=_obedient)) as server:
            writer = OpenAIWriter(server.url, KEY, "asked-model", manner(rung=None))
            found = await writer.diagnose()
            await writer.aclose()
        assert (found.host, found.asked, found.answered) == ("127.0.0.1", "asked-model", "answering-model")
        assert found.way == "工具调用"
        assert (found.streams, found.counts_tokens, found.caches, found.thinks) == (False, True, False, False)

    asyncio.run(run())
