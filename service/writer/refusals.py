"""An endpoint's error, in any of the shapes in use → what happened, for the drafter, and what to do next.

Codes and phrases: OpenAI, Azure, DeepSeek, DashScope, GLM, Kimi, vLLM, SGLang, Ollama, llama.cpp and LiteLLM, from their
documentation and from answers of the real servers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from service.errors import (
    ContentFilterError,
    ContextOverflowError,
    OverloadedError,
    ProtocolError,
    RateLimitedError,
    UnauthorisedError,
    UnpaidError,
    UnsupportedError,
    WriterError,
)
from service.writer.call import CallFailed, Then
from service.writer.retry import retry_after

QUOTED = 160
"""Characters of the endpoint's own words in a message."""
LEAST_KEY = 8
"""Characters of a key that is worth hiding; local endpoints are given words instead."""

_KEY = re.compile(r"(?i)\b(?:sk|ak|key|token|bearer)[-_ ][\w*.\-]{6,}")
_MARKUP = re.compile(r"<[A-Za-z/!](?:.*>|.*$)", re.DOTALL)
"""From the first tag to the last: a page that a gateway found behind it, and quotes."""
_FILTER = (
    r"data_?inspection_?failed|content_?filter|responsibleaipolicy|content management policy|\b1301\b"
    r"|inappropriate content|content_policy|sensitive_words|不安全或敏感"
    r"|(?:response|output|prompt|input|content) (?:was|is|has been) filtered"
)
_UNPAID = (
    r"insufficient[_ ](?:quota|balance|user quota)|\b(?:1113|1308|1310)\b|arrearage|billing_hard_limit"
    r"|exceeded_current_quota|exceeded your current quota|余额不足|欠费"
)
_CONTEXT = (
    r"context_length_exceeded|exceed_context_size|\b1261\b|maximum context length|context (?:size|length|window)"
    r"|prompt is too long|longer than the model|range of input length|input is too long|exceeds? (?:the )?max\w* (?:input|token)"
    r"|token limit|must be at least 1, got -|too many tokens"
)
_UNKNOWN_KEY = r"no_db_connection|no connected db"
"""LiteLLM without a database, asked with a key that is not its own."""
_RATE = r"rate.?limit|throttl|too many requests|\b(?:1302|1303|1305|1312)\b|requests per|slow down"
_FORMAT = (
    r"response_format|json_schema|json_object|literal_error|tool_choice|\btools?\b|function call|grammar|schema"
    r"|structured output"
)
_STREAM_ONLY = r"only support\w* stream|enable the stream|stream mode|must be (?:used with )?stream"
_OVERLOAD = r"insufficient_system_resource|network_error|overloaded|engine_overloaded|server.?busy|loading model|无可用"
PARAMETERS = (
    "max_completion_tokens", "max_tokens", "temperature", "stream_options", "enable_thinking", "chat_template_kwargs",
    "thinking", "strict", "system",
)  # fmt: skip
"""What we send beside model, messages and the form of the answer, the longer of two like names first."""
_OVERFLOW = "提示词超出模型的上下文长度，请改用上下文更长的模型，或调低 FANGAN_CONTEXT_TOKENS"
_WRONG_KEY = "模型接口拒绝了密钥，请检查 OPENAI_API_KEY 及其权限"
_GENERIC = "invalid_request_error"
"""The type of every request that OpenAI refuses; a server in trouble that says so names no parameter by it."""
_UNSUPPORTED = (
    r"unsupported|not support|does not support|unexpected|unrecognized|unknown|not permitted|extra inputs"
    r"|literal_error|input should be|unavailable|invalid|not allowed|use '?max_completion_tokens|range|not one of|must be"
)


@dataclass(frozen=True, slots=True)
class Said:
    """An error's code, type, parameter and message, wherever the endpoint put them."""

    text: str
    """The message alone; empty when there is none fit to be shown."""
    all: str
    """Everything, lower case."""

    @property
    def quoted(self) -> str:
        """The endpoint's own words for a message of ours: one line, no markup, no key."""
        line = " ".join(_KEY.sub("（密钥）", _MARKUP.sub("…", self.text)).split())
        if not line:
            return ""
        return f"，接口答复：“{line[:QUOTED]}{'…' if len(line) > QUOTED else ''}”"


def without_key(text: str, key: str) -> str:
    """The text with nothing in place of the key; a key too short to be one (`EMPTY`, `none`) stays: it may be a word."""
    return text.replace(key, "（密钥）") if len(key) >= LEAST_KEY else text


def read_error(body: object) -> Said:
    """Finds the message in an error's body: parsed JSON, or text. HTML is never shown."""
    if isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, str):
        return Said("" if body.lstrip().startswith("<") else body, body.lower())
    if not isinstance(body, dict):
        return Said("", "")
    inner = body.get("error", body)
    if not isinstance(inner, dict):
        inner = {"message": inner}
    message = next((inner[k] for k in ("message", "msg", "detail", "error_msg") if inner.get(k)), "")
    text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    return Said(text, json.dumps(body, ensure_ascii=False).lower())


