"""The brief in words, as the common part of every prompt states it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.brief import Brief, Project, Target
from schemas.facts import Fact
from service.prompt.fact_rows import as_data, quantity


def brief_lines(brief: Brief) -> Sequence[tuple[str, Sequence[str]]]:
    """(title, lines) in the order the prompt prints them; a part that the sheet is silent on has no lines.

    What the table says at length is only named here: the brief fixes what there is, the table how it is worded.
    """
    bodies = brief.bodies
    return (
        ("总体目标", _worded(brief.goal)),
        ("主要指标", [_target(t) for t in brief.targets]),
        ("主要任务", _named(brief.tasks)),
        ("重点工程和项目", [_project(p) for p in brief.projects]),
        ("主管领导", _worded(bodies.lead)),
        ("牵头部门", _worded(bodies.department)),
        ("参与部门", _named(bodies.participants)),
        ("领导小组办公室", _named(bodies.office)),
        ("协调和矛盾处理机制", _named(bodies.mechanisms)),
        ("其他组织安排", _named(bodies.others)),
        (
            "资金",
            [f"{as_data(f.name)}{'' if quantity(f) == '—' else '：' + quantity(f)}（{f.id}）" for f in brief.fund],
        ),
    )


def _named(facts: Iterable[Fact]) -> list[str]:
    names = [f"{as_data(f.name)}（{f.id}）" for f in facts]
    return ["；".join(names)] if names else []


def _worded(facts: Iterable[Fact]) -> list[str]:
    return [f"{as_data(f.text or f.name)}（{f.id}）" for f in facts]


def _target(target: Target) -> str:
    fact = target.fact
    line = f"{as_data(fact.name)}：{fact.year or '年份未定'}{'年' if fact.year else ''}{quantity(fact)}（{fact.id}）"
    for title, other in (("基期", target.base), ("全省", target.benchmark)):
        if other is not None:
            line += f"；{title}{f'{other.year}年' if other.year else ''}{quantity(other)}（{other.id}）"
    return line


def _project(project: Project) -> str:
    amount = quantity(project.fact)
    details = [part for part in ("" if amount == "—" else amount, project.years or "") if part]
    return f"{as_data(project.fact.name)}{'：' if details else ''}{'，'.join(details)}（{project.fact.id}）"
