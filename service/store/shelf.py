"""Imported outlines read without waiting on an event loop: an outline is looked up wherever a prompt or check needs it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from schemas.outline import Outline
from service.errors import StoreDamagedError
from service.store.address import Address, address
from service.store.faults import translated
from service.store.tables import OUTLINES as T

_KEPT = 64
"""Outlines that stay parsed; one has some 100 kB."""
_CONNECTIONS = 2
_WAIT = 5


class StoredOutlines:
    """The outlines of a database, as they are at the moment when they are asked for; it is only read.

    What was parsed is kept by its hash, so that asking again costs one small query: another process may have deleted
    an outline and stored another one under its id.
    """

    def __init__(self, url: str | None = None, folder: Path | None = None) -> None:
        """As for Database. Nothing is opened yet; where there is no database or no table there are no outlines."""
        self._address = address(url, folder)
        self._engine: Engine | None = None
        self._there = False
        self._lock = threading.Lock()
        self._parsed: OrderedDict[str, Outline] = OrderedDict()

    def find(self, outline_id: str, owner: str | None) -> Outline | None:
        """The outline, unless it is another owner's. StoreError."""
        query = select(T.c.owner, T.c.sha256).where(T.c.id == outline_id)
        with self._connection() as connection:
            row = None if connection is None else connection.execute(query).first()
            if connection is None or row is None or (owner is not None and row[0] != owner):
                return None
            return self._outline(connection, outline_id, row[1])

    def all(self, owner: str | None) -> list[Outline]:
        """By id; those of one owner, or of all. StoreError."""
        query = select(T.c.id, T.c.sha256).order_by(T.c.id)
        if owner is not None:
            query = query.where(T.c.owner == owner)
        with self._connection() as connection:
            if connection is None:
                return []
            rows = connection.execute(query).all()
            return [o for i, sha256 in rows if (o := self._outline(connection, i, sha256)) is not None]

    def close(self) -> None:
        """Closes all connections; a later question opens them again."""
        with self._lock:
            engine, self._engine, self._there = self._engine, None, False
        if engine is not None:
            engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Connection | None]:
        """None where nothing can be stored yet."""
        place = self._address.file
        if place is not None and not place.exists():
            yield None
            return
        with translated(), self._opened().connect() as connection:
            self._there = self._there or inspect(connection).has_table(T.name)
            yield connection if self._there else None

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = _engine(self._address)
            return self._engine

    def _outline(self, connection: Connection, outline_id: str, sha256: str) -> Outline | None:
        with self._lock:
            if (known := self._parsed.get(sha256)) is not None:
                self._parsed.move_to_end(sha256)
                return known
        row = connection.execute(select(T.c.data).where(T.c.id == outline_id)).first()
        if row is None:  # deleted since
            return None
        try:
            outline = Outline.model_validate(row[0])
        except ValidationError as error:
            raise StoreDamagedError(
                f"库中的编制要点 {outline_id} 不合本版本的格式，请删除后重新导入，或从备份恢复"
            ) from error
        with self._lock:
            self._parsed[sha256] = outline
            if len(self._parsed) > _KEPT:
                self._parsed.popitem(last=False)
        return outline


def _engine(where: Address) -> Engine:
    if not where.sqlite:
        arguments = {"connect_timeout": _WAIT, "options": "-c default_transaction_read_only=on"}
        return create_engine(
            where.of_threads, pool_size=_CONNECTIONS, max_overflow=0, pool_timeout=_WAIT, pool_pre_ping=True,
            connect_args=arguments,
        )  # fmt: skip
    engine = create_engine(where.of_threads, pool_size=_CONNECTIONS, max_overflow=0, pool_timeout=_WAIT)

    def connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_WAIT * 1000}")
        cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    event.listen(engine, "connect", connect)
    return engine
