"""Gaps → the data request: JSON for tools, a Markdown table for each department that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import RootModel

from schemas.outline import Outline
from schemas.plan import Gap
from service.export.markdown import escaped

_HEAD = "| 序号 | 数据 | 年份 | 单位 | 用于 | 问题 |\n|---:|---|---|---|---|---|"


class _Gaps(RootModel[tuple[Gap, ...]]):
    """The rows as a JSON array."""


def gaps_json(gaps: Sequence[Gap]) -> bytes:
    """The rows as a UTF-8 JSON array, Chinese unescaped."""
    return f"{_Gaps(tuple(gaps)).model_dump_json(indent=2)}\n".encode()


def gaps_markdown(gaps: Sequence[Gap], outline: Outline, title: str) -> bytes:
    """The rows by department, UTF-8: what several sections need is asked once and names them all.

    `title`: the plan's, so that whoever receives the list knows what it is for.
    """
    lines = [f"# 数据需求清单：{escaped(title)}", ""]
    if not gaps:
        lines += ["事实表已能回答编制要点的全部要求，没有需要补充的数据。", ""]
    labels = section_labels(outline)
    asked: dict[str, dict[tuple[str, str | None, int | None], list[Gap]]] = {}
    for gap in gaps:
        asked.setdefault(gap.department or "责任部门待定", {}).setdefault((gap.name, gap.unit, gap.year), []).append(
            gap
        )
    for department, data in asked.items():
        rows = (_row(n, same, labels) for n, same in enumerate(data.values(), 1))
        lines += [f"## {escaped(department)}（{len(data)}项）", "", _HEAD, *rows, ""]
    return "\n".join(lines).encode()


def section_labels(outline: Outline) -> Mapping[str, str]:
    """Section id → how people name it: 二（一）, 五（二）1, 八."""
    labels = {}
    for chapter in outline.chapters:
        groups = {s.id: g for g in chapter.groups for s in chapter.sections if s.id.startswith(f"{g.id}.")}
        for section in chapter.sections:
            parts = [chapter.number]
            parts += [groups[section.id].number] if section.id in groups else []
            parts += [section.number] if section.id != chapter.id else []
            labels[section.id] = "".join(p.rstrip("、.．") for p in parts)
    return labels


def _row(number: int, same: Sequence[Gap], labels: Mapping[str, str]) -> str:
    first = same[0]
    places = "、".join(_unique(labels.get(g.section, g.section) for g in same))
    questions = "".join(_unique(g.question for g in same))
    year = f"{first.year}年" if first.year else "—"
    return (
        "| " + " | ".join((str(number), *map(_cell, (first.name, year, first.unit or "—", places, questions)))) + " |"
    )


def _cell(text: str) -> str:
    return escaped(text).replace("|", "\\|")


def _unique(texts: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(t for t in texts if t)
