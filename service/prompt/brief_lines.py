"""The brief in words, as the common part of every prompt states it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.brief import Brief, Project, Target
from schemas.facts import Fact
from service.prompt.fact_rows import as_data, quantity


def brief_lines(brief: Brief) -> Sequence[tuple[str, Sequence[str]]]:
    """(title, lines) in the order the prompt prints them; a part that the sheet is silent on has no lines."""
    bodies = brief.bodies
    return (
        ("总体目标", _plain(brief.goal)),
        ("主要指标", [_target(t) for t in brief.targets]),
        ("主要任务", _plain(brief.tasks)),
        ("重点工程和项目", [_project(p) for p in brief.projects]),
        ("主管领导", _plain(bodies.lead)),
        ("牵头部门", _plain(bodies.department)),
        ("参与部门", _plain(bodies.participants)),
        ("领导小组办公室", _plain(bodies.office)),
        ("协调和矛盾处理机制", _plain(bodies.mechanisms)),
        ("其他组织安排", _plain(bodies.others)),
        ("资金", _plain(brief.fund)),
        ("文件", _plain(brief.policies)),
    )


def _plain(facts: Iterable[Fact]) -> list[str]:
    return [f"{as_data(f.name)}：{_said(f)}（{f.id}）" for f in facts]


def _said(fact: Fact) -> str:
    """What the table says at length is only named here: the brief fixes the wording, the table holds the datum."""
    amount = quantity(fact)
    if amount != "—":
        return amount
    if fact.title:
        return as_data(f"《{fact.title.strip('《》')}》{fact.doc_number or ''}")
    return as_data(fact.text or "")


def _target(target: Target) -> str:
    fact = target.fact
    line = f"{as_data(fact.name)}：{fact.year or '年份未定'}{'年' if fact.year else ''}{quantity(fact)}（{fact.id}）"
    for title, other in (("基期", target.base), ("全省", target.benchmark)):
        if other is not None:
            line += f"；{title}{f'{other.year}年' if other.year else ''}{quantity(other)}（{other.id}）"
    return line


def _project(project: Project) -> str:
    years = f"，{project.years}" if project.years else ""
    return f"{as_data(project.fact.name)}：{_said(project.fact)}{years}（{project.fact.id}）"
