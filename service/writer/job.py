"""One prompt at a model endpoint: ask, judge, and ask again as each failure says, within one deadline."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from schemas.draft import Prompt, Reply, Usage
from service.errors import ContentFilterError
from service.writer.call import Answer, CallFailed, Then
from service.writer.capability import CANARIES, CANARY_LIMIT, Ladder, canary_messages, canary_schema, survives
from service.writer.deltas import ParagraphStream
from service.writer.gate import LONGEST_HOLD, Gate
from service.writer.judge import Calibration, content_of, keeps_schema
from service.writer.quirks import Quirks
from service.writer.refusals import schema_refused
from service.writer.request import Ask, Body, Rung, Thinking, build, without_enums
from service.writer.retry import Deadline, pause

TRIES: Mapping[Then, int] = {
    Then.WAIT: 6,
    Then.AGAIN: 5,
    Then.CUT: 3,
    Then.REDO: 2,
    Then.BLANK: 2,
    Then.LONGER: 1,
}
"""How often one task is asked again for each reason; the deadline bounds them all together."""
LONGER = 2
LONGER_FOR_THOUGHTS = 4
"""Factor of the length limit when an answer was cut, in its text or in its thoughts."""
TOKENS_PER_CHARACTER = 0.75
"""Where the endpoint does not count: Chinese JSON in o200k (0.71 per character of prose)."""
_NOTES: Mapping[Then, str] = {
    Then.WAIT: "接口限流，等待后重新调用",
    Then.AGAIN: "接口繁忙，稍候重新调用",
    Then.CUT: "连接中断，重新调用",
    Then.REDO: "答复不完整或不合协议，重新调用",
    Then.BLANK: "答复为空白，重新调用",
    Then.ADAPT: "接口不支持某个参数，调整后重新调用",
    Then.LOWER: "接口不支持所用的 JSON 输出方式，改用下一种",
    Then.LONGER: "答复被截断，放宽输出长度后重新调用",
}
RUNGS: Mapping[Rung, str] = {
    Rung.JSON_SCHEMA: "结构约束（json_schema）",
    Rung.TOOL: "工具调用",
    Rung.JSON_OBJECT: "JSON 模式（json_object）",
    Rung.PROMPT: "提示词约定",
}
"""How a drafter is told of the way of asking for JSON."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an endpoint is to be asked; times in seconds."""

    temperature: float | None = 0.3
    thinking: Thinking | None = None
    rung: Rung | None = None
    """Pinned; None: found out."""
    deadline: float = 300.0
    """For one task in all."""
    idle: float = 60.0
    """Without a new piece of text or thought, once a stream has begun."""
    pause: float = 0.5
    """Before the first repetition; doubled from there."""
    places: int = 256
    """Calls in flight at the endpoint."""
    warm: bool | None = None
    """Whether a plan's first call goes alone and fills the cache for the others; None: where the endpoint caches."""


@dataclass(slots=True)
class Memory:
    """What was learned about one model of an endpoint."""

    ladder: Ladder
    quirks: Quirks = field(default_factory=Quirks)
    calibration: Calibration = field(default_factory=Calibration)
    thinks: bool = False
    """It was seen to think aloud."""
    caches: bool = False
    """It was seen to read a prompt from its cache."""
    streams: bool = False
    """It was seen to stream."""

    def seen(self, answer: Answer) -> None:
        """Remembers what an answer shows about the model."""
        self.thinks = self.thinks or answer.reasoned
        self.streams = self.streams or answer.streamed
        self.caches = self.caches or (answer.usage is not None and answer.usage.cached_tokens > 0)


class Wire(Protocol):
    """What carries one request to the endpoint and its answer back."""

    async def exchange(self, body: Body, deadline: Deadline, idle: float, feed: Callable[[str], None]) -> Answer:
        """Raises CallFailed only. `feed` receives the pieces of a streamed answer."""
        ...


@dataclass(slots=True)
class Endpoint:
    """One model at one endpoint, as its tasks share it."""

    wire: Wire
    gate: Gate
    memory: Memory
    manner: Manner
    model: str

    async def call(self, ask: Ask, deadline: Deadline, feed: Callable[[str], None]) -> Answer:
        """One call, once the rate limit allows; raises CallFailed, and learns what a refusal teaches."""
        await self.gate.passed(deadline)
        body = build(ask, self.memory.quirks)
        try:
            return await self.wire.exchange(body, deadline, self.manner.idle, feed)
        except CallFailed as failed:
            if failed.then in (Then.ADAPT, Then.LOWER):
                self._learn(failed, ask, body)
            raise

    def _learn(self, failed: CallFailed, ask: Ask, body: Body) -> None:
        """What a refusal teaches; compared with the request that was sent, for others may have learned it just now."""
        if failed.then is Then.LOWER:
            if not schema_refused(failed.said):
                return
            self.memory.quirks = replace(self.memory.quirks, plain_schema=True)
        else:
            self.memory.quirks = self.memory.quirks.learned(failed.said, frozenset(body)) or self.memory.quirks
        if build(ask, self.memory.quirks) != body:
            failed.then = Then.ADAPT
        elif failed.then is Then.ADAPT:
            failed.then = Then.STOP


