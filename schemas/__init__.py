"""The shapes that pass between the stages: frozen pydantic models, no I/O, no imports from the project."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Base of every schema: immutable, and a misspelt field is an error, never silently dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)
