"""The ledger of replies: the first reply to a call stays, also of two that arrive at once, and is counted once."""

from __future__ import annotations

import asyncio
from contextlib import closing

from schemas.stored import StoredReply
from service.store import Database, replies
from service.store.ledger import Ledger
from tests.doubles.stored_plans import in_database, new_plan, reply


def test_the_first_reply_stays(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)

        def receive(n: int) -> StoredReply:
            """As a process of its own would."""
            with closing(Ledger(database.address)) as ledger:
                return ledger.keep(reply(plan.id, reply={"text": f"第{n}份答复"}))

        kept = await asyncio.gather(*(asyncio.to_thread(receive, n) for n in range(6)))
        assert len({str(k.reply) for k in kept}) == 1
        with closing(Ledger(database.address)) as ledger:
            ledger.keep(reply(plan.id, key="77aa", attempt=2))
        async with database.reading() as session:
            assert await replies.find(session, "9e1c") == kept[0]
            assert await replies.spent(session, plan.id) == 2 * (5200 + 640)
            assert await replies.spent(session, "another") == 0
            assert await replies.find(session, "unknown") is None

    in_database(url, work)


def test_what_a_model_may_reply_is_kept_and_is_the_same_when_it_is_read_again(url: str) -> None:
    odd = {"z": "空\x00字\ud800符", "a\x00": [1.0, None, True, 10**15, {"深": "层\udfff"}], "back": "\\u0000"}

    async def work(database: Database) -> None:
        with closing(Ledger(database.address)) as ledger:
            first = ledger.keep(reply("p", reply=odd))
            again = ledger.keep(reply("p", reply={"text": "第二份答复"}))
        async with database.reading() as session:
            found = await replies.find(session, first.key)
        assert first == again == found
        assert first.reply == {
            "z": "空\ufffd字\ufffd符", "a\ufffd": [1.0, None, True, 10**15, {"深": "层\ufffd"}], "back": "\\u0000",
        }  # fmt: skip
        assert isinstance(first.reply, dict)
        assert list(first.reply) == ["z", "a\ufffd", "back"]  # in the order of the reply: prompts are made of it

    in_database(url, work)
