"""The one place where an error of the database becomes an error of the store; nothing of SQLAlchemy leaves the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import exc

from service.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFaultError,
    StoreFullError,
    StoreReadOnlyError,
    StoreUnreachableError,
)

_MESSAGES: dict[type[StoreError], str] = {
    StoreBusyError: "数据库正忙，本次操作未保存，请稍后重试",
    StoreFullError: "数据库所在磁盘已满或无法写入，本次操作未保存；已保存的内容不受影响，请清理磁盘后重试",
    StoreReadOnlyError: "数据库只读，无法保存；请检查数据库文件（或账户）的写权限",
    StoreUnreachableError: "无法连接数据库，本次操作未保存；请检查数据库服务与 FANGAN_DATABASE_URL",
    StoreDamagedError: "数据库文件已损坏，请从备份恢复",
    StoreFaultError: "使用数据库时发生内部错误，本次操作未保存；请将日志发给维护人员",
}

# https://sqlite.org/rescode.html, the primary codes
_SQLITE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_BUSY: StoreBusyError,
    sqlite3.SQLITE_LOCKED: StoreBusyError,
    sqlite3.SQLITE_PROTOCOL: StoreBusyError,
    sqlite3.SQLITE_NOMEM: StoreBusyError,
    sqlite3.SQLITE_FULL: StoreFullError,
    sqlite3.SQLITE_READONLY: StoreReadOnlyError,
    sqlite3.SQLITE_PERM: StoreReadOnlyError,
    sqlite3.SQLITE_CANTOPEN: StoreUnreachableError,
    sqlite3.SQLITE_IOERR: StoreUnreachableError,
    sqlite3.SQLITE_CORRUPT: StoreDamagedError,
    sqlite3.SQLITE_NOTADB: StoreDamagedError,
}

# SQLSTATE, whole or its class; https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: dict[str, type[StoreError]] = {
    "40": StoreBusyError,  # deadlock, serialization
    "55P03": StoreBusyError,  # lock_timeout
    "57014": StoreBusyError,  # statement_timeout
    "53300": StoreBusyError,  # too many connections
    "53200": StoreBusyError,  # out of memory
    "53100": StoreFullError,
    "25006": StoreReadOnlyError,
    "42501": StoreReadOnlyError,  # insufficient privilege
    "57P": StoreUnreachableError,  # shutting down, starting
    "08": StoreUnreachableError,
    "28": StoreUnreachableError,  # refused the role or its password
    "3D": StoreUnreachableError,  # no such database
    "58": StoreUnreachableError,  # input/output error of the server
    "XX": StoreDamagedError,
}

_DISK_WRITES = frozenset({"SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_SHMSIZE"})
"""SQLite's word for a disk (or a quota) that takes no more where write(2) said so in its own way."""


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the database that happen inside become StoreErrors."""
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error, psycopg.Error) as error:
        raise translate(error) from error


def translate(error: exc.SQLAlchemyError | sqlite3.Error | psycopg.Error) -> StoreError:
    """The store's error for it. The text of the driver, which may quote a plan, stays in the cause."""
    kind = _kind(error)
    return kind(_MESSAGES[kind])


def _kind(error: BaseException) -> type[StoreError]:
    if isinstance(error, exc.TimeoutError):  # no connection came free
        return StoreBusyError
    if isinstance(error, exc.DisconnectionError):
        return StoreUnreachableError
    driver = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return StoreUnreachableError
    if isinstance(driver, sqlite3.Error):
        return _of_sqlite(driver)
    if isinstance(driver, psycopg.Error):
        return _of_postgres(driver)
    return StoreFaultError


def _of_sqlite(error: sqlite3.Error) -> type[StoreError]:
    code = getattr(error, "sqlite_errorcode", None)  # Python's own errors, of a closed connection say, have none
    if code is None:
        return StoreFaultError
    if getattr(error, "sqlite_errorname", "") in _DISK_WRITES:
        return StoreFullError
    return _SQLITE.get(code & 0xFF, StoreFaultError)


def _of_postgres(error: psycopg.Error) -> type[StoreError]:
    state = error.sqlstate
    if state is None:  # never reached the server, or lost it
        return StoreUnreachableError if isinstance(error, psycopg.OperationalError) else StoreFaultError
    for length in (5, 3, 2):
        if state[:length] in _POSTGRES:
            return _POSTGRES[state[:length]]
    return StoreFaultError
