"""No API key is ever told: not in logs, errors, events, plans, provenance, documents, answers or on the screen,

even where the endpoint itself says it aloud.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from schemas.plan import Event, PlanOptions, PlanRequest
from service.assemble.document import assemble
from service.cli import main
from service.errors import SettingsError, WriterError
from service.export.docx import DocxExporter
from service.export.provenance import provenance_json
from service.main import build_kit, create_app
from service.pipeline import draft_plan
from service.prompt.outlines import load_outline
from service.settings import Settings
from service.writer.openai import OpenAIWriter
from tests.api.live import served, settings
from tests.cli.running import SAMPLE
from tests.doubles.asking import manner
from tests.doubles.faults import HEAD, Act, Answer, Chooser, FaultServer, body_error, data, error, http, sse, whole
from tests.doubles.offline_endpoint import OUTLINE, kit, offline, right, sheet
from tests.doubles.tasks import task
from tests.doubles.threaded import threaded

KEYS = ["sk-verraten-9f3Kz0QpX7", "Zh0ngyao.verraten+7731/xx=="]
"""One of the usual form, and one of no form that could be recognised."""
PART = 8
"""Characters of a key that tell too much; the keys' common word is in the middle of both."""


def betrayed(key: str) -> str:
    return f"Incorrect API key provided: {key}. You sent Authorization: Bearer {key}"


def answers(key: str) -> Mapping[str, Answer]:
    """An endpoint that says the key in every way that an error can be told."""
    said = betrayed(key)
    return {
        "401": error(401, said, code="invalid_api_key"),
        "400": error(400, said),
        "long": error(400, "x" * 150 + said),
        "403 text": body_error(403, said.encode()),
        "500 page": body_error(500, f"<html>{said}</html>".encode()),
        "429": error(429, said, headers={"Retry-After": "900", "X-Key": key}),
        "200": [http(data({"error": {"message": said}}))],
        "200 long": [http(data({"error": {"message": "x" * 150 + said}}))],
        "200 code": [http(data({"code": "InvalidApiKey", "message": said}))],
        "stream": [HEAD, sse({"error": {"message": said}}), Act.CLOSE],
        "event": [HEAD, sse(b"event: error\ndata: " + data({"message": said}) + b"\n\n"), Act.CLOSE],
        "no JSON": [http(said.encode())],
        "redirect": [http(b"", 302, headers={"Location": f"http://127.0.0.1:9/{key}"})],
    }


def assert_secret(key: str, *told: object) -> None:
    """Neither the key nor a telling part of it, whatever stands around it."""
    text = "\n".join(t.decode("utf-8", "replace") if isinstance(t, bytes) else str(t) for t in told)
    pieces = {key[n : n + PART] for n in range(len(key) - PART + 1)}
    assert [p for p in pieces if p in text] == []


@pytest.fixture(params=KEYS)
def key(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """The key; whatever is logged meanwhile, at the lowest level and by anybody, is searched for it at the end."""
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "openai._base_client", "httpx2", "aiohttp", "asyncio", "service"):
        caplog.set_level(logging.DEBUG, logger=name)
    secret = str(request.param)
    yield secret
    for record in caplog.get_records("call"):
        assert_secret(secret, record.getMessage(), record.exc_text or "")
        if record.exc_info and record.exc_info[1]:
            assert_secret(secret, *traceback.format_exception(record.exc_info[1]))


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("way", answers("k"))
def test_what_an_endpoint_says_aloud_is_not_passed_on(key: str, way: str, watched: bool) -> None:
    async def run() -> None:
        async with FaultServer(answers(key)[way]) as server:
            writer = OpenAIWriter(server.url, key, "m", manner())
            heard: list[str] = []
            with pytest.raises(WriterError) as raised:
                await writer.write(task(), heard.append if watched else None)
            assert server.requests[0].headers["authorization"] == f"Bearer {key}"
            await writer.aclose()
        failure = raised.value
        assert_secret(key, failure, failure.message, repr(failure), repr(vars(failure)), *heard)
        assert_secret(key, *traceback.format_exception(failure))
        assert_secret(key, repr(writer), repr(vars(writer)))

    asyncio.run(run())


