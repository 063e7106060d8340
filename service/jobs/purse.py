"""A writer whose replies are kept before anything is done with them: one that was received is never bought again."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from schemas.draft import Reply, Task
from schemas.plan import PlanStatus
from schemas.stored import StoredReply
from service.errors import PlanCancelledError, StoreError
from service.jobs.passing import Passing
from service.store import Database, plans, replies
from service.store.clock import now
from service.writer.protocol import OnDelta, Writer

T = TypeVar("T")
_log = logging.getLogger(__name__)
_PAUSES = (0.2, 1.0, 5.0, 15.0)
"""Seconds between tries at a database that does not take what must not be lost; the last one again and again."""


async def until_stored(what: Callable[[], Awaitable[T]]) -> T:
    """The result of `what`, tried again while the database is busy, full or away: what is at hand is worth waiting."""
    tried = 0
    while True:
        try:
            return await what()
        except StoreError as error:
            if error.status != 503:  # it would never take it
                raise
            _log.warning("the database does not take it, trying again: %s", error.type)
        await asyncio.sleep(_PAUSES[min(tried, len(_PAUSES) - 1)])
        tried += 1


@dataclass(frozen=True, slots=True)
class Account:
    """For whom the calls are: together with model, prompt and attempt, what makes two calls the same call."""

    plan_id: str
    section: str
    job: str
    revision: int
    epoch: int
    """Run of the plan that begins the job afresh after a failure; 0 at first."""


class Till(Protocol):
    """What the jobs of a process share: see Workshop."""

    database: Database
    passing: Passing
    calls: dict[str, asyncio.Task[Reply]]
    closing: bool


class Purse:
    """Implements Writer for one job: from the ledger what was received before, from the inner writer what was not.

    A call once begun is seen through, also when nobody waits for it any more: it is paid anyway, and its reply serves
    the next time. Raises PlanCancelledError before a call for a plan that was cancelled.
    """

    def __init__(self, writer: Writer, account: Account, till: Till, spend: Callable[[Reply], None]) -> None:
        self._writer = writer
        self._account = account
        self._till = till
        self._spend = spend
        self.name = writer.name
        self.model = writer.model
        self.reads_prompt = writer.reads_prompt

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """The reply as it is kept, in one piece: nobody watches. A writer that reads no prompt costs nothing, and its replies are not kept."""
        del on_delta
        if self._till.closing:
            await asyncio.Event().wait()  # until the process ends: the next one does it
        key = self._key(task)
        known = await until_stored(lambda: self._known(key))
        if known is not None:
            return Reply.model_validate(known.reply)
        if not self.reads_prompt:
            return await self._writer.write(task)
        calls = self._till.calls
        if key not in calls:
            calls[key] = asyncio.ensure_future(self._bought(key, task))
            calls[key].add_done_callback(lambda _: calls.pop(key))
        return await asyncio.shield(calls[key])

    async def _known(self, key: str) -> StoredReply | None:
        async with self._till.database.reading() as session:
            known = await replies.find(session, key)
            if known is None and (await plans.get(session, self._account.plan_id)).status is PlanStatus.CANCELLED:
                raise PlanCancelledError("方案已取消，未再调用模型")
            return known

    async def _bought(self, key: str, task: Task) -> Reply:
        reply = await self._writer.write(task)
        self._till.passing("reply received")
        row = StoredReply(
            key=key,
            plan_id=self._account.plan_id,
            section=self._account.section,
            revision=self._account.revision,
            attempt=task.attempt,
            model=self._writer.model,
            prompt_hash=task.prompt.hash,
            reply=reply.model_dump(mode="json"),
            prompt_tokens=reply.usage.prompt_tokens,
            completion_tokens=reply.usage.completion_tokens,
            at=now(),
        )

        async def keep() -> StoredReply:
            async with self._till.database.writing() as session:
                return await replies.keep(session, row)

        kept = await until_stored(keep)
        self._till.passing("reply kept")
        self._spend(reply)
        return Reply.model_validate(kept.reply)

    def _key(self, task: Task) -> str:
        account = self._account
        same = [
            self._writer.name,
            self._writer.model,
            task.prompt.hash,
            account.plan_id,
            account.section,
            account.job,
            account.epoch,
            task.attempt,
        ]
        return "sha256:" + hashlib.sha256(json.dumps(same, ensure_ascii=False).encode()).hexdigest()
