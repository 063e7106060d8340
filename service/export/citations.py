"""Which sources an exporter tells, and where: each fact once in a section, where the section first cites it."""

from __future__ import annotations

from typing import Literal

from schemas.document import Document, ExportOptions, Span


class Citations:
    """Goes through the blocks with the exporter. `kind` is how the sources are told."""

    def __init__(self, document: Document, options: ExportOptions) -> None:
        self.kind: Literal["none", "footnotes", "comments"] = options.sources
        self._texts = {source.fact: source.text for source in document.sources}
        self._section: str | None = None
        self._told: set[str] = set()

    def enter(self, section: str | None) -> None:
        """A block of this section begins."""
        if section != self._section:
            self._section = section
            self._told.clear()

    def told(self, span: Span) -> tuple[str, ...]:
        """Sources to tell after this span; none for those that the section has told."""
        if self.kind == "none":
            return ()
        new = [i for i in dict.fromkeys(span.facts) if i in self._texts and i not in self._told]
        self._told.update(new)
        return tuple(self._texts[i] for i in new)
