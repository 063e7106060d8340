"""What is counted for operators: plans and sections by status without deleted ones, replies and their tokens."""

from __future__ import annotations

from contextlib import closing

from schemas.plan import PlanStatus, SectionStatus
from service.store import Database, plans, sections
from service.store.counts import Counts, counts
from service.store.ledger import Ledger
from tests.doubles.stored_plans import in_database, new_plan, reply


async def _filled(database: Database) -> tuple[Counts, Counts]:
    async with database.reading() as session:
        empty = await counts(session)
    async with database.writing() as session:
        first, second, gone = [await new_plan(session, idempotency_key=f"key-{n}") for n in range(3)]
        await plans.set_status(session, first.id, PlanStatus.DONE)
        await sections.set_status(session, first.id, "2.1", SectionStatus.DONE)
        await plans.delete(session, gone.id, None)
    with closing(Ledger(database.address)) as ledger:
        for n, tokens in enumerate((900, 1100)):
            ledger.keep(reply(second.id, key=f"sha256:{n}", prompt_tokens=tokens, completion_tokens=50))
    async with database.reading() as session:
        return empty, await counts(session)


def test_everything_is_counted_once(url: str) -> None:
    empty, found = in_database(url, _filled)
    assert empty == Counts({}, {}, 0, 0, 0)
    assert found == Counts({"done": 1, "queued": 1}, {"done": 1, "pending": 5}, 2, 2000, 100)
