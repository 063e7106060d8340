"""What the checks catch: clean drafts with one thing changed, `python -m evals.bench.mutations`.

Each kind of mutation (mutators.py) is applied at up to `EACH` places, seeded; a mutation is caught when a finding that
the clean draft did not have overlaps the changed span (for a dropped point: names that point). Prints the share caught
for each kind, and the false alarms of the clean drafts per 1,000 figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

from evals.bench.checks import sheet_of
from evals.bench.mutators import KINDS, Draft, Mutation
from schemas.exemplar import Exemplar
from schemas.finding import CheckName, Finding, Severity
from schemas.plan import PlanRequest
from service.check.case import BARE, Case
from service.check.numbers import examine
from service.check.registry import run_checks
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.pipeline import Kit, draft_plan
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline
from service.writer.offline import OfflineWriter

EACH = 50
_SETS = ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh")
SHEETS = ("wanghai", "wanghai-base", "chongqing", "harbin", "chengdu", "ningbo")


def clean_drafts(exemplars: tuple[Exemplar, ...]) -> Iterator[Draft]:
    """The offline writer's plan for each shipped sheet, sections that a language model wrote, and labelled texts."""
    for name in SHEETS:
        sheet = read_sheet((files("evals") / "datasets" / f"{name}.json").read_bytes(), outline=load_outline)
        outline = load_outline(sheet.outline)
        plan = asyncio.run(draft_plan(PlanRequest(sheet=sheet), Kit(outline, exemplars, OfflineWriter())))
        yield Draft(name, sheet, outline, {s.id: s.text for s in plan.sections if s.text})
    yield from _model_drafts()
    yield from _labelled_drafts()


def _labelled_drafts() -> Iterator[Draft]:
    """The labelled texts without a fault, each with its own facts."""
    folder = files("evals") / "datasets" / "checks"
    for name in ("dev", "own", *_SETS):
        for line in (folder / f"numbers-{name}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if not case["bad"] and not case.get("spans"):
                yield Draft(case["id"], sheet_of(case, "city-2017"), load_outline("city-2017"), {BARE: case["text"]})


def _model_drafts() -> Iterator[Draft]:
    """Sections as a language model wrote them, by draft and sheet; a clause with a labelled fault is left out."""
    written: dict[tuple[str, str], dict[str, str]] = {}
    for line in (
        (files("evals") / "datasets" / "checks" / "numbers-model.jsonl").read_text(encoding="utf-8").splitlines()
    ):
        case = json.loads(line)
        sound = case["text"]
        for bad in case["bad"]:
            sound = re.sub(rf"[，；][^，；。\n]*{re.escape(bad)}[^，；。\n]*", "", sound)
        written.setdefault((case["sheet"], case["id"][0]), {})[case["section"]] = sound
    for (name, _), texts in written.items():
        sheet = read_sheet((files("evals") / "datasets" / f"{name}.json").read_bytes(), outline=load_outline)
        outline = load_outline(sheet.outline)
        yield Draft(
            f"{name} by a model", sheet, outline, {s.id: texts[s.id] for s in outline.sections if s.id in texts}
        )


def findings(draft: Draft, texts: Mapping[str, str], exemplars: tuple[Exemplar, ...]) -> tuple[Finding, ...]:
    """What the checks say of a whole plan, remarks left out."""
    complete = all(s.id in texts or s.checklist for s in draft.outline.sections)
    case = Case(texts, draft.outline, Ledger(draft.sheet, draft.outline), exemplars, "writer", complete=complete)
    return tuple(f for f in run_checks(case) if f.severity is not Severity.INFO)


def caught(mutation: Mutation, found: tuple[Finding, ...], before: frozenset[tuple[str, str, str]]) -> bool:
    """Whether a new finding stands at the place of the change (or names the dropped point)."""
    for f in found:
        if (f.section or BARE) != mutation.section:
            continue
        if mutation.point is not None:
            if f.point == mutation.point:
                return True
        elif f.start < mutation.end and f.end > mutation.start and _key(f) not in before:
            return True
    return False


def _key(finding: Finding) -> tuple[str, str, str]:
    return (finding.check, finding.excerpt, finding.message)


def alarms(draft: Draft, found: tuple[Finding, ...], exemplars: tuple[Exemplar, ...], show: int) -> tuple[int, int]:
    """Error findings of a clean draft, and the figures that it holds."""
    case = Case(draft.texts, draft.outline, Ledger(draft.sheet, draft.outline), exemplars, "writer")
    examination = examine(case)
    # The labelled texts were labelled for the numbers and policies checks alone.
    judged = {CheckName.NUMBERS, CheckName.POLICIES} if BARE in draft.texts else set(CheckName)
    wrong = [f for f in found if f.severity is Severity.ERROR and f.check in judged]
    for f in wrong[:show]:
        print("false alarm", draft.name, f.section, f.check, f.excerpt, f.message)
    return len(wrong), len(examination.supports) + len(examination.findings)


def main() -> None:
    """Runs the bench and prints one line per kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--kind", choices=list(KINDS))
    parser.add_argument("--show", type=int, default=0, help="print this many misses of each kind")
    options = parser.parse_args()
    exemplars = tuple(load_exemplar(i) for i in exemplar_ids())
    drafts = list(clean_drafts(exemplars))
    clean = {d.name: findings(d, d.texts, exemplars) for d in drafts}
    counted = [alarms(d, clean[d.name], exemplars, options.show) for d in drafts]
    print(f"clean drafts: {sum(w for w, _ in counted)} error findings on {sum(n for _, n in counted)} figures")
    rng = random.Random(options.seed)  # noqa: S311 - a benchmark, not a secret
    total = hits = 0
    for kind, mutator in KINDS.items():
        if options.kind and kind != options.kind:
            continue
        sites = [(d, s) for d in drafts for s in mutator(d, exemplars)]
        chosen = rng.sample(sites, min(options.each, len(sites)))
        missed = []
        for draft, site in chosen:
            mutation = site.apply(draft)
            before = frozenset(_key(f) for f in clean[draft.name])
            if not caught(mutation, findings(draft, mutation.texts, exemplars), before):
                old = draft.texts[site.section][max(0, site.start - 30) : site.end + 30]
                missed.append({"missed": kind, "draft": draft.name, "section": site.section, "was": old,
                               "new": site.new[:120], "point": site.point})  # fmt: skip
        for miss in missed[: options.show]:
            print(json.dumps(miss, ensure_ascii=False))
        total += len(chosen)
        hits += len(chosen) - len(missed)
        print(f"{kind:26s} {len(chosen) - len(missed):3d}/{len(chosen):3d}  of {len(sites)} places")
    print(f"{'all':26s} {hits}/{total} = {hits / max(1, total):.3f}")


if __name__ == "__main__":
    main()
