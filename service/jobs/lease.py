"""One process to each name: two that took each other for themselves would do, and pay for, the same work twice.

The lock ends with the process that holds it, however it ends: flock on a file beside a SQLite database, a session's
advisory lock on Postgres.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from service.errors import SettingsError, StoreUnreachableError

_SPACE = 71
"""Seed of the hash that makes a name a Postgres lock, so that other users of the server do not meet ours."""
_PATIENCE = 8.0
"""Seconds that a start waits for the lock: a process just killed, or one that looks whether we are dead, may hold it."""
_TRIED_EVERY = 0.2


class Lease:
    """The right to work under a name. `hold` at start, `alive` now and then, `release` at the end."""

    def hold(self) -> None:
        """Takes the lock, waiting a little for it. SettingsError when another process has it."""
        raise NotImplementedError

    def alive(self) -> bool:
        """Whether we still have it; a lost one means that others may already do our work."""
        raise NotImplementedError

    @contextmanager
    def of_dead(self, name: str) -> Iterator[bool]:
        """Whether the process of that name is gone; its name is held while the block runs."""
        raise NotImplementedError

    def release(self) -> None:
        """Gives it up; may be called twice."""
        raise NotImplementedError


class FileLease(Lease):
    """For SQLite: the one process that may use the file. Nobody else is ever taken over from."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: IO[str] | None = None

    def hold(self) -> None:
        """SettingsError when another process uses the database."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        held = self._file.open("w")
        if not _within_patience(lambda: _flocked(held)):
            held.close()
            raise SettingsError(
                f"数据目录 {self._file.parent} 正被另一个 fangan 进程使用；请先停止它，或用 FANGAN_DATA_DIR 另指一个目录"
            )
        self._held = held

    def alive(self) -> bool:
        """A file lock cannot be lost while the process lives."""
        return self._held is not None

    @contextmanager
    def of_dead(self, name: str) -> Iterator[bool]:
        """Work of another name was left by a process that used this file before us: only one can."""
        yield bool(name)

    def release(self) -> None:
        """Closing the file gives the lock back."""
        if self._held is not None:
            self._held.close()
            self._held = None


class PostgresLease(Lease):
    """For Postgres: an advisory lock on a connection of its own, which must not go through a pooler."""

    def __init__(self, url: URL, name: str) -> None:
        self._engine = create_engine(url, pool_size=1, max_overflow=0)
        self._name = name
        self._held: Connection | None = None

    def hold(self) -> None:
        """SettingsError when another process has the name; StoreUnreachableError when there is no server."""
        try:
            held = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except SQLAlchemyError as error:
            raise StoreUnreachableError("无法连接数据库；请检查数据库服务与 FANGAN_DATABASE_URL") from error
        if not _within_patience(lambda: _locked(held, self._name)):
            held.close()
            raise SettingsError(
                f"名为“{self._name}”的 fangan 进程已在运行；请用 FANGAN_EXECUTOR 给每个进程取不同的名字"
            )
        self._held = held

    def alive(self) -> bool:
        """Asks the server over the connection that holds the lock: gone with it is the lock."""
        if self._held is None:
            return False
        try:
            self._held.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    @contextmanager
    def of_dead(self, name: str) -> Iterator[bool]:
        """True with that name's lock in our hands; False when its process lives."""
        if self._held is None or not _locked(self._held, name):
            yield False
            return
        try:
            yield True
        finally:
            self._held.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, :space))"), _key(name))

    def release(self) -> None:
        """Closing the connection gives the lock back."""
        if self._held is not None:
            self._held.close()
            self._held = None
        self._engine.dispose()


def _within_patience(taken: Callable[[], bool]) -> bool:
    end = time.monotonic() + _PATIENCE
    while not taken():
        if time.monotonic() > end:
            return False
        time.sleep(_TRIED_EVERY)
    return True


def _flocked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked(connection: Connection, name: str) -> bool:
    asked = text("SELECT pg_try_advisory_lock(hashtextextended(:name, :space))")
    return bool(connection.scalar(asked, _key(name)))


def _key(name: str) -> dict[str, object]:
    return {"name": f"fangan:{name}", "space": _SPACE}
