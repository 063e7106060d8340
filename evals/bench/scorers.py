"""Whether each score moves when quality does: every mutation's effect on every scorer, `python -m evals.bench.scorers`.

Plans of the offline writer are made wrong in one known way (mutators.py, and a few here for faults that no check looks
for) and scored again. A cell is the share of changed plans whose score got worse. `--write` puts the table into
docs/evals.md. `DUE` says which scorer a mutation must move; a test holds the scorers to it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evals.bench.mutators import KINDS, Draft, Mutator, Site
from evals.cases import Loaded, chosen_cases, load_case
from evals.drafter import PipelineDrafter
from evals.run import request_of, sample_of
from evals.scorers import SCORERS
from evals.scorers.sample import Sample
from schemas.evaluation import CaseScore, Measure
from schemas.exemplar import Exemplar
from schemas.plan import SectionStatus
from service.settings import Settings
from service.writer.offline import OfflineWriter

CASES = ("wanghai", "chongqing", "langang-gaps")
EACH = 6
"""Places of each kind of mutation that are tried in each plan."""
LEFT_OUT = frozenset({"repairs", "tokens", "cost", "chrf_shuffled", "chrf_other"})
"""What no change of a text can move."""
BEGIN, END = "<!-- scorers: made by python -m evals.bench.scorers --write -->", "<!-- /scorers -->"


# --- faults that no check looks for -------------------------------------------------------------------------------


def _asked_in_vain(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    """A figure that the sheet has is asked for."""
    known = [f for f in draft.sheet.facts if f.name and f.value is not None and f.year]
    for section, text in draft.texts.items():
        for n, match in enumerate(re.finditer(r"。(?=\n|$)", text)):
            fact = known[n % len(known)]
            yield Site(
                section, match.end(), match.end(), f"{fact.year}年{fact.name}为【待补充：{fact.year}年{fact.name}】。"
            )


def _padded(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    """A section of the summary says four times what it has to say."""
    for section in draft.outline.sections:
        if section.summary and (text := draft.texts.get(section.id)):
            yield Site(section.id, len(text), len(text), ("\n" + text) * 12)


def _doubled_comma(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    """A comma too many."""
    for section, text in draft.texts.items():
        for match in re.finditer("(?<=[\u4e00-\u9fff])，(?=[\u4e00-\u9fff])", text):
            yield Site(section, match.start(), match.end(), "，，")


def _fact_untold(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    """A sentence with a figure is left out."""
    for section in draft.outline.sections:
        if section.summary:
            continue
        for match in re.finditer(r"[^。\n]*\d[^。\n]*。", draft.texts.get(section.id, "")):
            yield Site(section.id, match.start(), match.end(), "")


def _section_lost(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    """A section came to nothing."""
    for section, text in draft.texts.items():
        yield Site(section, 0, len(text), "")


ALL: Mapping[str, Mutator] = {
    **KINDS,
    "asked for in vain": _asked_in_vain,
    "padded summary": _padded,
    "comma doubled": _doubled_comma,
    "sentence left out": _fact_untold,
    "section lost": _section_lost,
}
DUE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "digit", "last digit", "ten times", "more digits than known", "magnitude", "currency", "% → 个百分点",
            "year", "direction", "two figures swapped", "target told as achieved", "province told as city",
            "bound turned", "invented figure",
        ),
        ("grounding",),
    ),
    "target of one section": ("grounding", "consistency"),
    "another city's name": ("leakage",),
    "another city's project": ("leakage",),
    "sentence copied": ("leakage",),
    "document number": ("policies",),
    "document title": ("policies",),
    "era": ("era",),
    "lead changed": ("consistency",),
    "point dropped": ("coverage",),
    "asked for in vain": ("placeholders",),
    "padded summary": ("length",),
    "comma doubled": ("style",),
    "sentence left out": ("fact_recall",),
    "section lost": ("coverage", "finished"),
}  # fmt: skip
"""Mutation → the scorers that must answer to it."""


# --- scoring ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clean:
    """A plan as it was drafted, with its scores."""

    sample: Sample
    draft: Draft
    scores: Mapping[str, float]


def clean(loaded: Loaded) -> Clean:
    """Drafts and scores a case."""
    drafter = PipelineDrafter(Settings(_env_file=None), OfflineWriter)
    sample = sample_of(loaded, asyncio.run(drafter.draft(request_of(loaded))).plan)
    draft = Draft(loaded.case.id, loaded.sheet, loaded.outline, sample.texts)
    return Clean(sample, draft, _values(sample))


def _values(sample: Sample, only: Collection[str] = ()) -> dict[str, float]:
    """Scorer → the plan's own score."""
    wanted = only or {m.name for m, _ in SCORERS} - LEFT_OUT
    scores: list[CaseScore] = [s for m, scorer in SCORERS if m.name in wanted for s in scorer(sample)]
    return {s.scorer: s.value for s in scores if s.section is None and s.value is not None}


