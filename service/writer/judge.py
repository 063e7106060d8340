"""An answer → the draft's JSON in it, or why there is none: decided by the payload first, by finish_reason second."""

from __future__ import annotations

import json

from schemas.draft import Usage
from service.errors import ContentFilterError, ContextOverflowError, OverloadedError, ProtocolError, TruncatedError
from service.writer.call import Answer, CallFailed, Then
from service.writer.conformity import Schema, conforms
from service.writer.extract import find_object

FILTERED = frozenset({"content_filter", "sensitive", "safety", "risk", "blocked"})
"""finish_reason of a moderated answer (OpenAI and Azure; GLM; gateways): what came so far is withdrawn."""
BROKEN_OFF = frozenset({"network_error", "insufficient_system_resource", "error", "abort"})
"""finish_reason of an answer that the endpoint gave up (GLM; DeepSeek; gateways; SGLang)."""


def content_of(answer: Answer) -> str:
    """The one JSON object of the answer; where there is none, its text, for the reply's validation to refuse.

    CallFailed for a moderated, refused, cut, broken off or blank answer.
    """
    found = find_object(answer.text)
    if answer.finish in FILTERED:
        raise _failed(answer, ContentFilterError, "模型接口的内容审核中止了答复，已收到的部分不予采用", Then.STOP)
    if answer.refusal and found is None:
        raise _failed(answer, ContentFilterError, "模型拒绝撰写本节", Then.STOP)
    if found is not None and answer.ended and answer.finish not in BROKEN_OFF:
        return found
    if answer.finish in BROKEN_OFF:
        raise _failed(answer, OverloadedError, "模型接口资源不足，答复中断", Then.AGAIN)
    if not answer.ended:
        raise _failed(answer, ProtocolError, "模型接口的答复没有正常结束", Then.REDO)
    if answer.finish == "length" and (answer.text.strip() or answer.reasoned):
        raise _cut(answer)
    if not answer.text.strip():
        message = "模型只给出思考过程，没有答复" if answer.reasoned else "模型的答复是空白"
        raise _failed(answer, ProtocolError, message, Then.BLANK)
    return answer.text.strip()


def _failed(
    answer: Answer, error: type[ContentFilterError | OverloadedError | ProtocolError], what: str, then: Then
) -> CallFailed:
    mend = "请改写相关事实的表述或人工撰写本节" if error is ContentFilterError else "请稍后重写本节"
    return CallFailed(error(f"{what}，{mend}"), then, usage=answer.usage)


def _cut(answer: Answer) -> CallFailed:
    thoughts = answer.reasoned and not answer.text.strip()
    if thoughts:
        message = "模型的思考用完了输出长度，没有写出正文，请设置 FANGAN_THINKING=off 或更换模型"
    else:
        message = "模型的答复超出输出长度而被截断，请更换输出上限更大的模型，或减少本节的事实"
    return CallFailed(TruncatedError(message), Then.LONGER, usage=answer.usage, thoughts=thoughts)


def keeps_schema(content: str, schema: Schema) -> bool:
    """The content has the shape that was asked for; False tells that the endpoint does not enforce it."""
    try:
        value = json.loads(content, strict=False)
    except (ValueError, RecursionError):
        return False
    return conforms(value, schema)


class Calibration:
    """How this model counts tokens compared with our estimate; also shows a prompt that was cut in silence."""

    WORTH = 500
    """Estimated tokens below which a prompt says nothing: the chat template weighs too much."""
    SAMPLES = 5
    FLOOR = 0.45
    """Least ratio of any tokenizer that we measured on Chinese plans is 0.7 of o200k."""
    SHARE = 0.6
    """Of the usual ratio: tables and prose differ by less (0.86 to 1.3 with Qwen)."""

    def __init__(self) -> None:
        self._ratios: list[float] = []

    @property
    def ratio(self) -> float | None:
        """Median of prompt_tokens / estimate; None before enough calls."""
        known = sorted(self._ratios)
        return known[len(known) // 2] if len(known) >= self.SAMPLES else None

    def check(self, usage: Usage | None, estimate: int) -> None:
        """Learns from one answer. CallFailed when the endpoint read far fewer tokens than we sent."""
        if usage is None or estimate < self.WORTH:
            return
        ratio = usage.prompt_tokens / estimate
        floor = max(self.FLOOR, self.SHARE * self.ratio) if self.ratio else self.FLOOR
        if ratio < floor:
            error = ContextOverflowError(
                f"模型接口只读了{usage.prompt_tokens}个词元，而提示词约有{estimate}个，超出部分被悄悄截掉；"
                "请调大模型的上下文（如 Ollama 的 num_ctx），或调低 FANGAN_CONTEXT_TOKENS"
            )
            raise CallFailed(error, Then.STOP, usage=usage)
        self._ratios = [*self._ratios[-99:], ratio]
