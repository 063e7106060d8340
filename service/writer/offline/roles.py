"""What a section is for, read off its points' indicators, the outline's rules and the headings' own words."""

from __future__ import annotations

import re
from enum import StrEnum

from schemas.facts import Fact, Kind
from schemas.outline import Indicator, Outline, Point, Section

_TASK_ID = re.compile(r"^(?:measure|project)-")
"""How outlines name the indicators of what is to be done."""
_MONEY_POINT = re.compile(r"资金|经费")


_BACKED = re.compile(r"保障|实施计划|进度")
_DRAFT = re.compile(r"^拟|拟(?:制定|制订|出台|修订|试点)|待(?:制定|出台)|草案|征求意见")
_AHEAD = frozenset({Kind.MEASURE, Kind.PROJECT, Kind.TARGET, Kind.ORGANISATION})


def is_draft(fact: Fact) -> bool:
    """A document that the sheet names and that is not issued yet."""
    return fact.kind is Kind.POLICY and not fact.doc_number and bool(_DRAFT.search(f"{fact.name}{fact.text or ''}"))


def looks_ahead(fact: Fact) -> bool:
    """Speaks of what is to be done, by whom, or reached; not of what is."""
    return fact.kind in _AHEAD or is_draft(fact)


class Role(StrEnum):
    """The part that a section plays in a plan."""

    SITUATION = "situation"
    NEED = "need"
    PROBLEMS = "problems"
    GOAL = "goal"
    TASK = "task"
    BACKING = "backing"
    SUMMARY = "summary"
    CHECKLIST = "checklist"


class Matter(StrEnum):
    """What a point asks for."""

    PRESENT = "present"
    TARGET = "target"
    BENCHMARK = "benchmark"
    TASK = "task"
    BODY = "body"
    FUND = "fund"


def role(section: Section, outline: Outline) -> Role:
    """One role for a section; a heading that says nothing is told by its points."""
    if section.summary or section.checklist:
        return Role.SUMMARY if section.summary else Role.CHECKLIST
    ruled = {
        s: rule.id for rule in outline.rules for s in rule.sections if rule.id in {"fund", "organisation", "problems"}
    }
    if section.id in ruled:
        return Role.PROBLEMS if ruled[section.id] == "problems" else Role.BACKING
    chapter = next((c for c in outline.chapters if section in c.sections), None)
    matters = [matter(p, section, outline) for p in section.points]
    if matters and all(m is Matter.TASK for m in matters) and not (chapter and _BACKED.search(chapter.title)):
        return Role.TASK
    for words in (section.title, chapter.title if chapter else ""):
        for pattern, found in _TITLES:
            if pattern.search(words):
                return found
    return Role.TASK if Matter.TASK in matters else Role.GOAL if Matter.TARGET in matters else Role.SITUATION


_TITLES = (
    (_BACKED, Role.BACKING),
    (re.compile(r"需求|意义|必要性"), Role.NEED),
    (re.compile(r"目标"), Role.GOAL),
    (re.compile(r"任务|工作内容|重点工程|建设内容"), Role.TASK),
    (re.compile(r"概况|现状|环境|基础|条件|战略"), Role.SITUATION),
)


def matter(point: Point, section: Section, outline: Outline) -> Matter:
    """By the point's first indicator."""
    indicator = next((outline.indicators_by_id[i] for i in point.indicators if i in outline.indicators_by_id), None)
    if indicator is None:
        return Matter.PRESENT
    if indicator.kind is Kind.MEASURE and _is_money(indicator):
        return Matter.FUND
    found = {
        Kind.TARGET: Matter.TARGET,
        Kind.BENCHMARK: Matter.BENCHMARK,
        Kind.ORGANISATION: Matter.BODY,
        Kind.MEASURE: Matter.TASK,
        Kind.PROJECT: Matter.TASK,
    }.get(indicator.kind)
    return found or (Matter.TASK if _TASK_ID.match(indicator.id) else Matter.PRESENT)


def _is_money(indicator: Indicator) -> bool:
    return indicator.dimension == "CNY" and bool(_MONEY_POINT.search(indicator.name))
