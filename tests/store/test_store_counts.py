"""What is counted for operators: plans and sections by status without deleted ones, replies and their tokens."""

from __future__ import annotations

from schemas.plan import PlanStatus, SectionStatus
from schemas.stored import StoredReply
from service.store import Database, plans, replies, sections
from service.store.clock import now
from service.store.counts import Counts, counts
from tests.doubles.stored_plans import in_database, new_plan


async def _filled(database: Database) -> tuple[Counts, Counts]:
    async with database.reading() as session:
        empty = await counts(session)
    async with database.writing() as session:
        first, second, gone = [await new_plan(session, idempotency_key=f"key-{n}") for n in range(3)]
        await plans.set_status(session, first.id, PlanStatus.DONE)
        await sections.set_status(session, first.id, "2.1", SectionStatus.DONE)
        await plans.delete(session, gone.id, None)
        for n, tokens in enumerate((900, 1100)):
            reply = StoredReply(
                key=f"sha256:{n}", plan_id=second.id, section="2.1", revision=0, attempt=1, model="qwen-max",
                prompt_hash="sha256:p", reply={}, prompt_tokens=tokens, completion_tokens=50, at=now(),
            )  # fmt: skip
            await replies.keep(session, reply)
    async with database.reading() as session:
        return empty, await counts(session)


def test_everything_is_counted_once(url: str) -> None:
    empty, found = in_database(url, _filled)
    assert empty == Counts({}, {}, 0, 0, 0)
    assert found == Counts({"done": 1, "queued": 1}, {"done": 1, "pending": 5}, 2, 2000, 100)
