"""The one JSON object in a model's answer, whatever stands around it: fence, preamble, inline thoughts, BOM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pydantic_core import from_json

_SIGN = re.compile(r'[{}"]')
_IN_STRING = re.compile(r'\\.|"', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPEN, _CLOSE = "<think>", "</think>"
_MARGIN = "\ufeff \t\r\n"


def without_thoughts(text: str) -> str:
    """Text after inline thoughts; empty while they are not closed.

    Some chat templates put the opening mark into the prompt, so that only the closing one is in the answer. A closing
    mark within a string of the object is a part of the answer.
    """
    text = text.lstrip(_MARGIN)
    opened, start, last = text.startswith(_OPEN), 0, text.rfind("{")
    while (close := text.find(_CLOSE, start)) >= 0:
        end = close + len(_CLOSE)
        if (start or not opened) and (last < end or _stops_in_string(text[start:close])):
            break
        start = end
    return "" if opened and not start else text[start:].lstrip(_MARGIN)


def _stops_in_string(text: str) -> bool:
    """Whether the text breaks off within a string of a JSON object."""
    start = text.find("{")
    if start < 0 or '"' not in _STRING.sub("", text[start:]):
        return False
    try:
        from_json(text[start:], allow_partial="trailing-strings")
    except ValueError:  # prose with braces and quotation marks
        return False
    return True


def find_object(text: str) -> str | None:
    """The text of the only complete JSON object in `text`; None when there is none, or more than one.

    Nothing is repaired: what the object holds is judged by the caller.
    """
    body = text.strip(_MARGIN)
    if body.startswith("{") and _is_object(body):  # as good as always
        return body
    found = [candidate for candidate in _balanced(without_thoughts(text)) if _is_object(candidate)]
    return found[0] if len(found) == 1 else None


def _balanced(text: str) -> Iterator[str]:
    """Outermost {…} of the text; an unclosed one ends the search, for what is inside it is no answer."""
    depth = start = at = 0
    while token := _SIGN.search(text, at):
        at, sign = token.end(), token.group()
        if sign == "{":
            start = token.start() if depth == 0 else start
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
            if depth == 0:
                yield text[start:at]
        elif sign == '"' and depth:  # outside of an object a quotation mark is prose
            at = _end_of_string(text, at)


def _end_of_string(text: str, at: int) -> int:
    while token := _IN_STRING.search(text, at):
        at = token.end()
        if token.group() == '"':
            return at
    return len(text)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text, strict=False), dict)
    except (ValueError, RecursionError):
        return False
