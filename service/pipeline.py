"""The order of the stages: all sections side by side, consistency, then the summary from the body, then its length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.finding import CheckName, Finding, Severity, Support
from schemas.job import Decision, Job
from schemas.outline import Chapter, Outline
from schemas.plan import Event, Plan, PlanOptions, PlanRequest, PlanStatus, SectionResult, SectionStatus
from service.assemble.summary import excess, shares
from service.check.length import counts_of
from service.check.numbers import examine
from service.check.registry import run_checks
from service.drafting import Kit, Run, Work, status_of
from service.errors import UnknownSectionError
from service.facts.gaps import section_gaps
from service.repair.loop import Emit, has_errors, unwatched
from service.steps import AtOnce, StepRunner

__all__ = ["Emit", "Kit", "Run", "Work", "deliver", "draft_all", "draft_plan", "draft_section", "wanted_sections"]

CONDENSE_ROUNDS = 8
"""Two for each of the summary's four sections; what is still over the limit then needs a person."""


async def draft_plan(request: PlanRequest, kit: Kit, emit: Emit = unwatched) -> Plan:
    """Drafts every section side by side, then the summary from the body. A failed section never stops the rest.

    Raises UnknownSectionError for a section that the outline lacks; all other trouble is told in the result.
    """
    run = Run(request, kit)
    works = await draft_all(run, AtOnce(run, emit))
    plan = deliver(run, works)
    emit(Event(event="end", status=plan.status))
    return plan


async def draft_all(run: Run, steps: StepRunner) -> dict[str, Work]:
    """All jobs of a plan in their order; returns the sections' work in the outline's order.

    Everything that depends on what was drafted is a decision of `steps`, so that a run begun again takes the same way.
    Raises UnknownSectionError.
    """
    wanted = wanted_sections(run.kit.outline, run.request.options)
    sections = run.kit.outline.sections_by_id
    body = dict(await steps.perform([Job(kind="section", section=i) for i in wanted if not sections[i].summary]))
    agreed = await steps.decide("agree", lambda: _agree(run, body))
    body.update(await steps.perform([_next("rework", i, 0, "section", "agree") for i in agreed.sections]))
    works = dict(body)
    for chapter in run.kit.outline.chapters:
        part = [s.id for s in chapter.sections if s.summary and s.id in wanted]
        if part:
            works.update(await _summarise(steps, chapter, part, body))
    return {i: works[i] for i in wanted}


async def draft_section(
    request: PlanRequest, section_id: str, kit: Kit, emit: Emit = unwatched, body: Mapping[str, str] | None = None
) -> SectionResult:
    """Drafts one section: prompt, writer, checks, at most `kit.max_repairs` repairs.

    A section of the summary is drawn from `body` (section id → text); without one the sections that it
    summarises are drafted first. Raises UnknownSectionError.
    """
    section = kit.outline.sections_by_id.get(section_id)
    if section is None:
        raise _unknown([section_id], kit.outline)
    if section.summary and body is None:
        wanted = section.summarises or tuple(s.id for s in kit.outline.sections if not s.summary and not s.checklist)
        options = request.options.model_copy(update={"sections": (*wanted, section_id)})
        plan = await draft_plan(request.model_copy(update={"options": options}), kit, emit)
        return next(s for s in plan.sections if s.id == section_id)
    run = Run(request, kit)
    steps = AtOnce(run, emit)
    if section.summary:
        chapter = next(c for c in kit.outline.chapters if section in c.sections)
        texts = {i: Work(kit.outline.sections_by_id[i], edited=t) for i, t in (body or {}).items()}
        works = await _summarise(steps, chapter, [section_id], texts)
    else:
        works = dict(await steps.perform([Job(kind="section", section=section_id)]))
    return deliver(run, works, body or {}).sections[0]


def wanted_sections(outline: Outline, options: PlanOptions) -> list[str]:
    """The sections that a plan with these options has, in the outline's order. Raises UnknownSectionError."""
    known = [s.id for s in outline.sections]
    if options.sections is None:
        return known
    if unknown := [i for i in options.sections if i not in known]:
        raise _unknown(unknown, outline)
    return [i for i in known if i in options.sections]


def _unknown(ids: Sequence[str], outline: Outline) -> UnknownSectionError:
    known = "、".join(s.id for s in outline.sections)
    return UnknownSectionError(f"编制要点 {outline.id} 没有编号为 {'、'.join(ids)} 的节，可用的有：{known}")


def _texts(works: Mapping[str, Work]) -> dict[str, str]:
    return {i: w.text for i, w in works.items() if w.text}


def _next(kind: str, section: str, number: int, after: str, decision: str) -> Job:
    """A job that continues the section's one of kind `after`, or its own of the number before."""
    before = f"{kind}-{section}-{number - 1}" if number else f"{after}-{section}-0"
    return Job.model_validate(
        {"kind": kind, "section": section, "number": number, "after": before, "decision": decision}
    )


