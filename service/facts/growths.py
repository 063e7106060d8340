"""A value and its growth that two departments gave in two facts: which belongs to which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from schemas.facts import Fact, Subject
from service.facts.naming import core_name


def growths_apart(facts: Iterable[Fact], subject: Subject) -> Mapping[str, Fact]:
    """Id of a fact that gives an amount alone → the one fact that gives nothing but the growth of the same thing."""
    amounts: dict[tuple[object, ...], list[Fact]] = defaultdict(list)
    growths: dict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        key = (core_name(fact.name, subject), fact.indicator, fact.kind, fact.year, fact.subject)
        if fact.value is not None and fact.growth is None and fact.unit not in {"%", "‰"}:
            amounts[key].append(fact)
        elif fact.growth is not None and fact.value is None and fact.share is None and not fact.text:
            growths[key].append(fact)
    return {
        same[0].id: growths[key][0]
        for key, same in amounts.items()
        if key[3] is not None and len(same) == len(growths.get(key, ())) == 1
    }
