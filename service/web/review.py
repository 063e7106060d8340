"""What is looked over before a model is paid: faults by place, the brief, what is missing, who would draft."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from schemas.brief import Brief
from schemas.facts import Fact, FactSheet
from schemas.outline import Outline
from schemas.plan import Gap, PlanOptions
from service.assemble.front import cover_of
from service.errors import Fault, InputError, PackageDataError
from service.facts.brief import make_brief
from service.facts.faults import control_characters
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.facts.naming import COVER_DATE, COVER_ISSUER
from service.prompt.outlines import load_outline
from service.web.data_request import Department, by_department, gaps_of
from service.web.forms import Form
from service.web.sheet_form import SheetForm

SAMPLES = {"city-2017": "wanghai.json", "base": "wanghai-base.json"}
"""Outline → an invented subject's fact sheet, to try with."""
LONGEST_INSTRUCTION = 2000
_NONCE = re.compile(r"[0-9a-f]{32}")
_FACT = re.compile(r"/facts/(\d+)(?:/(\w+))?.*")


@dataclass(frozen=True, slots=True)
class Place:
    """A fault where a person finds it: by sheet and cell, or by number and column of a fact, else by pointer."""

    sheet: str
    cell: str
    fact: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is chosen beside the facts, as typed."""

    nonce: str
    model: str = ""
    instruction: str = ""

    @property
    def options(self) -> PlanOptions:
        """For the plan."""
        return PlanOptions(model=self.model or None, instruction=self.instruction.strip() or None)

    def key(self, form: SheetForm) -> str:
        """The same page, sent twice with the same things in it, makes one plan."""
        said = json.dumps([form.stated, self.model, self.instruction.strip()], ensure_ascii=False)
        return f"page-{self.nonce}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Review:
    """A sheet that holds, seen as the plan would be drafted from it."""

    outline: Outline
    brief: Brief
    cover: tuple[tuple[str, Fact | None], ...]
    """What the title page tells beside the title: what it is called, and the fact where the sheet has one."""
    gaps: tuple[Gap, ...]
    departments: tuple[Department, ...]

    @property
    def asked(self) -> int:
        """Data that are asked for, each once."""
        return sum(len(d.asked) for d in self.departments)


def reviewed(sheet: FactSheet) -> Review:
    """A tenth of a second of work."""
    outline = load_outline(sheet.outline)
    gaps = gaps_of(sheet, outline)
    ledger = Ledger(sheet, outline)
    return Review(outline, make_brief(ledger), _cover(ledger), gaps, by_department(gaps, outline))


def _cover(ledger: Ledger) -> tuple[tuple[str, Fact | None], ...]:
    cover = cover_of(ledger)
    cells = ((COVER_ISSUER[0], cover.issuer), (COVER_DATE[0], cover.date))
    return tuple((called, next((ledger.by_id[i] for span in cell for i in span.facts), None)) for called, cell in cells)


def sample(outline: str) -> FactSheet:
    """The invented subject of that outline. InputError where there is none."""
    if outline not in SAMPLES:
        raise InputError(f"编制要点“{outline[:40]}”没有样例")
    try:
        content = (files("evals") / "datasets" / SAMPLES[outline]).read_bytes()
    except OSError as error:
        raise PackageDataError(f"样例事实表 {SAMPLES[outline]} 缺失，请重新安装") from error
    return read_sheet(content, outline=load_outline)


def wishes_of(form: Form) -> Wishes:
    """InputError for an instruction that is too long or holds what no text may."""
    nonce, instruction = form.text("nonce"), form.text("instruction")
    if len(instruction) > LONGEST_INSTRUCTION or list(control_characters({"instruction": instruction})):
        raise InputError(f"补充要求应为文字，不超过{LONGEST_INSTRUCTION}个字符，不含控制字符；请返回修改")
    model = "offline" if form.text("model") == "offline" else ""
    return Wishes(nonce if _NONCE.fullmatch(nonce) else new_nonce(), model, instruction)


def new_nonce() -> str:
    """For a page that was not sent yet."""
    return secrets.token_hex(16)


def placed(faults: Iterable[Fault]) -> Sequence[Place]:
    """Each fault at its place."""
    return [_placed(f) for f in faults]


def _placed(fault: Fault) -> Place:
    sheet, mark, cell = fault.pointer.rpartition("!")
    if mark:
        return Place(sheet, cell, None, fault.detail)
    found = _FACT.fullmatch(fault.pointer)
    if found:
        return Place("", found[2] or "", int(found[1]) + 1, fault.detail)
    return Place("", fault.pointer.lstrip("/"), None, fault.detail)
