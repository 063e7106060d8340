"""The fact sheet: all that is known about the subject, one datum per fact (the input of the flow)."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from schemas import Model

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


def _number(value: object) -> Decimal:
    """Takes int, float or Decimal, refuses bool, text, NaN and infinity; floats go by their shortest decimal form."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        raise ValueError("must be a finite number")
    return number


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    PlainSerializer(_plain, return_type=int | float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""An exact decimal; a JSON number on the wire."""


def _ordered(pair: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    if pair[0] > pair[1]:
        raise ValueError("must be [low, high] with low not above high")
    return pair


Share = Annotated[Number, Field(ge=0, le=100), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
"""Part of a whole in per cent."""

Range = Annotated[tuple[Number, Number], AfterValidator(_ordered)]
"""[low, high], both ends included."""

Year = Annotated[int, Field(ge=1949, le=2100)]


class Kind(StrEnum):
    """What sort of datum a fact is."""

    ACTUAL = "actual"
    TARGET = "target"
    BENCHMARK = "benchmark"
    POLICY = "policy"
    PROJECT = "project"
    ORGANISATION = "organisation"
    MEASURE = "measure"
    OTHER = "other"


class Bound(StrEnum):
    """How a value is to be read: as it is, as a floor (不低于), a ceiling (不超过), or roughly (约)."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOUT = "about"


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


class Subject(Model):
    """The city (or base) that the plan is for."""

    name: Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_not_blank)]
    short_name: str | None = None
    province: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """望海 for 望海市: the given short name, else the name without its 市."""
        return self.short_name or re.sub(r"(?<=..)市$", "", self.name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every way the subject may be called, longest first."""
        return tuple(sorted({self.name, self.short, *self.aliases} - {""}, key=lambda n: (-len(n), n)))


class Fact(Model):
    """One datum with unit, year and source. `growth` and `share` are per cent; `year` of a target is when it is due."""

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    indicator: str | None = None
    name: str = ""
    value: Number | Range | None = None
    unit: str | None = None
    year: Year | None = None
    growth: Number | None = None
    share: Share | None = None
    text: str | None = None
    kind: Kind = Kind.ACTUAL
    bound: Bound = Bound.EXACT
    subject: str | None = None
    title: str | None = None
    doc_number: str | None = None
    issuer: str | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Fact:
        words = any(part and part.strip() for part in (self.text, self.title))
        if not words and all(v is None for v in (self.value, self.growth, self.share)):
            raise ValueError("must have at least one of value, growth, share, text, title")
        return self


class FactSheet(Model):
    """All facts about one subject for one outline. `period` is [first, last] year of the plan, both included."""

    outline: str
    subject: Subject
    plan_year: Year
    period: tuple[Year, Year] | None = None
    facts: tuple[Fact, ...] = ()

    @model_validator(mode="after")
    def _period_ordered(self) -> FactSheet:
        if self.period is not None and self.period[0] > self.period[1]:
            raise ValueError("period must be [first year, last year]")
        return self
