"""Every exception of the client, its transport and its wire becomes an error of ours, in Chinese, without the key."""

from __future__ import annotations

import asyncio
import inspect
import logging
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpcore2
import httpx2
import openai
import pytest

from service.errors import OverloadedError, ProtocolError, SettingsError, WriterError
from service.writer.openai import FOREIGN, OpenAIWriter, unreachable
from tests.doubles.asking import KEY, Outcome, ask, attempt, manner
from tests.doubles.faults import FaultServer, error, whole
from tests.doubles.tasks import DRAFT, task

OTHERS = {
    # What has to do with webhooks, web sockets and other ways of signing in: no call of ours can raise it.
    openai.InvalidWebhookSignatureError,
    openai.WebSocketConnectionClosedError,
    openai.WebSocketQueueFullError,
}


def _exceptions(module: object) -> Iterator[type[Exception]]:
    for _, value in inspect.getmembers(module, inspect.isclass):
        if issubclass(value, Exception) and not issubclass(value, Warning):
            yield value


def _bare(kind: type[Exception]) -> Exception:
    """An instance without running its constructor: their signatures differ."""
    return kind.__new__(kind)


@pytest.mark.parametrize(
    "kind", [*_exceptions(openai), *_exceptions(httpx2)], ids=lambda k: f"{k.__module__}.{k.__name__}"
)
def test_no_exception_of_the_client_is_unmapped(kind: type[Exception]) -> None:
    assert issubclass(kind, FOREIGN)
    if kind in OTHERS or issubclass(kind, openai.APIStatusError):
        return  # those with a status are read by it: tests of faults
    failed = unreachable(_bare(kind), "example.test")
    assert isinstance(failed.error, WriterError)
    assert "请" in failed.error.message


@pytest.mark.parametrize("kind", list(_exceptions(httpcore2)), ids=lambda k: k.__name__)
def test_an_exception_of_the_wire_is_known_by_its_mapped_form(kind: type[Exception]) -> None:
    outer = openai.APIConnectionError(request=httpx2.Request("POST", "http://example.test"))
    outer.__cause__ = _bare(getattr(httpx2, kind.__name__, httpx2.TransportError))
    outer.__cause__.__cause__ = _bare(kind)
    assert unreachable(outer, "example.test").error.message


def test_a_full_pool_of_ours_is_told_apart_from_a_slow_endpoint() -> None:
    timed_out = openai.APITimeoutError(request=httpx2.Request("POST", "http://example.test"))
    timed_out.__cause__ = httpx2.PoolTimeout("")
    assert "本机" in unreachable(timed_out, "example.test").error.message
    timed_out.__cause__ = httpx2.ReadTimeout("")
    assert "没有回应" in unreachable(timed_out, "example.test").error.message


@pytest.mark.parametrize(
    ("url", "key", "word"),
    [
        ("api.example.test/v1", KEY, "OPENAI_BASE_URL"),
        ("ftp://example.test", KEY, "OPENAI_BASE_URL"),
        ("http://", KEY, "OPENAI_BASE_URL"),
        ("http://127.0.0.1/v1", "sk-密钥", "OPENAI_API_KEY"),
        ("http://127.0.0.1/v1", "sk-a b", "OPENAI_API_KEY"),
        ("http://127.0.0.1/v1", "sk-a\n", "OPENAI_API_KEY"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_once(url: str, key: str, word: str) -> None:
    with pytest.raises(SettingsError, match=word) as raised:
        OpenAIWriter(url, key, "m")
    assert key not in str(raised.value)


def test_the_key_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for said in (error(401, f"Incorrect API key provided: {KEY}"), error(400, f"token {KEY} is odd"), error(500, KEY)):
        outcome = ask(said)
        assert outcome.requests[0].headers["authorization"] == f"Bearer {KEY}"
        failure = outcome.failure
        assert (
            KEY not in repr(failure) + str(failure.__cause__) + str(failure.__context__) * failure.__suppress_context__
        )
        assert failure.__suppress_context__
    assert KEY not in caplog.text

    async def shown() -> str:
        writer = OpenAIWriter("http://127.0.0.1/geheim/v1", KEY, "m")
        text = repr(writer)
        await writer.aclose()
        return text

    assert asyncio.run(shown()) == "OpenAIWriter('127.0.0.1', 'm')"


def test_the_endpoints_words_are_one_short_line() -> None:
    outcome = ask(error(404, "x\n" * 400))
    assert len(outcome.failure.message) < 300
    assert "\n" not in outcome.failure.message


def test_a_certificate_that_nobody_signed_is_told() -> None:
    folder = Path(__file__).parents[1] / "data" / "tls"

    async def run() -> Outcome:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
        server = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0, ssl=context)
        outcome = Outcome()
        async with server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            writer = OpenAIWriter(url, KEY, "m", manner())
            await attempt(writer, outcome, task(), watched=False)
            await writer.aclose()
        return outcome

    failure = asyncio.run(run()).failure
    assert isinstance(failure, OverloadedError)
    assert "SSL_CERT_FILE" in failure.message


def test_a_host_that_does_not_exist_is_told() -> None:
    async def run() -> Outcome:
        outcome = Outcome()
        writer = OpenAIWriter("http://endpoint.invalid/v1", KEY, "m", manner())
        await attempt(writer, outcome, task(), watched=False)
        await writer.aclose()
        return outcome

    failure = asyncio.run(run()).failure
    assert isinstance(failure, OverloadedError)
    assert "endpoint.invalid" in failure.message


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.invalid/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-elsewhere")

    async def run() -> str:
        async with FaultServer(whole(DRAFT)) as server:
            writer = OpenAIWriter(server.url, None, "m", manner())
            await writer.write(task())
            await writer.aclose()
            return server.requests[0].headers["authorization"]

    assert "elsewhere" not in asyncio.run(run())


def test_nonsense_in_a_foreign_answer_is_a_protocol_error() -> None:
    assert isinstance(unreachable(ValueError("odd"), "example.test").error, ProtocolError)
