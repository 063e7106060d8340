"""The assembled plan as a document: what every exporter renders, and the JSON form of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas import Model

Mark = Literal["plain", "supported", "unsupported", "placeholder", "proposal"]


class Span(Model):
    """A run of text with one mark; `facts` for supported figures, `note` says what a person should know."""

    text: str
    mark: Mark = "plain"
    facts: tuple[str, ...] = ()
    note: str | None = None


class HeadingBlock(Model):
    """A heading: level 1 一、, 2 （一）, 3 1., 4 （1）; `number` is printed before the text."""

    kind: Literal["heading"] = "heading"
    level: Annotated[int, Field(ge=1, le=4)]
    number: str
    text: str
    section: str | None = None


class ParagraphBlock(Model):
    """A body paragraph."""

    kind: Literal["paragraph"] = "paragraph"
    spans: tuple[Span, ...]
    section: str | None = None

    @property
    def text(self) -> str:
        """The paragraph without its marks."""
        return "".join(s.text for s in self.spans)


class ChecklistItem(Model):
    """One attachment: provided by a fact, or missing."""

    text: str
    provided: bool
    fact: str | None = None


class ChecklistBlock(Model):
    """The attachments."""

    kind: Literal["checklist"] = "checklist"
    items: tuple[ChecklistItem, ...]
    section: str | None = None


class NoticeBlock(Model):
    """A remark about the plan itself, not part of its text: drafted by the offline writer, a section failed …"""

    kind: Literal["notice"] = "notice"
    text: str
    section: str | None = None


Block = Annotated[HeadingBlock | ParagraphBlock | ChecklistBlock | NoticeBlock, Field(discriminator="kind")]


class Document(Model):
    """The assembled plan."""

    title: str
    subject: str
    outline: str
    year: int
    blocks: tuple[Block, ...]
