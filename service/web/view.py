"""A stored plan → what its page shows: the assembled text section by section, its marks with what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from schemas.document import Block, HeadingBlock, Mark, NoticeBlock, ParagraphBlock, Span, TableBlock
from schemas.facts import Fact
from schemas.finding import Finding, Severity
from schemas.outline import Chapter, Outline
from schemas.plan import PlanRequest, SectionResult, SectionStatus
from schemas.stored import PlanRow, SectionRow
from service.assemble.document import assemble
from service.assemble.marks import describe
from service.check.length import measure
from service.jobs.reading import plan_of, result_of
from service.prompt.outlines import load_outline
from service.store.plans import AT_WORK

_SHORT: Mapping[Mark, str] = {"supported": "s", "unsupported": "u", "placeholder": "h", "proposal": "p", "plain": ""}
"""Mark → its class on the page: there may be a thousand of them."""

_WRITTEN = (SectionStatus.DONE, SectionStatus.NEEDS_REVIEW, SectionStatus.EDITED)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `mark`: class on the page, empty for plain text; `note`: number of its note in the section."""

    text: str
    mark: str = ""
    note: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a mark says: how the figure stands, and the facts under it."""

    kind: str
    lines: tuple[str, ...]
    facts: tuple[str, ...] = ()


class Notes:
    """The notes of a section, each once, however many marks have it."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self.all: dict[Note, int] = {}

    def pieces(self, spans: Iterable[Span]) -> tuple[Piece, ...]:
        """The spans with their notes."""
        return tuple(self._piece(span) for span in spans)

    def _piece(self, span: Span) -> Piece:
        if span.mark == "plain" or not span.note:
            return Piece(span.text, _SHORT[span.mark])
        note = self._note(span)
        return Piece(span.text, _SHORT[span.mark], self.all.setdefault(note, len(self.all)))

    def _note(self, span: Span) -> Note:
        """Where it is one figure's, the facts stand apart from how they bear it out."""
        text = span.note or ""
        facts = tuple(describe(self._facts[i]) for i in span.facts if i in self._facts)
        how = text.removesuffix(f"：{'；'.join(facts)}")
        if facts and how != text and "\n" not in how:
            return Note(_SHORT[span.mark], (how,), facts)
        return Note(_SHORT[span.mark], tuple(text.split("\n")))


