"""The writer that asks a model endpoint of the OpenAI protocol; the only importer of its client and transport.

A task passes: a place at the endpoint → the way of asking for JSON → one call → judgement → again, within one deadline.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

import anyio
import httpx2
import openai

from schemas.draft import Reply, Task
from service.errors import (
    ContentFilterError,
    DeadlineError,
    OverloadedError,
    ProtocolError,
    SettingsError,
    TruncatedError,
    WriterError,
)
from service.writer.call import Answer, CallFailed, Then
from service.writer.capability import Ladder
from service.writer.deltas import ParagraphStream
from service.writer.doctor import Diagnosis, diagnose
from service.writer.gate import Gate
from service.writer.job import Endpoint, Job, Manner, Memory
from service.writer.protocol import OnDelta
from service.writer.reading import Reader, broken, read_whole
from service.writer.refusals import refused, without_key
from service.writer.request import Body
from service.writer.retry import Deadline
from service.writer.sse import EventLines

OPENAI_URL = "https://api.openai.com/v1"
PATH = "/chat/completions"
TIMEOUT = httpx2.Timeout(None, connect=10.0)
"""Seconds to reach the endpoint. Reading has no time-out of its own: the task's deadline bounds it."""
SPARE = 16
"""Connections beyond the places at the gate: those being closed never keep a caller waiting."""
FOREIGN = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.StreamError,
    httpx2.InvalidURL,
    httpx2.CookieConflict,
    anyio.EndOfStream,
    OSError,
    ValueError,
    RuntimeError,
)
"""Everything that the client, the transport and the sockets raise; RuntimeError: httpx2's misuse of streams."""


class OpenAIWriter:
    """Implements Writer. Belongs to the event loop of its first call; `aclose` when done.

    SettingsError for a URL or key that cannot be one. The key is never in a message, a log or a repr.
    """

    name = "openai"
    reads_prompt = True

    def __init__(self, base_url: str | None, api_key: str | None, model: str, manner: Manner | None = None) -> None:
        self.model = model
        manner = manner or Manner()
        self._wire = OpenAIWire(base_url or OPENAI_URL, api_key or "", manner.places)
        self._endpoint = Endpoint(self._wire, Gate(manner.places), Memory(Ladder(manner.rung)), manner, model)

    def __repr__(self) -> str:
        return f"OpenAIWriter({self._wire.host!r}, {self.model!r})"

    def with_model(self, model: str) -> OpenAIWriter:
        """A writer for another model of the same endpoint: connections and rate limit are shared."""
        other = object.__new__(OpenAIWriter)
        known = self._endpoint
        other.model, other._wire = model, self._wire
        other._endpoint = Endpoint(known.wire, known.gate, Memory(Ladder(known.manner.rung)), known.manner, model)
        return other

    @property
    def caches_prompts(self) -> bool:
        """The endpoint was seen to read a prompt of this model from its cache."""
        return self._endpoint.memory.caches

    @property
    def warms_cache(self) -> bool:
        """A plan should send one call alone first, and the others, which begin alike, when its answer is there."""
        warm = self._endpoint.manner.warm
        return self.caches_prompts if warm is None else warm

    async def aclose(self) -> None:
        """Closes all connections, also those of writers made by `with_model`."""
        await self._wire.aclose()

    async def diagnose(self) -> Diagnosis:
        """What the endpoint can do, by asking it small questions. Raises WriterError subclasses."""
        async with self._endpoint.gate.place():
            try:
                return await diagnose(self._endpoint, self._wire.host)
            except CallFailed as failed:
                raise failed.error from None

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """Asks until there is an answer fit to be validated, within the deadline. Raises WriterError subclasses."""
        stream = ParagraphStream(on_delta) if on_delta else None
        async with self._endpoint.gate.place():
            try:
                return await Job(self._endpoint, task.prompt, stream).run()
            except CallFailed as failed:
                # The client's own exceptions hold the request with its key: they end here.
                raise failed.error from None


