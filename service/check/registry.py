"""CHECKS: every check in the order they run, and the one way to run them."""

from __future__ import annotations

from collections.abc import Collection

from schemas.finding import CheckName, Finding
from service.check.case import Case, Check
from service.check.consistency import check_consistency
from service.check.coverage import check_coverage
from service.check.era import check_era
from service.check.leakage import check_leakage
from service.check.length import check_length
from service.check.numbers import check_numbers
from service.check.policies import check_policies
from service.check.rules import check_rules
from service.check.style import check_style

CHECKS: tuple[tuple[CheckName, Check], ...] = (
    (CheckName.NUMBERS, check_numbers),
    (CheckName.POLICIES, check_policies),
    (CheckName.LEAKAGE, check_leakage),
    (CheckName.COVERAGE, check_coverage),
    (CheckName.CONSISTENCY, check_consistency),
    (CheckName.ERA, check_era),
    (CheckName.LENGTH, check_length),
    (CheckName.RULES, check_rules),
    (CheckName.STYLE, check_style),
)


def run_checks(case: Case, names: Collection[CheckName] | None = None) -> tuple[Finding, ...]:
    """Findings of the named checks (None: all), in order of section, then start, then check."""
    section_order = {section: n for n, section in enumerate(case.texts)}
    check_order = {name: n for n, (name, _) in enumerate(CHECKS)}
    found = [f for name, check in CHECKS if names is None or name in names for f in check(case)]
    return tuple(
        sorted(
            found,
            key=lambda f: (section_order.get(f.section or "", -1), f.start, f.end, check_order[f.check], f.message),
        )
    )
