"""Settings from the environment or .env: the only reader of the environment."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsError

CONCURRENCY = 26
"""Sections drafted side by side: all of the longest outline that ships."""
MAX_REPAIRS = 2
"""Times that a writer is asked again with the findings."""
CONTEXT_TOKENS = 32_000
"""Prompt tokens that a model is taken to hold where nothing else is set."""

KEY_NAME = re.compile(r"[a-z0-9-]{1,40}")
"""Names of API keys."""
FONT_USES = ("title", "chapter", "section", "body", "page_number", "latin")
"""What typefaces are set for: those of service/export/fonts.py."""
FONT_NAME = 63
"""Characters of a font's name at most."""
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_TELEMETRY = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
_SECRET = ("FANGAN_API_KEYS", "FANGAN_DATABASE_URL")
"""Whose values are never shown: a key put in by mistake, a password."""


def default_data_dir() -> Path:
    """The user's data directory, as each system has it."""
    return Path(platformdirs.user_data_dir("fangan", appauthor=False))


class Settings(BaseSettings):
    """All settings; names are those of the environment, `FANGAN_` but for the OpenAI pair."""

    model_config = SettingsConfigDict(
        env_prefix="FANGAN_", env_file=".env", env_file_encoding="utf-8", extra="ignore", populate_by_name=True
    )

    openai_api_key: Annotated[SecretStr | None, Field(validation_alias="OPENAI_API_KEY")] = None
    openai_base_url: Annotated[str | None, Field(validation_alias="OPENAI_BASE_URL")] = None
    model: str | None = None
    """Unset: the offline writer drafts, and the command line, the API and the document say so."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    data_dir: Path = Field(default_factory=default_data_dir)
    """Where the SQLite files are: plans in product.sqlite, the engine's own in engine.sqlite."""
    database_url: str | None = None
    """`postgresql://…` for several machines; None: SQLite in the data directory."""
    executor: str = Field(default_factory=socket.gethostname, min_length=1, max_length=100)
    """Name of this process among those that share a Postgres database; each needs its own, and keeps it."""
    api_keys: str = ""
    """`name:sha256` list, separated by commas; empty: no keys, and only this machine may connect."""
    plans_at_once: Annotated[int, Field(ge=1, le=1000)] = 4
    """Plans of one API key that are drafted side by side; further ones wait."""
    requests_per_minute: Annotated[int, Field(ge=1)] = 600
    """HTTP requests that one API key may make."""
    retention_days: Annotated[int, Field(ge=0)] = 30
    """Days after which a deleted plan is gone for good."""
    concurrency: Annotated[int, Field(ge=1, le=1000)] = CONCURRENCY
    """Sections drafted side by side, those of all plans together."""
    max_repairs: Annotated[int, Field(ge=0, le=5)] = MAX_REPAIRS
    token_budget: Annotated[int | None, Field(ge=1000)] = None
    """Prompt and completion tokens that one plan may cost; None: no limit."""
    prices: Path | None = None
    """YAML file of what tokens cost (form: service/export/prices.py); None: provenance tells tokens, no money."""
    context_tokens: Annotated[int, Field(ge=4096)] = CONTEXT_TOKENS
    """Prompt tokens that the model can take; larger material is cut to fit, facts of other sections first."""
    fonts: str = ""
    """`use=font,substitute,…; …`: typefaces of exported documents by their use; empty: those of GB/T 9704—2012."""
    deadline: Annotated[float, Field(gt=0)] = 300.0
    """Seconds that one section's call may take in all, retries included."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.3
    """Low: a plan states facts. Left out by itself where the endpoint refuses it."""
    thinking: Literal["on", "off"] | None = None
    """Whether the model is told to think first; None: as the endpoint does by itself."""
    warm_cache: Literal["auto", "on", "off"] = "auto"
    """Whether a plan's first call goes alone, so that the others find their beginning in the endpoint's cache; auto:
    where the endpoint was seen to report cached tokens."""
    rung: Literal["json_schema", "tool", "json_object", "prompt"] | None = None
    """Pins the way of asking for JSON; None: found out by a probe. For endpoints that are known, or odd."""

    @field_validator("api_keys")
    @classmethod
    def _well_formed(cls, text: str) -> str:
        keys_in(text)
        return text

    @field_validator("fonts")
    @classmethod
    def _fonts_well_formed(cls, text: str) -> str:
        typefaces_in(text)
        return text

    @property
    def typefaces(self) -> dict[str, tuple[str, ...]]:
        """The typefaces that are set: use → font, then what may stand in for it."""
        return typefaces_in(self.fonts)

    @property
    def keys(self) -> dict[str, str]:
        """The API keys that are set: name → SHA-256 in hex."""
        return keys_in(self.api_keys)


def keys_in(text: str) -> dict[str, str]:
    """Name → SHA-256 of a list `name:sha256,…`; a pydantic error for one that is wrong or names a key twice."""
    found: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, sha256 = entry.partition(":")
        if not KEY_NAME.fullmatch(name) or not _SHA256.fullmatch(sha256) or name in found:
            raise PydanticCustomError("api_keys", "not a list of name:sha256")
        found[name] = sha256.lower()
    return found


def typefaces_in(text: str) -> dict[str, tuple[str, ...]]:
    """Use → names of a list `use=font,substitute;…`, in half or full width; a pydantic error that tells what is wrong."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in filter(None, map(str.strip, re.split("[;；]", text))):
        use, *listed = map(str.strip, re.split("[=＝]", entry, maxsplit=1))
        names = [name.strip() for part in listed for name in re.split("[,，]", part)]
        if not listed:
            wrong = f"中的“{entry[:40]}”没有等号"
        elif use not in FONT_USES:
            wrong = f"中没有名为“{use[:40]}”的用途，可用的有 {'、'.join(FONT_USES)}"
        elif use in found:
            wrong = f"中的 {use} 写了两次，请合为一项"
        elif not all(0 < len(name) <= FONT_NAME and name.isprintable() for name in names):
            wrong = f"中 {use} 的字体名称有误，每个不能为空，不能超过{FONT_NAME}个字符，不能有控制字符"
        else:
            found[use] = tuple(dict.fromkeys(names))
            continue
        raise PydanticCustomError("fonts", "not a list of use=fonts", {"wrong": wrong})
    return found