class Job:
    """The calls that one prompt takes."""

    def __init__(self, endpoint: Endpoint, prompt: Prompt, stream: ParagraphStream | None) -> None:
        self._endpoint = endpoint
        self._memory = endpoint.memory
        self._prompt = prompt
        self._stream = stream
        self._deadline = Deadline(endpoint.manner.deadline)
        self._limit = prompt.max_output_tokens
        self._failures: Counter[Then] = Counter()
        self._spent = Usage()
        self._notes: list[str] = []

    async def run(self) -> Reply:
        """Calls until there is content; CallFailed when there is no other way or no time left."""
        while True:
            rung = self._memory.ladder.known
            try:
                rung = await self._memory.ladder.rung(self._probe)
                return await self._once(rung)
            except CallFailed as failed:
                if failed.usage is not None:
                    self._spent += failed.usage
                failed.error.usage = None if self._spent == Usage() else self._spent
                if self._stream:
                    self._stream.restart()
                await self._mend(failed, rung)

    async def _once(self, rung: Rung) -> Reply:
        ask = self._ask(rung)
        answer = await self._endpoint.call(ask, self._deadline, self._stream.feed if self._stream else _unseen)
        self._memory.seen(answer)
        self._memory.calibration.check(answer.usage, self._prompt.tokens)
        content = content_of(answer)
        self._watch_form(rung, content, ask)
        if self._stream:
            self._stream.finish()
        return Reply(
            content=content,
            writer="openai",
            model=answer.model or ask.model,
            usage=self._spent + (answer.usage or self._guess(content)),
            notes=(f"输出方式：{RUNGS[rung]}", *self._memory.quirks.notes, *self._notes),
        )

    def _ask(self, rung: Rung) -> Ask:
        manner, prompt = self._endpoint.manner, self._prompt
        return Ask(
            model=self._endpoint.model,
            messages=prompt.messages,
            schema=prompt.json_schema,
            limit=self._limit,
            rung=rung,
            stream=self._stream is not None,
            temperature=manner.temperature,
            thinking=manner.thinking,
        )

    async def _probe(self, rung: Rung) -> bool:
        """Whether both canaries come back as the schema says. Failures that say nothing about the form are raised."""
        answers = await asyncio.gather(*(self._canary(rung, value) for value in CANARIES), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return all(answers)

    async def _canary(self, rung: Rung, value: str) -> bool:
        ask = replace(
            self._ask(rung),
            messages=canary_messages(),
            schema=canary_schema(value),
            limit=CANARY_LIMIT,
            stream=False,
        )
        try:
            return survives(rung, content_of(await self._endpoint.call(ask, self._deadline, _unseen)), value)
        except CallFailed as failed:
            if failed.then in (Then.LOWER, Then.BLANK, Then.LONGER) or isinstance(failed.error, ContentFilterError):
                return False
            raise

    def _watch_form(self, rung: Rung, content: str, ask: Ask) -> None:
        """Two answers in a row of the wrong form lower the endpoint; their content is still judged by the caller."""
        schema = without_enums(ask.schema) if self._memory.quirks.plain_schema else ask.schema
        if keeps_schema(content, schema if rung < Rung.JSON_OBJECT else {"type": "object"}):
            self._memory.ladder.kept(rung)
        elif self._memory.ladder.strike(rung):
            self._notes.append(_NOTES[Then.LOWER])

    def _guess(self, content: str) -> Usage:
        return Usage(
            prompt_tokens=round(self._prompt.tokens * (self._memory.calibration.ratio or 1.0)),
            completion_tokens=round(len(content) * TOKENS_PER_CHARACTER),
            estimated=True,
        )

    async def _mend(self, failed: CallFailed, rung: Rung | None) -> None:
        """Does what the failure asks for before the next call; raises it when that is vain."""
        self._failures[failed.then] += 1
        count = self._failures[failed.then]
        wait = 0.0
        if failed.then is Then.STOP:
            raise failed
        if count > TRIES.get(failed.then, len(Rung) + 8):
            self._last_resort(failed, rung)
        elif failed.then is Then.LOWER:
            self._lower(failed, rung)
        elif failed.then is Then.LONGER:
            self._limit *= LONGER_FOR_THOUGHTS if failed.thoughts else LONGER
        elif failed.then is Then.WAIT:
            wait = pause(count, self._endpoint.manner.pause) if failed.wait is None else failed.wait
            self._endpoint.gate.hold(wait)
        elif failed.then is not Then.ADAPT:
            wait = max(pause(count, self._endpoint.manner.pause), failed.wait or 0.0)
        if wait >= min(self._deadline.remaining, LONGEST_HOLD):
            raise failed
        self._notes.append(_NOTES[failed.then])
        if failed.then is not Then.WAIT:  # there the gate waits, for all workers
            await asyncio.sleep(wait)

    def _last_resort(self, failed: CallFailed, rung: Rung | None) -> None:
        """Blank answers time and again may be the form's fault; nothing else is worth another call."""
        if failed.then is not Then.BLANK or self._failures[Then.BLANK] > TRIES[Then.BLANK] + len(Rung):
            raise failed
        self._lower(failed, rung)

    def _lower(self, failed: CallFailed, rung: Rung | None) -> None:
        if rung is None or not self._memory.ladder.lower(rung):
            raise failed


def _unseen(_: str) -> None:
    """Nobody watches."""
