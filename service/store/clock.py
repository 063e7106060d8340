"""The time now, and ids that sort by it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26


def now() -> datetime:
    """In UTC."""
    return datetime.now(UTC)


def new_id(at: datetime | None = None) -> str:
    """26 characters: milliseconds first, then 80 random bits; nobody guesses another's."""
    number = (int((at or now()).timestamp() * 1000) << 80) | secrets.randbits(80)
    digits: list[str] = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 32)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def is_id(text: str) -> bool:
    """Whether it can be one of ours."""
    return len(text) == _LENGTH and all(digit in _DIGITS for digit in text)
