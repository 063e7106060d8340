"""The context of a text's claims: which names stand near each, and which facts have been recognised so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.index import LedgerIndex, Named, unknown_pairs
from service.check.numbers.sorts import OF_BASE
from service.check.numbers.values import Fit, fit

INHERITING = ("growth", "share", "rank", "points", "multiple", "doubling", "delta")
"""Sorts of claim that are told of the thing named before them (…，增长11.5%)."""


@dataclass(slots=True)
class Context:
    """Names around each claim as bits (`near`: its own label, `sentence`, `paragraph`), facts taken by each claim."""

    claims: Sequence[Claim]
    index: LedgerIndex
    near: list[int] = field(default_factory=list)
    sentence: list[int] = field(default_factory=list)
    paragraph: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    """The label and all words since the quantity before."""
    whole: list[int] = field(default_factory=list)
    """The whole sentence, also what follows the claim."""
    fits: list[list[tuple[Named, Fit]]] = field(default_factory=list)
    fitting: list[frozenset[int]] = field(default_factory=list)
    """Identities of the facts in `fits`."""
    taken: list[tuple[Named, ...]] = field(default_factory=list)
    scopes: dict[int, list[Named]] = field(default_factory=dict)
    """Facts that derivations for a claim may draw on, once asked for."""

    @classmethod
    def of(cls, claims: Sequence[Claim], index: LedgerIndex) -> Context:
        """Reads all names once."""
        context = cls(claims, index)
        paragraph_start, paragraph = -1, 0
        sentence_start, sentence = -1, 0
        for number, claim in enumerate(claims):
            if claim.place.paragraph != paragraph_start:
                paragraph_start, paragraph = claim.place.paragraph, index.mask(claim.above)
            if claim.place.sentence != sentence_start:
                paragraph |= sentence if sentence_start >= claim.place.paragraph else 0
                sentence_start, sentence = claim.place.sentence, 0
                paragraph |= index.mask(claim.paragraph[-200:])
            named = index.mask(claim.named)
            near = named
            if not near and claim.sort in INHERITING and claim.previous:
                near = context._told_before(claim.previous[-1])
            elif claim.sort == "share" and claim.previous:
                near |= context.near[claim.previous[-1]]
            if number == 0 or claims[number - 1].place.sentence != sentence_start:
                sentence = index.mask(claim.before[-160:])
            elif number:
                sentence |= index.mask(claim.before[claims[number - 1].quantity.end - claim.quantity.start :])
            sentence |= index.mask(claim.left) | index.mask(claim.right) | near
            wide = index.mask(claim.wide)
            if not near and claim.sort == "level":
                near = wide
            goes_on = claim.previous and (
                claim.place.clause == claims[number - 1].place.clause or OF_BASE.search(claim.left)
            )
            if not near and goes_on:
                near = context.near[number - 1]
            context.near.append(near)
            context.told.append(near if claim.paired else near | wide)
            context.sentence.append(sentence)
            context.paragraph.append(paragraph)
            context.whole.append(0)
            context.fits.append(list(_fits(claim, index)))
            context.fitting.append(frozenset(id(named) for named, _ in context.fits[number]))
            context.taken.append(())
        context._look_ahead()
        return context

    def _told_before(self, number: int) -> int:
        """What a claim without a name goes on about: 第三产业占地区生产总值的46.9%，增长14.4% is told of the part."""
        part, share, _ = self.claims[number].left.partition("占")
        own = self.index.mask(part) if share and self.claims[number].sort == "share" else 0
        return own or self.near[number]

    def _look_ahead(self) -> None:
        for number in range(len(self.claims) - 1, -1, -1):
            claim = self.claims[number]
            following = number + 1
            if following < len(self.claims) and self.claims[following].place.sentence == claim.place.sentence:
                self.whole[number] = self.whole[following]
            else:
                self.whole[number] = self.sentence[number] | self.index.mask(claim.after[:80])

    def coverage(self, named: Named, number: int) -> tuple[float, float, float]:
        """Shares of the name that stand in the claim's label, sentence and paragraph; the best of its names."""
        near = self.near[number]
        sentence = near | self.sentence[number]
        paragraph = sentence | self.paragraph[number]
        best = (0.0, 0.0, 0.0)
        for mask in named.telling:
            size = mask.bit_count() or 1
            found = (
                (near & mask).bit_count() / size,
                (sentence & mask).bit_count() / size,
                (paragraph & mask).bit_count() / size,
            )
            best = max(best, found)
        return best

    def label_coverage(self, named: Named, number: int) -> float:
        """The first of the three alone."""
        near = self.near[number]
        if not near & named.words:
            return 0.0
        best = 0.0
        for telling in named.telling:
            best = max(best, (near & telling).bit_count() / (telling.bit_count() or 1))
        return best

    def label_is_empty(self, number: int) -> bool:
        """Whether the claim is called by no name at all."""
        return unknown_pairs(self.claims[number].named) == 0

    def recognised(self, number: int) -> Iterator[Named]:
        """Facts that claims before this one in the sentence rest on, nearest first."""
        for earlier in reversed(self.claims[number].previous):
            yield from self.taken[earlier]


def _fits(claim: Claim, index: LedgerIndex) -> Iterator[tuple[Named, Fit]]:
    if claim.sort in ("doubling", "proportion"):
        return
    quantity = claim.quantity
    group = unit_group(quantity)
    if group == "rank" and not quantity.text.startswith("第"):
        group = "people"
    for named in index.near(group, float(quantity.low)):
        entry = named.entry
        if not sorts_agree(claim, named):
            continue
        found = fit(quantity, abs(entry.low), abs(entry.high)) if entry.low <= entry.high else None
        if found is not None:
            yield named, found


def sorts_agree(claim: Claim, named: Named) -> bool:
    """Whether the fact's figure is of the sort that is claimed."""
    wanted, has = claim.sort, named.entry.sort
    if wanted == has:
        return True
    if named.entry.facet == "words" and named.entry.group == "percent":
        return {wanted, has} <= {"rate", "share"} or has in ("rate", "growth")
    if wanted in ("rate", "share"):
        return has in ("rate", "share")
    changed = any(w in named.entry.fact.name for w in ("新增", "净增", "增加", "增收", "增量", "减少", "降低", "节约"))
    if wanted == "delta":
        return has == "level" and changed
    return wanted == "level" and has == "delta"
