"""The numbers check: every figure is supported by the fact sheet, or reported with the reason (checks.md, numbers)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from schemas.finding import CheckName, Finding, Severity, Support
from service.check.case import BARE, Case
from service.check.numbers.enumerations import Miscount, miscounts
from service.check.numbers.index import index_of
from service.check.numbers.judgement import Verdict, judge
from service.check.numbers.messages import message


class Examination(NamedTuple):
    """What holds and what does not: findings (errors) and supports, in the order of the texts."""

    findings: tuple[Finding, ...]
    supports: tuple[Support, ...]


def check_numbers(case: Case) -> Iterable[Finding]:
    """Errors for figures without support; `reason` and `nearest` say why and what was probably meant."""
    return examine(case).findings


def examine(case: Case) -> Examination:
    """Findings and, for every supported figure, the facts that it rests on and how.

    A text is judged once a ledger: drafting asks for the same section after its draft, beside the others, and at the
    end for the supports.
    """
    examined = [
        case.ledger.once(("numbers", section, text), partial(_examined, case, section, text))
        for section, text in case.texts.items()
    ]
    return Examination(
        tuple(f for one in examined for f in one.findings), tuple(s for one in examined for s in one.supports)
    )


def _examined(case: Case, section: str, text: str) -> Examination:
    verdicts = list(judge(text, index_of(case.ledger)))
    findings = [_finding(section, v) for v in verdicts if v.how is None]
    findings += [_miscounted(section, text, miscount) for miscount in miscounts(text)]
    return Examination(tuple(findings), tuple(_support(section, v) for v in verdicts if v.how is not None))


def _miscounted(section: str, text: str, miscount: Miscount) -> Finding:
    excerpt = text[miscount.start : miscount.end]
    return Finding(
        check=CheckName.NUMBERS,
        severity=Severity.ERROR,
        section=section if section != BARE else None,
        start=miscount.start,
        end=miscount.end,
        excerpt=excerpt,
        message=f"“{excerpt}”之前列举了{miscount.listed}项，请使总括数与所列各项一致",
        reason="value",
    )


def _support(section: str, verdict: Verdict) -> Support:
    quantity = verdict.claim.quantity
    return Support(
        section=section if section != BARE else None,
        start=quantity.start,
        end=quantity.end,
        excerpt=quantity.text,
        facts=tuple(dict.fromkeys(m.entry.fact.id for n in verdict.supports for m in (n.made_of or (n,)))),
        how=verdict.how or "",
    )


def _finding(section: str, verdict: Verdict) -> Finding:
    quantity = verdict.claim.quantity
    return Finding(
        check=CheckName.NUMBERS,
        severity=Severity.ERROR,
        section=section if section != BARE else None,
        start=quantity.start,
        end=quantity.end,
        excerpt=quantity.text,
        message=message(verdict, quantity.text),
        reason=verdict.reason,
        nearest=verdict.nearest.entry.fact.id if verdict.nearest else None,
    )
