"""A section's text → marked paragraphs: what is proven, what is not, what is missing, what is only proposed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from schemas.document import Mark, Span
from schemas.draft import Proposal
from schemas.facts import Fact
from schemas.finding import CheckName, Finding, Severity
from schemas.plan import Gap, SectionResult
from service.prompt.fact_rows import quantity

MARKING = frozenset({CheckName.NUMBERS, CheckName.POLICIES, CheckName.LEAKAGE, CheckName.CONSISTENCY})
"""Checks whose errors are a wrong piece of text; the others tell of something missing or of the whole."""

_PLACEHOLDER = re.compile(r"【待补充[^【】\n]*】")
_PROPOSAL = re.compile(r"【建议值[^【】\n]*】")
_RANK: Mapping[Mark, int] = {"plain": 0, "supported": 1, "proposal": 2, "placeholder": 3, "unsupported": 4}


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of the section's text (code points, end exclusive) with one mark."""

    start: int
    end: int
    mark: Mark
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def is_placed(finding: Finding) -> bool:
    """Whether an error can be shown where it stands: it belongs to a stretch of text."""
    return finding.severity is Severity.ERROR and finding.check in MARKING and finding.start < finding.end


def marked_paragraphs(
    result: SectionResult, facts: Mapping[str, Fact], gaps: Sequence[Gap]
) -> Iterator[tuple[Span, ...]]:
    """The section's paragraphs without empty ones; the spans of each add up to its text.

    `gaps`: those of the whole plan, since the summary repeats placeholders of the body.
    """
    regions = merged((*_errors(result), *_placeholders(result, gaps), *_proposals(result), *_figures(result, facts)))
    start = 0
    for line in result.text.split("\n"):
        end = start + len(line)
        if line.strip():
            yield tuple(_spans(result.text, regions, start, end))
        start = end + 1


def merged(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Disjoint regions in order of the text: where several overlap, they become one and the gravest mark wins.

    A half-marked figure or placeholder would be misread, so the union is marked, not the intersection.
    """
    done: list[Region] = []
    for region in sorted(regions, key=lambda r: (r.start, r.end)):
        if done and region.start < done[-1].end:
            done[-1] = _union(done[-1], region)
        else:
            done.append(region)
    return tuple(done)


def _union(one: Region, other: Region) -> Region:
    graver, lesser = sorted((one, other), key=lambda r: -_RANK[r.mark])
    told = graver.mark == "supported" or lesser.mark != "supported"
    return Region(
        start=min(one.start, other.start),
        end=max(one.end, other.end),
        mark=graver.mark,
        facts=tuple(dict.fromkeys((*graver.facts, *lesser.facts))) if graver.mark == "supported" else (),
        notes=tuple(dict.fromkeys((*graver.notes, *lesser.notes))) if told else graver.notes,
    )


def _spans(text: str, regions: Sequence[Region], start: int, end: int) -> Iterator[Span]:
    inside = [r for r in regions if r.start < end and r.end > start]
    edges = sorted({start, end, *(e for r in inside for e in (max(start, r.start), min(end, r.end)))})
    for left, right in pairwise(edges):
        region = next((r for r in inside if r.start <= left < r.end), None)
        if region is None:
            yield Span(text=text[left:right])
        else:
            note = "\n".join(region.notes) or None
            yield Span(text=text[left:right], mark=region.mark, facts=region.facts, note=note)


def _errors(result: SectionResult) -> Iterator[Region]:
    for finding in result.findings:
        if is_placed(finding):
            yield Region(finding.start, finding.end, "unsupported", notes=(finding.message,))


def _figures(result: SectionResult, facts: Mapping[str, Fact]) -> Iterator[Region]:
    for support in result.supports:
        if support.start < support.end:
            known = [describe(facts[i]) for i in support.facts if i in facts]
            note = f"{support.how}：{'；'.join(known)}" if known else support.how
            yield Region(support.start, support.end, "supported", support.facts, (note,))


def _placeholders(result: SectionResult, gaps: Sequence[Gap]) -> Iterator[Region]:
    for match in _PLACEHOLDER.finditer(result.text):
        gap = _asked(match.group(), result.gaps) or _asked(match.group(), gaps)
        yield Region(match.start(), match.end(), "placeholder", notes=(_missing(gap),))


def _asked(placeholder: str, gaps: Sequence[Gap]) -> Gap | None:
    """The gap that a placeholder stands for: the longest name in it whose year, if any, is in it too."""
    named = [g for g in gaps if g.name in placeholder and (g.year is None or f"{g.year}年" in placeholder)]
    return max(named, key=lambda g: len(g.name), default=None)


def _missing(gap: Gap | None) -> str:
    if gap is None:
        return "事实表中没有这项数据，请向有关部门索取，补入事实表后重写本节。"
    question = gap.question or f"事实表缺少{gap.name}。"
    return f"{question}请向{gap.department or '有关部门'}索取，补入事实表后重写本节。"


def _proposals(result: SectionResult) -> Iterator[Region]:
    known = result.draft.proposals if result.draft else ()
    for match in _PROPOSAL.finditer(result.text):
        yield Region(match.start(), match.end(), "proposal", notes=(_to_confirm(match.group(), known),))


def _to_confirm(text: str, proposals: Sequence[Proposal]) -> str:
    proposal = max((p for p in proposals if p.name in text), key=lambda p: len(p.name), default=None)
    basis = f"测算依据：{proposal.basis.rstrip('。')}。" if proposal and proposal.basis else ""
    return f"这是方案提出的建议值，事实表中没有依据。{basis}请与主管部门确认数值，确认后删去括注。"


def describe(fact: Fact) -> str:
    """A fact in one phrase: 2016年地区生产总值1105.04亿元，增长7.8%（来源：2016年统计公报）."""
    year = f"{fact.year}年" if fact.year else ""
    amount = quantity(fact)
    said = fact.name or (f"《{fact.title.strip('《》')}》" if fact.title else "")
    number = f"（{fact.doc_number}）" if fact.doc_number else ""
    source = f"（来源：{fact.source}）" if fact.source else ""
    return f"{year}{said}{number}{'' if amount == '—' else amount}{source}"
