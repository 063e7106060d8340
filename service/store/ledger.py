"""The ledger of replies, written at once: nothing can come between a reply and its place in the database.

The other modules write over asyncio, hop by hop between two threads; while a hop waits for its turn the process may be
killed, and a reply that was paid for is lost. Here the thread that received the reply commits it before it does
anything else.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, Engine, create_engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from schemas.stored import StoredReply
from service.store.address import Address
from service.store.database import pragmas, tune_sqlite
from service.store.faults import translated
from service.store.replies import COLUMNS
from service.store.tables import REPLIES
from service.store.types import dumps

_LOCK_WAIT = 2.0
"""Seconds that it waits for another transaction: this thread has other replies to take in, and comes again."""
_LOOKED = 0.0005
"""Seconds between tries meanwhile. Ours last milliseconds; SQLite's own waiting sleeps longer with each try, and would
keep a row of replies waiting for one another."""


class Ledger:
    """One connection of its own; used by one thread at a time. The tables are there: a Database was opened before."""

    def __init__(self, address: Address) -> None:
        self._postgres = not address.sqlite
        self._engine = _engine(address)

    def keep(self, reply: StoredReply) -> StoredReply:
        """Keeps it and returns the one that is kept, read back: the first, where the same call was made twice.

        Raises StoreError; nothing is kept then.
        """
        insert = postgresql.insert(REPLIES) if self._postgres else sqlite.insert(REPLIES)
        added = insert.values(dict(reply)).on_conflict_do_nothing(index_elements=["key"])
        with translated(), self._begun() as connection:
            connection.execute(added)
            found = connection.execute(select(*COLUMNS).where(REPLIES.c.key == reply.key)).mappings().one()
            return StoredReply.model_validate(dict(found))

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """A transaction that has its turn to write."""
        end = time.monotonic() + _LOCK_WAIT
        while True:
            with ExitStack() as opened:
                try:
                    connection = opened.enter_context(self._engine.connect())  # the first sets the journal: a lock too
                    connection.begin()
                except OperationalError as error:
                    if not _busy(error) or time.monotonic() > end:
                        raise
                else:
                    opened.pop_all()
                    break
            time.sleep(_LOOKED)
        with connection:
            yield connection
            connection.commit()

    def close(self) -> None:
        """Closes the connection; may be called twice."""
        self._engine.dispose()


def _busy(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _engine(address: Address) -> Engine:
    if not address.sqlite:
        return create_engine(address.of_threads, pool_size=1, max_overflow=0, pool_pre_ping=True, json_serializer=dumps)
    engine = create_engine(
        address.of_threads,
        pool_size=1,
        max_overflow=0,
        json_serializer=dumps,
        connect_args={"check_same_thread": False},
    )
    tune_sqlite(engine, "BEGIN IMMEDIATE", pragmas(0))
    return engine
