"""How well the checks judge labelled texts: `python -m evals.bench.checks [FILE.jsonl …] [--set NAME] [--wrong]`.

A case is {"id", "category", "subject", "facts", "text", "bad"} ("sheet" names a shipped fact sheet instead of
subject and facts): `bad` are the excerpts to be flagged, `spans` (optional)
their places. A finding and a label match when they overlap; a flagged bare year is ignored. Prints precision, recall
and F1 for each category.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from schemas.facts import FactSheet
from schemas.finding import Finding
from service.check.case import BARE, Case
from service.check.numbers import check_numbers
from service.check.policies import check_policies
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.prompt.outlines import load_outline

_DATASETS = ("numbers-dev.jsonl", "numbers-own.jsonl")
_BARE_YEAR = re.compile(r"(?:19|20)\d\d年?")


@dataclass(slots=True)
class Score:
    """Findings that match a label, findings that match none, labels that no finding matches."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    cases: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Adds another score to this one."""
        self.hits += other.hits
        self.false += other.false
        self.missed += other.missed
        self.cases += other.cases
        self.wrong += other.wrong

    @property
    def row(self) -> str:
        """Precision, recall and F1 in a line."""
        precision = self.hits / (self.hits + self.false) if self.hits + self.false else 1.0
        recall = self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return f"{self.cases:4d} {self.hits:4d} {self.false:4d} {self.missed:4d}  {precision:.3f} {recall:.3f} {f1:.3f}"


def sheet_of(labelled: Mapping[str, Any], outline: str) -> FactSheet:
    """The labelled facts as a sheet; the plan's year is the latest year told of as past."""
    if "sheet" in labelled:
        shipped = (files("evals") / "datasets" / f"{labelled['sheet']}.json").read_bytes()
        return read_sheet(shipped, outline=load_outline)
    told = [f["year"] for f in labelled["facts"] if f.get("kind") != "target" and f.get("year")]
    return FactSheet.model_validate(
        {
            "outline": outline,
            "subject": labelled["subject"],
            "plan_year": max(told, default=2016) + 1,
            "facts": labelled["facts"],
        }
    )


def findings_of(labelled: Mapping[str, Any], outline: str = "city-2017") -> list[Finding]:
    """What the numbers and policies checks say of a labelled text, without bare years."""
    loaded = load_outline(outline)
    case = Case({BARE: labelled["text"]}, loaded, Ledger(sheet_of(labelled, outline), loaded))
    found = [*check_numbers(case), *(f for f in check_policies(case) if f.severity == "error")]
    return [f for f in found if not _BARE_YEAR.fullmatch(f.excerpt)]


def score(labelled: Mapping[str, Any], found: Iterable[Finding]) -> Score:
    """Matches findings and labels by overlap."""
    spans = [(f.start, f.end, f"误报 {f.excerpt}（{f.reason or f.verdict}，{f.nearest}）") for f in found]
    labels = list(_labels(labelled))
    result = Score(cases=1)
    for places in labels:
        if any(_overlap(place, span) for place in places for span in spans):
            result.hits += 1
        else:
            result.missed += 1
            result.wrong.append(f"{labelled['id']} {labelled['category']} 漏报 {labelled['text'][slice(*places[0])]}")
    for span in spans:
        if not any(_overlap(place, span) for places in labels for place in places):
            result.false += 1
            result.wrong.append(f"{labelled['id']} {labelled['category']} {span[2]}")
    return result


def _labels(labelled: Mapping[str, Any]) -> Iterator[list[tuple[int, int]]]:
    if "spans" in labelled:
        yield from ([(start, end)] for start, end in labelled["spans"])
        return
    for bad in labelled["bad"]:
        yield [m.span() for m in re.finditer(re.escape(bad), labelled["text"])]


def _overlap(place: tuple[int, int], span: tuple[int, int, str]) -> bool:
    return place[0] < span[1] and span[0] < place[1]


def read(path: Path) -> list[dict[str, Any]]:
    """The labelled cases of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--set", default=None, help="only cases whose `set` is this")
    options.add_argument("--wrong", action="store_true", help="list every false and every missed finding")
    chosen = options.parse_args()
    shipped = [Path(str(files("evals") / "datasets" / "checks" / name)) for name in _DATASETS]
    for path in chosen.files or shipped:
        total, by_category = Score(), defaultdict[str, Score](Score)
        for labelled in read(path):
            if chosen.set is not None and labelled.get("set") != chosen.set:
                continue
            result = score(labelled, findings_of(labelled))
            total.add(result)
            by_category[labelled["category"]].add(result)
        print(f"{path.name:24s}  cases hits false missed  precision recall F1")
        for category, result in [*sorted(by_category.items()), ("all", total)]:
            print(f"  {category:22s}  {result.row}")
        if chosen.wrong:
            print("\n".join(total.wrong))


if __name__ == "__main__":
    main()
