"""Whether a drop of known size is found: two prompt versions and a writer that heeds one rule, `python -m evals.bench.planted`.

The writer is the offline one with a digit changed in a share of its figures: a small share always, more where its
prompt lacks the rule that every figure comes from the fact sheet. Prompt version 1 is ours, version 2 is ours without
that rule. Both runs go through the pipeline, `compare` and the gate's comparison, and so does a second run of version 1
with other chances: the same share of figures is wrong, but others. Then the same is drawn many times from the scores alone, for the rates of finding and of false alarm.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from rich.console import Console

from evals.baseline import baseline_of
from evals.cases import Loaded, chosen_cases, load_case
from evals.compare import Scored, compare, scored
from evals.drafter import PipelineDrafter
from evals.gate import Thresholds, judge_run
from evals.run import Setup, run
from evals.tables import comparison_table
from schemas.draft import Draft, Reply, Task
from schemas.evaluation import CaseScore, EvalRun
from service.prompt import book
from service.settings import Settings
from service.writer.offline import OfflineWriter
from service.writer.protocol import OnDelta

RULE = "正文里的每一个数字都必须来自事实表"
ALWAYS, CARELESS = 0.02, 0.06
"""Share of figures that are wrong in any case, and further ones without the rule: grounding drops by some four points,
for not every changed figure is a claim, and one that is changed may fit another fact."""
NEED_REPAIR = frozenset({"hostile", "large"})
"""Cases whose first drafts have faults of their own."""
_FIGURE = re.compile(r"(?<![\d〔.—～A-Za-z〕])\d+(?:\.\d+)?(?![\d.]|年|月|日|号|[)）、.—～A-Za-z])")


class PlantedWriter:
    """Implements Writer: the offline writer's drafts with figures made wrong at a known rate."""

    name = "planted"
    model = "planted-1"
    reads_prompt = True

    def __init__(self, seed: int = 0, always: float = ALWAYS, careless: float = CARELESS) -> None:
        self._seed, self._always, self._careless = seed, always, careless
        self._inner = OfflineWriter()

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """The draft with its faults: which figures are wrong depends on the seed, the city and the section alone."""
        reply = await self._inner.write(task, on_delta)
        heeded = any(RULE in m.content for m in task.prompt.messages)
        rate = self._always + (0 if heeded else self._careless)
        chance = random.Random(f"{self._seed} {task.sheet.subject.name} {task.section.id}")  # noqa: S311  no secret
        draft = Draft.model_validate_json(reply.content)
        paragraphs = tuple(
            p.model_copy(update={"text": _FIGURE.sub(lambda m: _wrong(m.group(), rate, chance), p.text)})
            for p in draft.paragraphs
        )
        content = draft.model_copy(update={"paragraphs": paragraphs}).model_dump_json()
        return reply.model_copy(update={"content": content, "writer": self.name, "model": self.model})


def _wrong(figure: str, rate: float, chance: random.Random) -> str:
    return str(int(figure[0]) % 8 + 2) + figure[1:] if chance.random() < rate else figure


@contextmanager
def prompts_without(rule: str) -> Iterator[None]:
    """Another version of the prompts: the line that holds the rule is left out of every template."""
    source = book._source  # noqa: SLF001  the one place that all templates come through

    def shorter(name: str) -> str:
        return "\n".join(line for line in source(name).split("\n") if rule not in line)

    caches = (book._environment, book.template_hash)  # noqa: SLF001
    with patch.object(book, "_source", shorter):
        for cached in caches:
            cached.cache_clear()
        try:
            yield
        finally:
            for cached in caches:
                cached.cache_clear()


def planted_run(cases: Iterable[Loaded], seed: int) -> EvalRun:
    """The cases as the planted writer drafts them, without repairs: these would mend what was planted."""
    drafter = PipelineDrafter(Settings(_env_file=None, max_repairs=0), lambda: PlantedWriter(seed))
    return asyncio.run(run(cases, drafter, Setup(seed=seed)))


# --- many draws ---------------------------------------------------------------------------------------------------


def redrawn(base: EvalRun, rate: float, seed: str) -> Scored:
    """The run's grounding as if each figure were wrong by chance at this rate."""
    chance = random.Random(seed)  # noqa: S311  no secret
    parts: list[CaseScore] = []
    for score in base.scores:
        if score.scorer == "grounding" and score.section is not None and score.of:
            held = sum(chance.random() >= rate for _ in range(int(score.of)))
            parts.append(score.model_copy(update={"count": held, "value": held / score.of, "findings": ()}))
    whole = []
    for case in dict.fromkeys(s.case for s in parts):
        count, of = (sum(getattr(s, name) for s in parts if s.case == case) for name in ("count", "of"))
        whole.append(CaseScore(case=case, scorer="grounding", value=count / of, count=count, of=of))
    measures = tuple(m for m in base.measures if m.name == "grounding")
    return Scored(seed, measures, {c.id: c.sheet_hash for c in base.cases}, (*parts, *whole))


def verdicts(base: EvalRun, rates: tuple[float, float], confidence: float, seeds: Sequence[int]) -> Counter[str]:
    """How often grounding is found better, worse and the same, between two runs with these rates of faults."""
    found: Counter[str] = Counter()
    for seed in seeds:
        a, b = (redrawn(base, rate, f"{seed} {n} {rate}") for n, rate in enumerate(rates))
        (measure,) = compare(a, b, confidence=confidence, resamples=2000, seed=seed).measures
        found[measure.verdict] += 1
    return found


def main() -> None:
    """Prints both comparisons and the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="draws for each rate; 0 leaves them out")
    options = parser.parse_args()
    cases = [load_case(c) for c in chosen_cases() if not set(c.tags) & NEED_REPAIR]
    first, again = planted_run(cases, 1), planted_run(cases, 2)
    with prompts_without(RULE):
        second = planted_run(cases, 1)
    console = Console(width=110)
    for told, other in (("version 1, other chances", again), ("version 2", second)):
        console.print(comparison_table(compare(scored(first), scored(other))), f"^ {told}")
        misses = judge_run(other, Thresholds(), baseline_of(first)).misses
        print("gate:", json.dumps(misses, ensure_ascii=False) if misses else "passed")
    for confidence in (0.95, 0.99):
        for rates in ((0.02, 0.02), (0.05, 0.05), (0.0, 0.05), (0.02, 0.07), (0.05, 0.10)):
            if options.seeds:
                found = verdicts(first, rates, confidence, range(options.seeds))
                told = "  ".join(f"{v} {found[v] / options.seeds:.3f}" for v in ("worse", "better", "same"))
                print(f"confidence {confidence}  wrong figures {rates[0]:.0%} → {rates[1]:.0%}  {told}", flush=True)


if __name__ == "__main__":
    main()
