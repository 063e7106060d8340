"""Contradictions: facts of one sheet that give one datum two values (a fault of the sheet, told before drafting)."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.facts import Fact
from service.facts.ledger import Ledger
from service.facts.naming import core_name


def contradictions(ledger: Ledger) -> tuple[tuple[str, str], ...]:
    """Pairs of ids, in the sheet's order: same indicator or name, year, unit, kind and subject, but another value.

    Each is paired with the first that states the datum: a sheet of many copies has no more pairs than facts.
    """
    same: dict[tuple[object, ...], list[Fact]] = {}
    for fact in ledger.facts:
        if fact.value is not None and fact.name:
            same.setdefault(_key(fact, ledger), []).append(fact)
    return tuple((one.id, two.id) for facts in same.values() for one, two in _differing(facts))


def _key(fact: Fact, ledger: Ledger) -> tuple[object, ...]:
    # 名称含“全省”的与本市的不是一回事，故按全名比对，再附主体。
    name = fact.indicator or core_name(fact.name, ledger.subject)
    province = fact.name.startswith(("全省", "全国", "全区", "自治区"))
    return (name, fact.year, fact.unit, fact.kind, fact.subject, province)


def _differing(facts: list[Fact]) -> Iterator[tuple[Fact, Fact]]:
    first: dict[str, Fact] = {}
    for fact in facts:
        known = first.setdefault(fact.name if fact.indicator else "", fact)
        if known.value != fact.value:
            yield known, fact
