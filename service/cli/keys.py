"""`fangan keys`: API keys of the database made, listed and revoked; a key is shown once and kept as its hash."""

from __future__ import annotations

import asyncio
import getpass
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

from service.cli.console import put, say
from service.errors import InputError
from service.settings import KEY_NAME, Settings, load_settings
from service.store import Database, audit, keys
from service.text.hashing import key_hash

T = TypeVar("T")
PREFIX = "fangan_"
"""Begins every key, so that one that was put in the wrong place is recognised."""
_BYTES = 32
_SERVICE = ""
"""The audit's plan for what concerns none."""


def add_key(name: str, requests_per_minute: int | None, plans_at_once: int | None) -> None:
    """Prints the new key on stdout; limits of None are the settings'. InputError for a name that cannot be used."""
    settings = load_settings()
    if not KEY_NAME.fullmatch(name):
        raise InputError(f"密钥名称“{name[:60]}”不合要求，请用小写字母、数字和连字符，不超过40个")
    if name in settings.keys:
        raise InputError(f"FANGAN_API_KEYS 中已有名为“{name}”的密钥，请换一个名称")
    key = PREFIX + secrets.token_urlsafe(_BYTES)

    async def add(database: Database) -> None:
        async with database.writing() as session:
            await keys.add(
                session,
                name,
                key_hash(key),
                plans_at_once=plans_at_once,
                requests_per_minute=requests_per_minute,
            )
            await audit.record(session, _who(), "add key", _SERVICE, detail={"key": name})

    _with_database(settings, add)
    say(f"已新增密钥“{name}”。它只显示这一次，请妥善保存；调用接口时写在请求头 Authorization: Bearer 之后：")
    put(key)


def list_keys() -> None:
    """One line for each key, on stdout: those of the settings first."""
    settings = load_settings()

    async def found(database: Database) -> list[str]:
        async with database.reading() as session:
            rows = await keys.all_of(session, revoked=True)
        return [
            f"{row.name}\t{row.created_at:%Y-%m-%d %H:%M}新增"
            + (f"\t每分钟{row.requests_per_minute}次" if row.requests_per_minute else "")
            + (f"\t同时{row.plans_at_once}份方案" if row.plans_at_once else "")
            + (f"\t{row.revoked_at:%Y-%m-%d %H:%M}吊销" if row.revoked_at else "")
            for row in rows
        ]

    lines = [*(f"{name}\tFANGAN_API_KEYS" for name in settings.keys), *_with_database(settings, found)]
    if not lines:
        say("尚无密钥，接口只应答本机的请求")
    for line in lines:
        put(line)


def revoke_key(name: str) -> None:
    """From the next request on. InputError where there is no such key in force."""
    settings = load_settings()
    if name in settings.keys:
        raise InputError(f"密钥“{name}”由 FANGAN_API_KEYS 设置，请从中删去并重新启动服务")

    async def revoke(database: Database) -> bool:
        async with database.writing() as session:
            done = await keys.revoke(session, name)
            if done:
                await audit.record(session, _who(), "revoke key", _SERVICE, detail={"key": name})
            return done

    if not _with_database(settings, revoke):
        raise InputError(f"没有名为“{name[:60]}”的有效密钥，可用 fangan keys list 查看")
    say(f"已吊销密钥“{name}”")


def has_keys(settings: Settings) -> bool:
    """Whether there is a key in force: in the settings, or else in the database. StoreError."""

    async def found(database: Database) -> bool:
        async with database.reading() as session:
            return bool(await keys.all_of(session))

    return bool(settings.keys) or _with_database(settings, found)


def _with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """What `work` comes to, with the settings' database open; a service may be running on it."""

    async def run() -> T:
        database = Database(settings.database_url, settings.data_dir)
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _who() -> str:
    """Whoever is at the keyboard, for the audit."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return "cli"
