"""What a watcher sees of a reply that is still coming: the text of its paragraphs, out of unfinished JSON."""

from __future__ import annotations

from pydantic_core import from_json

from service.writer.extract import without_thoughts
from service.writer.protocol import OnDelta

STEP = 24
"""Characters of JSON between two looks at it: each look reads all of it again."""


class ParagraphStream:
    """Takes raw pieces of one reply and passes on the new text of its paragraphs, one paragraph to a line.

    Never passes on keys, ids, thoughts or gaps. A reply that has to be asked for again starts over with
    `restart()`, which tells the watcher so by an empty piece.
    """

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta
        self._raw = ""
        self._seen = 0
        self._shown = ""

    def feed(self, piece: str) -> None:
        """One more raw piece of the content."""
        self._raw += piece
        if len(self._raw) - self._seen >= STEP:
            self._look()

    def finish(self) -> None:
        """The reply is complete: passes on what is left."""
        self._look()

    def restart(self) -> None:
        """What was shown is void: the reply starts over, or failed."""
        if self._shown:
            self._on_delta("")
        self._raw, self._seen, self._shown = "", 0, ""

    def _look(self) -> None:
        self._seen = len(self._raw)
        text = paragraphs_so_far(self._raw)
        # A later piece never changes what was shown: if it seems to, this is no draft, and the final text decides.
        if len(text) > len(self._shown) and text.startswith(self._shown):
            self._on_delta(text[len(self._shown) :])
            self._shown = text


def paragraphs_so_far(raw: str) -> str:
    """Text of the paragraphs in a draft's JSON that may end anywhere; empty while there is none."""
    body = without_thoughts(raw)
    start = body.find("{")
    if start < 0:
        return ""
    try:
        data = from_json(body[start:].rstrip("`\r\n "), allow_partial="trailing-strings")
    except ValueError:
        return ""
    paragraphs = data.get("paragraphs") if isinstance(data, dict) else None
    if not isinstance(paragraphs, list):
        return ""
    texts = [p["text"] for p in paragraphs if isinstance(p, dict) and isinstance(p.get("text"), str)]
    return "\n".join(texts)
