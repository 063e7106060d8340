"""Attribution: whether a fact that has the claimed number is also what the claim is about (checks.md, numbers 3)."""

from __future__ import annotations

import re

from schemas.facts import Bound, Kind
from schemas.finding import Reason
from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context, sorts_agree
from service.check.numbers.index import Named, unknown_pairs

_DATED = (Kind.ACTUAL, Kind.TARGET, Kind.BENCHMARK)
"""Kinds whose year is the figure's own; a policy's or project's year may be that of its document."""
_BENCHMARK_BEFORE = re.compile("全省|全国|自治区|全区|平均水平|本省")
_WHOLE_PROVINCE = re.compile(
    r"^[，、]?(?:(?:19|20)\d\d年)?[，]?(?:全省|全国|自治区)(?!.*(?:居|列|位|排|首|率先|领先|第|前茅|占|的(?!网|电|社|平均)))"
)
_CEILING = re.compile("降[到至]|控制|压缩|压减|不超|最高|以内|减[到至]|低于|上限|最多|最长|封顶")
_FORWARD = re.compile("培育|引进|建设|打造|支持|创建|培养|新建|布局|扶持|组织|发展到|覆盖|实施|推动|形成|完成|建成|达")
_COMMON_GROUPS = ("count", "percent", "people", "person_times", "CNY/元", "USD/美元")
_FEW = 3
"""Figures of a rare group (工作日, 标箱, Mbps) in one sheet up to which an equal number is no accident."""
_NEAR_BY = 12
"""Characters within which a neighbouring quantity may own the name that stands between."""


def conflict(context: Context, number: int, named: Named) -> Reason | None:
    """The first thing that keeps this fact from supporting the claim; None where it does."""
    claim = context.claims[number]
    tests = (
        (_wrong_direction(claim, named), "direction"),
        (_wrong_indicator(context, number, named), "indicator"),
        (_wrong_subject(claim, named), "subject"),
        (_wrong_year(context, number, named), "year"),
        (_wrong_kind(context, number, named), "kind"),
        (_wrong_bound(claim, named), "bound"),
    )
    for wrong, reason in tests:
        if wrong:
            if reason == "year" and _told_as_other_kind(claim, named):
                return "kind"
            return reason  # type: ignore[return-value]
    return None


def _wrong_direction(claim: Claim, named: Named) -> bool:
    return claim.sort == "growth" and named.entry.sort == "growth" and claim.sign * named.entry.low < 0


def _wrong_indicator(context: Context, number: int, named: Named) -> bool:
    if _sibling(context, number, named) or _better_told(context, number, named) or _rival(context, number, named) or _catalogue_rival(context, number, named):
        return True
    return not _plausible(context, number, named)


def _sibling(context: Context, number: int, named: Named) -> bool:
    """Whether the same fact's words give another number for what the claim is called by (省级20万元, 市级10万元)."""
    if not named.label:
        return False
    near = context.near[number]
    fitting = {id(n) for n, _ in context.fits[number]}
    return any(
        other.entry.fact is named.entry.fact and other.label and id(other) not in fitting
        and _better_label(near, other.label, named.label)
        and not _sibling_beside(context, number, other)
        for other in context.index.group(named.entry.group)
    )  # fmt: skip


def _better_told(context: Context, number: int, named: Named) -> bool:
    """Whether another fact's words speak of what the sentence speaks of, with another number."""
    if not named.label:
        return False
    near, whole = context.near[number], context.whole[number]
    own = (whole & named.mask).bit_count() / named.size
    fitting = {id(n) for n, _ in context.fits[number]}
    return any(
        other.label and other.entry.fact is not named.entry.fact and id(other) not in fitting
        and (whole & other.mask).bit_count() / other.size > own + 0.2
        and (near & other.label & ~named.label).bit_count() > (near & named.label & ~other.label).bit_count()
        for other in context.index.group(named.entry.group)
    )  # fmt: skip


def _better_label(near: int, other: int, own: int) -> bool:
    more, less = (near & other & ~own).bit_count(), (near & own & ~other).bit_count()
    return more > less or (more >= 1 and other & near == other and (near & own).bit_count() < 0.67 * own.bit_count())


