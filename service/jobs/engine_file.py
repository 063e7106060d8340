"""The engine's own SQLite file: how it is opened."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry


def local_engine(url: str) -> sqlalchemy.Engine:
    """The engine's own connections to SQLite, but for what a commit waits for: the log, not the disk, and not twice.

    A power cut may cost the last moments of the engine's record. The store, which waits for the disk, knows what is
    unfinished, and `Upkeep` begins it again.
    """
    engine = sqlalchemy.create_engine(url)

    def connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = "IMMEDIATE"
        cursor = connection.cursor()
        for pragma in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    sqlalchemy.event.listen(engine, "connect", connect)
    return engine
