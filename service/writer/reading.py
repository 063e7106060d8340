"""Bytes of an answer → Answer: whole replies and streams, in every shape that endpoints were seen to send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from schemas.draft import Usage
from service.errors import ProtocolError
from service.writer.call import Answer, CallFailed, Then
from service.writer.refusals import refused, without_key

DONE = "[DONE]"


def broken(detail: str, usage: Usage | None = None) -> CallFailed:
    """The answer is not what the protocol says; `usage` where it told its cost all the same."""
    message = f"模型接口的答复不符合 OpenAI 协议（{detail}），请检查 OPENAI_BASE_URL 是否指向接口本身，或稍后重写本节"
    return CallFailed(ProtocolError(message), Then.REDO, usage=usage)


def parse(data: str | bytes) -> object:
    """JSON of the wire. CallFailed when it is none."""
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        start = data.lstrip()[:1]
        if start in ("<", b"<"):
            raise broken("返回了网页") from error
        raise broken("不是 JSON" if start else "内容为空") from error
    return value


def read_whole(data: bytes, key: str) -> Answer:
    """A whole reply. CallFailed when it is an error in the guise of a success, or has no choices; never tells `key`."""
    body = parse(data)
    if not isinstance(body, dict):
        raise broken("不是 JSON 对象")
    reader = Reader(key)
    choices = reader.common(body)
    if not choices:
        raise broken("没有 choices", reader.usage)
    reader.message(choices[0].get("message"), choices[0])
    return reader.answer(streamed=False)


class Reader:
    """Puts one answer together, piece by piece; an error among them is told without `key`."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._content: list[str] = []
        self._arguments: list[str] = []
        self._finish: str | None = None
        self._model = ""
        self.usage: Usage | None = None
        """What the endpoint said so far."""
        self._refusal: list[str] = []
        self._reasoned = False
        self.done = False
        """The stream said that it is complete."""
        self.moved = False
        """The last piece brought text or thoughts: not only a sign of life."""

    def event(self, data: str, name: str = "") -> str:
        """One event of a stream; returns the new piece of content. CallFailed for an error event."""
        self.moved = False
        if data.strip() == DONE:
            self.done = True
            return ""
        body = parse(data)
        if not isinstance(body, dict):
            raise broken("流中有不是对象的数据")
        if name == "error":
            raise self._refused(body)
        before = len(self._content), len(self._arguments)
        choices = self.common(body)
        if choices:
            self.message(choices[0].get("delta") or choices[0].get("message"), choices[0])
        return "".join(self._content[before[0] :]) or "".join(self._arguments[before[1] :])

    def common(self, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Model, usage and errors; returns the choices."""
        self.usage = _usage(body.get("usage")) or self.usage
        if body.get("error") or (body.get("object") == "error") or ("code" in body and "choices" not in body):
            raise self._refused(body)
        if isinstance(body.get("model"), str) and body["model"]:
            self._model = body["model"]
        choices = body.get("choices")
        if not isinstance(choices, list):
            return []
        return [c for c in choices if isinstance(c, dict)]

    def _refused(self, body: Mapping[str, Any]) -> CallFailed:
        failed = refused(200, json.loads(without_key(json.dumps(body), self._key)), {})
        failed.usage = self.usage
        return failed

    def message(self, message: object, choice: Mapping[str, Any]) -> None:
        """A message or a delta with its choice."""
        if isinstance(choice.get("finish_reason"), str):
            self._finish = choice["finish_reason"]
        if not isinstance(message, dict):
            return
        text = _text(message.get("content"))
        arguments = _arguments(message.get("tool_calls"))
        thoughts = message.get("reasoning_content") or message.get("reasoning")
        self._content += [text] if text else []
        self._arguments += [arguments] if arguments else []
        self._refusal += [message["refusal"]] if isinstance(message.get("refusal"), str) else []
        self._reasoned = self._reasoned or bool(thoughts)
        self.moved = bool(text or arguments or thoughts)

    def answer(self, *, streamed: bool) -> Answer:
        """What there is."""
        return Answer(
            text="".join(self._arguments) or "".join(self._content),
            finish=self._finish,
            model=self._model,
            usage=self.usage,
            refusal="".join(self._refusal) or None,
            reasoned=self._reasoned,
            streamed=streamed,
            ended=self._finish is not None or self.done or not streamed,
        )


def _text(content: object) -> str:
    if isinstance(content, list):
        parts = [p.get("text") for p in content if isinstance(p, dict)]
        return "".join(p for p in parts if isinstance(p, str))
    return content if isinstance(content, str) else ""


def _arguments(calls: object) -> str:
    """The arguments of the first tool; some gateways give them as an object."""
    if not isinstance(calls, list) or not calls or not isinstance(calls[0], dict):
        return ""
    function = calls[0].get("function")
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if isinstance(arguments, dict):
        return json.dumps(arguments, ensure_ascii=False)
    return arguments if isinstance(arguments, str) else ""


def _usage(usage: object) -> Usage | None:
    """Tokens as the endpoint counted them; None when it says nothing, or zero (as gateways do that do not know)."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if not prompt:
        return None
    details = usage.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else 0
    cached = cached or _count(usage.get("prompt_cache_hit_tokens")) or _count(usage.get("cached_tokens"))
    if cached > prompt:  # some gateways count only what was not cached
        prompt += cached
    return Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion)


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
