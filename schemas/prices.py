"""What tokens cost, as the user wrote it down: none are shipped, for they change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from schemas import Model
from schemas.facts import Number

Money = Annotated[Number, Field(ge=0)]


class Price(Model):
    """Of a million tokens, in the table's currency."""

    prompt: Money
    cached: Money | None = None
    """Of prompt tokens read from the endpoint's cache; null: as other prompt tokens."""
    completion: Money


class Prices(Model):
    """Prices by model, as endpoints name themselves in their answers; `*` in a name stands for anything.

    The first name that fits counts.
    """

    currency: Annotated[str, Field(min_length=1, max_length=16)]
    models: Mapping[str, Price]


class Cost(Model):
    """Money, not rounded."""

    currency: str
    amount: Number
