"""What a check found, with its place in the text."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas import Model


class CheckName(StrEnum):
    """The checks, in the order they run."""

    NUMBERS = "numbers"
    POLICIES = "policies"
    LEAKAGE = "leakage"
    COVERAGE = "coverage"
    CONSISTENCY = "consistency"
    ERA = "era"
    LENGTH = "length"
    RULES = "rules"
    STYLE = "style"


class Severity(StrEnum):
    """error: must not be delivered unmarked; warning: a person should look; info: good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


Reason = Literal[
    "no_fact", "value", "indicator", "subject", "year", "unit", "direction", "kind", "bound", "range", "derived"
]
"""Why a figure is not supported (numbers)."""

Verdict = Literal[
    "right_number_wrong_title", "right_title_wrong_number", "invented_title", "invented_number", "not_yet_issued",
    "bad_form",
]  # fmt: skip
"""What is wrong with a title or a document number (policies)."""


def _absent(value: object) -> bool:
    return value is None


class Finding(Model):
    """One finding. `start`, `end`: code points in that section's text, end exclusive; `message`: Chinese, one sentence.

    Fields that belong to another check are left out when it is serialised.
    """

    check: CheckName
    severity: Severity
    section: str | None = None
    start: int
    end: int
    excerpt: str
    message: str
    reason: Reason | None = Field(None, exclude_if=_absent)
    nearest: str | None = None
    """Id of the fact that was most likely meant (numbers, policies)."""
    verdict: Verdict | None = Field(None, exclude_if=_absent)
    exemplar: str | None = Field(None, exclude_if=_absent)
    point: str | None = Field(None, exclude_if=_absent)
    point_text: str | None = Field(None, exclude_if=_absent)
    other_section: str | None = Field(None, exclude_if=_absent)
    other_excerpt: str | None = Field(None, exclude_if=_absent)
    rule: str | None = Field(None, exclude_if=_absent)


class Support(Model):
    """Why one figure stands: the facts it rests on and how (`how`: Chinese, such as 与事实一致 or 推算：86.4÷540=16%)."""

    section: str | None = None
    start: int
    end: int
    excerpt: str
    facts: tuple[str, ...]
    how: str
