"""A real Postgres for the tests: the server that FANGAN_TEST_PG_URL names, else one of Debian's binaries, else a skip."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

_TRIES = 5
_SETTINGS = ("listen_addresses=127.0.0.1", "fsync=off", "shared_buffers=16MB", "max_connections=100", "timezone=UTC")


@contextmanager
def serve_postgres() -> Iterator[str]:
    """URL of a server; every test takes a database of its own on it (fresh_database)."""
    given = os.environ.get("FANGAN_TEST_PG_URL")
    if given:
        yield given
        return
    binaries = _binaries()
    if binaries is None:
        pytest.skip("NO POSTGRES: set FANGAN_TEST_PG_URL or install Debian's package postgresql")
    folder = Path(tempfile.mkdtemp(prefix="fangan-pg-"))
    try:
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:  # Postgres refuses to run as root
            shutil.chown(data, "postgres")
        _run(binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        port = _start(binaries, data)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """URL of an empty database, dropped at the end whoever is still connected."""
    name = f"fangan_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).resolve().parent if there else None


def _start(binaries: Path, data: Path) -> int:
    """The port it listens on; another process may take a free one first, so that is tried a few times."""
    for tried in range(1, _TRIES + 1):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        settings = " ".join(f"-c {setting}" for setting in (*_SETTINGS, f"unix_socket_directories={data}"))
        try:
            _run(binaries / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", f"-p {port} {settings}", "start")
        except subprocess.CalledProcessError:
            if tried == _TRIES:
                raise
        else:
            return port
    raise AssertionError("unreachable")


def _run(*command: object) -> None:
    as_postgres = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    subprocess.run(
        [*as_postgres, *map(str, command)], check=True, cwd="/", stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
