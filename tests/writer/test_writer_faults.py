"""What goes wrong at model endpoints, byte for byte, and what the writer makes of it: nothing partial kept as final,
nothing paid twice without need, all within the deadline, and a message that names the cause and the mend.

Restarting a plan in the middle belongs to the durable runs; whatever is listed here is one task's matter.
"""

from __future__ import annotations

import asyncio
import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from service.check.reply import parse_reply
from service.errors import (
    ContentFilterError,
    ContextOverflowError,
    DeadlineError,
    OverloadedError,
    ProtocolError,
    RateLimitedError,
    TruncatedError,
    UnauthorisedError,
    UnpaidError,
    UnsupportedError,
    WriterError,
)
from service.writer.openai import OpenAIWriter
from service.writer.request import Rung
from tests.doubles.asking import KEY, Outcome, ask, attempt, manner
from tests.doubles.faults import (
    HEAD,
    USAGE,
    Act,
    Answer,
    FaultServer,
    body_error,
    chunk,
    chunked,
    completion,
    data,
    error,
    http,
    pieces,
    sse,
    stream,
    whole,
)
from tests.doubles.tasks import DRAFT, SECOND, TEXT, task

GOOD = whole(DRAFT)
SHOWN = f"{TEXT}\n{SECOND}"


def shown(outcome: Outcome) -> str:
    """What a watcher has in the end: an empty piece voids what came before."""
    text = ""
    for piece in outcome.deltas:
        text = text + piece if piece else ""
    return text


# --- key, money, rate -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_and_names_the_setting(status: int) -> None:
    said = error(status, f"Incorrect API key provided: {KEY}.", code="invalid_api_key")
    outcome = ask(said, GOOD)
    assert isinstance(outcome.failure, UnauthorisedError)
    assert "OPENAI_API_KEY" in outcome.failure.message
    assert len(outcome.requests) == 1


@pytest.mark.parametrize(
    "said",
    [
        error(402, "Insufficient Balance"),
        error(403, "Your account balance is insufficient", code="insufficient_balance"),
        error(429, "You exceeded your current quota", type="insufficient_quota", code="insufficient_quota"),
        error(429, "您的账户已欠费，请充值后重试", code="1113"),
        error(429, "已达到 5 小时的使用上限，您的限额将在 2017-06-01 18:00:00 重置", code="1308"),
        body_error(
            400, {"code": "Arrearage", "message": "Access denied, please make sure your account is in good standing."}
        ),
    ],
)
def test_an_empty_account_stops(said: Answer) -> None:
    outcome = ask(said, GOOD)
    assert isinstance(outcome.failure, UnpaidError)
    assert "充值" in outcome.failure.message
    assert len(outcome.requests) == 1


@pytest.mark.parametrize("header", ["Retry-After", "llm_provider-retry-after"])
def test_a_rate_limit_is_waited_for(header: str) -> None:
    outcome = ask(error(429, "slow down", {header: "0.3"}), GOOD)
    assert outcome.content == DRAFT
    assert outcome.reply is not None
    assert any("限流" in note for note in outcome.reply.notes)
    assert len(outcome.requests) == 2
    assert outcome.requests[1].at - outcome.requests[0].at >= 0.29


def test_a_rate_limit_in_milliseconds_or_as_a_date() -> None:
    outcome = ask(error(429, "slow down", {"retry-after-ms": "150"}), GOOD)
    assert outcome.content == DRAFT
    assert outcome.seconds >= 0.14
    named = int(time.time()) + 2
    outcome = ask(error(429, "slow down", {"Retry-After": formatdate(named, usegmt=True)}), GOOD, deadline=15.0)
    assert outcome.content == DRAFT
    assert time.time() >= named - 0.01


def test_a_rate_limit_holds_every_worker_of_the_endpoint() -> None:
    async def run() -> list[float]:
        async with FaultServer(error(429, "slow down", {"Retry-After": "1.5"}), GOOD) as server:
            writer = OpenAIWriter(server.url, KEY, "m", manner(deadline=15.0))
            other = writer.with_model("another")
            first = asyncio.create_task(writer.write(task()))
            while not server.requests:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            for _ in range(30):  # the refusal has been read by then, however long each takes
                await asyncio.sleep(0.01)
            await asyncio.gather(first, *(w.write(task()) for w in (writer, other, writer)))
            await writer.aclose()
            return [request.at - server.requests[0].at for request in server.requests]

    times = asyncio.run(run())
    assert len(times) == 5
    assert all(at >= 1.49 for at in times[1:])