_WRONG = {
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数字",
    "greater_than": "应大于{gt}",
    "greater_than_equal": "不能小于{ge}",
    "less_than_equal": "不能大于{le}",
    "string_too_short": "不能为空",
    "string_too_long": "不能超过{max_length}个字符",
    "api_keys": "应为“名称:SHA-256”，多个用逗号隔开；名称用小写字母、数字和连字符，不超过40个，不得重复；SHA-256 为64位十六进制数",
    "literal_error": "只能是 {expected} 之一",
    "fonts": "{wrong}；应写作“body=仿宋_GB2312,仿宋; latin=Times New Roman”的样子，先写字体，后写备用字体",
}
"""What pydantic complains of (by the type of its error), as far as the settings can call it forth."""


def load_settings() -> Settings:
    """Reads the environment; SettingsError names every variable that is wrong, never the value of a key."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "；".join(map(_told, error.errors(include_url=False)))
        raise SettingsError(f"设置有误，请检查环境变量或 .env 文件：{wrong}") from error


def names() -> dict[str, str]:
    """Field → name of its environment variable."""
    prefix = Settings.model_config["env_prefix"]
    return {
        field: info.validation_alias if isinstance(info.validation_alias, str) else f"{prefix}{field}".upper()
        for field, info in Settings.model_fields.items()
    }


def unknown_names() -> tuple[str, ...]:
    """Variables of the environment that begin like a setting and are none: misspelt, or of another version."""
    known = set(names().values())
    prefix = Settings.model_config["env_prefix"]
    return tuple(sorted(name for name in os.environ if name.upper().startswith(prefix) and name.upper() not in known))


def telemetry_wanted() -> bool:
    """Whether the standard OTEL_ variables name a place for spans or measures."""
    return any(os.environ.get(name) for name in _TELEMETRY)


def _told(error: ErrorDetails) -> str:
    field = str(error["loc"][0])
    known = names()
    name = known.get(field, field)
    why = _WRONG.get(error["type"], "的值无法使用").format(**_bounds(error))
    given = error["input"]
    public = name.startswith("FANGAN_") and name not in _SECRET
    shown = f"，现为“{given[:40]}”" if isinstance(given, str) and public else ""
    return f"{name} {why}{shown}"


def _bounds(error: ErrorDetails) -> dict[str, str]:
    """What the rule allows, in Chinese."""
    context = {
        key: f"{value:g}" if isinstance(value, float) else str(value) for key, value in error.get("ctx", {}).items()
    }
    return {key: value.replace("'", "").replace(" or ", "、").replace(", ", "、") for key, value in context.items()}
