"""A writer whose replies are kept before anything is done with them: one that was received is never bought again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from schemas.draft import Reply, Task
from schemas.plan import PlanStatus
from schemas.stored import StoredReply
from service.errors import PlanCancelledError
from service.jobs.till import Till, until_stored
from service.store import Database, plans, replies
from service.store.clock import now
from service.writer.protocol import OnDelta, Writer


@dataclass(frozen=True, slots=True)
class Account:
    """For whom the calls are: together with model, prompt and attempt, what makes two calls the same call."""

    plan_id: str
    section: str
    job: str
    revision: int
    epoch: int
    """Run of the plan that begins the job afresh after a failure; 0 at first."""


class Purse:
    """Implements Writer for one job: from the ledger what was received before, from the inner writer what was not.

    Raises PlanCancelledError before a call for a plan that was cancelled.
    """

    def __init__(
        self, writer: Writer, account: Account, database: Database, till: Till, spend: Callable[[Reply], None]
    ) -> None:
        self._writer = writer
        self._account = account
        self._database = database
        self._till = till
        self._spend = spend
        self.name = writer.name
        self.model = writer.model
        self.reads_prompt = writer.reads_prompt

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """The reply as it is kept, in one piece: nobody watches. A writer that reads no prompt costs nothing, and its replies are not kept."""
        del on_delta
        key = self._key(task)
        known = await until_stored(lambda: self._known(key))
        if known is not None:
            return Reply.model_validate(known.reply)
        if not self.reads_prompt:
            return await self._writer.write(task)
        reply = await self._till.buy(key, lambda: self._writer.write(task), lambda r: self._row(key, task, r))
        self._spend(reply)
        return reply

    async def _known(self, key: str) -> StoredReply | None:
        async with self._database.reading() as session:
            known = await replies.find(session, key)
            if known is None and (await plans.get(session, self._account.plan_id)).status is PlanStatus.CANCELLED:
                raise PlanCancelledError("方案已取消，未再调用模型")
            return known

    def _row(self, key: str, task: Task, reply: Reply) -> StoredReply:
        return StoredReply(
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