def test_a_rate_limit_without_a_time_gets_growing_pauses_and_an_end() -> None:
    outcome = ask(error(429, "Too Many Requests"))
    assert isinstance(outcome.failure, RateLimitedError)
    assert "FANGAN_CONCURRENCY" in outcome.failure.message
    assert len(outcome.requests) == 7
    assert ask(body_error(429, b"Too Many Requests"), GOOD).content == DRAFT


def test_a_rate_limit_longer_than_we_may_wait_is_told_at_once_and_not_asked_again() -> None:
    outcome = ask(error(429, "slow down", {"Retry-After": "300"}), GOOD, times=2, deadline=20.0)
    assert isinstance(outcome.failure, RateLimitedError)
    assert "秒后" in outcome.failure.message
    assert len(outcome.requests) == 1
    assert outcome.seconds < 5, "a quarter of the deadline"


# --- overload ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        error(500, "boom"),
        body_error(502, b"<html><body>Bad Gateway</body></html>"),
        error(503, "loading model", type="unavailable_error"),
        error(529, "overloaded"),
    ],
)
def test_an_overloaded_endpoint_is_asked_again(said: Answer) -> None:
    assert ask(said, said, GOOD).content == DRAFT
    outcome = ask(said)
    assert isinstance(outcome.failure, OverloadedError)
    assert len(outcome.requests) == 6


def test_an_endpoint_may_forbid_asking_again() -> None:
    outcome = ask(error(500, "boom", {"x-should-retry": "false"}), GOOD)
    assert isinstance(outcome.failure, OverloadedError)
    assert len(outcome.requests) == 1


# --- what the endpoint does not support -------------------------------------------------------------------------


def _refusing(name: str, said: Answer) -> Any:
    """Refuses a parameter as long as it is sent."""
    return lambda body: (
        said if name in body else (stream(*pieces(DRAFT), chunk("stop")) if body.get("stream") else GOOD)
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "max_tokens",
            error(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                code="unsupported_parameter",
                param="max_tokens",
            ),
        ),
        (
            "temperature",
            error(
                400,
                "Unsupported value: 'temperature' does not support 0.3 with this model. Only the default (1) value is supported.",
                code="unsupported_value",
                param="temperature",
            ),
        ),
        ("temperature", body_error(422, {"detail": "Unexpected fields in the request: {'temperature'}"})),
        ("stream_options", error(400, "Unknown parameter: 'stream_options'.")),
        ("enable_thinking", error(400, "Unrecognized request argument supplied: enable_thinking")),
    ],
)
def test_a_refused_parameter_is_dropped_once_and_remembered(name: str, said: Answer) -> None:
    outcome = ask(_refusing(name, said), watched=True, times=2, thinking="off")
    assert outcome.content == DRAFT
    assert [name in request.body for request in outcome.requests] == [True, False, False]
    if name == "max_tokens":
        assert outcome.requests[1].body["max_completion_tokens"] == 1500


def test_a_limit_beyond_the_models_is_lowered_to_it() -> None:
    said = error(400, "Invalid max_tokens value, the valid range of max_tokens is [1, 1024]")
    outcome = ask(lambda body: said if body["max_tokens"] > 1024 else GOOD)
    assert outcome.content == DRAFT
    assert [request.body["max_tokens"] for request in outcome.requests] == [1500, 1024]


def test_the_system_message_goes_into_the_users_where_its_role_is_refused() -> None:
    said = error(400, "messages[0].role does not support 'system' with this model", param="messages[0].role")
    outcome = ask(lambda body: said if body["messages"][0]["role"] == "system" else GOOD)
    assert outcome.content == DRAFT
    (message,) = outcome.requests[1].body["messages"]
    assert message["role"] == "user"
    assert "执笔人" in message["content"]
    assert "起草本节" in message["content"]


