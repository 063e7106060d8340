"""What `fangan eval compare` and `fangan eval gate` show on a terminal, and the short forms of figures."""

from __future__ import annotations

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from evals.compare import Compared, Comparison, Moved, Verdict

VERDICTS: dict[Verdict, str] = {"better": "变好", "worse": "变差", "same": "持平", "changed": "有变"}
_STYLES: dict[Verdict, str] = {"better": "green", "worse": "bold red", "same": "", "changed": "yellow"}


def short(value: float | None) -> str:
    """A figure with at most three decimals; a dash for none."""
    if value is None:
        return "—"
    return f"{value:.3f}".rstrip("0").rstrip(".") if round(value, 3) else "0"


def signed(value: float) -> str:
    """A difference, its sign always there unless it is nothing."""
    told = short(abs(value))
    return told if told == "0" else f"{'+' if value > 0 else '−'}{told}"


def interval(measure: Compared) -> str:
    """Both ends of a difference's interval."""
    return f"[{signed(measure.low)}, {signed(measure.high)}]"


def comparison_table(comparison: Comparison) -> Table:
    """One measure a row."""
    table = Table(title=f"{escape(comparison.b)} 与 {escape(comparison.a)} 相比，{len(comparison.cases)}例")
    for heading in ("评分", "对数", "前", "后", "差", f"{comparison.confidence:.0%}区间", "结论"):
        table.add_column(heading, justify="left" if heading in {"评分", "结论"} else "right")
    for m in comparison.measures:
        verdict = f"[{_STYLES[m.verdict]}]{VERDICTS[m.verdict]}[/]" if _STYLES[m.verdict] else VERDICTS[m.verdict]
        table.add_row(escape(m.title), str(m.pairs), short(m.a), short(m.b), signed(m.difference), interval(m), verdict)
    return table


def moved_lines(comparison: Comparison, most: int = 5) -> Iterator[str]:
    """Of each measure that is not the same: where it moved furthest."""
    for m in comparison.measures:
        if m.verdict != "same" and m.moved:
            yield f"{m.title}{VERDICTS[m.verdict]}，变动最大的：{'；'.join(moved_told(one) for one in m.moved[:most])}"


def moved_told(moved: Moved) -> str:
    """`harbin 2.1 0.9→0.7`."""
    place = f"{moved.case} {moved.section}" if moved.section else moved.case
    return f"{place} {short(moved.a)}→{short(moved.b)}"