class OpenAIWire:
    """Implements Wire: one request to one endpoint."""

    def __init__(self, base_url: str, api_key: str, places: int) -> None:
        self.host = _checked_host(base_url)
        self._key = _checked_key(api_key)
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            max_retries=0,
            timeout=TIMEOUT,
            http_client=_transport(places + SPARE),
        )

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._client.close()

    async def exchange(self, body: Body, deadline: Deadline, idle: float, feed: Callable[[str], None]) -> Answer:
        """Sends one request and reads its answer. Raises CallFailed only."""
        streamed = bool(body.get("stream"))
        patience = Patience(deadline, idle, streamed=streamed)
        try:
            async with patience.limit():
                return await (self._stream(body, patience, feed) if streamed else self._whole(body))
        except FOREIGN as error:
            raise self._translated(error, patience) from error

    async def _whole(self, body: Body) -> Answer:
        response = await self._client.post(PATH, cast_to=httpx2.Response, body=body)
        return read_whole(response.content, self._key)

    async def _stream(self, body: Body, patience: Patience, feed: Callable[[str], None]) -> Answer:
        # For a stream that is asked for as a plain response the client hands the response out unread.
        response = cast(
            "httpx2.Response",
            await self._client.post(
                PATH, cast_to=httpx2.Response, body=body, stream=True, stream_cls=openai.AsyncStream[Any]
            ),
        )
        try:
            if "event-stream" not in response.headers.get("content-type", ""):
                return _unstreamed(await response.aread(), self._key, feed)
            return await self._counted(response, patience, feed)
        finally:
            await response.aclose()

    async def _counted(self, response: httpx2.Response, patience: Patience, feed: Callable[[str], None]) -> Answer:
        """A stream; one that breaks off after the endpoint said what it costs is a failure that costs so much."""
        reader = Reader(self._key)
        try:
            return await _read_stream(response, reader, patience, feed)
        except CallFailed as failed:
            failed.usage = failed.usage or reader.usage
            raise
        except FOREIGN as error:
            cut = self._translated(error, patience)
            cut.usage = reader.usage
            raise cut from error

    def _translated(self, error: BaseException, patience: Patience) -> CallFailed:
        if isinstance(error, openai.APIStatusError):
            response = error.response
            text = without_key(response.text, self._key)
            return refused(error.status_code, _json_or_text(text), response.headers)
        if isinstance(error, TimeoutError):
            return patience.expired()
        return unreachable(error, self.host)


class Patience:
    """How long one call may take: until the deadline, and in a stream no longer than `idle` without anything new."""

    def __init__(self, deadline: Deadline, idle: float, *, streamed: bool) -> None:
        self._deadline = deadline
        self._idle = idle
        self._streamed = streamed
        self._timeout: asyncio.Timeout | None = None

    @asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """TimeoutError when patience ends."""
        remaining = self._deadline.remaining
        # A stream that does not begin is given up halfway, so that there is time to ask once more.
        first = min(remaining, max(self._idle, remaining / 2)) if self._streamed else remaining
        async with asyncio.timeout(first) as self._timeout:
            yield

    def renew(self) -> None:
        """Something new came."""
        if self._timeout is not None:
            now = asyncio.get_running_loop().time()
            self._timeout.reschedule(now + min(self._idle, self._deadline.remaining))

    def expired(self) -> CallFailed:
        """Which of the two it was."""
        if self._deadline.remaining > 0.05:
            message = f"模型接口中途停顿超过{self._idle:g}秒，请稍后重写本节"
            return CallFailed(OverloadedError(message), Then.REDO)
        message = f"模型接口在{self._deadline.seconds:g}秒内没有给出完整答复，请稍后重写本节，或调高 FANGAN_DEADLINE"
        return CallFailed(DeadlineError(message), Then.STOP)


async def _read_stream(
    response: httpx2.Response, reader: Reader, patience: Patience, feed: Callable[[str], None]
) -> Answer:
    lines = EventLines()
    async for data in response.aiter_bytes():
        for name, event in lines.feed(data):
            piece = reader.event(event, name)
            if reader.moved:
                patience.renew()
            if piece:
                feed(piece)
        if reader.done:
            break
    for name, event in lines.finish():
        reader.event(event, name)
    return reader.answer(streamed=True)


def _unstreamed(data: bytes, key: str, feed: Callable[[str], None]) -> Answer:
    """An endpoint that was asked for a stream and gave something else: a whole reply, or events without their type."""
    if data.lstrip()[:1] in (b"{", b"<", b"["):
        answer = read_whole(data, key)
        feed(answer.text)
        return answer
    lines, reader = EventLines(), Reader(key)
    for name, event in (*lines.feed(data), *lines.finish()):
        feed(reader.event(event, name))
    return reader.answer(streamed=True)


