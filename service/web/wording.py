"""What the pages say, in the reader's language: one file of strings for each, with the same keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import yaml
from fastapi import Request

Language = Literal["zh", "en"]
COOKIE = "fangan-lang"
DEFAULT: Language = "zh"


class Wording:
    """The strings of one language."""

    def __init__(self, language: Language, strings: Mapping[str, str]) -> None:
        self.language = language
        self.tag = "zh-CN" if language == "zh" else "en"
        """As HTML names it."""
        self.strings = strings

    def __call__(self, key: str, **values: object) -> str:
        """The string with its values filled in. KeyError for a key that no file has."""
        return self.strings[key].format(**values)


@cache
def wording(language: Language) -> Wording:
    """The strings of that language."""
    text = (files("service.web") / "strings" / f"{language}.yaml").read_text(encoding="utf-8")
    return Wording(language, dict(_flat(yaml.safe_load(text), "")))


def _flat(node: Mapping[str, object], before: str) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", str(value)


def language_of(request: Request) -> Language:
    """The one asked for by ?lang=, chosen before (cookie), or preferred by the browser; Chinese where in doubt."""
    known: tuple[Language, ...] = get_args(Language)
    for given in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        for language in known:
            if given == language:
                return language
    preferred = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return "en" if preferred.startswith("en") else DEFAULT
