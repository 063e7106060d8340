"""A prompt → the body of one chat completion request, for a way of asking for JSON and an endpoint's quirks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from schemas.draft import Message
from service.writer.quirks import Quirks

Body = dict[str, Any]
Thinking = Literal["on", "off"]

TOOL = "submit"


class Rung(IntEnum):
    """Ways of asking for JSON, from the strongest down; an endpoint stands on the highest that it keeps."""

    JSON_SCHEMA = 1
    """response_format with a strict schema."""
    TOOL = 2
    """One strict tool, named in tool_choice; the answer is its arguments."""
    JSON_OBJECT = 3
    """response_format json_object, the schema in the prompt."""
    PROMPT = 4
    """The schema in the prompt, nothing else; the object is extracted from what comes."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for in one call, apart from the endpoint's quirks."""

    model: str
    messages: Sequence[Message]
    schema: Mapping[str, Any]
    limit: int
    """Tokens that the answer may have, thoughts included."""
    rung: Rung
    stream: bool = False
    temperature: float | None = None
    thinking: Thinking | None = None
    """None: as the endpoint does by itself."""


def build(ask: Ask, quirks: Quirks) -> Body:
    """The request's body. The word JSON is in the messages at every rung: some endpoints refuse otherwise."""
    schema = without_enums(ask.schema) if quirks.plain_schema else ask.schema
    limit = min(ask.limit, quirks.most_output or ask.limit)
    body: Body = {
        "model": ask.model,
        "messages": _messages(ask, schema, quirks),
        "max_completion_tokens" if quirks.renamed_limit else "max_tokens": limit,
        "temperature": ask.temperature,
        **_form(ask.rung, schema, strict="strict" not in quirks.dropped),
        **_thinking(ask.thinking),
    }
    if ask.stream or quirks.stream_only:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return {k: v for k, v in body.items() if v is not None and k not in quirks.dropped}


def _messages(ask: Ask, schema: Mapping[str, Any], quirks: Quirks) -> list[dict[str, str]]:
    messages = [{"role": m.role, "content": m.content} for m in ask.messages]
    if "system" in quirks.dropped and len(messages) > 1 and messages[0]["role"] == "system":
        first = messages.pop(0)
        messages[0] = {**messages[0], "content": f"{first['content']}\n\n{messages[0]['content']}"}
    ending = ""
    if ask.rung >= Rung.JSON_OBJECT:
        ending = "\n\n只输出一个 JSON 对象，并符合这个 JSON Schema：\n" + json.dumps(
            schema, ensure_ascii=False, separators=(",", ":")
        )
    elif not any("json" in m["content"].lower() for m in messages):
        ending = "\n\n只输出一个 JSON 对象。"
    if ending:
        # At the end: the common beginning of all sections' prompts stays as it is, and stays in the cache.
        messages[-1] = {**messages[-1], "content": messages[-1]["content"] + ending}
    return messages


def _form(rung: Rung, schema: Mapping[str, Any], *, strict: bool) -> Body:
    strictly = {"strict": True} if strict else {}
    if rung is Rung.JSON_SCHEMA:
        form = {"name": TOOL, **strictly, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": form}}
    if rung is Rung.TOOL:
        function = {"name": TOOL, "description": "提交结果", "parameters": schema, **strictly}
        return {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": TOOL}},
        }
    return {"response_format": {"type": "json_object"}} if rung is Rung.JSON_OBJECT else {}


def _thinking(thinking: Thinking | None) -> Body:
    """All three dialects in use at once (DeepSeek, GLM, Kimi; Qwen; vLLM, SGLang, llama.cpp): refused ones are dropped."""
    if thinking is None:
        return {}
    on = thinking == "on"
    return {
        "thinking": {"type": "enabled" if on else "disabled"},
        "enable_thinking": on,
        "chat_template_kwargs": {"enable_thinking": on},
    }


def without_enums(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema with plain types where it listed values."""
    return {key: _plain(value) for key, value in schema.items() if not (key == "enum" and isinstance(value, list))}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return without_enums(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value