def _agree(run: Run, body: Mapping[str, Work]) -> Decision:
    """Sections that contradict others are asked once more, with the contradiction as their finding."""
    texts = _texts(body)
    if not run.kit.max_repairs:
        return Decision(texts=texts)
    found = run_checks(run.case(texts), {CheckName.CONSISTENCY})
    disagreeing = {f.section for f in found if f.section in body and f.severity is Severity.ERROR}
    return Decision(sections=tuple(i for i in body if i in disagreeing), texts=texts)


async def _summarise(
    steps: StepRunner, chapter: Chapter, part: Sequence[str], body: Mapping[str, Work]
) -> dict[str, Work]:
    """Drafts the summary's sections side by side, then condenses the longest until the limit is kept."""
    allowed = shares(chapter)
    name = f"summary-{chapter.id}"
    given = await steps.decide(
        name,
        lambda: Decision(
            sections=tuple(part), maxima={i: allowed[i] for i in part if i in allowed}, texts=_texts(body)
        ),
    )
    works = dict(await steps.perform([Job(kind="summary", section=i, decision=name) for i in part]))
    rounds = dict.fromkeys(part, 0)
    stuck: set[str] = set()
    for number in range(CONDENSE_ROUNDS):
        decision = await steps.decide(
            f"{name}-{number}", lambda: _too_long(chapter, works, stuck, allowed, given.texts)
        )
        for section in decision.sections:
            before = counts_of(works[section].text).characters
            job = _next("condense", section, rounds[section], "summary", f"{name}-{number}")
            works.update(await steps.perform([job]))
            rounds[section] += 1
            if counts_of(works[section].text).characters >= before:
                stuck.add(section)
        if not decision.sections:
            break
    return works


def _too_long(
    chapter: Chapter, part: Mapping[str, Work], stuck: set[str], allowed: Mapping[str, int], body: Mapping[str, str]
) -> Decision:
    """The longest section by its share, with what it may have, while the chapter is over its limit."""
    texts = _texts(part)
    over = excess(chapter, texts)
    candidates = [i for i in texts if i not in stuck]
    if not over or not candidates:
        return Decision()
    longest = max(candidates, key=lambda i: counts_of(texts[i]).characters / max(1, allowed.get(i, 1)))
    maximum = max(allowed.get(longest, 0), counts_of(texts[longest]).characters - over)
    return Decision(sections=(longest,), maxima={longest: maximum}, texts=body)


def deliver(run: Run, works: Mapping[str, Work], others: Mapping[str, str] | None = None) -> Plan:
    """All checks once more over what is delivered, so that findings, supports and text belong together.

    `others`: texts that the works are held against and that are not delivered themselves.
    """
    others = others or {}
    texts = _texts(works)
    complete = all(s.id in works for s in run.kit.outline.sections)
    edited = frozenset(i for i, w in works.items() if w.edited is not None)
    if complete or others or edited or len(texts) != 1:
        findings = run_checks(run.case({**others, **texts}, complete=complete, edited=edited))
    else:
        findings = run.findings_alone(*next(iter(texts.items())))
    supports = examine(run.case(texts)).supports
    sections = tuple(
        _section_result(
            run,
            work,
            tuple(f for f in findings if f.section == section_id),
            tuple(s for s in supports if s.section == section_id),
        )
        for section_id, work in works.items()
    )
    whole = tuple(f for f in findings if f.section not in works and f.section not in others)
    return Plan(
        title=run.kit.outline.document_title.format(subject=run.request.sheet.subject.name),
        status=plan_status(sections, whole),
        sheet=run.request.sheet,
        options=run.request.options,
        writer=run.kit.writer.name,
        sections=sections,
        findings=whole,
    )


def plan_status(sections: Sequence[SectionResult], whole: Sequence[Finding]) -> PlanStatus:
    """What a plan ends as: failed (nothing was drafted), needs_review (error findings or failed sections are left), or done."""
    if {s.status for s in sections} == {SectionStatus.FAILED}:
        return PlanStatus.FAILED
    wrong = has_errors(whole) or any(s.status is SectionStatus.FAILED or has_errors(s.findings) for s in sections)
    return PlanStatus.NEEDS_REVIEW if wrong else PlanStatus.DONE


def _section_result(
    run: Run, work: Work, findings: tuple[Finding, ...], supports: tuple[Support, ...]
) -> SectionResult:
    section, draft = work.section, work.outcome.draft
    told = draft.gaps if draft and work.edited is None else ()
    return SectionResult(
        id=section.id,
        title=section.title,
        status=status_of(work, findings),
        text=work.text,
        draft=draft if work.edited is None else None,
        counts=counts_of(work.text),
        findings=findings,
        supports=supports,
        # The summary is drawn from the body: what it lacks is asked for there, once.
        gaps=() if section.summary else section_gaps(section, run.book.answers(section), told),
        attempts=tuple(work.outcome.attempts),
        dropped_facts=work.prompt.dropped_facts if work.prompt else (),
        failure=work.failure,
    )
