"""Plan → Document: headings numbered as the outline prints them, marked paragraphs, attachments, remarks."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.document import (
    Block,
    ChecklistBlock,
    ChecklistItem,
    Document,
    HeadingBlock,
    NoticeBlock,
    ParagraphBlock,
)
from schemas.facts import Fact
from schemas.finding import Finding, Severity
from schemas.outline import Chapter, Outline, Section
from schemas.plan import Plan, SectionResult, SectionStatus
from service.assemble.front import cover_of, sources_of
from service.assemble.gaps import collect_gaps
from service.assemble.marks import is_placed, marked_paragraphs
from service.assemble.remaining import remaining
from service.assemble.tables import table_of
from service.facts.answers import answers
from service.facts.brief import make_brief
from service.facts.ledger import Ledger

_UNWRITTEN = {
    SectionStatus.PENDING: "本节尚未起草。",
    SectionStatus.DRAFTING: "本节正在起草。",
    SectionStatus.CANCELLED: "本节已取消起草。",
    SectionStatus.FAILED: "本节未能起草。",
}


def assemble(plan: Plan, outline: Outline) -> Document:
    """The plan as a document. Sections that the plan does not hold, and headings over none, are left out."""
    ledger = Ledger(plan.sheet, outline)
    maker = _Assembly(plan, outline, ledger)
    blocks: list[Block] = [*maker.opening()]
    for chapter in outline.chapters:
        blocks.extend(maker.chapter(chapter))
    cover = cover_of(ledger)
    unwritten = [s for s in plan.sections if s.status in _UNWRITTEN]
    return Document(
        title=plan.title,
        subject=plan.sheet.subject.name,
        outline=outline.id,
        year=plan.sheet.plan_year,
        blocks=tuple(blocks),
        cover=cover,
        sources=sources_of(blocks, ledger),
        remaining=remaining(plan, outline, blocks, cover, unwritten),
    )


class _Assembly:
    """What the blocks of one plan draw on."""

    def __init__(self, plan: Plan, outline: Outline, ledger: Ledger) -> None:
        self._plan = plan
        self._outline = outline
        self._ledger = ledger
        self._results = {result.id: result for result in plan.sections}
        self._brief = make_brief(self._ledger)
        self._tables = 0

    def opening(self) -> Iterator[NoticeBlock]:
        """Remarks about the whole: who wrote it, what is left to do, what concerns no single section."""
        if self._plan.writer == "offline":
            yield NoticeBlock(
                text="本稿由内置的离线起草器依据事实表编写，未使用模型；语句平实，供起草人员在此基础上修改。"
            )
        if left := self._left_to_do():
            yield NoticeBlock(text=left)
        for finding in self._plan.findings:
            if finding.severity is Severity.ERROR:
                yield NoticeBlock(text=f"全文核查：{_sentence(finding.message)}")

    def _left_to_do(self) -> str:
        gaps = len(collect_gaps(self._plan, self._outline))
        found = [*self._plan.findings, *(f for s in self._plan.sections for f in s.findings)]
        errors = sum(f.severity is Severity.ERROR for f in found)
        warnings = sum(f.severity is Severity.WARNING for f in found)
        unwritten = sum(s.status in _UNWRITTEN for s in self._plan.sections)
        parts = (
            f"{gaps}项数据待补充" if gaps else "",
            f"{errors}处未通过核查，须修改或核实" if errors else "",
            f"{warnings}条核查提示供参考" if warnings else "",
            f"{unwritten}节没有写成" if unwritten else "",
        )
        told = "；".join(p for p in parts if p)
        return f"定稿前尚需处理：{told}。" if told else ""

    def chapter(self, chapter: Chapter) -> Iterator[Block]:
        """The chapter's heading, then its sections, each group's heading before the first of its sections."""
        sections = [s for s in chapter.sections if s.id in self._results]
        if not sections:
            return
        yield HeadingBlock(level=1, number=chapter.number, text=chapter.title, section=chapter.id)
        announced = ""
        for section in sections:
            group = next((g for g in chapter.groups if section.id.startswith(f"{g.id}.")), None)
            if group is not None and group.id != announced:
                announced = group.id
                yield HeadingBlock(level=2, number=group.number, text=group.title, section=group.id)
            if section.id != chapter.id:
                level = 2 if group is None else 3
                yield HeadingBlock(level=level, number=section.number, text=section.title, section=section.id)
            yield from self._body(section, self._results[section.id])

    def _body(self, section: Section, result: SectionResult) -> Iterator[Block]:
        if result.status in _UNWRITTEN:
            reason = result.failure.message if result.failure else ""
            text = _UNWRITTEN[result.status] + _sentence(reason)
            yield NoticeBlock(text=text, section=section.id)
        unplaced = [f for f in result.findings if f.severity is Severity.ERROR and not is_placed(f)]
        if unplaced:
            yield NoticeBlock(text=_to_mend(unplaced), section=section.id)
        if section.checklist:
            yield self._checklist(section)
            return
        for spans in marked_paragraphs(result, self._ledger.by_id, self._plan.gaps):
            yield ParagraphBlock(spans=spans, section=section.id)
        if table := table_of(section, self._ledger, self._brief, self._tables + 1):
            self._tables += 1
            yield table

    def _checklist(self, section: Section) -> ChecklistBlock:
        return ChecklistBlock(
            items=tuple(
                ChecklistItem(
                    text=answer.point.text,
                    provided=bool(answer.facts) and not answer.missing,
                    fact=answer.facts[0].id if answer.facts and not answer.missing else None,
                    documents=() if answer.missing else tuple(d for f in answer.facts if (d := _document(f))),
                )
                for answer in answers(section, self._ledger)
            ),
            section=section.id,
        )


def _to_mend(findings: list[Finding]) -> str:
    """Errors that have no place in the text, such as a point that is not treated, in one remark."""
    messages = dict.fromkeys(f.message.rstrip("。；") for f in findings)
    return f"本节待修改：{'；'.join(messages)}。"


def _document(fact: Fact) -> str:
    """《关于同意设立望海电子商务产业园的批复》（望政函〔2013〕45号）; "" for a fact that is no document."""
    number = f"（{fact.doc_number}）" if fact.doc_number else ""
    return f"《{fact.title.strip('《》')}》{number}" if fact.title else ""


def _sentence(text: str) -> str:
    return f"{text.rstrip('。')}。" if text else ""