def _transport(connections: int) -> httpx2.AsyncClient:
    """The one of aiohttp where it is installed (openai's extra of that name): a quarter of the plain one's processor time.

    Measured by evals/bench/writer.py with 1,300 calls waiting; the plain pool's bookkeeping grows with their square.
    """
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    verify = _certificates()
    # A redirect is not followed: it would send the prompt to a host that nobody configured.
    try:
        return openai.DefaultAioHttpClient(limits=limits, timeout=TIMEOUT, verify=verify, follow_redirects=False)
    except RuntimeError:
        return httpx2.AsyncClient(limits=limits, timeout=TIMEOUT, verify=verify, follow_redirects=False)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom the operating system trusts, or SSL_CERT_FILE; read once, for it takes 50 ms."""
    return httpx2.create_ssl_context()


def _json_or_text(text: str) -> object:
    try:
        body: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return body


def unreachable(error: BaseException, host: str) -> CallFailed:
    """Any exception of the client, the transport or a socket but for an error answer → what it means."""
    chain = _causes(error)
    if any(type(e).__name__ in _CUT_BY_AIOHTTP for e in chain):
        return _cut(host)
    for kinds, make in _MEANINGS:
        if any(isinstance(e, kinds) for e in chain):
            return make(host)
    return broken("读取中断")


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _fail(kind: type[WriterError], then: Then, message: str) -> Callable[[str], CallFailed]:
    return lambda host: CallFailed(kind(message.format(host=host)), then)


_CUT_BY_AIOHTTP = frozenset(
    {"ServerDisconnectedError", "ClientOSError", "ClientConnectionResetError", "ClientPayloadError"}
)
"""The transport calls these a time-out of connecting; aiohttp itself need not be installed."""
_cut = _fail(OverloadedError, Then.CUT, "与模型接口 {host} 的连接中断，请稍后重写本节")
_MEANINGS: tuple[tuple[tuple[type[BaseException], ...], Callable[[str], CallFailed]], ...] = (
    (
        (httpx2.PoolTimeout,),
        _fail(OverloadedError, Then.AGAIN, "本机到模型接口的连接已用满，请调低 FANGAN_CONCURRENCY 后重写本节"),
    ),
    (
        (ssl.SSLCertVerificationError,),
        _fail(
            OverloadedError,
            Then.STOP,
            "模型接口 {host} 的证书不受信任，请把签发机构的证书装入操作系统，或用 SSL_CERT_FILE 指定",
        ),
    ),
    (
        (httpx2.ConnectTimeout, httpx2.ConnectError, httpx2.ProxyError, ConnectionRefusedError),
        _fail(OverloadedError, Then.REDO, "无法连接模型接口 {host}，请检查 OPENAI_BASE_URL 和网络"),
    ),
    (
        (httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.TooManyRedirects, httpx2.CookieConflict),
        _fail(ProtocolError, Then.STOP, "OPENAI_BASE_URL 不是可用的接口地址，请改为以 http:// 或 https:// 开头的地址"),
    ),
    (
        (openai.LengthFinishReasonError,),
        _fail(TruncatedError, Then.LONGER, "模型的答复超出输出长度而被截断，请更换输出上限更大的模型"),
    ),
    (
        (openai.ContentFilterFinishReasonError,),
        _fail(ContentFilterError, Then.STOP, "模型接口的内容审核拦截了本节，请改写相关事实的表述或人工撰写本节"),
    ),
    (
        (openai.APITimeoutError, httpx2.TimeoutException),
        _fail(OverloadedError, Then.REDO, "模型接口 {host} 长时间没有回应，请稍后重写本节"),
    ),
    (
        (httpx2.DecodingError, openai.APIResponseValidationError, httpx2.SSEError),
        _fail(ProtocolError, Then.REDO, "模型接口 {host} 的答复无法解读，请检查 OPENAI_BASE_URL，或稍后重写本节"),
    ),
    (
        (
            openai.APIConnectionError,
            httpx2.TransportError,
            httpx2.StreamError,
            ssl.SSLError,
            anyio.EndOfStream,
            OSError,
        ),
        _cut,
    ),
)
"""Most specific first: an exception is looked at together with its causes."""


def _checked_host(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("OPENAI_BASE_URL 应为以 http:// 或 https:// 开头的接口地址，如 https://接口域名/v1")
    if parts.username or parts.password:
        raise SettingsError("OPENAI_BASE_URL 不要含有用户名和密码，请只写接口地址，密钥写入 OPENAI_API_KEY")
    return parts.hostname


def _checked_key(api_key: str) -> str:
    if not all("!" <= c <= "~" for c in api_key):
        raise SettingsError("OPENAI_API_KEY 含有空白或非 ASCII 字符，请重新复制密钥")
    return api_key
