"""Settings from the environment or .env: the only reader of the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsError


class Settings(BaseSettings):
    """All settings; names are those of the environment (contract.md, Settings), `FANGAN_` but for the OpenAI pair."""

    model_config = SettingsConfigDict(
        env_prefix="FANGAN_", env_file=".env", env_file_encoding="utf-8", extra="ignore", populate_by_name=True
    )

    openai_api_key: Annotated[SecretStr | None, Field(validation_alias="OPENAI_API_KEY")] = None
    openai_base_url: Annotated[str | None, Field(validation_alias="OPENAI_BASE_URL")] = None
    model: str | None = None
    """Unset: the offline writer drafts, and the command line, the API and the document say so."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    concurrency: Annotated[int, Field(ge=1, le=256)] = 26
    """Sections drafted side by side."""
    max_repairs: Annotated[int, Field(ge=0, le=5)] = 2
    token_budget: Annotated[int | None, Field(ge=1000)] = None
    """Prompt and completion tokens that one plan may cost; None: no limit."""
    prices: Path | None = None
    """YAML file of what tokens cost (form: service/export/prices.py); None: provenance tells tokens, no money."""
    context_tokens: Annotated[int, Field(ge=4096)] = 32_000
    """Prompt tokens that the model can take; larger material is cut to fit, facts of other sections first."""
    deadline: Annotated[float, Field(gt=0)] = 300.0
    """Seconds that one section's call may take in all, retries included."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.3
    """Low: a plan states facts. Left out by itself where the endpoint refuses it."""
    thinking: Literal["on", "off"] | None = None
    """Whether the model is told to think first; None: as the endpoint does by itself."""
    rung: Literal["json_schema", "tool", "json_object", "prompt"] | None = None
    """Pins the way of asking for JSON; None: found out by a probe. For endpoints that are known, or odd."""


def load_settings() -> Settings:
    """Reads the environment; SettingsError names every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "；".join(f"{'.'.join(map(str, e['loc']))}：{e['msg']}" for e in error.errors())
        raise SettingsError(f"设置有误，请检查环境变量或 .env 文件：{wrong}") from error
