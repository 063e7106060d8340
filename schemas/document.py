"""The assembled plan as a document: what every exporter renders, and the JSON form of it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

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
    documents: tuple[str, ...] = ()
    """What the facts name for it: 《关于同意设立望海电子商务产业园的批复》（望政函〔2013〕45号）."""

    @property
    def name(self) -> str:
        """The attachment as it is listed: what is asked for, and the documents that are it."""
        return f"{self.text}：{'、'.join(self.documents)}" if self.documents else self.text


class ChecklistBlock(Model):
    """The attachments."""

    kind: Literal["checklist"] = "checklist"
    items: tuple[ChecklistItem, ...]
    section: str | None = None


class TableColumn(Model):
    """A column; `width` is relative to the other columns'."""

    title: str
    width: Annotated[int, Field(ge=1, le=100)] = 1
    align: Literal["left", "center", "right"] = "left"


Cell = tuple[Span, ...]
"""What stands in one cell: spans, so that a figure keeps its facts and a placeholder its mark."""


class TableBlock(Model):
    """A table at the end of a section: 表1 with its caption, a row of titles, and rows of as many cells."""

    kind: Literal["table"] = "table"
    caption: str
    columns: Annotated[tuple[TableColumn, ...], Field(min_length=1)]
    rows: tuple[tuple[Cell, ...], ...]
    section: str | None = None

    @model_validator(mode="after")
    def _even(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("every row must have one cell for each column")
        return self


class NoticeBlock(Model):
    """A remark about the plan itself, not part of its text: drafted by the offline writer, a section failed …"""

    kind: Literal["notice"] = "notice"
    text: str
    section: str | None = None


Block = Annotated[
    HeadingBlock | ParagraphBlock | ChecklistBlock | TableBlock | NoticeBlock, Field(discriminator="kind")
]


def spans_of(block: Block) -> tuple[Span, ...]:
    """All runs of text of a block that carry marks, in order."""
    match block:
        case ParagraphBlock():
            return block.spans
        case TableBlock():
            return tuple(span for row in block.rows for cell in row for span in cell)
        case _:
            return ()


class Cover(Model):
    """The title page below the title: who drew the plan up and when, as the facts say or as a placeholder."""

    issuer: Cell
    date: Cell


class Source(Model):
    """Where a cited fact comes from, in one phrase: 2016年地区生产总值，来源：2016年统计公报."""

    fact: str
    text: str


class Remaining(Model):
    """Something that stands between the plan and its submission; `place` names its section as printed."""

    kind: Literal["error", "placeholder", "proposal", "unwritten"]
    text: str
    section: str | None = None
    place: str = ""


class Document(Model):
    """The assembled plan."""

    title: str
    subject: str
    outline: str
    year: int
    blocks: tuple[Block, ...]
    cover: Cover | None = None
    sources: tuple[Source, ...] = ()
    """Of the facts that the blocks cite, in the order in which they first appear."""
    remaining: tuple[Remaining, ...] = ()
    """Empty when the plan can be submitted."""


class ExportOptions(Model):
    """How a document is written to a file.

    `clean` is the version for submission: no highlights, comments or remarks. It is refused while anything remains to
    be done, unless `force`.
    """

    sources: Literal["none", "footnotes", "comments"] = "none"
    """Whether each section's facts are told, at the place where the section first cites them."""
    cover: bool = True
    """A title page and a table of contents before the text, in formats that have pages."""
    clean: bool = False
    force: bool = False

    @model_validator(mode="after")
    def _no_comments_in_clean(self) -> Self:
        if self.clean and self.sources == "comments":
            raise ValueError("a clean version has no comments; ask for footnotes or none")
        return self
