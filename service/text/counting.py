"""字数 three ways, by the documented rule of Word: what limits, pages and prompts count with."""

from __future__ import annotations

import re
from typing import NamedTuple

# East Asian characters: Hangul jamo, radicals, CJK symbols and punctuation, kana, bopomofo, compatibility forms,
# ideographs with all extensions, Hangul syllables, full-width forms.
_EAST_ASIAN = (
    "\u1100-\u11ff\u2e80-\u2fdf\u2ff0-\u2fff\u3001-\u303f\u3040-\u33ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
# Punctuation of Chinese text that Unicode files under general punctuation: each is one 字 (checks.md, length).
_CHINESE_MARKS = "“”‘’—…"
_RUN = re.compile(rf"[^{_EAST_ASIAN}{_CHINESE_MARKS}\s]+")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
_NOT_HAN = re.compile(r"[^\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


class Counts(NamedTuple):
    """`words`: 字数 as Word shows it; `characters`: code points without white space; `hanzi`: Han characters."""

    words: int
    characters: int
    hanzi: int


def count(text: str) -> Counts:
    """Counts one text.

    Word's 字数 is 中文字符和朝鲜语单词 + 非中文单词: each East Asian character and each mark of Chinese punctuation,
    “”‘’ — and … included, is one, and each unbroken run of other non-blank characters is one. A zero-width space and
    a byte order mark count nothing and break nothing; an ideographic space is white space.
    """
    seen = _INVISIBLE.sub("", text)
    rest, runs = _RUN.subn("", seen)
    return Counts(
        words=runs + sum(map(len, rest.split())),
        characters=sum(map(len, seen.split())),
        hanzi=len(_NOT_HAN.sub("", seen)),
    )
