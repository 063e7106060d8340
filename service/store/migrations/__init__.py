"""Brings a database's tables up to date at start: one transaction, one process at a time, nothing to do is fast."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from service.errors import StoreDamagedError, StoreUnreachableError, StoreVersionError
from service.store.address import Address
from service.store.faults import translated

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0003"
"""The newest migration; named here, so that a database that has it is opened without loading alembic."""
_LOCK = 0x66616E67  # one number of ours for Postgres' advisory locks
_VERSION_TABLE = "alembic_version"


def upgrade(where: Address, revision: str = HEAD) -> None:
    """Makes the tables or brings them forward to `revision`. Raises StoreError; then nothing was changed."""
    _make_file(where)
    engine = engine_for(where)
    try:
        with translated():
            with engine.connect() as connection:
                if version_of(connection) == revision:
                    return
            with engine.begin() as connection:
                _forward(connection, where, revision)
    finally:
        engine.dispose()


def version_of(connection: Connection) -> str | None:
    """The migration that the database has; None for an empty one."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608
    return found


def configuration(connection: Connection) -> Config:
    """Alembic's, for this connection."""
    from alembic.config import Config  # noqa: PLC0415  # 0.2 s that most starts need not spend

    # Named, as alembic keeps the one that stood when it was imported, which may be closed by now.
    config = Config(stdout=sys.stdout, attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def engine_for(where: Address) -> Engine:
    """An engine for one migration, whose transactions hold the SQLite file from their beginning."""
    if not where.sqlite:
        return create_engine(where.of_threads, poolclass=NullPool, connect_args={"connect_timeout": 10})
    engine = create_engine(where.of_threads, poolclass=NullPool)

    def connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # Foreign keys off: a table that is made anew must not take its children with it; they are checked at the end.
        for pragma in ("busy_timeout=60000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", begin)
    return engine


def _make_file(where: Address) -> None:
    """An empty SQLite file that only this user may read: plans are nobody else's."""
    if where.file is None or where.file.exists():
        return
    try:
        where.file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(where.file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnreachableError(f"无法建立数据库文件 {where.file}（{error.strerror}）；请检查目录与权限") from error


def _forward(connection: Connection, where: Address, revision: str) -> None:
    from alembic import command  # noqa: PLC0415  # as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    if not where.sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = configuration(connection)
    found = version_of(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreVersionError(f"数据库由更新的版本建立（{found}），请升级本服务后再启动")
    command.upgrade(config, revision)
    if where.sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StoreDamagedError("数据库升级后数据不一致，已恢复原状；请将数据库备份发给维护人员")
