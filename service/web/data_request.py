"""Gaps → the rows that people see of the data request: by department, each datum once, with who needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.facts import FactSheet
from schemas.finding import Severity
from schemas.outline import Outline
from schemas.plan import Gap, SectionResult, SectionStatus
from schemas.stored import Revision, SectionRow
from service.export.gaps import section_labels
from service.facts.answers import answers
from service.facts.gaps import section_gaps
from service.facts.ledger import Ledger

UNKNOWN = "责任部门待定"


@dataclass(frozen=True, slots=True)
class Asked:
    """A datum that is asked for. `places`: (section, its short name) of those that need it."""

    name: str
    year: int | None
    unit: str | None
    question: str
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Department:
    """Who is asked, and for what."""

    name: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A section that lacked something when it was written, and what of that is known now."""

    section: str
    title: str
    label: str
    names: tuple[str, ...]
    disagrees: bool
    """It says something that the facts do not bear out any more."""
    edited: bool
    """A person has worked on it."""
    at_work: bool


def by_department(gaps: Iterable[Gap], outline: Outline) -> tuple[Department, ...]:
    """In the order in which the outline first asks each of them."""
    labels = section_labels(outline)
    found: dict[str, dict[tuple[str, str | None, int | None], list[Gap]]] = {}
    for gap in gaps:
        found.setdefault(gap.department or UNKNOWN, {}).setdefault((gap.name, gap.unit, gap.year), []).append(gap)
    return tuple(
        Department(name, tuple(_asked(same, labels) for same in data.values())) for name, data in found.items()
    )


def gaps_of(sheet: FactSheet, outline: Outline) -> tuple[Gap, ...]:
    """What the outline asks for and the sheet lacks, before anything is drafted."""
    ledger = Ledger(sheet, outline)
    body = [s for s in outline.sections if not s.summary and not s.checklist]
    return tuple(gap for s in body for gap in section_gaps(s, answers(s, ledger)))


def asked_of(gaps: Iterable[Gap], department: str | None) -> tuple[Gap, ...]:
    """Those that one department is asked for; all without one."""
    return tuple(g for g in gaps if department is None or (g.department or UNKNOWN) == department)


def ready(rows: Sequence[SectionRow], revisions: Sequence[Revision], outline: Outline) -> tuple[Ready, ...]:
    """Sections whose text was written while something was missing that the facts say by now, or is not true any more.

    Told from what the version's own checks found then and what they find now, so that it outlives any visit.
    """
    labels = section_labels(outline)
    written = {(r.section, r.number): r.result for r in revisions}
    found = []
    for row in rows:
        then = written.get((row.section, row.revision))
        if then is None or row.result is None:
            continue
        now = {_datum(g) for g in row.result.gaps}
        names = dict.fromkeys(_named(g) for g in then.gaps if _datum(g) not in now)
        disagrees = bool(_errors(row.result) - _errors(then))
        if names or disagrees:
            label, edited = labels.get(row.section, ""), row.status is SectionStatus.EDITED
            at_work = row.status in (SectionStatus.PENDING, SectionStatus.DRAFTING)
            found.append(Ready(row.section, row.title, label, tuple(names), disagrees, edited, at_work))
    return tuple(found)


def _asked(same: Sequence[Gap], labels: Mapping[str, str]) -> Asked:
    first = same[0]
    questions = dict.fromkeys(g.question for g in same if g.question)
    places = dict.fromkeys((g.section, labels.get(g.section, g.section)) for g in same)
    return Asked(first.name, first.year, first.unit, "".join(questions), tuple(places))


def _datum(gap: Gap) -> tuple[str, str, str | None, int | None]:
    return gap.point, gap.indicator or gap.name, gap.unit, gap.year


def _named(gap: Gap) -> str:
    return f"{gap.year}年{gap.name}" if gap.year else gap.name


def _errors(result: SectionResult) -> set[tuple[int, str]]:
    return {(f.start, f.message) for f in result.findings if f.severity is Severity.ERROR}
