"""The outline (编制要点) as data: chapters, sections, required points, indicators, limits and rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from schemas import Model
from schemas.facts import Kind
from schemas.limit import TextLimit

Dimension = Literal[
    "CNY", "USD", "people", "person_times", "households", "enterprises", "count", "area", "length", "weight",
    "volume", "data_rate", "storage", "energy", "percent", "permille", "percentage_points", "rank", "ratio",
    "duration", "parcels", "text",
]  # fmt: skip
"""What an indicator measures; `text` for what is not a quantity. Units are mapped to the same words in service/text."""
DIMENSIONS: tuple[str, ...] = get_args(Dimension)

Part = Literal["value", "growth", "share", "text"]
"""Which field of a fact an indicator asks for."""


class Indicator(Model):
    """A quantity (or described matter) that the outline names."""

    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    dimension: Dimension
    also: tuple[Dimension, ...] = ()
    """Other dimensions it is reported in: imports and exports in 亿美元 or in 亿元."""
    unit: str | None = None
    """The customary unit, written into placeholders and the spreadsheet; None for `text`."""
    expects: tuple[Part, ...] = ("value",)
    meaning: str = ""
    department: str
    """Who in a city hall is likely to hold the datum."""
    kind: Kind = Kind.ACTUAL
    """`target` for indicators of chapter four: a fact of kind target answers them."""


class Point(Model):
    """One thing that a section's guidance requires."""

    id: str
    text: str
    """In the outline's own words."""
    indicators: tuple[str, ...] = ()
    """Indicators whose facts answer the point; all of them are needed unless `any_of`."""
    any_of: bool = False
    kinds: tuple[Kind, ...] = ()
    """A fact of one of these kinds, tied to the point by `keywords` or by an indicator, answers it too."""
    keywords: tuple[tuple[str, ...], ...] = ()
    """Groups of words: a fact belongs to the point when it has one word of each group; so does text without `signs`."""
    signs: tuple[str, ...] = ()
    """Wordings of which any one treats the point: regular expressions with three marks of their own, `…` (a few
    words of the same sentence), `‥` (a few words of the same clause), `#` (a figure) and `¥` (an amount of money)."""
    optional: bool = False
    """True where the guidance itself says 可 or 具备条件的城市: not treating it is no fault."""
    question: str = ""
    """What to ask when nothing answers the point."""
    department: str = ""


class Section(Model):
    """A leaf of the outline: the unit of drafting."""

    id: str
    number: str
    """The heading's own number as printed: （一）, 1. or 一、 for a chapter that is a leaf."""
    title: str
    """Short title as printed in the assembled plan."""
    guidance: str
    """The outline's guidance, verbatim but for normalised punctuation."""
    points: tuple[Point, ...] = ()
    target_length: Annotated[int, Field(gt=0)]
    """字 to aim at."""
    summary: bool = False
    """Written last, from the drafted body."""
    summarises: tuple[str, ...] = ()
    """For a section of the summary: ids of the body sections it draws on."""
    checklist: bool = False
    """Not prose: attachments, each provided or missing."""
    table: Literal["targets", "tasks"] | None = None
    """The table, made from the facts, that ends the section; never in a summary, whose length is limited."""

    @model_validator(mode="after")
    def _no_table_in_a_summary(self) -> Self:
        if self.summary and self.table is not None:
            raise ValueError("a section of the summary has no table")
        return self


class Group(Model):
    """A heading between chapter and sections, such as 五（二）; it has no text of its own."""

    id: str
    number: str
    title: str
    guidance: str = ""


class Chapter(Model):
    """A chapter with its sections in order."""

    id: str
    number: str
    title: str
    guidance: str = ""
    note: str = ""
    """A note of the outline about the chapter, such as the length limit."""
    limit: TextLimit | None = None
    """Covers the text of all its sections with their headings."""
    groups: tuple[Group, ...] = ()
    sections: tuple[Section, ...]


class Rule(Model):
    """Something the outline states in words that a check can test."""

    id: Literal["horizon", "above_average", "fund", "organisation", "problems"]
    text: str
    """The outline's own words, used in the message."""
    sections: tuple[str, ...]
    parameters: dict[str, int | str | tuple[str, ...]] = {}


class CitedPolicy(Model):
    """A document that the outline itself cites."""

    title: str
    doc_number: str | None = None
    year: int | None = None
    note: str = ""


class Outline(Model):
    """An outline, complete. `cleaned` says what was normalised against the printed source, line by line."""

    id: str
    title: str
    document_title: str
    """Title of the assembled plan; `{subject}` stands for the subject's name."""
    subject_word: Literal["市", "基地"]
    """How the plan calls its subject: 我市 or 基地."""
    source: str
    cleaned: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    policies: tuple[CitedPolicy, ...] = ()
    rules: tuple[Rule, ...] = ()
    chapters: tuple[Chapter, ...]

    @property
    def sections(self) -> Iterator[Section]:
        """All leaves in order."""
        return (s for c in self.chapters for s in c.sections)

    @cached_property
    def sections_by_id(self) -> dict[str, Section]:
        """Leaf by id."""
        return {s.id: s for s in self.sections}

    @cached_property
    def indicators_by_id(self) -> dict[str, Indicator]:
        """Indicator by id."""
        return {i.id: i for i in self.indicators}


class Remark(Model):
    """What the import of an outline left out, supplied or could not tell, for a person to look at."""

    line: int | None = None
    """Line (paragraph of a .docx) of the source, from 1; None for the whole."""
    text: str

    def describe(self) -> str:
        """The remark with its place, as the command line shows it."""
        return f"第{self.line}行：{self.text}" if self.line else self.text


class ImportedOutline(Model):
    """An outline read from the text of a 编制要点, and what a person should look at before it is used."""

    outline: Outline
    remarks: tuple[Remark, ...] = ()
