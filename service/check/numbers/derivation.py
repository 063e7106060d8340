"""Derivation: whether a figure that no fact states can be recomputed from facts that the text names (checks.md, numbers 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from schemas.facts import Bound
from service.check.numbers.averages import each
from service.check.numbers.bases import changes_from_base, multiples_of_base
from service.check.numbers.changes import deltas, doublings, growth_of_computed, growths, multiples, points
from service.check.numbers.claims import Claim
from service.check.numbers.context import Context
from service.check.numbers.differences import (
    additions,
    averages,
    complements,
    of_one_year,
    over_aim,
    points_lacking,
    ranges_added,
    relative,
    those_without,
)
from service.check.numbers.increments import increments_apart, increments_named, shares_of_increment, with_project
from service.check.numbers.index import Named
from service.check.numbers.listings import listed, sums_of_named
from service.check.numbers.parts import apart_from, shares, shares_of_listed, uncovered
from service.check.numbers.plain import apart, fallen_to, over, together
from service.check.numbers.projects import completed, remaining, remaining_of_several
from service.check.numbers.proportions import proportions
from service.check.numbers.rates import from_base, growths_over, share_against_named, share_since, shares_apart
from service.check.numbers.scope import Trial, agrees
from service.check.numbers.totals import gaps, parts_of, products, rests, sums, sums_of_listed, sums_over_years


class Derivation(NamedTuple):
    """The facts computed with, and the computation in words."""

    named: tuple[Named, ...]
    how: str


def derive(context: Context, number: int) -> Derivation | None:
    """The first computation that gives the claimed figure, tried in the order of how plainly the text asks for it."""
    claim = context.claims[number]
    if claim.quantity.is_range:
        ends = next(ranges_added(context, number), None)
        return Derivation(ends[0], f"推算：{ends[1]}={claim.quantity.text}") if ends else None
    for recipe in _RECIPES.get(claim.sort, ()):
        for named, value, shown in recipe(context, number):
            if agrees(claim, value) and not _turns_bound(claim, named):
                return Derivation(named, f"推算：{shown}={claim.quantity.text}")
    return None


def _turns_bound(claim: Claim, named: tuple[Named, ...]) -> bool:
    """Whether 不超过 is said of what comes of an amount that is at least so much."""
    amount = claim.sort in ("level", "delta", "growth")
    return amount and claim.quantity.approach == "at_most" and any(n.entry.bound is Bound.AT_LEAST for n in named)


def asks_for_derivation(claim: Claim) -> bool:
    """Whether the wording itself says that the figure is computed from others."""
    if claim.sort in ("delta", "points", "multiple", "doubling", "share"):
        return True
    return bool(claim.sort == "level" and re.search("人均|户均|平均每|合计|相差|其余", claim.left))


_Recipe = Callable[[Context, int], Iterator[Trial]]
_RECIPES: dict[str, tuple[_Recipe, ...]] = {
    "share": (shares, complements, completed, shares_of_increment, over, shares_of_listed),
    "rate": (shares, complements, relative, over_aim, completed, shares_of_increment, over, shares_of_listed),
    "growth": (growths, growth_of_computed),
    "delta": (changes_from_base, deltas, additions, averages, increments_apart, apart),
    "points": (points, points_lacking, from_base, share_since, share_against_named, shares_apart),
    "multiple": (multiples_of_base, multiples, growths_over),
    "doubling": (doublings,),
    "proportion": (proportions,),
    "level": (
        changes_from_base,
        additions,
        averages,
        each,
        rests,
        sums,
        sums_over_years,
        sums_of_listed,
        uncovered,
        products,
        parts_of,
        gaps,
        those_without,
        sums_of_named,
        increments_apart,
        increments_named,
        remaining,
        remaining_of_several,
        of_one_year,
        listed,
        apart_from,
        with_project,
        apart,
        together,
        fallen_to,
    ),
}