def refused(status: int, body: object, headers: Mapping[str, str]) -> CallFailed:
    """What an error answer means. `status` is the HTTP status; for an error inside a 200 answer or a stream, 200."""
    said = read_error(body)
    error, then = _by_meaning(status, said) or _by_status(status, said)
    if then is Then.AGAIN and headers.get("x-should-retry") == "false":
        then = Then.STOP
    return CallFailed(error, then, wait=retry_after(headers), said=said.all)


def _by_meaning(status: int, said: Said) -> tuple[WriterError, Then] | None:
    """What the endpoint's words say, whatever status it chose for them."""
    if status in (401, 407):
        return None
    for pattern, error, message in (
        (_FILTER, ContentFilterError, "模型接口的内容审核拦截了本节，请改写相关事实的表述或人工撰写本节"),
        (_UNPAID, UnpaidError, "模型账户余额或额度不足，请充值或更换账户；已完成的各节已保留"),
        (_UNKNOWN_KEY, UnauthorisedError, _WRONG_KEY),
    ):
        if re.search(pattern, said.all):
            return error(message + said.quoted), Then.STOP
    if status < 500 and status != 429 and re.search(_CONTEXT, said.all):
        return ContextOverflowError(_OVERFLOW + said.quoted), Then.STOP
    if status != 429 and (status in (400, 404, 415, 422) or status >= 500):
        return _unsupported(status, said)
    return None


def _unsupported(status: int, said: Said) -> tuple[WriterError, Then] | None:
    words = said.all.replace(_GENERIC, "") if status >= 500 else said.all
    if not re.search(_UNSUPPORTED, words) and not re.search(_STREAM_ONLY, words):
        return None
    error = UnsupportedError("模型接口不支持请求中的某个参数，请更换模型或接口" + said.quoted)
    if re.search(_STREAM_ONLY, said.all):
        return error, Then.ADAPT
    if named_parameter(said.all):
        return error, Then.ADAPT
    if re.search(_FORMAT, said.all):
        return UnsupportedError("模型接口不支持所用的 JSON 输出方式，请更换模型或接口" + said.quoted), Then.LOWER
    return None


def named_parameter(said: str) -> str | None:
    """Which parameter of ours an error names; None when it names the form of the answer, or nothing."""
    if re.search(_FORMAT, said) and "strict" not in said:
        return None
    return next((p for p in PARAMETERS if re.search(rf"(?<![a-z_]){p}(?![a-z_])", said)), None)


def schema_refused(said: str) -> bool:
    """An error that means this schema, not schemas as such: long lists of values, or a keyword."""
    return re.search(r"enum|grammar|invalid (?:json )?schema|invalid_json_schema|schema for", said) is not None


def stream_only(said: str) -> bool:
    """The endpoint gives no whole replies."""
    return re.search(_STREAM_ONLY, said) is not None


def _by_status(status: int, said: Said) -> tuple[WriterError, Then]:
    limited = status == 429 or (status in (200, 400) and re.search(_RATE, said.all) is not None)
    busy = status >= 500 or status in (408, 409, 425) or (status == 200 and re.search(_OVERLOAD, said.all) is not None)
    for applies, error, then, message in (
        (status == 402, UnpaidError, Then.STOP, "模型账户余额不足，请充值或更换账户；已完成的各节已保留"),
        (status in (401, 403, 407), UnauthorisedError, Then.STOP, _WRONG_KEY),
        (limited, RateLimitedError, Then.WAIT, "模型接口限制了调用频率，请稍后重写本节，或调低 FANGAN_CONCURRENCY"),
        (busy, OverloadedError, Then.AGAIN, "模型接口暂时不可用，请稍后重写本节"),
        (status == 413, ContextOverflowError, Then.STOP, _OVERFLOW),
        (
            status in (404, 405),
            ProtocolError,
            Then.STOP,
            "接口地址或模型名称不存在，请检查 OPENAI_BASE_URL 和 FANGAN_MODEL",
        ),
        (status == 200, ProtocolError, Then.REDO, "模型接口在答复中报错，请稍后重写本节"),
        (status < 400, ProtocolError, Then.STOP, "模型接口要求转到别的地址，请把 OPENAI_BASE_URL 改为最终地址"),
    ):
        if applies:
            return _told(error, message, status, said), then
    message = "模型接口不接受这次请求，请检查 OPENAI_BASE_URL 和 FANGAN_MODEL"
    return _told(UnsupportedError, message, status, said), Then.STOP


def _told(error: type[WriterError], message: str, status: int, said: Said) -> WriterError:
    return error(message + ("" if status == 200 else f"（HTTP {status}）") + said.quoted)
