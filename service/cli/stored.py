"""The imported outlines of the settings' database, for every command: read only when no shipped outline is meant."""

# Settings and the database's library take half a second to import, and most commands never need them.
# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.outline import Outline
    from service.store.shelf import StoredOutlines

LOCAL = "local"
"""Who owns what this command line stores, as with requests that show no key."""


class SettingsShelf:
    """Looks into the database that the settings name at the moment; makes none where there is none."""

    def find(self, outline_id: str, owner: str | None) -> Outline | None:
        """SettingsError, StoreError."""
        with _opened() as stored:
            return None if stored is None else stored.find(outline_id, owner)

    def all(self, owner: str | None) -> list[Outline]:
        """SettingsError, StoreError."""
        with _opened() as stored:
            return [] if stored is None else stored.all(owner)


@contextmanager
def _opened() -> Iterator[StoredOutlines | None]:
    from service.settings import load_settings

    settings = load_settings()
    if settings.database_url is None and not settings.data_dir.exists():
        yield None
        return
    from service.store.shelf import StoredOutlines

    stored = StoredOutlines(settings.database_url, settings.data_dir)
    try:
        yield stored
    finally:
        stored.close()


def store(outline: Outline) -> bool:
    """Whether it is new in the settings' database. OutlineConflictError, SettingsError, StoreError."""
    from service.settings import load_settings
    from service.store import Database, audit, outlines

    settings = load_settings()

    async def run() -> bool:
        database = Database(settings.database_url, settings.data_dir)
        await database.open()
        try:
            async with database.writing() as session:
                new = await outlines.add(session, outline, LOCAL)
                if new:
                    await audit.record(session, LOCAL, "store outline", "", detail={"outline": outline.id})
                return new
        finally:
            await database.close()

    return asyncio.run(run())
