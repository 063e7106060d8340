"""The report's figures: scores by case and section, drawn as SVG that the browser's own fonts letter.

The one module that imports matplotlib, which is in the dependency group evals alone.
"""

from __future__ import annotations

import io
import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from schemas.evaluation import CaseScore, EvalRun, Measure

BLUE, GREY, LINE, INK, RED = "#2563a8", "#8fb3d9", "#dfe3e8", "#2b3440", "#b3362b"
_STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: the browser has Chinese fonts, this library has none
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": LINE,
    "xtick.color": "#5b6672",
    "ytick.color": INK,
}
_FONT = re.compile(r"font-family: [^;\"]*")
_MAIN = ("grounding", "fact_recall", "coverage", "policies", "placeholders", "budget")
_COUNTED = ("repairs", "rules", "style", "leakage", "consistency", "era")
Panel = Callable[[Axes, EvalRun, Measure], None]
_WIDTH = 11.4
"""Inches; the page is as wide at 100 pixels to the inch."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure and what it shows, in words."""

    title: str
    note: str
    svg: str


def figures(run: EvalRun) -> Iterator[Drawn]:
    """The figures that there is something to show for."""
    shown = [m for name in _MAIN for m in run.measures if m.name == name and _of(run, m, whole=True)]
    if shown:
        yield Drawn(
            "各用例、各节的得分",
            "每行一例：浅色点为各节，深色菱形为全篇（按分子分母合计），横线为四分位距。",
            _grid(run, shown, _strip, "spread"),
        )
    counted = [m for name in _COUNTED for m in run.measures if m.name == name and any(_values(run, m))]
    if counted:
        yield Drawn("各用例的问题与返修次数", "每行一例；为零的评分不列。", _grid(run, counted, _bars, "counted"))
    if likeness := [m for m in run.measures if m.name.startswith("chrf") and _of(run, m, whole=True)]:
        yield Drawn(
            "与原方案的相似度及其下限",
            "相似度（chrF）只有与两条下限相比才有意义：打乱字序的本稿，和最接近的其他城市方案。",
            _likeness(run, likeness),
        )


def _of(run: EvalRun, measure: Measure, *, whole: bool) -> list[CaseScore]:
    return [s for s in run.scores if s.scorer == measure.name and (s.section is None) == whole and s.value is not None]


def _values(run: EvalRun, measure: Measure) -> list[float]:
    return [s.value or 0.0 for s in _of(run, measure, whole=True)]


# --- panels -------------------------------------------------------------------------------------------------------


def _grid(run: EvalRun, measures: Sequence[Measure], draw: Panel, salt: str) -> str:
    columns = 3 if len(measures) > 2 else 2
    rows = -(-len(measures) // columns)
    height = 0.9 + 0.24 * len(run.cases)
    with mpl.rc_context({**_STYLE, "svg.hashsalt": salt}):
        figure = Figure(figsize=(_WIDTH, rows * height))
        for n, measure in enumerate(measures):
            left, bottom = n % columns, rows - 1 - n // columns
            cell = (1 - 0.095) / columns
            axes = figure.add_axes(
                (
                    0.095 + left * cell,
                    (bottom * height + 0.38) / (rows * height),
                    cell - 0.028,
                    (height - 0.78) / (rows * height),
                )
            )
            _frame(axes, run, measure, labelled=left == 0)
            draw(axes, run, measure)
        return _svg(figure)


def _frame(axes: Axes, run: EvalRun, measure: Measure, *, labelled: bool) -> None:
    names = [c.id for c in run.cases]
    axes.set_title(measure.title, loc="left", fontsize=10.5, fontweight="bold", pad=7)
    axes.set_yticks(range(len(names)), names if labelled else [""] * len(names))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(length=0)
    axes.grid(visible=True, axis="both", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _strip(axes: Axes, run: EvalRun, measure: Measure) -> None:
    """Sections as dots with their quartiles, the case as a diamond."""
    row = {c.id: n for n, c in enumerate(run.cases)}
    jitter = random.Random(measure.name)  # noqa: S311  only to see dots that lie on one another
    parts = _of(run, measure, whole=False)
    axes.scatter(
        [s.value or 0.0 for s in parts],
        [row[s.case] + jitter.uniform(-0.22, 0.22) for s in parts],
        s=13,
        color=GREY,
        alpha=0.55,
        linewidths=0,
    )
    for case, n in row.items():
        own = sorted(s.value or 0.0 for s in parts if s.case == case)
        if len(own) >= 4:
            axes.plot([own[len(own) // 4], own[-1 - len(own) // 4]], [n, n], color=BLUE, linewidth=1.6, alpha=0.65)
    wholes = _of(run, measure, whole=True)
    axes.scatter(
        [s.value or 0.0 for s in wholes],
        [row[s.case] for s in wholes],
        s=30,
        marker="D",
        color=[BLUE if s.value == 1 or measure.better == "neither" else RED for s in wholes],
        edgecolors="white",
        linewidths=0.7,
        zorder=3,
    )
    most = max((s.value or 0.0 for s in (*parts, *wholes)), default=1.0)
    axes.set_xlim(-0.04, max(1.0, most) * 1.04)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))


def _bars(axes: Axes, run: EvalRun, measure: Measure) -> None:
    row = {c.id: n for n, c in enumerate(run.cases)}
    wholes = _of(run, measure, whole=True)
    axes.barh([row[s.case] for s in wholes], [s.value or 0.0 for s in wholes], height=0.55, color=BLUE)
    most = max((s.value or 0.0 for s in wholes), default=1.0)
    for score in wholes:
        if score.value:
            axes.text(score.value + most * 0.02, row[score.case], f"{score.value:g}", va="center", fontsize=8.5)
    axes.set_xlim(0, max(1.0, most * 1.14))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))


def _likeness(run: EvalRun, measures: Sequence[Measure]) -> str:
    cases = [c.id for c in run.cases if any(s.case == c.id for m in measures for s in _of(run, m, whole=True))]
    colours = (BLUE, "#c2c9d1", GREY)
    with mpl.rc_context({**_STYLE, "svg.hashsalt": "likeness"}):
        figure = Figure(figsize=(_WIDTH, 0.95 + 0.5 * len(cases)))
        height = figure.get_figheight()
        axes = figure.add_axes((0.095, 0.38 / height, 0.6, (height - 0.5) / height))
        for n, measure in enumerate(measures):
            scores = _of(run, measure, whole=True)
            axes.barh(
                [cases.index(s.case) + 0.24 * (n - 1) for s in scores],
                [s.value or 0.0 for s in scores],
                height=0.21,
                color=colours[n % 3],
                label=measure.title,
            )
            for s in scores:
                axes.text(
                    (s.value or 0) + 0.6,
                    cases.index(s.case) + 0.24 * (n - 1),
                    f"{s.value:.1f}",
                    va="center",
                    fontsize=8,
                )
        axes.set_yticks(range(len(cases)), cases)
        axes.set_ylim(len(cases) - 0.45, -0.55)
        axes.set_xlim(0, 100)
        axes.tick_params(length=0)
        axes.grid(visible=True, axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        figure.legend(loc="upper left", bbox_to_anchor=(0.71, 0.95), frameon=False, fontsize=9.5)
        return _svg(figure)


def _svg(figure: Figure) -> str:
    """The drawing without XML's prolog, dates and makers: equal runs give equal pages."""
    kept = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # it only measures; the browser has the glyphs
        figure.savefig(
            kept, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Type": None, "Format": None}
        )
    drawing = kept.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    return _FONT.sub("font-family: inherit", drawing)
