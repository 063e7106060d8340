"""The check's vocabulary: how one indicator may be called, and the words that are no part of its name."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from service.text.numerals import HAN_NUMERALS, fold

_NO_NAME = re.compile(r"[^0-9A-Za-z\u4e00-\u9fff]+|\d+(?:\.\d+)?%?(?![A-Za-z])")
_BREAK = "|"
_NUMERAL = re.compile(rf"[\d., {HAN_NUMERALS}]+")


class Words(NamedTuple):
    """One pattern finds synonyms and fillers, longest first; `meant` is what each stands for."""

    pattern: re.Pattern[str]
    meant: dict[str, str]


@cache
def words() -> Words:
    """The vocabulary as shipped in data/words.yaml, read once."""
    data = yaml.safe_load((files(__package__) / "data" / "words.yaml").read_text(encoding="utf-8"))
    meant: dict[str, str] = {}
    for word, spellings in data["synonyms"].items():
        meant |= {word: word} | dict.fromkeys(spellings, word)
    meant |= {filler: _BREAK for filler in data["fillers"] if filler not in meant}
    longest_first = sorted(meant, key=lambda w: (-len(w), w))
    return Words(re.compile("|".join(map(re.escape, longest_first))), meant)


@lru_cache(maxsize=4096)
def name_parts(text: str) -> tuple[str, ...]:
    """The pieces of a text that can be part of an indicator's name, synonyms made one."""
    vocabulary = words()
    plain = _NO_NAME.sub(_BREAK, text)
    meant = vocabulary.pattern.sub(lambda m: vocabulary.meant[m[0]], plain)
    return tuple(part for part in meant.split(_BREAK) if len(part) > 1)


@lru_cache(maxsize=8192)
def pairs(text: str) -> tuple[str, ...]:
    """Neighbouring characters of the name parts: what two names are compared by."""
    return tuple(part[i : i + 2] for part in name_parts(text) for i in range(len(part) - 1))


def measure(written: str) -> str:
    """The measure word of a figure as written: 县 of 3县."""
    return _NUMERAL.sub("", fold(written))