def mutated(one: Clean, site: Site) -> Sample:
    """The plan with one change; a section without a text is a failed one."""
    texts = site.apply(one.draft).texts
    sections = tuple(
        s.model_copy(
            update={"text": texts.get(s.id, s.text)}
            | ({"status": SectionStatus.FAILED} if s.text and not texts.get(s.id, s.text) else {})
        )
        for s in one.sample.plan.sections
    )
    return replace(one.sample, plan=one.sample.plan.model_copy(update={"sections": sections}))


def responses(
    one: Clean, kind: str, each: int, seed: int = 0, only: Collection[str] = ()
) -> Iterator[Mapping[str, float]]:
    """For each place that is tried: scorer → by how much it got worse (below zero: better)."""
    sites = list(ALL[kind](one.draft, one.sample.exemplars))
    chance = random.Random(f"{seed} {kind} {one.draft.name}")  # noqa: S311  a benchmark, no secret
    worse = {m.name: -1 if m.better == "higher" else 1 for m, _ in SCORERS}
    for site in chance.sample(sites, min(each, len(sites))):
        after = _values(mutated(one, site), only)
        yield {n: (after[n] - before) * worse[n] for n, before in one.scores.items() if n in after}


# --- the table ----------------------------------------------------------------------------------------------------


def table(each: int = EACH, seed: int = 0, cases: Sequence[str] = CASES) -> str:
    """Markdown: one mutation a row, one scorer a column, the share of changed plans that scored worse."""
    plans = [clean(load_case(c)) for c in chosen_cases(cases)]
    measures = [m for m, _ in SCORERS if m.name not in LEFT_OUT]
    lines = [
        "| mutation | plans | " + " | ".join(m.name for m in measures) + " |",
        "|---|--:|" + "--:|" * len(measures),
    ]
    for kind in ALL:
        found = [r for one in plans for r in responses(one, kind, each, seed)]
        lines.append(f"| {kind} | {len(found)} | " + " | ".join(_told(kind, m, found) for m in measures) + " |")
    return "\n".join(lines)


def _told(kind: str, measure: Measure, found: Sequence[Mapping[str, float]]) -> str:
    """The share; bold where the mutation must move the scorer, a dot for none."""
    known = [f[measure.name] for f in found if measure.name in f]
    if not known:
        return "–"
    moved = sum(abs(k) > 1e-9 if measure.better == "neither" else k > 1e-9 for k in known)
    share = f"{100 * moved / len(known):.0f} %" if moved else "·"
    return f"**{share}**" if measure.name in DUE[kind] else share


def main() -> None:
    """Prints the table, or writes it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, nargs="?", const=Path("docs/evals.md"), help="page to write it into")
    options = parser.parse_args()
    made = table(options.each, options.seed)
    if options.write is None:
        print(made)
        return
    page = options.write.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN, 1)
    options.write.write_text(f"{before}{BEGIN}\n{made}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
