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
    """Findings of the named checks (None: all), in order of section, then place, then check, then the outline's points."""
    section_order = {section: n for n, section in enumerate(case.texts)}
    check_order = {name: n for n, (name, _) in enumerate(CHECKS)}
    point_order = {
        (s, p.id): n
        for s in case.texts
        if (listed := case.outline.sections_by_id.get(s))
        for n, p in enumerate(listed.points)
    }
    found = [f for name, check in CHECKS if names is None or name in names for f in check(case)]

    def place(found: Finding) -> tuple[int, int, int, int, int, str]:
        section = found.section or ""
        at = section_order.get(section, -1)
        point = point_order.get((section, found.point or ""), -1)
        return at, found.start, found.end, check_order[found.check], point, found.message

    return tuple(sorted(found, key=place))
