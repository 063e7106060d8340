"""The column types of the tables: moments in UTC, text and JSON that every database takes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_MAY_HOLD_NUL = "\\u0000"


def storable(text: str) -> str:
    """The text with U+FFFD for NUL and lone surrogates: a model can reply with them, Postgres cannot store them."""
    return _UNSTORABLE.sub("\ufffd", text)


def dumps(value: JsonValue) -> str:
    """Compact JSON, Chinese unescaped; NaN and infinity are errors."""
    text = _dumps(value)
    if _MAY_HOLD_NUL in text or _UNSTORABLE.search(text):
        text = _dumps(_cleaned(value))
    return text


def _dumps(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _cleaned(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(k): _cleaned(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_cleaned(v) for v in value]
    return value


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets time zones, so they are taken off and put on again here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Any time zone becomes UTC; a time without one is a fault of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text of any length, ids and keys too: the databases would differ in what they do about a limit."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Cleaned of what cannot be stored."""
        return None if value is None else storable(value)


Json = JSON(none_as_null=True)
"""Not JSONB on Postgres: that sorts the keys of objects, and a decision read back must give the same prompt."""

Serial = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts up."""
