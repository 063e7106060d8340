"""The order of the stages: all sections side by side, consistency, then the summary from the body, then its length."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from schemas.finding import CheckName, Finding, Severity, Support
from schemas.outline import Chapter
from schemas.plan import Event, Plan, PlanRequest, PlanStatus, SectionResult, SectionStatus
from service.assemble.summary import excess, shares
from service.check.length import counts_of
from service.check.numbers import examine
from service.check.registry import run_checks
from service.drafting import Kit, Run, Work, status_of
from service.errors import UnknownSectionError
from service.facts.gaps import section_gaps
from service.repair.loop import Emit, has_errors, unwatched

__all__ = ["Emit", "Kit", "draft_plan", "draft_section"]

CONDENSE_ROUNDS = 8
"""Two for each of the summary's four sections; what is still over the limit then needs a person."""


async def draft_plan(request: PlanRequest, kit: Kit, emit: Emit = unwatched) -> Plan:
    """Drafts every section side by side, then the summary from the body. A failed section never stops the rest.

    Raises UnknownSectionError for a section that the outline lacks; all other trouble is told in the result.
    """
    run = Run(request, kit, emit)
    works = {i: Work(kit.outline.sections_by_id[i]) for i in _wanted(request, kit)}
    body = {i: w for i, w in works.items() if not w.section.summary}
    await asyncio.gather(*(run.body(w) for w in body.values()))
    await _agree(run, body)
    for chapter in kit.outline.chapters:
        part = {s.id: works[s.id] for s in chapter.sections if s.summary and s.id in works}
        if part:
            await _summarise(run, chapter, part, _texts(body))
    plan = _result(run, works)
    emit(Event(event="end", status=plan.status))
    return plan


async def draft_section(
    request: PlanRequest, section_id: str, kit: Kit, emit: Emit = unwatched, body: Mapping[str, str] | None = None
) -> SectionResult:
    """Drafts one section: prompt, writer, checks, at most `kit.max_repairs` repairs.

    A section of the summary is drawn from `body` (section id → text); without one the sections that it
    summarises are drafted first. Raises UnknownSectionError.
    """
    section = kit.outline.sections_by_id.get(section_id)
    if section is None:
        raise _unknown([section_id], kit)
    if section.summary and body is None:
        wanted = section.summarises or tuple(s.id for s in kit.outline.sections if not s.summary and not s.checklist)
        options = request.options.model_copy(update={"sections": (*wanted, section_id)})
        plan = await draft_plan(request.model_copy(update={"options": options}), kit, emit)
        return next(s for s in plan.sections if s.id == section_id)
    run = Run(request, kit, emit)
    work = Work(section)
    if section.summary:
        chapter = next(c for c in kit.outline.chapters if section in c.sections)
        await _summarise(run, chapter, {section_id: work}, body or {})
    else:
        await run.body(work)
    return _deliver(run, {section_id: work}, body or {})[0][0]


def _wanted(request: PlanRequest, kit: Kit) -> list[str]:
    known = [s.id for s in kit.outline.sections]
    wanted = request.options.sections
    if wanted is None:
        return known
    if unknown := [i for i in wanted if i not in known]:
        raise _unknown(unknown, kit)
    return [i for i in known if i in wanted]


def _unknown(ids: Sequence[str], kit: Kit) -> UnknownSectionError:
    known = "、".join(s.id for s in kit.outline.sections)
    return UnknownSectionError(f"编制要点 {kit.outline.id} 没有编号为 {'、'.join(ids)} 的节，可用的有：{known}")


def _texts(works: Mapping[str, Work]) -> dict[str, str]:
    return {i: w.text for i, w in works.items() if w.text}


async def _agree(run: Run, body: Mapping[str, Work]) -> None:
    """Sections that contradict others are asked once more, with the contradiction as their finding."""
    texts = _texts(body)
    found = run_checks(run.case(texts), {CheckName.CONSISTENCY})
    disagreeing = {f.section for f in found if f.section in body and f.severity is Severity.ERROR}
    if run.kit.max_repairs:
        await asyncio.gather(*(run.rework(w, texts) for i, w in body.items() if i in disagreeing))


async def _summarise(run: Run, chapter: Chapter, part: Mapping[str, Work], body: Mapping[str, str]) -> None:
    """Drafts the summary's sections side by side, then condenses the longest until the limit is kept."""
    allowed = shares(chapter)
    await asyncio.gather(*(run.summary(w, body, allowed.get(i, w.section.target_length)) for i, w in part.items()))
    stuck: set[str] = set()
    for _ in range(CONDENSE_ROUNDS):
        texts = _texts(part)
        over = excess(chapter, texts)
        candidates = [i for i in texts if i not in stuck]
        if not over or not candidates:
            return
        longest = max(candidates, key=lambda i: counts_of(texts[i]).characters / max(1, allowed.get(i, 1)))
        before = counts_of(texts[longest]).characters
        await run.condense(part[longest], body, max(allowed.get(longest, 0), before - over))
        if counts_of(part[longest].text).characters >= before:
            stuck.add(longest)


def _result(run: Run, works: Mapping[str, Work]) -> Plan:
    sections, whole = _deliver(run, works, {})
    statuses = {s.status for s in sections}
    unfinished = statuses & {SectionStatus.FAILED, SectionStatus.NEEDS_REVIEW}
    status = PlanStatus.NEEDS_REVIEW if unfinished or has_errors(whole) else PlanStatus.DONE
    if statuses == {SectionStatus.FAILED}:
        status = PlanStatus.FAILED
    return Plan(
        title=run.kit.outline.document_title.format(subject=run.request.sheet.subject.name),
        status=status,
        sheet=run.request.sheet,
        options=run.request.options,
        writer=run.kit.writer.name,
        sections=sections,
        findings=whole,
    )


def _deliver(
    run: Run, works: Mapping[str, Work], others: Mapping[str, str]
) -> tuple[tuple[SectionResult, ...], tuple[Finding, ...]]:
    """All checks once more over what is delivered, so that findings, supports and text belong together.

    Returns the sections' results, and the findings that belong to none of them.
    """
    complete = all(s.id in works for s in run.kit.outline.sections)
    findings = run_checks(run.case({**others, **_texts(works)}, complete=complete))
    supports = examine(run.case(_texts(works))).supports
    results = tuple(
        _section_result(
            run,
            work,
            tuple(f for f in findings if f.section == section_id),
            tuple(s for s in supports if s.section == section_id),
        )
        for section_id, work in works.items()
    )
    return results, tuple(f for f in findings if f.section not in works and f.section not in others)


def _section_result(
    run: Run, work: Work, findings: tuple[Finding, ...], supports: tuple[Support, ...]
) -> SectionResult:
    section, draft = work.section, work.outcome.draft
    return SectionResult(
        id=section.id,
        title=section.title,
        status=status_of(work, findings),
        text=work.text,
        draft=draft,
        counts=counts_of(work.text),
        findings=findings,
        supports=supports,
        # The summary is drawn from the body: what it lacks is asked for there, once.
        gaps=() if section.summary else section_gaps(section, run.book.answers(section), draft.gaps if draft else ()),
        attempts=tuple(work.outcome.attempts),
        dropped_facts=work.task.prompt.dropped_facts if work.task else (),
        failure=work.failure,
    )
