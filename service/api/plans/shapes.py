"""What the routes of plans take, and their answers (schemas/wire.py) made from what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from schemas import Model
from schemas.finding import Finding, Severity
from schemas.plan import Attempt, SectionStatus
from schemas.stored import PlanRow, Revision, SectionRow
from schemas.wire import FindingCounts, PlanLine, PlanView, SectionLine, SectionView, VersionLine, VersionView
from service.jobs.plans import MOST_CHARACTERS
from service.jobs.reading import Seen, result_of


class PlanFields(Model):
    """What `POST /v1/plans` takes beside the fact sheet's fields."""

    exemplars: tuple[str, ...] | None = Field(None, description="应为列表：可用的范例的编号；null 表示全部")
    sections: tuple[str, ...] | None = Field(None, description="应为列表：要起草的节的编号；null 表示全部")
    model: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="应为文字：所用模型的名称；null 表示服务设置的模型，offline 表示离线起草器"
    )
    instruction: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="应为文字，不超过2000个字符：对全文写法的补充要求"
    )


class EditFields(Model):
    """A person's text of a section."""

    text: Annotated[str, Field(max_length=MOST_CHARACTERS)] = Field(
        description=f"应为文字，不超过{MOST_CHARACTERS}个字符：本节的全部文字，各段以换行分隔",
        json_schema_extra={"pattern": r"\S"},
    )


class RedraftFields(Model):
    """What the writer is to mind this time."""

    instruction: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="应为文字，不超过2000个字符：对本次重写的要求"
    )


class RestoreFields(Model):
    """Which version is to stand again."""

    version: int = Field(description="应为整数：要恢复的版本的序号", json_schema_extra={"minimum": 1})


def plan_line(row: PlanRow, progress: Mapping[SectionStatus, int]) -> PlanLine:
    """The plan in the list."""
    return PlanLine(
        id=row.id,
        title=row.title,
        subject=row.subject,
        outline=row.outline,
        status=row.status,
        writer=row.writer,
        model=row.model,
        owner=row.owner,
        progress=progress,
        summary_stale=row.summary_stale,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def plan_view(seen: Seen) -> PlanView:
    """The plan with its sections."""
    row, stale = seen.plan, seen.stale
    lines = tuple(_section_line(section, section.section in stale) for section in seen.sections)
    everything = [*row.findings, *(f for s in seen.sections if s.result for f in s.result.findings)]
    return PlanView(
        id=row.id,
        title=row.title,
        subject=row.subject,
        outline=row.outline,
        status=row.status,
        message=seen.message,
        writer=row.writer,
        model=row.model,
        owner=row.owner,
        sections=lines,
        findings=row.findings,
        counts=_counted(everything),
        gaps=sum(line.gaps for line in lines),
        usage=seen.spending,
        summary_stale=row.summary_stale,
        stale_sections=stale,
        last_event=row.last_event,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def section_view(row: SectionRow, versions: Sequence[Revision], attempts: tuple[Attempt, ...]) -> SectionView:
    """The section; versions that came after it was read are left out."""
    known = [v for v in versions if v.number <= row.revision]
    result = result_of(row)
    return SectionView(
        plan=row.plan_id,
        id=row.section,
        title=row.title,
        status=row.status,
        revision=row.revision,
        text=row.text,
        draft=result.draft,
        counts=result.counts,
        findings=result.findings,
        supports=result.supports,
        gaps=result.gaps,
        dropped_facts=result.dropped_facts,
        failure=result.failure,
        attempts=attempts,
        versions=tuple(VersionLine.model_validate(_version(v)) for v in known),
        updated_at=row.updated_at,
    )


def version_view(version: Revision) -> VersionView:
    """The version with its text."""
    result = version.result
    return VersionView.model_validate(
        {
            **_version(version),
            "text": version.text,
            "counts": result.counts,
            "findings": result.findings,
            "supports": result.supports,
            "gaps": result.gaps,
        }
    )


def _version(version: Revision) -> dict[str, object]:
    return {
        "number": version.number,
        "kind": version.kind,
        "who": version.who,
        "why": version.why,
        "at": version.at,
        "characters": len(version.text),
    }


def _section_line(row: SectionRow, stale: bool) -> SectionLine:
    result = result_of(row)
    return SectionLine(
        id=row.section,
        title=row.title,
        status=row.status,
        revision=row.revision,
        counts=result.counts,
        findings=_counted(result.findings),
        gaps=len(result.gaps),
        stale=stale,
        failure=result.failure,
        updated_at=row.updated_at,
    )


def _counted(findings: Sequence[Finding]) -> FindingCounts:
    by = {severity: sum(f.severity is severity for f in findings) for severity in Severity}
    return FindingCounts(error=by[Severity.ERROR], warning=by[Severity.WARNING], info=by[Severity.INFO])
