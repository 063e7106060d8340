"""The cases of the evals: which sheets are drafted, and which exemplar each must not have seen.

`datasets/cases.jsonl` holds one JSON object a line (schemas.evaluation.EvalCase), in the order of running:

    {"id": "harbin", "sheet": "harbin.json", "held_out": "harbin", "tags": ["city", "exemplar"]}

`sheet` is a fact sheet beside the list (JSON, YAML); `held_out` the exemplar of the sheet's own city: it never
reaches the prompts, and the draft is compared with it. To add a case, put its sheet there and add a line. Tags
choose cases (`--tag gaps`) and group them in the report: city, base, exemplar, complete, gaps, hostile, large, …
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import ValidationError

from schemas.draft import Prompt
from schemas.evaluation import EvalCase
from schemas.exemplar import Exemplar
from schemas.facts import FactSheet
from schemas.outline import Outline
from service.errors import InputError, PackageDataError
from service.facts.intake import read_sheet
from service.prompt.book import as_data_lines
from service.prompt.exemplars import chosen_exemplars, exemplar_ids, load_exemplar
from service.prompt.mask import mask
from service.prompt.outlines import load_outline

COPIED = 20
"""Characters in a row of a held-out passage, masked as prompts show it, that prove that it was in the prompt."""


@dataclass(frozen=True)
class Loaded:
    """A case with all it needs: sheet, outline, the exemplars that may teach and the one that may not."""

    case: EvalCase
    sheet: FactSheet
    sheet_hash: str
    outline: Outline
    taught: tuple[Exemplar, ...]
    held_out: Exemplar | None

    @property
    def reference(self) -> str | None:
        """Text of the city's real plan, without its headings."""
        return "\n".join(p.text for p in self.held_out.passages) if self.held_out else None

    @cached_property
    def others(self) -> tuple[Exemplar, ...]:
        """All exemplars but the held-out one, whatever the prompts may draw on."""
        return tuple(e for e in chosen_exemplars() if e != self.held_out)


def all_cases(folder: Traversable | None = None) -> tuple[EvalCase, ...]:
    """The list, in its order. PackageDataError names the line that is wrong."""
    place = (folder or files("evals") / "datasets") / "cases.jsonl"
    cases: dict[str, EvalCase] = {}
    for number, line in enumerate(place.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            case = EvalCase.model_validate_json(line)
        except ValidationError as error:
            raise PackageDataError(f"评测用例表 cases.jsonl 第{number}行有误：{error.errors()[0]['msg']}") from error
        if case.id in cases:
            raise PackageDataError(f"评测用例表 cases.jsonl 第{number}行的编号“{case.id}”重复")
        cases[case.id] = case
    return tuple(cases.values())


def chosen_cases(
    ids: Collection[str] = (), tags: Collection[str] = (), cases: Iterable[EvalCase] | None = None
) -> tuple[EvalCase, ...]:
    """The cases of these ids, or with one of these tags; all where neither is given. InputError for an unknown id."""
    known = tuple(all_cases() if cases is None else cases)
    if unknown := [i for i in ids if i not in {c.id for c in known}]:
        raise InputError(f"没有评测用例 {'、'.join(unknown)}，可用的有：{'、'.join(c.id for c in known)}")
    if not ids and not tags:
        return known
    chosen = tuple(c for c in known if c.id in ids or set(c.tags) & set(tags))
    if not chosen:
        raise InputError(f"没有带标签 {'、'.join(tags)} 的评测用例")
    return chosen


def load_case(case: EvalCase, folder: Traversable | None = None) -> Loaded:
    """Reads the sheet and sets the exemplars apart. PackageDataError for a sheet that is not there."""
    try:
        data = ((folder or files("evals") / "datasets") / case.sheet).read_bytes()
    except OSError as error:
        raise PackageDataError(f"评测用例 {case.id} 的事实表 {case.sheet} 读不到") from error
    sheet = read_sheet(data, outline=load_outline)
    return Loaded(
        case=case,
        sheet=sheet,
        sheet_hash="sha256:" + hashlib.sha256(data).hexdigest(),
        outline=load_outline(sheet.outline),
        taught=chosen_exemplars(tuple(i for i in exemplar_ids() if i != case.held_out)),
        held_out=load_exemplar(case.held_out) if case.held_out else None,
    )


def leaked_passages(prompts: Iterable[Prompt], held_out: Exemplar, others: Iterable[Exemplar] = ()) -> tuple[str, ...]:
    """What rendered prompts show of the held-out exemplar's passages: of each the first piece that gives it away.

    A passage stands in a prompt masked and in <范例> marks: facts drawn from the same plan are the case's own
    input, so only what stands between these marks is looked at. What the `others` say in the same words (the
    plans share much of their wording) gives nothing away.
    """
    rendered = {m.content for p in prompts for m in p.messages}
    shown = {part.split("</范例>")[0] for content in rendered for part in content.split("<范例>")[1:]}
    common = "\n".join(_masked(others))
    found = (_piece(text, one, common) for text in _masked([held_out]) for one in sorted(shown))
    return tuple(dict.fromkeys(piece for piece in found if piece))


def _masked(exemplars: Iterable[Exemplar]) -> list[str]:
    return [as_data_lines(mask(p.text, e)) for e in exemplars for p in e.passages]


def _piece(passage: str, shown: str, common: str) -> str:
    """The first COPIED characters in a row that passage and prompt hold and nothing else does; "" without any."""
    length = min(COPIED, len(passage))
    pieces = (passage[i : i + length] for i in range(len(passage) - length + 1))
    return next((p for p in pieces if p in shown and p not in common), "")
