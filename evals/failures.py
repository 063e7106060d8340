"""What went wrong in a plan, to be read by a person: each finding with the sentence around it, each failed section."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.scorers.sample import Sample
from schemas.evaluation import EvalFailure
from schemas.finding import CheckName, Finding, Severity

AROUND = 60
"""Characters shown before and after what was found, within its paragraph."""
_SCORERS = {CheckName.NUMBERS: "grounding"}
"""Where a check's scorer is not called as the check."""
_END = re.compile(r"[。！？\n]")


def failures_of(sample: Sample) -> Iterator[EvalFailure]:
    """Errors and warnings in the order of the checks' findings, then the sections that came to nothing."""
    for finding in sample.findings:
        if finding.severity is not Severity.INFO:
            yield EvalFailure(
                case=sample.case,
                section=finding.section,
                scorer=_SCORERS.get(finding.check, finding.check.value),
                text=_sentence(sample, finding),
                finding=finding,
                message=finding.message,
            )
    for section in sample.plan.sections:
        if section.failure is not None:
            yield EvalFailure(case=sample.case, section=section.id, scorer="finished", message=section.failure.message)


def _sentence(sample: Sample, finding: Finding) -> str:
    """The sentence that the finding stands in; nothing for what is missing from the text."""
    text = sample.texts.get(finding.section or "", "")
    if finding.start >= finding.end:
        return ""
    start = max(0, finding.start - AROUND)
    ends = [m.end() for m in _END.finditer(text, start, finding.start)]
    end = _END.search(text, max(finding.start, finding.end - 1))
    return text[ends[-1] if ends else start : min(end.end() if end else len(text), finding.end + AROUND)].strip()
