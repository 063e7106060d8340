"""Quotes: a clause taken word for word from a fact's own text, whatever label the text around gives it."""

from __future__ import annotations

from service.check.numbers.claims import Claim
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.words import measure

_LEAST = 4
"""Characters besides the figure that a quotation must have: fewer stand in any text."""
_NAMED, _UNNAMED = 0.8, 0.5
"""Shares of a name in the sentence from which a thing is named, and below which it is not."""


def quoted(context: Context, number: int, named: Named) -> bool:
    """Whether the whole clause of the fact's text in which its figure stands is in the claim's sentence, unit included."""
    claim, entry = context.claims[number], named.entry
    return (
        entry.facet == "words"
        and _same_words(claim, entry.lead, entry.rest)
        and measure(claim.quantity.text) == measure(entry.shown_as)
    )


def quoted_ones(context: Context, number: int) -> list[Named]:
    """Single things that a fact tells in characters (召开一次会议) and the claim, in the same words, in digits."""
    quantity = context.claims[number].quantity
    if quantity.is_range or quantity.low != 1:
        return []
    return [named for named in context.index.ones if quoted(context, number, named)]


def misquoted(context: Context, number: int, group: str) -> Named | None:
    """The figure of a fact's text whose clause the claim repeats with another number."""
    told = (*context.index.group(group), *(one for one in context.index.ones if one.entry.group == group))
    stated = context.claims[number].quantity.low
    return next((named for named in told if named.entry.size != stated and quoted(context, number, named)), None)


def other_measure(context: Context, number: int, named: Named) -> bool:
    """Whether both are counts, by different measure words: 3个平台 is not told of a sheet's 3县."""
    written = measure(context.claims[number].quantity.text)
    return named.entry.group == "count" and written != measure(named.entry.shown)


def _same_words(claim: Claim, lead: str, rest: str) -> bool:
    return len(lead) + len(rest) >= _LEAST and claim.before.endswith(lead) and claim.after.startswith(rest)


def of_another(context: Context, number: int, named: Named) -> bool:
    """Whether the sentence names another of several alike (two firms, two parks) than the one whose text has the figure."""
    if named.entry.facet != "words":
        return False
    indicator, sentence = named.entry.fact.indicator, context.sentence[number]
    if indicator is None or _share(sentence, context.index.mask(named.entry.fact.name)) >= _UNNAMED:
        return False
    return any(
        other.entry.fact.indicator == indicator
        and other.entry.fact.id != named.entry.fact.id
        and _share(sentence, context.index.mask(other.entry.fact.name)) >= _NAMED
        for other in context.index.named
    )


def _share(words: int, name: int) -> float:
    return (words & name).bit_count() / (name.bit_count() or 1)