def test_an_endpoint_that_only_streams() -> None:
    said = error(400, "This model only support stream mode, please enable the stream parameter to access the model.")
    outcome = ask(lambda body: stream(*pieces(DRAFT), chunk("stop")) if body.get("stream") else said, times=2)
    assert outcome.content == DRAFT
    assert [bool(request.body.get("stream")) for request in outcome.requests] == [False, True, True]


def test_a_parameter_refused_for_ever_ends() -> None:
    outcome = ask(error(400, "Unsupported parameter: temperature"))
    assert isinstance(outcome.failure, UnsupportedError)
    assert len(outcome.requests) == 2


def test_a_pinned_way_that_is_refused_ends() -> None:
    outcome = ask(error(400, "This response_format type is unavailable now"))
    assert isinstance(outcome.failure, UnsupportedError)
    assert len(outcome.requests) == 1


# --- context ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        error(
            400,
            "request (12020 tokens) exceeds the available context size (4096 tokens), try increasing it",
            type="exceed_context_size_error",
            n_prompt_tokens=12020,
        ),
        error(400, "This model's maximum context length is 4096 tokens", code="context_length_exceeded"),
        error(
            400,
            "This model's maximum context length is 65536 tokens. However, you requested 70000",
            code="invalid_request_error",
        ),
        body_error(
            400, {"object": "error", "message": "This model's maximum context length is 4096 tokens.", "code": 400}
        ),
        error(400, "max_tokens must be at least 1, got -186."),
        error(400, "The input (9000 tokens) is longer than the model's context length (8192 tokens)."),
        error(400, "Prompt 超长", code="1261"),
        body_error(413, b"<html>413 Request Entity Too Large</html>"),
    ],
)
def test_a_prompt_too_long_is_never_sent_unchanged_again(said: Answer) -> None:
    outcome = ask(said, GOOD)
    assert isinstance(outcome.failure, ContextOverflowError)
    assert "FANGAN_CONTEXT_TOKENS" in outcome.failure.message
    assert len(outcome.requests) == 1


def test_a_prompt_cut_in_silence_is_an_error() -> None:
    usage = {"prompt_tokens": 4096, "completion_tokens": 80}
    outcome = ask(whole(DRAFT, usage=usage), of=task(tokens=12_000))
    assert isinstance(outcome.failure, ContextOverflowError)
    assert "4096" in outcome.failure.message
    assert len(outcome.requests) == 1


def test_what_an_endpoint_usually_counts_shows_a_smaller_cut() -> None:
    usual, cut = whole(DRAFT), whole(DRAFT, usage={"prompt_tokens": 500, "completion_tokens": 80})
    assert ask(usual, usual, usual, usual, usual, usual, cut, times=6).content == DRAFT
    outcome = ask(usual, usual, usual, usual, usual, cut, times=6)
    assert isinstance(outcome.failure, ContextOverflowError)


# --- moderation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        error(
            400,
            "Output data may contain inappropriate content.",
            type="data_inspection_failed",
            code="data_inspection_failed",
        ),
        error(400, "<400> InternalError.Algo.DataInspectionFailed: Input data may contain inappropriate content."),
        error(
            400,
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy",
            code="content_filter",
            innererror={"code": "ResponsibleAIPolicyViolation"},
        ),
        body_error(
            400,
            {
                "error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"},
                "contentFilter": [{"level": 1}],
            },
        ),
        error(400, "The request was rejected because it was considered high risk", type="content_filter"),
        whole(None, refusal="I can't help with that."),
        whole("", finish="content_filter"),
        whole('{"paragraphs": [{"text": "望海', finish="sensitive"),
    ],
)
def test_moderation_fails_the_section_without_asking_again(said: Answer) -> None:
    outcome = ask(said, GOOD)
    assert isinstance(outcome.failure, ContentFilterError)
    assert "改写" in outcome.failure.message
    assert len(outcome.requests) == 1


def test_a_stream_stopped_by_moderation_is_withdrawn() -> None:
    outcome = ask(stream(*pieces(DRAFT)[:4], 0.05, chunk("content_filter")), watched=True)
    assert isinstance(outcome.failure, ContentFilterError)
    assert outcome.deltas[0].startswith("望海市")
    assert shown(outcome) == ""


# --- cut and blank ----------------------------------------------------------------------------------------------