@pytest.mark.parametrize("way", ["good", "401", "200", "stream"])
def test_a_plan_its_events_record_and_document(key: str, way: str) -> None:
    replies = offline()[1]
    said: Answer | Chooser = (lambda body: right(body, replies)) if way == "good" else answers(key)[way]

    async def run() -> None:
        async with FaultServer(said) as server:
            writer = OpenAIWriter(server.url, key, "m", manner())
            used = kit(writer)
            events: list[Event] = []
            request = PlanRequest(sheet=sheet(), options=PlanOptions(sections=("2.1", "1.1")))
            plan = await draft_plan(request, used, events.append)
            await writer.aclose()
        assert bool(plan.sections[0].failure) == (way != "good")
        assert_secret(key, *(e.model_dump_json() for e in events), plan.model_dump_json(), repr(plan), repr(used))
        assert_secret(key, provenance_json(plan), DocxExporter().export(assemble(plan, load_outline(OUTLINE))))

    asyncio.run(run())


def test_settings_hide_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    held = settings(openai_api_key=SecretStr(key), openai_base_url="http://127.0.0.1:9/v1", model="m")
    assert_secret(key, held, repr(held), held.model_dump(), held.model_dump_json())
    assert_secret(key, repr(build_kit(held, load_outline(OUTLINE), PlanOptions())))
    with pytest.raises(SettingsError) as raised:
        OpenAIWriter("http://127.0.0.1:9/v1", f"{key} \n", "m")
    assert_secret(key, *traceback.format_exception(raised.value))
    monkeypatch.setenv("OPENAI_API_KEY", key)
    monkeypatch.setenv("FANGAN_PORT", "x")
    with pytest.raises(ValueError, match="port") as wrong:
        Settings(_env_file=None)
    assert_secret(key, *traceback.format_exception(wrong.value))


@pytest.mark.parametrize("way", ["401", "200", "stream"])
def test_the_http_service_tells_a_problem_without_it(key: str, way: str) -> None:
    with threaded(answers(key)[way]) as endpoint:
        held = settings(openai_api_key=SecretStr(key), openai_base_url=endpoint.url, model="m", deadline=3.0)
        with served(create_app(held.model_copy(update={"rung": "json_schema"}), durable=False)) as client:
            body = {**sheet().model_dump(mode="json", exclude_none=True), "section": "2.1"}
            plain = client.post("/v1/sections", json=body)
            assert plain.status_code >= 500, plain.text
            watched = client.post("/v1/sections", json=body, headers={"Accept": "text/event-stream"})
            assert "event: done" in watched.text
            for answer in (plain, watched, client.get("/healthz"), client.get("/openapi.json")):
                assert_secret(key, answer.text, answer.headers)
        assert endpoint.requests


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs `fangan` in an empty folder with this environment; all that it prints."""
    for name in list(os.environ):
        if name.startswith(("FANGAN_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str, **environment: str) -> str:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["fangan", *arguments])
        with pytest.raises(SystemExit):
            main()
        told = capfd.readouterr()
        assert told.out + told.err
        return told.out + told.err

    return command


@pytest.mark.parametrize("way", ["good", "401", "200"])
@pytest.mark.parametrize(
    "command", [["doctor"], ["draft", str(SAMPLE), "--section", "2.1"], ["draft", str(SAMPLE), "-o", "out"]]
)
def test_the_command_line_tells_nothing_of_it(
    key: str,
    way: str,
    command: list[str],
    tmp_path: Path,
    run: Callable[..., str],
) -> None:
    replies = offline()[1]
    said: Answer | Chooser = (lambda body: right(body, replies)) if way == "good" else answers(key)[way]
    if command == ["doctor"] and way == "good":
        said = whole('{"probe": "b7f3", "n": 1}')
    with threaded(said) as endpoint:
        values = {
            "OPENAI_API_KEY": key,
            "OPENAI_BASE_URL": endpoint.url,
            "FANGAN_MODEL": "m",
            "FANGAN_RUNG": "json_schema",
        }
        told = run(*command, **values, FANGAN_DEADLINE="5")
        assert endpoint.requests
    assert_secret(key, told, *(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()))


def test_an_address_with_a_password_is_refused_and_not_shown(key: str, run: Callable[..., str]) -> None:
    address = f"http://somebody:{key.replace('/', '%2F')}@127.0.0.1:9/v1?api-key={key}"
    told = run("doctor", OPENAI_BASE_URL=address, OPENAI_API_KEY=key, FANGAN_MODEL="m")
    assert "不要含有用户名和密码" in told
    assert "http://127.0.0.1:9/v1，" in told
    assert_secret(key, told)
    assert_secret(key, run("draft", str(SAMPLE), "--section", "2.1", OPENAI_BASE_URL=address, FANGAN_MODEL="m"))