def _sibling_beside(context: Context, number: int, other: Named) -> bool:
    return any(
        0 <= beside < len(context.claims) and context.near[beside] & other.label
        and any(n is other for n, _ in context.fits[beside])
        for beside in (number - 1, number + 1)
    )  # fmt: skip


def _rival(context: Context, number: int, named: Named) -> bool:
    """Whether another fact, whose number is not this one, bears the claim's name more exactly."""
    claim, near = context.claims[number], context.near[number]
    fitting = {id(n) for n, _ in context.fits[number]}
    around = near | context.sentence[number] | context.paragraph[number]
    for other in context.index.group(unit_group(claim.quantity)):
        shared = (near & other.mask).bit_count()
        if not shared or other.entry.fact is named.entry.fact or id(other) in fitting:
            continue
        if other.entry.facet == "words" or not sorts_agree(claim, other):
            continue
        mostly = shared >= 0.6 * other.size or (
            claim.paired or (not near & ~other.mask and _as_present(context, number, other, named))
        )
        if not mostly or (other.mask & ~near).bit_count() > (named.mask & ~near).bit_count():
            continue
        if not _year_agrees(claim, other) or other.entry.benchmark != named.entry.benchmark:
            continue
        more = (near & other.mask & ~named.mask).bit_count()
        less = (near & named.mask & ~other.mask).bit_count()
        if (
            more > less
            and _owns_label(context, number, other)
            and not _stated_beside(context, number, other, other.mask & ~named.mask)
        ):
            return True
        exact = shared == other.size and other.core != named.core
        missing = named.mask & ~other.mask
        if exact and more == less == 0 and missing and not missing & around:
            return True
    return False


def _as_present(context: Context, number: int, other: Named, named: Named) -> bool:
    """Whether what surrounds a short label (出口, 总投资) speaks of the other no less than of the one."""
    _, sentence, paragraph = context.coverage(named, number)
    _, other_sentence, other_paragraph = context.coverage(other, number)
    return other_sentence >= sentence and other_paragraph >= paragraph


def _owns_label(context: Context, number: int, other: Named) -> bool:
    """Whether the other name is the head of the label: it ends where the quantity stands, or starts right after."""
    claim = context.claims[number]
    if not context.near[number] & ~other.mask:
        return True
    if claim.paired or claim.sort == "share" or not context.index.mask(claim.named):
        return True
    tail = context.index.tail(claim.left) | context.index.mask(claim.right[:16] if "|" in claim.named else "")
    return bool(tail & other.head)


def _stated_beside(context: Context, number: int, other: Named, telling: int) -> bool:
    """Whether the next quantity is the other fact's own, named there by what tells it from the claimed one."""
    claim = context.claims[number]
    for beside in (number - 1, number + 1):
        if not 0 <= beside < len(context.claims):
            continue
        neighbour = context.claims[beside]
        gap = max(neighbour.quantity.start - claim.quantity.end, claim.quantity.start - neighbour.quantity.end)
        if gap <= len(other.entry.words) + _NEAR_BY and any(n is other for n, _ in context.fits[beside]):
            if context.near[beside] & telling and (context.near[beside] & other.mask).bit_count() >= 0.6 * other.size:
                return True
    return False


def _catalogue_rival(context: Context, number: int, named: Named) -> bool:
    """Whether the claim names another indicator of the outline, of which the sheet has no figure."""
    claim, near = context.claims[number], context.near[number]
    if not near:
        return False
    for indicator, mask, head, _ in context.index.catalogue:
        if indicator == named.indicator or near & mask != mask:
            continue
        more = (mask & ~named.mask).bit_count()
        less = (near & named.mask & ~mask).bit_count()
        if more > less and mask.bit_count() >= 4 and not any(m & near == m for m in named.other):
            if context.index.tail(claim.left) & head and claim.sort in ("level", "growth"):
                return True
    return False