def test_a_cut_answer_is_asked_for_once_more_with_a_larger_limit() -> None:
    cut = whole("```json\n" + DRAFT[:60], finish="length")
    outcome = ask(cut, GOOD)
    assert outcome.content == DRAFT
    assert [request.body["max_tokens"] for request in outcome.requests] == [1500, 3000]
    assert outcome.reply is not None
    assert outcome.reply.usage.completion_tokens == 160
    outcome = ask(cut)
    assert isinstance(outcome.failure, TruncatedError)
    assert len(outcome.requests) == 2


def test_thoughts_that_use_up_the_limit_are_told_apart() -> None:
    cut = whole("", finish="length", reasoning_content="想一想")
    outcome = ask(cut, GOOD)
    assert outcome.content == DRAFT
    assert [request.body["max_tokens"] for request in outcome.requests] == [1500, 6000]
    outcome = ask(cut)
    assert isinstance(outcome.failure, TruncatedError)
    assert "FANGAN_THINKING" in outcome.failure.message
    assert "想一想" not in outcome.failure.message


@pytest.mark.parametrize("blank", [whole("   "), whole("\n" * 40, finish="length"), whole(None)])
def test_a_blank_answer_is_asked_for_twice_more(blank: Answer) -> None:
    assert ask(blank, blank, GOOD).content == DRAFT
    outcome = ask(blank)
    assert isinstance(outcome.failure, ProtocolError)
    assert len(outcome.requests) == 3


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thoughts_are_never_kept_or_shown(field: str) -> None:
    outcome = ask(whole(DRAFT, **{field: "先看事实表"}))
    assert outcome.reply is not None
    assert "先看" not in outcome.reply.model_dump_json()
    events = [chunk(content=None, **{field: "先看事实表"}), *pieces(DRAFT), chunk("stop")]
    outcome = ask(stream(*events), watched=True)
    assert outcome.content == DRAFT
    assert shown(outcome) == SHOWN


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{DRAFT}\n```",
        f"好的，以下为答复：\n{DRAFT}\n以上。",
        f"<think>先看{{事实}}，再写 {{}}。</think>\n{DRAFT}",
        f"先想想\n</think>{DRAFT}",
        f"\ufeff{DRAFT}",
        [{"type": "text", "text": DRAFT}],
    ],
)
def test_what_stands_around_the_object_is_taken_off(text: object) -> None:
    assert json.loads(ask(whole(text)).content) == json.loads(DRAFT)


@pytest.mark.parametrize(
    "content",
    [
        DRAFT.replace('"gaps"', '"gaps": [], "gaps"'),
        DRAFT.replace(
            '"proposals": []', '"proposals": [{"name": "a", "value": NaN, "unit": "%", "year": 2021, "basis": "b"}]'
        ),
        DRAFT.replace("望海市", "\\ud800"),
        DRAFT.replace("望海市", "望\x01海市"),
        '{"paragraphs": "望海市"}',
        "望海市地处云岭省东南沿海。",
    ],
)
def test_what_is_no_draft_comes_back_for_the_repair_to_tell(content: str) -> None:
    outcome = ask(whole(content))
    faults = parse_reply(outcome.content, {"gdp-2016"}, {"2.1-1", "2.1-2"})
    assert isinstance(faults, tuple)
    assert faults
    assert len(outcome.requests) == 1


# --- tools ------------------------------------------------------------------------------------------------------


def _call(arguments: object, finish: str = "tool_calls") -> Answer:
    call = {"id": "t", "type": "function", "function": {"name": "submit", "arguments": arguments}}
    return whole(None, finish, tool_calls=[call])


@pytest.mark.parametrize(
    "said", [_call(DRAFT), _call(DRAFT, "length"), _call(DRAFT, "stop"), _call(json.loads(DRAFT)), GOOD]
)
def test_a_tools_answer_is_judged_by_its_payload(said: Answer) -> None:
    outcome = ask(said, rung=Rung.TOOL)
    assert json.loads(outcome.content) == json.loads(DRAFT)
    assert outcome.requests[0].body["tool_choice"]["function"]["name"] == "submit"


def test_a_tools_answer_in_pieces() -> None:
    parts = [chunk(tool_calls=[{"index": 0, "id": "t", "function": {"name": "submit", "arguments": ""}}])]
    parts += [
        chunk(tool_calls=[{"index": 0, "function": {"arguments": DRAFT[n : n + 30]}}]) for n in range(0, len(DRAFT), 30)
    ]
    outcome = ask(stream(*parts, chunk("tool_calls")), rung=Rung.TOOL, watched=True)
    assert outcome.content == DRAFT
    assert shown(outcome) == SHOWN


def test_cut_arguments_are_a_cut_answer() -> None:
    assert isinstance(ask(_call(DRAFT[:50], "length"), rung=Rung.TOOL).failure, TruncatedError)


# --- not the protocol -------------------------------------------------------------------------------------------


NONSENSE: list[Answer] = [
    [http("<html>登录</html>".encode(), kind="text/html")],
    [http(b"")],
    [http(b'{"id": "c1", "choi')],
    [http(b"[1]")],
    [http(b'"ok"')],
    [http(data({"id": "c1", "choices": []}))],
    [http(data({"id": "c1", "choices": None}))],
    [http(b"not gzip", headers={"Content-Encoding": "gzip"})],
]


@pytest.mark.parametrize("said", NONSENSE)
@pytest.mark.parametrize("watched", [False, True])
def test_nonsense_is_one_kind_of_error_and_asked_for_twice_more(said: Answer, *, watched: bool) -> None:
    assert ask(said, said, GOOD, watched=watched).content == DRAFT
    outcome = ask(said, watched=watched)
    assert isinstance(outcome.failure, ProtocolError)
    assert len(outcome.requests) == 3


def test_an_error_in_the_guise_of_success() -> None:
    outcome = ask([http(data({"error": {"message": "服务繁忙", "code": "1305"}}))])
    assert isinstance(outcome.failure, RateLimitedError)
    assert isinstance(ask([http(data({"error": {"message": "boom"}}))]).failure, ProtocolError)
    assert isinstance(ask([http(data({"error": {"message": "x", "code": "1301"}}))]).failure, ContentFilterError)


@pytest.mark.parametrize(
    "said",
    [
        [Act.RESET],
        [Act.CLOSE],
        [http(data(completion(DRAFT)))[:200], Act.CLOSE],
        [http(b'{"id"', headers={"X-A": "b"})[:-2], Act.CLOSE],
    ],
)
def test_a_cut_connection_is_asked_again(said: Answer) -> None:
    assert ask(said, GOOD).content == DRAFT
    outcome = ask(said)
    assert isinstance(outcome.failure, OverloadedError)
    assert len(outcome.requests) == 4


CUT_STREAMS: list[Answer] = [
    [HEAD, *[sse(e) for e in pieces(DRAFT)[:4]], 0.02, Act.RESET],
    [HEAD, *[sse(e) for e in pieces(DRAFT)[:4]], Act.CLOSE],
    stream(*pieces(DRAFT)[:4], done=False),
    stream(*pieces(DRAFT), done=False),
    stream(done=False),
    stream(*pieces(DRAFT)[:4], {"error": {"message": "overloaded", "code": 503}}, done=False),
    stream(*pieces(DRAFT)[:4], b'event: error\ndata: {"code":"InternalError","message":"bad"}\n\n', done=False),
    stream(*pieces(DRAFT)[:4], b'data: {"code":"InternalError","message":"bad"}\n\n', done=False),
    stream(*pieces(DRAFT)[:4], b'data: {"id": \n\n'),
]


@pytest.mark.parametrize("said", CUT_STREAMS)
def test_a_broken_stream_starts_over_and_nothing_partial_stays(said: Answer) -> None:
    whole_stream = stream(*pieces(DRAFT), chunk("stop"))
    outcome = ask(said, whole_stream, watched=True)
    assert outcome.content == DRAFT
    assert shown(outcome) == SHOWN
    outcome = ask(said, watched=True)
    assert isinstance(outcome.failure, WriterError)
    assert shown(outcome) == ""
    assert len(outcome.requests) <= 6


def test_a_stream_may_report_moderation_midway() -> None:
    event = b'event: error\ndata: {"code":"DataInspectionFailed","message":"Output data may contain inappropriate content."}\n\n'
    outcome = ask(stream(*pieces(DRAFT)[:4], event, done=False), watched=True)
    assert isinstance(outcome.failure, ContentFilterError)
    assert len(outcome.requests) == 1


GOOD_STREAMS: list[Answer] = [
    stream(*pieces(DRAFT), chunk("stop")),
    stream(*pieces(DRAFT), chunk("stop"), done=False),
    stream(b": ping\n\n", *pieces(DRAFT)[:2], b": keep-alive\n\n", *pieces(DRAFT)[2:], chunk("stop")),
    stream(*[b"data: " + data(p) + b"\r\n\r\n" for p in pieces(DRAFT)], chunk("stop")),
    stream(*pieces(DRAFT), chunk("stop"), {"choices": [], "usage": USAGE, "model": "answering-model"}),
    stream(*[{**p, "usage": USAGE} for p in pieces(DRAFT)], chunk("stop")),
    stream({"id": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}, *pieces(DRAFT), chunk("stop")),
    stream({"id": "", "choices": None}, *pieces(DRAFT), chunk("stop")),
    [
        HEAD,
        *[
            chunked(bytes([b]))
            for b in b"".join(b"data: " + data(p) + b"\n\n" for p in [*pieces(DRAFT), chunk("stop")])
        ],
        b"0\r\n\r\n",
    ],
    GOOD,
]


@pytest.mark.parametrize("said", GOOD_STREAMS)
def test_signs_of_life_and_odd_cuts_are_no_failure(said: Answer) -> None:
    outcome = ask(said, watched=True)
    assert outcome.content == DRAFT
    assert shown(outcome) == SHOWN
    assert len(outcome.requests) == 1


def test_blank_lines_before_a_whole_reply() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    waiting: list[bytes | float | Act] = [part for _ in range(5) for part in (chunked(b"\n"), 0.05)]
    assert ask([head, *waiting, chunked(data(completion(DRAFT))), b"0\r\n\r\n"]).content == DRAFT


# --- time -------------------------------------------------------------------------------------------------------


def _pings(seconds: float) -> list[bytes | float]:
    return [part for _ in range(int(seconds / 0.05)) for part in (b": ping\n\n", 0.05)]


@pytest.mark.parametrize(
    ("said", "watched"),
    [
        ([20.0], False),
        ([20.0], True),
        ([HEAD, *[chunked(p) if isinstance(p, bytes) else p for p in _pings(20)]], True),
        (
            [
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
                *[chunked(b"\n") if isinstance(p, bytes) else p for p in _pings(20)],
            ],
            False,
        ),
    ],
)
def test_no_answer_ends_at_the_deadline(said: Answer, *, watched: bool) -> None:
    outcome = ask(said, watched=watched, deadline=0.8)
    assert isinstance(outcome.failure, DeadlineError)
    assert outcome.seconds < 10, "the answers take twenty"


def test_a_stream_that_stalls_is_given_up_and_asked_for_again() -> None:
    stalled = stream(*pieces(DRAFT)[:4], 20.0)
    outcome = ask(stalled, stream(*pieces(DRAFT), chunk("stop")), watched=True, idle=1.0)
    assert outcome.content == DRAFT
    assert shown(outcome) == SHOWN
    assert len(outcome.requests) == 2
    assert outcome.seconds >= 0.99
    outcome = ask(stalled, watched=True, idle=0.2, deadline=15.0)
    assert isinstance(outcome.failure, OverloadedError)
    assert "停顿" in outcome.failure.message


def test_only_text_and_thoughts_count_as_progress() -> None:
    of: dict[str, Any] = {"watched": True, "idle": 1.0}
    signs = [part for _ in range(30) for part in (b": ping\n\n", 0.05)]
    outcome = ask(stream(*pieces(DRAFT)[:4], *signs, *pieces(DRAFT)[4:], chunk("stop")), **of)
    assert isinstance(outcome.failure, OverloadedError)
    thoughts = [part for _ in range(30) for part in (chunk(reasoning_content="想"), 0.05)]
    outcome = ask(stream(*thoughts, *pieces(DRAFT), chunk("stop")), **of)
    assert outcome.content == DRAFT


def test_retries_end_at_the_deadline_too() -> None:
    outcome = ask([0.3, *error(500, "boom")], deadline=0.8)
    assert isinstance(outcome.failure, DeadlineError | OverloadedError)
    assert len(outcome.requests) <= 3, "six without a deadline"


def test_waiting_for_our_own_places_is_not_the_endpoints_fault() -> None:
    async def run() -> list[str]:
        async with FaultServer([0.3, *GOOD]) as server:
            writer = OpenAIWriter(server.url, KEY, "m", manner(places=1, deadline=2.0))
            replies = await asyncio.gather(*(writer.write(task()) for _ in range(8)))
            await writer.aclose()
            return [reply.content for reply in replies]

    assert asyncio.run(run()) == [DRAFT] * 8


def test_a_cancelled_call_hangs_up_at_once_and_leaves_the_writer_usable() -> None:
    async def run() -> None:
        async with FaultServer([20.0], [HEAD, sse(pieces(DRAFT)[1]), 20.0], GOOD) as server:
            writer = OpenAIWriter(server.url, KEY, "m", manner())
            for times, watcher in ((1, None), (2, lambda _: None)):
                call = asyncio.create_task(writer.write(task(), watcher))
                async with asyncio.timeout(10):
                    while len(server.requests) < times:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                await asyncio.sleep(0.1)  # the stream may have begun
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
                async with asyncio.timeout(10):
                    await server.requests[-1].closed.wait()
            outcome = Outcome()
            await attempt(writer, outcome, task(), watched=False)
            assert outcome.content == DRAFT
            assert len(server.requests) == 3
            await writer.aclose()

    asyncio.run(run())


# --- the rest ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": 0, "completion_tokens": 0}, {}])
def test_a_missing_usage_is_estimated_and_said_so(usage: object) -> None:
    outcome = ask(whole(DRAFT, usage=usage))
    assert outcome.reply is not None
    assert outcome.reply.usage.estimated
    assert outcome.reply.usage.prompt_tokens == 1000
    assert outcome.reply.usage.completion_tokens > 100


@pytest.mark.parametrize(
    ("usage", "cached"),
    [
        ({**USAGE, "prompt_tokens_details": {"cached_tokens": 700}}, 700),
        ({**USAGE, "prompt_cache_hit_tokens": 640, "prompt_cache_miss_tokens": 260}, 640),
        ({**USAGE, "cached_tokens": 512}, 512),
        (USAGE, 0),
    ],
)
def test_cached_tokens_in_every_dialect(usage: object, cached: int) -> None:
    outcome = ask(whole(DRAFT, usage=usage))
    assert outcome.reply is not None
    assert (outcome.reply.usage.prompt_tokens, outcome.reply.usage.cached_tokens) == (900, cached)
    assert not outcome.reply.usage.estimated


def test_an_unknown_finish_reason_is_judged_by_the_content() -> None:
    assert ask(whole(DRAFT, finish="eos")).content == DRAFT
    outcome = ask(whole('{"ti', finish="insufficient_system_resource"))
    assert isinstance(outcome.failure, OverloadedError)
    assert ask(whole('{"ti', finish="stop")).content == '{"ti'


def test_the_model_that_answered_is_recorded() -> None:
    outcome = ask(GOOD)
    assert outcome.reply is not None
    assert outcome.reply.model == "answering-model"
    assert outcome.requests[0].body["model"] == "asked-model"


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (body_error(404, {"detail": "Not Found"}), "Not Found"),
        (body_error(404, {"error": "model 'x' not found"}), "not found"),
        ([b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/v2\r\nContent-Length: 0\r\n\r\n"], "OPENAI_BASE_URL"),
    ],
)
def test_a_wrong_address_is_told_in_the_endpoints_words(said: Answer, word: str) -> None:
    outcome = ask(said, GOOD)
    assert isinstance(outcome.failure, ProtocolError)
    assert word in outcome.failure.message
    assert len(outcome.requests) == 1


def test_nobody_answers_there() -> None:
    async def run() -> Outcome:
        outcome = Outcome()
        async with FaultServer(GOOD) as server:
            url = server.url
        writer = OpenAIWriter(url, KEY, "m", manner())
        await attempt(writer, outcome, task(), watched=False)
        await writer.aclose()
        return outcome

    failure = asyncio.run(run()).failure
    assert isinstance(failure, OverloadedError)
    assert "127.0.0.1" in failure.message


def test_text_is_sent_unescaped() -> None:
    raw = ask(GOOD).requests[0].raw.decode()
    assert "望海市" in raw
    assert "\\u" not in raw
