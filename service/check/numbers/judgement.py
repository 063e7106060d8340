"""Judgement: each claim of a text is supported by facts, or found wanting with a reason and the fact it most likely meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from schemas.facts import Bound
from schemas.finding import Reason
from service.check.numbers.attribution import conflict
from service.check.numbers.claims import Claim, read_claims, unit_group
from service.check.numbers.context import Context, sorts_agree
from service.check.numbers.derivation import asks_for_derivation, derive
from service.check.numbers.differences import is_difference
from service.check.numbers.directions import turned
from service.check.numbers.entries import Entry
from service.check.numbers.increments import adds_project
from service.check.numbers.index import LedgerIndex, Named, unknown_pairs
from service.check.numbers.parts import shares
from service.check.numbers.quotes import misquoted, other_measure, quoted_ones
from service.check.numbers.rivals import year_agrees
from service.check.numbers.values import Fit

_NAMED_WELL = 0.5
_OTHERS = re.compile("每[^年]|^(?:其余|剩余|余下|另有|另外)|[以之]外的")
_AVERAGE = re.compile("均")
_PER = re.compile("每[^，。；年]*、[^，。；]*$")
_LIST_SUM = re.compile(
    r"[两二三四五六]大?[项类种个品产][^，。；\d]*(?:合计|共|之和)[^，。；\d]{0,4}$|[、和与及][^，。；、\d]*(?:合计|共计|之和)[^，。；\d]{0,4}$"
)
_FOR_YEARS = re.compile("[二两三四五]年(?:来|间)")
_SEVERITY: tuple[Reason, ...] = ("bound", "kind", "year", "subject", "direction", "indicator")
"""Of several facts with the claimed number, the one with the least conflict is what was meant."""


class Verdict(NamedTuple):
    """On one claim: `how` where supported; else `reason` and the nearest fact."""

    claim: Claim
    supports: tuple[Named, ...] = ()
    how: str | None = None
    reason: Reason | None = None
    nearest: Named | None = None


def judge(text: str, index: LedgerIndex) -> Iterator[Verdict]:
    """A verdict on every claim of the text that can be held against facts; loose counts without one are passed over."""
    claims = read_claims(text, index.newest)
    context = Context.of(claims, index)
    for number, claim in enumerate(claims):
        verdict = _judge(context, number)
        if verdict is None:
            continue
        context.taken[number] = verdict.supports
        if len(verdict.supports) > 1 and claim.sort in ("level", "delta"):
            context.taken[number] = (_computed(context, number, verdict.supports), *verdict.supports)
        yield verdict


def _computed(context: Context, number: int, made_of: tuple[Named, ...]) -> Named:
    """A computed figure as something to compute with further: 合计387.5亿元，占……的83.2%."""
    claim = context.claims[number]
    first = made_of[0].entry
    unit = claim.quantity.unit
    entry = Entry(
        first.fact, "words", claim.quantity.low, claim.quantity.high, unit, unit_group(claim.quantity), "level",
        claim.named, Bound.EXACT, first.benchmark, first.years, shown_as=claim.quantity.text,
    )  # fmt: skip
    mask = context.near[number]
    size = max(1, mask.bit_count())
    return Named(entry, mask, 0, size, mask, (), None, size, (mask,), mask, made_of=made_of)


def _judge(context: Context, number: int) -> Verdict | None:
    claim = context.claims[number]
    if _is_turned(context, number):
        return Verdict(claim, reason="direction", nearest=_nearest(context, number))
    candidates = sorted(context.fits[number], key=lambda f: context.coverage(f[0], number), reverse=True)
    conflicts: list[tuple[Named, Reason]] = []
    ones: list[tuple[Named, Fit]] = [(named, "与事实一致") for named in quoted_ones(context, number)]
    for named, how in [*candidates, *ones]:
        reason = conflict(context, number, named)
        if reason is None:
            worded = "与政策文本一致" if named.entry.facet == "words" and how == "与事实一致" else how
            return Verdict(claim, (named,), worded)
        if reason != "indicator" or not other_measure(context, number, named):
            conflicts.append((named, reason))
    if not _stated_otherwise(context, number) and (derived := derive(context, number)) is not None:
        return Verdict(claim, derived.named, derived.how)
    if claim.quantity.loose and not _contradicted(context, number):
        return None
    if (meant := misquoted(context, number, unit_group(claim.quantity))) is not None:
        return Verdict(claim, reason="value", nearest=meant)
    if conflicts:
        named, reason = min(conflicts, key=lambda c: _SEVERITY.index(c[1]) if c[1] in _SEVERITY else 9)
        nearest = _nearest(context, number) if reason in ("indicator", "subject") else named
        return Verdict(claim, reason=reason, nearest=nearest or named)
    return _unmatched(context, number)


def _is_turned(context: Context, number: int) -> bool:
    """Whether the figure is what another rises or falls to, the wrong way round: 由6.8元提高到5元."""
    claim = context.claims[number]
    if not claim.previous:
        return False
    base = context.claims[claim.previous[-1]]
    alike = unit_group(base.quantity) == unit_group(claim.quantity)
    change = claim.quantity.low - base.quantity.low
    if not change and not context.taken[claim.previous[-1]]:
        return False  # 由12万人增加到12万人: the first of them is told as wrong already
    return alike and turned(base.left, claim.left, change)


def _stated_otherwise(context: Context, number: int) -> bool:
    """Whether the sheet itself states, with another number, exactly what the claim is called: nothing to compute then."""
    claim = context.claims[number]
    if claim.sort not in ("level", "growth") or not context.near[number] or is_difference(claim) or adds_project(claim):
        return False
    if claim.sort == "growth" and (_spans_years(claim) or "名义" in claim.left):
        return False  # the sheet's growth is that of one year on the year before
    if claim.sort == "level" and (
        _OTHERS.search(claim.left) or _PER.search(claim.before) or _LIST_SUM.search(claim.before)
    ):
        return False  # 其余1428家 are the rest of what was told; 每百名从业人员对应38家网店: an average has no figure of its own in the sheet
    spans = claim.year is not None and claim.year.first != claim.year.last
    if (spans or _FOR_YEARS.search(claim.before)) and re.search("累计|合计|共|总", claim.left):
        return False  # nor is one year's amount that of the whole period
    label, near = unknown_pairs(claim.named), context.near[number]
    average = claim.sort == "level" and not claim.benchmark and _AVERAGE.search(claim.left) is not None
    for named in context.index.group(unit_group(claim.quantity)):
        if average and not _AVERAGE.search(named.entry.fact.name or ""):
            continue  # 企业平均营业收入 is not 营业收入
        if near & named.mask != named.mask or named.entry.facet == "words" or named.entry.sort != claim.sort:
            continue
        if "进出口" in claim.left and "进出口" not in (named.entry.fact.name or ""):
            continue  # 出口总额 stands in 进出口总额
        if max(label, near.bit_count()) - named.size <= 1 and year_agrees(claim, named):
            return named.entry.benchmark == claim.benchmark
    return False


def _spans_years(claim: Claim) -> bool:
    """Growth over more than one year: 年均, 2014—2016年, 比2014年 in 2016."""
    if "年均" in claim.left:
        return True
    year, versus = claim.year, claim.versus
    if year is None:
        return False
    return year.first != year.last or (versus is not None and 0 < versus.first < year.last - 1)


def _contradicted(context: Context, number: int) -> bool:
    """Whether a loose count (三个…基地) is told of something that the sheet counts otherwise."""
    claim = context.claims[number]
    if claim.sort == "share" and claim.quantity.unit.dimension == "percent":
        # “占总投资的一半以上”而事实表有两数可算。
        return context.index.mask(claim.left.rpartition("占")[2]) != 0 and any(True for _ in shares(context, number))
    if (
        not any(c in "二两三四五六七八九" or c.isdigit() for c in claim.quantity.text)
        or claim.quantity.unit.dimension == "duration"
    ):
        return False
    for named in context.index.group(unit_group(claim.quantity)):
        if not context.near[number] & named.words:
            continue
        label, _, _ = context.coverage(named, number)
        if named.entry.unit.dimension != claim.quantity.unit.dimension:
            continue
        if label >= 0.8 and named.entry.facet == "value" and named.head & context.index.mask(claim.named):
            return True
    return False


def _unmatched(context: Context, number: int) -> Verdict:
    claim = context.claims[number]
    nearest = _nearest(context, number)
    if asks_for_derivation(claim) or (claim.sort == "growth" and _spans_years(claim)):
        return Verdict(claim, reason="derived", nearest=nearest)
    if (other := _same_digits(context, number)) is not None:
        return Verdict(claim, reason="unit", nearest=other)
    if nearest is None:
        return Verdict(claim, reason="no_fact")
    if claim.quantity.is_range or nearest.entry.low != nearest.entry.high:
        return Verdict(claim, reason="range", nearest=nearest)
    if claim.year is not None and nearest.entry.years and not any(claim.year.holds(y) for y in nearest.entry.years):
        return Verdict(claim, reason="year" if claim.year_reach != "paragraph" else "no_fact", nearest=nearest)
    if claim.quantity.approach != "exact" and abs(claim.quantity.low - nearest.entry.size) <= nearest.entry.size:
        return Verdict(claim, reason="bound", nearest=nearest)
    return Verdict(claim, reason="value", nearest=nearest)


def _nearest(context: Context, number: int) -> Named | None:
    """The fact that the claim is called by, of the same sort and, where there is one, of the same year."""
    claim = context.claims[number]
    near = context.near[number]
    best: tuple[tuple[float, float, float], Named] | None = None
    for named in context.index.group(unit_group(claim.quantity)):
        if not near & named.words or not sorts_agree(claim, named):
            continue
        label = context.label_coverage(named, number)
        if label < _NAMED_WELL:
            continue
        dated = claim.year is None or not named.entry.years or any(claim.year.holds(y) for y in named.entry.years)
        closeness = -abs(float(named.entry.size - claim.quantity.low)) / (float(claim.quantity.low) or 1)
        rank = (float(dated), round(label, 1), closeness)
        if best is None or rank > best[0]:
            best = (rank, named)
    return best[1] if best else None


def _same_digits(context: Context, number: int) -> Named | None:
    """A fact of the claimed name that shows the same digits with another unit: 亿元 for 亿美元, % for 个百分点."""
    shown = re.match(r"\d[\d,]*(?:\.\d+)?", context.claims[number].quantity.text)
    if shown is None:
        return None
    for named in context.index.showing(Decimal(shown[0].replace(",", ""))):
        label, sentence, _ = context.coverage(named, number)
        if max(label, sentence) >= _NAMED_WELL:
            return named
    return None
