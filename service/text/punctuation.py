"""Punctuation as official Chinese prints it: what a draft goes through before anything is counted or checked.

Rules: GB/T 15834—2011 (marks), GB/T 15835—2011 (ranges, dates), GB/T 9704—2012 7.2.5 and 7.3.3 (document numbers,
heading numbers). Only form changes: Han characters stay, digits keep their value, and decimals, thousands separators,
times, ratios, URLs, addresses, version numbers and Latin phrases stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WIDE_MARKS = "\u3001-\u3003\u3005-\u301f\uff01-\uff0f\uff1a-\uff1e\uff1f\uff3b-\uff40\uff5b-\uff65“”‘’—…"
_WIDE = f"{_HAN}{_WIDE_MARKS}"

_CHINESE = re.compile(f"[{_WIDE}]")
_BREAK = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANKS = re.compile(r"[^\S\n]+")
_ALIKE = str.maketrans(
    {**{chr(c): chr(c - 0xFEE0) for s in ("０９", "ＡＺ", "ａｚ") for c in range(ord(s[0]), ord(s[1]) + 1)},
     "％": "%", "「": "“", "」": "”", "『": "‘", "』": "’"}
)  # fmt: skip
"""Full-width digits and letters in their half-width form; corner brackets as the quotes of the mainland standard."""

_KEPT = re.compile(
    r"(?:https?://|ftp://|www\.)[!-~]*[A-Za-z0-9/=&#_-]|[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII
)
_HOLE = "\ue000"
"""Stands for a URL or an address while the rest of its line is mended: seen as Latin text."""
_LATIN = f"A-Za-z{_HOLE}"
_NUMERAL = "[一二三四五六七八九十]"

_CODE = re.compile(r"[A-Za-z] ?$")
"""Before a number: part of a code, such as GB/T 1234-2012."""

_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _ascending(match: re.Match[str]) -> str:
    """2-3 is a range, 62345678-801 and 5-2 are not; a range that names its unit twice (9亿-16亿) is one anyway."""
    low, unit, high = match["low"], match["unit"], match["high"]
    padded = any(n.startswith("0") and n[1:2].isdigit() for n in (low, high))
    code = _CODE.search(match.string[: match.start()])
    if padded or code or not (unit or float(low) < float(high)):
        return match[0]
    years = unit in {"", "年"} and all(re.fullmatch(r"(?:19|20)\d\d", n) for n in (low, high))
    return f"{low}{unit}{'—' if years else '～'}{high}"


_SPACES: tuple[_Rule, ...] = ((re.compile(rf"(?<=[{_WIDE}]) +| +(?=[{_WIDE}])"), ""),)
_NUMBERS: tuple[_Rule, ...] = (
    # [2011]463 号, (2011)0463号, 〔2011〕第463号 → 〔2011〕463号
    (
        re.compile(rf"(?<=[{_HAN}])[〔\[［(（【﹝〖] ?((?:19|20)\d\d) ?[〕\]］)）】﹞〗] ?第? ?0*(\d{{1,5}}) ?号"),
        r"〔\1〕\2号",
    ),
    (re.compile(r"(?<=\d年)0+(?=[1-9]月)|(?<=\d月)0+(?=[1-9]日)"), ""),
    (
        re.compile(
            r"(?<![A-Za-z0-9_.,\-–－~/:])(?P<low>\d+(?:\.\d+)?)(?P<unit>%|[百千万亿]*(?:[万亿]|元|人|家|个|户|项|年|月|日|倍)?)"
            r" ?[-–－~] ?(?P<high>\d+(?:\.\d+)?)(?![\d\-–－~/:A-Za-z]|[.,]\d)"
        ),
        _ascending,
    ),
    (re.compile(rf"(?<={_NUMERAL})[-–－~](?={_NUMERAL}(?:[个年月项家]|[百千万亿]))"), "～"),
    (re.compile(r"(?<=\d)．(?=\d)"), "."),
)
_HEADINGS: tuple[_Rule, ...] = (
    (re.compile(rf"^(\d{{1,2}})(?:[、．] ?|\. +)(?=[{_WIDE}A-Za-z])"), r"\1."),
    (re.compile(rf"^({_NUMERAL}{{1,3}})[.．] ?"), r"\1、"),
)
_AFTER_BRACKETS: tuple[_Rule, ...] = (
    (re.compile(rf"(^|[。；])（({_NUMERAL}{{1,3}}|\d{{1,2}})）[、.．，]"), r"\1（\2）"),
)
_MARKS: tuple[_Rule, ...] = (
    (re.compile(rf"(?<=[{_WIDE}])\.{{3,}}|\.{{3,}}(?=[{_WIDE}])|(?<=[{_HAN}])。{{3,}}"), "……"),
    (re.compile(rf"(?<=[{_HAN}”’）》])(?:-{{2,}}|－{{2,}})(?=[{_WIDE}])"), "——"),
    (
        re.compile(rf"(?<=[{_WIDE}]),|,(?=[{_WIDE}])|(?<=[{_LATIN}\d%)\]]),(?=[{_LATIN}])|(?<=[{_LATIN}%)\]]),(?=\d)"),
        "，",
    ),
    (re.compile(rf"(?<=[{_WIDE}]);|;(?=[{_WIDE}])|(?<=[{_LATIN}\d%)\]]);(?=[{_LATIN}\d])"), "；"),
    (re.compile(rf"(?<=[{_WIDE}]):|:(?=[{_WIDE}])"), "："),
    (re.compile(rf"(?<=[{_WIDE}])\?|\?(?=[{_WIDE}]|$)"), "？"),
    (re.compile(rf"(?<=[{_WIDE}])!|!(?=[{_WIDE}]|$)"), "！"),
    (re.compile(rf"(?<=[{_HAN}”’）》〕】])[.．](?!\d*[A-Za-z])|(?<=[{_LATIN}%)])[.．]$|(?<=[^\d.．]\d)[.．]$"), "。"),
)
"""The last one: a full stop after Chinese, but for file names (方案.docx), and at the end of a line."""


def normalise(text: str) -> str:
    """The text with official punctuation. Idempotent; line breaks stay, indents and blanks beside Chinese go.

    Half-width marks in Chinese text become full-width; `1、` at a line's start becomes `1.` and `（一）、` `（一）`;
    2-3个 → 2～3个, 2014-2016年 → 2014—2016年, 06月03日 → 6月3日, [2011]463 号 → 〔2011〕463号, "" → “”.
    A line without any Chinese only loses what is invisible.
    """
    seen = _INVISIBLE.sub("", _BREAK.sub("\n", text))
    return "\n".join(_line(line) for line in seen.split("\n"))


def _line(line: str) -> str:
    line = _BLANKS.sub(" ", line).strip().translate(_ALIKE)
    if not _CHINESE.search(line):
        return line
    parts, end = [], 0
    kept = list(_KEPT.finditer(line))
    for match in kept:
        parts.append(line[end : match.start()])
        end = match.end()
    parts.append(line[end:])
    mended = _HOLE.join(part.replace(_HOLE, "") for part in parts)
    # A mended mark makes its neighbour stand in Chinese; each pass leaves fewer half-width marks, so this ends.
    while (again := _mend(mended)) != mended:
        mended = again
    pieces = mended.split(_HOLE)
    return "".join(p + k for p, k in zip(pieces, [*(m[0] for m in kept), ""], strict=True))


def _mend(line: str) -> str:
    line = _apply(_SPACES, line)
    line = _apply(_HEADINGS, _apply(_NUMBERS, line))
    line = _quotes(_brackets(line))
    line = _apply(_MARKS, _apply(_AFTER_BRACKETS, line))
    return _apply(_SPACES, line)


def _apply(rules: tuple[_Rule, ...], line: str) -> str:
    for pattern, new in rules:
        line = pattern.sub(new, line)
    return line


def _brackets(line: str) -> str:
    """Round brackets in pairs: full-width where they hold Chinese or stand beside it."""
    if "(" not in line and ")" not in line:
        return line
    chars, open_at = list(line), list[int]()
    for at, char in enumerate(line):
        if char in "(（":
            open_at.append(at)
        elif char in ")）":
            first = open_at.pop() if open_at else at
            if _in_chinese(line, first, at):
                chars[first] = "（" if line[first] in "(（" else "）"
                chars[at] = "）"
    for at in open_at:
        if line[at] == "(" and _in_chinese(line, at, at):
            chars[at] = "（"
    return "".join(chars)


def _in_chinese(line: str, first: int, last: int) -> bool:
    near = line[first : last + 1] + line[max(0, first - 1) : first] + line[last + 1 : last + 2]
    wide = line[first] == "（" or line[last] == "）"
    return wide or bool(_CHINESE.search(near))


def _quotes(line: str) -> str:
    return _paired(_paired(line, '"', "“", "”"), "'", "‘", "’")


def _paired(line: str, straight: str, opening: str, closing: str) -> str:
    """Straight quotes as curly ones, opening and closing in turn; an apostrophe, or one without its pair, stays."""
    if straight not in line:
        return line
    chars, is_open, last = list(line), False, -1
    for at, char in enumerate(line):
        if char in (opening, closing):
            is_open = char == opening
            last = -1
        elif char == straight and not _apostrophe(line, at):
            chars[at] = closing if is_open else opening
            last = -1 if is_open else at
            is_open = not is_open
    if last >= 0:
        chars[last] = straight
    return "".join(chars)


def _apostrophe(line: str, at: int) -> bool:
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    return before.isascii() and before.isalnum() and (line[at] == "'" or before.isdigit()) and after.isascii()
