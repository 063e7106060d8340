"""Facts → what stands before and below the text: the title page and the sources of what the text cites."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.document import Block, Cell, Cover, Source, Span, spans_of
from schemas.facts import Fact
from service.facts.ledger import Ledger
from service.facts.naming import COVER_DATE, COVER_ISSUER


def cover_of(ledger: Ledger) -> Cover:
    """Who drew the plan up and when: facts of these names, else a placeholder for each."""
    return Cover(issuer=_told(ledger, COVER_ISSUER), date=_told(ledger, COVER_DATE))


def _told(ledger: Ledger, names: Iterable[str]) -> Cell:
    called, *_ = names
    fact = next((f for n in names for f in ledger.facts if f.name == n and f.text), None)
    if fact is not None and fact.text:
        return (Span(text=fact.text, facts=(fact.id,)),)
    note = (
        f"请确定{called}，补入事实表：种类为“其他”（表格中的“其他”表）、名称为“{called}”的一条事实，内容写作文字说明。"
    )
    return (Span(text=f"【待补充：{called}】", mark="placeholder", note=note),)


def sources_of(blocks: Iterable[Block], ledger: Ledger) -> tuple[Source, ...]:
    """One for each fact that the blocks cite and that names its source, in the order of the text."""
    cited = dict.fromkeys(i for block in blocks for span in spans_of(block) for i in span.facts)
    facts = (ledger.by_id[i] for i in cited if i in ledger.by_id)
    return tuple(Source(fact=f.id, text=_source(f)) for f in facts if f.source)


def _source(fact: Fact) -> str:
    year = f"{fact.year}年" if fact.year else ""
    said = fact.name or (f"《{fact.title.strip('《》')}》" if fact.title else "")
    return f"{year}{said}，来源：{fact.source}。" if year or said else f"来源：{fact.source}。"
