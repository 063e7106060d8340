"""What the checks cost: `python -m evals.bench.check_speed`.

All checks on one 12,000-character plan with 80 facts (CPU seconds of this process, least of several runs, each on a
text and a ledger that were not seen before), then the ratio for ten times the text and for twice the facts, each
check's share of the time, and what the steps beside the checks take: the text's readers, an outline, a template.
Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files

from schemas.exemplar import Exemplar
from schemas.facts import Fact, FactSheet
from schemas.finding import CheckName
from schemas.outline import Outline
from schemas.plan import PlanRequest
from service.check.case import Case
from service.check.registry import CHECKS, run_checks
from service.errors import FactSheetError
from service.export.facts_template import facts_template
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.facts.spreadsheet import read_spreadsheet
from service.pipeline import Kit, draft_plan
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline, read_shipped
from service.text.counting import count
from service.text.punctuation import normalise
from service.text.quantities import quantities
from service.writer.offline import OfflineWriter

CHARACTERS = 12_000
FACTS = 80
RUNS = 9


class Bench:
    """The texts, the facts, and one fresh case after the other."""

    def __init__(self) -> None:
        sheet = read_sheet((files("evals") / "datasets" / "wanghai.json").read_bytes(), outline=load_outline)
        self.outline: Outline = load_outline(sheet.outline)
        self.exemplars: tuple[Exemplar, ...] = tuple(load_exemplar(i) for i in exemplar_ids())
        kit = Kit(self.outline, self.exemplars, OfflineWriter())
        plan = asyncio.run(draft_plan(PlanRequest(sheet=sheet), kit))
        self._plan = {s.id: s.text for s in plan.sections}
        self._sheet = sheet
        self._serial = 0

    def texts(self, characters: int) -> Mapping[str, str]:
        """The sample plan, its sections lengthened evenly by their own paragraphs, told apart from every other."""
        self._serial += 1
        times = characters / sum(map(len, self._plan.values()))
        texts = {}
        for section, text in self._plan.items():
            whole, rest = int(times), times - int(times)
            lengthened = "\n".join([*[text] * whole, text[: int(len(text) * rest)]])
            texts[section] = f"{lengthened}\n第{self._serial}次。"
        return texts

    def facts(self, number: int) -> FactSheet:
        """That many facts: the sheet's own, then further ones of other names and values."""
        own = self._sheet.facts[:number]
        more = tuple(
            Fact.model_validate(
                {**f.model_dump(), "id": f"more-{n}-{f.id}", "indicator": None, "name": f"第{n}类{f.name}"}
            )
            for n in range(number // len(self._sheet.facts) + 1)
            for f in self._sheet.facts
        )
        return self._sheet.model_copy(update={"facts": (*own, *more)[:number]})

    def seconds(self, characters: int, facts: int, names: Sequence[CheckName] | None = None) -> float:
        """Least CPU seconds of all (or the named) checks."""
        best = float("inf")
        for _ in range(RUNS):
            case = Case(self.texts(characters), self.outline, Ledger(self.facts(facts), self.outline), self.exemplars)
            start = time.process_time()
            run_checks(case, names)
            best = min(best, time.process_time() - start)
        return best


def _least(call: Callable[[], object]) -> float:
    """Least CPU seconds of one call."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return round(best, 4)


def _steps(bench: Bench) -> Mapping[str, float]:
    """CPU seconds of what runs beside the checks, on a text of the plan's length that was not seen before."""
    template = facts_template(bench.outline)

    def text() -> str:
        return "\n".join(bench.texts(CHARACTERS).values())

    def read() -> None:
        with suppress(FactSheetError):  # the cover is empty
            read_spreadsheet(template, outline=load_outline)

    return {
        "count": _least(lambda: count(text())),
        "normalise": _least(lambda: normalise(text())),
        "quantities": _least(lambda: quantities(text())),
        "outline_loaded": _least(lambda: read_shipped(bench.outline.id)),
        "template_made": _least(lambda: facts_template(bench.outline)),
        "template_read": _least(read),
    }


def main() -> None:
    """Measures and prints."""
    bench = Bench()
    bench.seconds(CHARACTERS, FACTS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    one = bench.seconds(CHARACTERS, FACTS)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "characters": sum(map(len, bench.texts(CHARACTERS).values())),
                "facts": FACTS,
                "all_checks_cpu_seconds": round(one, 4),
                "ten_times_the_text": round(bench.seconds(10 * CHARACTERS, FACTS) / one, 2),
                "twice_the_facts": round(bench.seconds(CHARACTERS, 2 * FACTS) / one, 2),
                "growth_of_peak_memory_mb": round((after - before) / 1024, 1),
                "cpu_seconds_by_check": {n: round(bench.seconds(CHARACTERS, FACTS, [n]), 4) for n, _ in CHECKS},
                "cpu_seconds_by_step": _steps(bench),
            },
            ensure_ascii=False,
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