@dataclass(frozen=True, slots=True)
class Shown:
    """A block of a section; `at`: where a paragraph begins in the section's text, in code points."""

    block: Block
    at: int | None = None
    pieces: tuple[Piece, ...] = ()
    rows: tuple[tuple[tuple[Piece, ...], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class FindingShown:
    """A finding in the list; `place`: whether it has one in the text."""

    finding: Finding
    place: bool


@dataclass
class SectionShown:
    """A section on the page."""

    row: SectionRow
    result: SectionResult
    heading: HeadingBlock
    before: tuple[HeadingBlock, ...]
    """Headings that stand over it and have no text of their own."""
    target: int
    checklist: bool
    plan_at_work: bool
    stale: bool
    notes: Notes
    blocks: list[Shown] = field(default_factory=list)

    @property
    def id(self) -> str:
        """As the outline numbers it."""
        return self.row.section

    @property
    def slug(self) -> str:
        """For ids of elements, which stylesheets and scripts must be able to name."""
        return slug(self.row.section)

    @property
    def busy(self) -> bool:
        """Whether the writer is at it, or is about to be: it cannot be edited."""
        status = self.row.status
        return status is SectionStatus.DRAFTING or (status is SectionStatus.PENDING and self.plan_at_work)

    @property
    def words(self) -> int | None:
        """字数 as Word shows it; None while there is no text."""
        counts = self.result.counts
        return counts.words if counts and self.row.text else None

    @property
    def findings(self) -> list[FindingShown]:
        """Errors first, then in the order of the text."""
        return shown_findings(self.result.findings)

    def count(self, severity: str) -> int:
        """Its findings of that severity."""
        return sum(f.severity == severity for f in self.result.findings)

    @cached_property
    def marks(self) -> Mapping[str, int]:
        """How many figures are supported (`s`) and how many places are wrong (`u`), missing (`h`), proposed (`p`)."""
        pieces = [p for b in self.blocks for p in (*b.pieces, *(q for row in b.rows for cell in row for q in cell))]
        return {mark: sum(p.mark == mark for p in pieces) for mark in "suhp"}


@dataclass(frozen=True, slots=True)
class ChapterShown:
    """A chapter in the list of sections. `words` and `maximum` where it has a limit."""

    chapter: Chapter
    sections: tuple[SectionShown, ...]
    words: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class PlanShown:
    """The plan on its page."""

    row: PlanRow
    request: PlanRequest
    outline: Outline
    sections: tuple[SectionShown, ...]
    chapters: tuple[ChapterShown, ...]
    message: str | None
    gaps: int

    @property
    def at_work(self) -> bool:
        """Whether the writer is at it."""
        return self.row.status in AT_WORK

    @property
    def written(self) -> int:
        """How many sections have what they are to have."""
        return sum(s.row.status in _WRITTEN for s in self.sections)

    @property
    def missing(self) -> int:
        """How many sections have no text though the drafting has ended."""
        return sum(
            not s.row.text and s.row.status in (SectionStatus.FAILED, SectionStatus.CANCELLED) for s in self.sections
        )

    @property
    def holes(self) -> int:
        """How many places of the text wait for a datum."""
        return sum(s.marks["h"] for s in self.sections)

    @property
    def stale(self) -> tuple[SectionShown, ...]:
        """Sections of the summary that are older than what they are drawn from."""
        return tuple(s for s in self.sections if s.stale)

    @property
    def findings(self) -> list[FindingShown]:
        """Those that concern the plan as a whole."""
        return shown_findings(self.row.findings)

    @property
    def totals(self) -> Mapping[str, int]:
        """All findings by severity."""
        every = [*self.row.findings, *(f for s in self.sections for f in s.result.findings)]
        return {severity.value: sum(f.severity is severity for f in every) for severity in Severity}

    def section(self, section: str) -> SectionShown | None:
        """The section; None where the plan has none of that id."""
        return next((s for s in self.sections if s.id == section), None)


def slug(section: str) -> str:
    """5.2.1 → 5_2_1."""
    return section.replace(".", "_")


def shown_findings(findings: Sequence[Finding]) -> list[FindingShown]:
    """Errors first, then in the order of the text."""
    order: tuple[Literal["error", "warning", "info"], ...] = ("error", "warning", "info")
    ordered = sorted(findings, key=lambda f: (order.index(f.severity.value), f.start))
    return [FindingShown(f, f.section is not None and f.start < f.end) for f in ordered]


def plan_shown(
    row: PlanRow, request: PlanRequest, rows: Sequence[SectionRow], stale: Sequence[str], message: str | None
) -> PlanShown:
    """All of it; a twentieth of a second of work for a whole plan."""
    outline = load_outline(row.outline)
    plan = plan_of(row, request, rows)
    sections = tuple(_sections(row, request, rows, outline, assemble(plan, outline).blocks, stale))
    return PlanShown(row, request, outline, sections, tuple(_chapters(outline, sections)), message, len(plan.gaps))


def _sections(
    plan: PlanRow,
    request: PlanRequest,
    rows: Sequence[SectionRow],
    outline: Outline,
    blocks: Sequence[Block],
    stale: Sequence[str],
) -> Iterable[SectionShown]:
    by_id, facts = {row.section: row for row in rows}, {fact.id: fact for fact in request.sheet.facts}
    before: list[HeadingBlock] = []
    current: SectionShown | None = None
    at_work = plan.status in AT_WORK
    places: list[int] = []
    for block in blocks:
        if isinstance(block, HeadingBlock):
            if block.section not in by_id:
                before.append(block)
                continue
            if current:
                yield current
            row, section = by_id[block.section], outline.sections_by_id[block.section]
            current = SectionShown(
                row, result_of(row), block, tuple(before), section.target_length, section.checklist, at_work,
                row.section in stale, Notes(facts),
            )  # fmt: skip
            before, places = [], _places(row.text)
        elif current is not None and _told_here(block, current):
            current.blocks.append(_shown(block, current.notes, places))
    if current:
        yield current


def _told_here(block: Block, section: SectionShown) -> bool:
    """Not a remark on what is to be mended: that stands among the findings. Why there is no text is told."""
    return not isinstance(block, NoticeBlock) or (not section.row.text and not section.blocks)


def _places(text: str) -> list[int]:
    """Where the lines that are not empty begin, last one first."""
    found, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append(start)
        start += len(line) + 1
    return found[::-1]


def _shown(block: Block, notes: Notes, places: list[int]) -> Shown:
    match block:
        case ParagraphBlock():
            return Shown(block, places.pop() if places else None, notes.pieces(block.spans))
        case TableBlock():
            return Shown(block, rows=tuple(tuple(map(notes.pieces, row)) for row in block.rows))
        case _:
            return Shown(block)


def _chapters(outline: Outline, sections: Sequence[SectionShown]) -> Iterable[ChapterShown]:
    texts = {s.id: s.row.text for s in sections if s.row.text}
    for chapter in outline.chapters:
        ids = {s.id for s in chapter.sections}
        mine = tuple(s for s in sections if s.id in ids)
        if mine:
            words = measure(chapter, texts).words if chapter.limit else None
            yield ChapterShown(chapter, mine, words, chapter.limit.maximum if chapter.limit else None)
