"""One database, opened by one event loop: its connections, its transactions, and its tables brought up to date."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from service.store.address import Address, address
from service.store.bell import Bell
from service.store.driver import Driver
from service.store.faults import translated
from service.store.held import told_of
from service.store.migrations import upgrade
from service.store.types import dumps

LOCK_WAIT = 15
"""Seconds that a transaction waits for another one."""
_QUEUE_WAIT = 30
"""Seconds that a transaction waits for a connection."""
_CONNECTIONS = 5
"""Of each kind: a database serves 10 for one event loop."""


class Database:
    """The service's database. Connections belong to an event loop: two loops open two of these on one address."""

    def __init__(
        self,
        url: str | None = None,
        folder: Path | None = None,
        lock_wait: float = LOCK_WAIT,
        *,
        through_power_cuts: bool = True,
        bell: Bell | None = None,
    ) -> None:
        """`sqlite:///path`, `postgresql://…`, or None for the file product.sqlite in `folder`.

        `through_power_cuts` False: on SQLite a commit does not wait for the disk. It outlives the process, however that
        ends; a power cut may take the last ones, and nothing of them in part. For who can make again what was lost.
        `bell`: rung for the plans about which something was told, when that is committed; one of its own for who is
        alone.
        """
        self.bell = bell or Bell()
        self._synchronous = "FULL" if through_power_cuts else "NORMAL"
        self._address = address(url, folder)
        self._lock_wait = round(lock_wait * 1000)
        self._writer: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None

    @property
    def address(self) -> Address:
        """Where it is; its text shows no password."""
        return self._address

    @property
    def shared(self) -> bool:
        """Whether other processes may write to it too: SQLite's has one process."""
        return not self._address.sqlite

    async def open(self) -> None:
        """Makes the database where there is none, brings its tables up to date and opens it; one that is open stays so."""
        if self._writer is not None:
            return
        await asyncio.to_thread(upgrade, self._address)
        self._writer, self._reader = _engines(self._address, self._lock_wait, self._synchronous)

    async def close(self) -> None:
        """Closes all connections; may be called twice."""
        engines = {e for e in (self._writer, self._reader) if e is not None}
        self._writer = self._reader = None
        for engine in engines:
            await engine.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: committed as a whole at the end, or nothing of it where an error leaves it.

        Never one inside another: on SQLite they would wait for each other.
        """
        if self._writer is None:
            raise RuntimeError("the database is not open")
        with translated():
            async with AsyncSession(self._writer, expire_on_commit=False) as session:
                async with session.begin():
                    yield session
                self.bell.ring(told_of(session))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one state of the database, whatever is written meanwhile; writing in it is an error."""
        if self._reader is None:
            raise RuntimeError("the database is not open")
        with translated():
            async with AsyncSession(self._reader, expire_on_commit=False) as session:
                yield session

    async def ping(self) -> None:
        """Raises StoreError where the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))


def _engines(where: Address, lock_wait: int, synchronous: str) -> tuple[AsyncEngine, AsyncEngine]:
    """One for writing, one for reading; `lock_wait` in milliseconds."""
    if where.sqlite:
        # One connection writes, and who wants it waits in turn: SQLite's own waiting is by chance.
        writer = _engine(where, 1, module=Driver())
        reader = _engine(where, _CONNECTIONS, module=Driver())
        tune_sqlite(writer.sync_engine, "BEGIN IMMEDIATE", pragmas(lock_wait, synchronous))
        tune_sqlite(reader.sync_engine, "BEGIN", pragmas(lock_wait, synchronous, read_only=True))
        return writer, reader
    connecting = {"connect_timeout": 10, "options": f"-c lock_timeout={lock_wait}"}
    one_state = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return (
        _engine(where, _CONNECTIONS, connect_args=connecting, pool_pre_ping=True),
        _engine(where, _CONNECTIONS, connect_args=connecting, pool_pre_ping=True, execution_options=one_state),
    )


def _engine(where: Address, connections: int, **options: object) -> AsyncEngine:
    return create_async_engine(
        where.of_asyncio,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_QUEUE_WAIT,
        json_serializer=dumps,
        **options,
    )


def tune_sqlite(engine: Engine, begin: str, settings: Sequence[str]) -> None:
    """Transactions that begin as they should, and settings that SQLite keeps per connection."""

    def connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        cursor = connection.cursor()
        for pragma in settings:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def started(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", started)


def pragmas(lock_wait: int, synchronous: str = "FULL", *, read_only: bool = False) -> list[str]:
    """Waiting before WAL, as changing the journal takes a lock; FULL, as what was paid for must outlive a power cut."""
    return [
        f"busy_timeout={lock_wait}",
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        f"query_only={'ON' if read_only else 'OFF'}",
    ]
