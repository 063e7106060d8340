"""Text → characters that a file may carry: exporters pass every string through here."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # forbidden or discouraged
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "]"
)
_BREAKS = re.compile("[\t\n\r\x85\u2028\u2029]+")


def printable(text: str) -> str:
    """The text on one line, without what XML 1.0 §2.2 forbids or discourages and without bidirectional controls.

    A Chinese document has no use for the latter, and a figure printed in reverse would be read as another one.
    """
    return _BREAKS.sub(" ", _UNPRINTABLE.sub("", text))
