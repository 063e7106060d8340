"""Facts as rows of the compact table that prompts carry."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from schemas.facts import Bound, Fact, Kind

_KIND = {
    Kind.ACTUAL: "现状", Kind.TARGET: "目标", Kind.BENCHMARK: "对照", Kind.POLICY: "政策", Kind.PROJECT: "项目",
    Kind.ORGANISATION: "组织", Kind.MEASURE: "举措", Kind.OTHER: "其他",
}  # fmt: skip
_BOUND = {Bound.EXACT: "", Bound.AT_LEAST: "不低于", Bound.AT_MOST: "不超过", Bound.ABOUT: "约"}


@dataclass(frozen=True, slots=True)
class FactRow:
    """One line of the table, all columns as text."""

    id: str
    name: str
    quantity: str
    year: str
    kind: str
    more: str


def plain(number: Decimal) -> str:
    """1105.04, 12, 0.5: no exponent, no trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_LINE_BREAKS = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\s*")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}")
"""One picks the form of a character; a run of them is hidden text."""


def as_data(text: str) -> str:
    """Text of a fact on one line, unable to close the table or open a tag, with nothing that a reader cannot see."""
    seen = "".join(c for c in _SELECTORS.sub("", text) if unicodedata.category(c) != "Cf")
    folded = _LINE_BREAKS.sub(" ", seen).strip()
    return folded.replace("<", "＜").replace(">", "＞").replace("｜", "|")


def quantity(fact: Fact) -> str:
    """Value with unit and bound, growth and share: 不低于3亿元，增长7.8%，占12%."""
    parts = []
    if fact.value is not None:
        value = (
            "～".join(plain(v) for v in fact.value) if isinstance(fact.value, tuple) else plain(fact.value)
        ) + as_data(fact.unit or "")
        parts.append(_BOUND[fact.bound] + value)
    if fact.growth is not None:
        parts.append(f"增长{plain(fact.growth)}%" if fact.growth >= 0 else f"下降{plain(-fact.growth)}%")
    if fact.share is not None:
        parts.append(f"占{plain(fact.share)}%")
    return "，".join(parts) or "—"


def row(fact: Fact) -> FactRow:
    """The fact as a row; free text is folded and defused."""
    more = []
    if fact.subject:
        more.append(f"主体：{fact.subject}")
    if fact.title:
        more.append(f"《{fact.title.strip('《》')}》{f'（{fact.doc_number}）' if fact.doc_number else ''}")
    if fact.issuer:
        more.append(f"印发：{fact.issuer}")
    if fact.text:
        more.append(fact.text)
    return FactRow(
        id=fact.id,
        name=as_data(fact.name),
        quantity=quantity(fact),
        year=str(fact.year) if fact.year else "—",
        kind=_KIND[fact.kind],
        more=as_data("；".join(more)),
    )
