"""Bytes of an event stream → events (HTML standard §9.2.6): comments, CRLF, and text cut anywhere."""

from __future__ import annotations

import codecs
from collections.abc import Iterator


class EventLines:
    """Collects bytes and yields (event name, data) of each complete event; UTF-8 may be cut inside a character."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._name = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> Iterator[tuple[str, str]]:
        """Events that are complete with these bytes."""
        text = self._rest + self._decode.decode(data)
        # A line may end in CRLF, LF or CR; a CR at the very end may be half of a CRLF.
        held = "\r" if text.endswith("\r") else ""
        lines = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop() + held
        for line in lines:
            if line:
                self._field(line)
            elif self._data:
                yield self._event()
            else:
                self._name = ""

    def finish(self) -> Iterator[tuple[str, str]]:
        """What stood at the end without its blank line: servers forget it."""
        if self._rest:
            self._field(self._rest)
            self._rest = ""
        if self._data:
            yield self._event()

    def _field(self, line: str) -> None:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value

    def _event(self) -> tuple[str, str]:
        event = (self._name, "\n".join(self._data))
        self._name, self._data = "", []
        return event
