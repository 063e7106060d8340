"""Statements that every module here makes: rows read as schemas, a row inserted unless it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Model

M = TypeVar("M", bound=Model)


async def one(session: AsyncSession, query: Executable, schema: type[M]) -> M | None:
    """The first row, whose columns are named as the schema's fields."""
    row = (await session.execute(query)).mappings().first()
    return None if row is None else schema.model_validate(dict(row))


async def only(session: AsyncSession, statement: Executable, schema: type[M]) -> M:
    """The one row that a statement with RETURNING gives: what was stored, as it will be read."""
    return schema.model_validate(dict((await session.execute(statement)).mappings().one()))


async def many(session: AsyncSession, query: Executable, schema: type[M]) -> list[M]:
    """All rows."""
    return [schema.model_validate(dict(row)) for row in (await session.execute(query)).mappings()]


async def insert_if_absent(
    session: AsyncSession, table: Table, values: Mapping[str, object], unique: Sequence[str]
) -> bool:
    """Whether the row was inserted; False where a row with the same `unique` columns is there already.

    Waits for another transaction that is inserting the same, and then sees what it left.
    """
    insert: postgresql.Insert | sqlite.Insert
    insert = postgresql.insert(table) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(table)
    first = next(iter(table.primary_key.columns))
    statement = insert.values(dict(values)).on_conflict_do_nothing(index_elements=list(unique)).returning(first)
    return (await session.execute(statement)).first() is not None