def _plausible(context: Context, number: int, named: Named) -> bool:
    """Whether the number may be this fact's: the rounder the number, the more of the name must be there."""
    claim = context.claims[number]
    label, sentence, paragraph = context.coverage(named, number)
    digits = 3 if claim.quantity.is_range else claim.quantity.digits
    if unit_group(claim.quantity) not in _COMMON_GROUPS and len(context.index.group(named.entry.group)) < _FEW:
        return True
    if digits >= 3:
        return paragraph > 0 or context.label_is_empty(number)
    if named.entry.facet == "words":
        whole = (context.whole[number] & named.mask).bit_count() / named.size
        told = not context.near[number] or context.near[number] & named.label
        return max(sentence, whole) >= 0.4 or label >= 0.2 or bool(told and paragraph >= 0.5)
    if label < 0.3 and sentence < 0.5 and paragraph < 0.7:
        return False
    if label >= 0.75 or not context.near[number]:
        return True
    extra = unknown_pairs(claim.named) - (context.near[number] & named.mask).bit_count()
    around = context.near[number] | context.sentence[number] | context.paragraph[number]
    missing = (named.mask & ~around).bit_count()
    small = claim.quantity.low < 100 and named.entry.group == "count"
    return not (small and claim.sort == "level" and extra >= 2 and missing >= 2)


def _wrong_subject(claim: Claim, named: Named) -> bool:
    if claim.sort in ("points", "rank", "multiple"):
        return False
    if named.entry.benchmark:
        if claim.benchmark:
            return False
        tail = claim.before[-40:]
        return not _BENCHMARK_BEFORE.search(tail) or bool(re.search("我市|全市|本市", tail[tail.rfind("全省") :]))
    return claim.sort != "share" and bool(_WHOLE_PROVINCE.match(claim.left))


def _year_agrees(claim: Claim, named: Named) -> bool:
    if claim.year is None or not named.entry.years:
        return True
    return any(claim.year.holds(y) for y in named.entry.years)


def _wrong_year(context: Context, number: int, named: Named) -> bool:
    claim = context.claims[number]
    if _year_agrees(claim, named):
        return False
    dated = named.entry.fact.kind in _DATED and named.entry.facet != "words"
    if claim.year_reach == "clause" and not (
        named.entry.facet == "words" and claim.year and claim.year.role == "in" and "起" in claim.left
    ):
        return True
    if claim.year_reach == "sentence" and dated:
        return True
    return _has_own_year(context, number, named)


def _has_own_year(context: Context, number: int, named: Named) -> bool:
    """Whether the sheet has the same thing for the year that the text is in."""
    claim = context.claims[number]
    return any(
        other.core == named.core and other.entry.sort == named.entry.sort and other is not named and other.entry.years
        and _year_agrees(claim, other)
        for other in context.index.group(named.entry.group)
    )  # fmt: skip


def _told_as_other_kind(claim: Claim, named: Named) -> bool:
    kind = named.entry.fact.kind
    if kind is Kind.TARGET:
        return claim.done or (claim.year is not None and claim.year.role == "in" and claim.target == "none")
    return kind is Kind.ACTUAL and claim.target in ("clause", "sentence") and not claim.base


def _wrong_kind(context: Context, number: int, named: Named) -> bool:
    claim, kind = context.claims[number], named.entry.fact.kind
    dated = claim.year is not None and bool(named.entry.years) and claim.year_reach in ("clause", "sentence")
    if kind in (Kind.TARGET, Kind.PROJECT) and named.entry.facet == "value":
        if claim.done and claim.target != "clause" and not (dated and claim.year and claim.year.role == "until"):
            return kind is Kind.TARGET or bool(re.search("完成|建成|投入", claim.left))
        if kind is Kind.PROJECT or dated or claim.target != "none":
            return False
        return (
            _has_actual(context, named)
            or not _FORWARD.search(claim.left + claim.before[-30:])
            and claim.year is not None
        )
    if kind is Kind.ACTUAL and claim.target in ("clause", "sentence") and not dated:
        return claim.target == "clause" and not claim.base and not claim.done and not named.entry.years == ()
    return False


def _has_actual(context: Context, named: Named) -> bool:
    return any(
        o.core == named.core and o.entry.fact.kind is Kind.ACTUAL for o in context.index.group(named.entry.group)
    )


def _wrong_bound(claim: Claim, named: Named) -> bool:
    bound, approach = named.entry.bound, claim.quantity.approach
    if bound is Bound.AT_LEAST:
        return approach != "over"
    if bound is Bound.AT_MOST:
        return approach != "at_most" and (approach != "exact" or not _CEILING.search(claim.left[-10:]))
    return False
