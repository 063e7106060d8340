"""SQLite for SQLAlchemy's asyncio, going to the connection's thread only for what may wait: the lock, and the disk.

The driver's own cursor goes there to be made, to execute, to fetch and to be closed. Each trip wakes a thread and then
the loop, which costs many times what SQLite does for our statements: they touch few rows of a file that is in memory.
So statements are executed where they are awaited; a writing transaction's beginning, which waits for other writers, and
its commit, which waits for the disk, still leave the loop free.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)

if TYPE_CHECKING:
    from sqlalchemy.connectors.asyncio import AsyncIODBAPIConnection, AsyncIODBAPICursor

    Parameters = Sequence[Any] | Mapping[str, Any]
    Execute = Callable[[sqlite3.Cursor], object]


_WAITS = "BEGIN IMMEDIATE"


class _Done:
    """What is left of a cursor that has done its statement."""

    __slots__ = ("arraysize", "description", "lastrowid", "rowcount")

    def __init__(self, cursor: sqlite3.Cursor | None = None) -> None:
        self.description = cursor.description if cursor else None
        self.rowcount = cursor.rowcount if cursor else -1
        self.lastrowid = cursor.lastrowid if cursor else None
        self.arraysize = 1

    def close(self) -> None:
        """It is closed."""


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Made, executed, read to its end and closed at once."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: AsyncIODBAPIConnection) -> AsyncIODBAPICursor:
        del connection
        return cast("AsyncIODBAPICursor", _Done())

    def _aenter_cursor(self, cursor: AsyncIODBAPICursor) -> AsyncIODBAPICursor:
        return cursor

    async def _execute_async(self, operation: str, parameters: Parameters | None) -> None:
        await self._done(lambda cursor: cursor.execute(operation, parameters or ()), waits=operation == _WAITS)

    async def _executemany_async(
        self, operation: str, seq_of_parameters: Sequence[Sequence[Any]] | Sequence[Mapping[str, Any]]
    ) -> None:
        await self._done(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    async def _done(self, execute: Execute, *, waits: bool = False) -> None:
        connection: Any = self._connection

        def done() -> tuple[_Done, Sequence[object]]:
            cursor: sqlite3.Cursor = connection._conn.cursor()  # noqa: SLF001 - as SQLAlchemy itself does
            try:
                execute(cursor)
                rows = cursor.fetchall() if cursor.description else ()
                return _Done(cursor), rows
            finally:
                cursor.close()

        async with self._adapt_connection._execute_mutex:  # noqa: SLF001
            found, rows = await connection._execute(done) if waits else done()  # noqa: SLF001
        self._cursor = cast("AsyncIODBAPICursor", found)
        self._rows = deque(rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = _Cursor

    def rollback(self) -> None:
        """Waits for nothing, and is how every reading ends."""
        connection: Any = self._connection
        connection._conn.rollback()  # noqa: SLF001


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """To be given to `create_async_engine` as its `module`; its connections must not mind the thread they are used in."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: object, **kw: object) -> AsyncAdapt_aiosqlite_connection:
        """A connection whose cursors are executed where they are awaited."""
        return _Connection(self, super().connect(*arg, **{**kw, "check_same_thread": False})._connection)  # noqa: SLF001
