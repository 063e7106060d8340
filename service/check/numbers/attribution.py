"""Attribution: whether a fact that has the claimed number is also what the claim is about (checks.md, numbers 3)."""

from __future__ import annotations

import re

from schemas.facts import Bound, Kind
from schemas.finding import Reason
from service.check.numbers.bases import is_addition
from service.check.numbers.claims import Claim
from service.check.numbers.context import Context
from service.check.numbers.differences import is_nameless_change
from service.check.numbers.entries import place_of
from service.check.numbers.index import Named
from service.check.numbers.quotes import of_another, quoted
from service.check.numbers.rivals import wrong_indicator, year_agrees

_DATED = (Kind.ACTUAL, Kind.TARGET, Kind.BENCHMARK)
"""Kinds whose year is the figure's own; a policy's or project's year may be that of its document."""
_BENCHMARK_BEFORE = re.compile("全省|全国|自治区(?!级)|全区|平均水平|本省")
_WHOLE_PROVINCE = re.compile(
    r"^[，、]?(?:(?:19|20)\d\d年)?[，]?(?:全省|全国|自治区)(?!级|.*(?:居|列|位|排|首|率先|领先|第|前茅|占|的(?!网|电|社|平均)))"
)
_PROVINCE_NEXT = re.compile("(?<![占居])(?:全省|全国|自治区)(?:平均水平|平均增速|平均|的)?(?:为|达到|是)?[（(]?$")
_AVERAGE_AFTER = re.compile("的?(?:全省|全国|自治区|省)(?:[^，。；]{0,8})?平均")
_CEILING = re.compile("降[到至]|控制|压缩|压减|不超|最高|以内|减[到至]|低于|上限|最多|最长|封顶")
_FORWARD = re.compile("培育|引进|建设|打造|支持|创建|培养|新建|布局|扶持|组织|发展到|覆盖|实施|推动|形成|完成|建成|达")
_AIM_NEXT = re.compile("目标值?(?:为|是|定为|达到|不低于|不少于|超过|约)*$")
_ACHIEVED = re.compile("已|到位|完成投资|累计")
"""In a project's name: its figure is of what was done."""
_AGAINST_YEAR = re.compile(r"[^，。；\d]{0,6}，(?:约|接近|近|大约)?(?:[比较]|(?:约)?[为是])((?:19|20)\d\d)年")
_RISES = re.compile(r"[由从](?:现在的|目前的)?#[^，。；、\d]{1,8}[到至为]")
"""What a rise begins at: never an aim."""
_RISEN_TO = re.compile(r"[^，。；、\d]{1,8}[到至为](?:约|近|了)?")
_LEADS_TO = re.compile(r"[加高升展大长降少低缩减][到至为][^，。；\d]{0,4}$")
_EARLIER = re.compile("上年|去年|前年|此前|当时|以前|原来|曾|同期")
_YEARLY = re.compile("年均|年平均|每年平均")
_PLANNED_NAME = re.compile("规划|计划")
"""规划面积: what was planned, which the sheet has as it is."""
_CHANGE_NAME = re.compile("新|增|减|降|缩|少|多|扩")
"""In a name: its figure is of a change; in a label: the label asks for one."""
_OF_PLACE = 0.8
"""Share of another place's figure's name in a label from which the label is of it."""
_CALLED = 0.6
"""Share of a name in the label from which the figure is called by it."""
_SHORT = 2
"""Pairs that a label of nothing but parts of the name has at least."""
_WHOSE_NAME = re.compile("全[省市州县区]")
_GROWN = re.compile("[，、]?(?:同比|[比较](?:上年|去年))?(?:增长|增|下降|降)(?:约|近|超过|了)*")
"""A growth with no name of its own."""
_OF_WHOLE = re.compile("[占居列]|相当于")
_PART = re.compile("中小微?企业|大中?型企业|小微企业|中小微?(?=电商)|规模以上|限额以上|骨干企业|龙头企业")
_COMMON_GROUPS = ("count", "percent", "people", "person_times", "CNY/元", "USD/美元")
_FEW = 3
"""Figures of a rare group (工作日, 标箱, Mbps) in one sheet up to which an equal number is no accident."""
_NEAR_BY = 12
"""Characters within which a neighbouring quantity may own the name that stands between."""


def conflict(context: Context, number: int, named: Named) -> Reason | None:
    """The first thing that keeps this fact from supporting the claim; None where it does."""
    claim = context.claims[number]
    elsewhere = (
        _narrower(claim, named)
        or of_another(context, number, named)
        or _total_as_addition(context, number, named)
        or _amount_as_change(context, number, named)
    )
    as_quoted = quoted(context, number, named)
    tests = (
        (_wrong_direction(claim, named), "direction"),
        (elsewhere or (not as_quoted and wrong_indicator(context, number, named)), "indicator"),
        (_wrong_subject(context, number, named), "subject"),
        (
            _wrong_year(context, number, named)
            or _superseded(context, number, named)
            or _against_itself(context, claim, named),
            "year",
        ),
        (_wrong_kind(context, number, named) or _begins_at_aim(context, number, named), "kind"),
        (_wrong_bound(claim, named), "bound"),
    )
    for wrong, reason in tests:
        if wrong:
            if reason == "year" and _told_as_other_kind(claim, named):
                return "kind"
            return reason  # type: ignore[return-value]
    return None


def _narrower(claim: Claim, named: Named) -> bool:
    """中小企业…普及率 where the fact is of all 企业: a part's figure is not the whole's."""
    fact = named.entry.fact
    told = f"{fact.name}{fact.text or ''}{fact.title or ''}"
    part = _PART.search(claim.left)
    return part is not None and "企业" in fact.name and not set(_PART.findall(told))


def _total_as_addition(context: Context, number: int, named: Named) -> bool:
    """新增从业人员15万人 where 15万人 is the target and the sheet has what there already is."""
    fact = named.entry.fact
    return (
        fact.kind is Kind.TARGET
        and named.entry.facet == "value"
        and is_addition(context.claims[number])
        and not re.search("新|净增|累计", fact.name + (fact.text or ""))
        and _has_kind(context, named, Kind.ACTUAL)
    )


def _amount_as_change(context: Context, number: int, named: Named) -> bool:
    """海外仓达到30个，新增30个: an amount that the sheet has is not what it rose by, nor what it and others come to."""
    if named.entry.facet != "value" or not is_nameless_change(context, number):
        return False
    if _CHANGE_NAME.search(named.entry.fact.name):
        return False
    return _CHANGE_NAME.search(context.claims[number].left) is not None or named in context.recognised(number)


def _wrong_direction(claim: Claim, named: Named) -> bool:
    return claim.sort == "growth" and named.entry.sort == "growth" and claim.sign * named.entry.low < 0


def _wrong_subject(context: Context, number: int, named: Named) -> bool:
    claim = context.claims[number]
    if claim.sort in ("points", "rank", "multiple"):
        return False
    if not named.entry.benchmark and (_of_province(claim) or _of_other_place(context, number, named)):
        return True
    if named.entry.benchmark:
        own = any(name in claim.left for name in context.index.own.names if name not in (named.entry.fact.name or ""))
        if own or _grew_itself(context, number):
            return True  # 占临江市网络零售额3240亿元的7.0%: not the province's
        if claim.benchmark:
            return False
        whose = _WHOSE_NAME.match(named.entry.fact.name or "")
        if whose is not None and whose[0] in claim.left:
            return False  # 占全市5.02亿件的比重, in a plan of one of its counties
        tail = claim.before[-40:].rpartition("；")[2]
        return not _BENCHMARK_BEFORE.search(tail) or bool(re.search("我市|全市|本市", tail[tail.rfind("全省") :]))
    return claim.sort != "share" and bool(_WHOLE_PROVINCE.match(claim.left))


def _grew_itself(context: Context, number: int) -> bool:
    """网络零售额20.5亿元，占全区的6.3%，增长…: without a name the growth is that of the amount told last, the subject's own."""
    claim = context.claims[number]
    if claim.sort != "growth" or claim.paired or not _GROWN.fullmatch(claim.left) or claim.right.startswith("的"):
        return False
    for at in reversed(claim.previous):
        told = context.claims[at]
        if told.sort == "level" and not _OF_WHOLE.search(told.left):
            return any(not n.entry.benchmark and n.entry.facet == "value" for n in context.taken[at])
        if told.benchmark and not _OF_WHOLE.search(told.left):
            return False
    return False


def _of_other_place(context: Context, number: int, named: Named) -> bool:
    """Whether the label is another place's figure by name (重庆市农产品网络零售额), and neither the fact's nor the subject's."""
    claim = context.claims[number]
    own = (place_of(named.entry.fact), *context.index.own.names)
    if claim.sort == "share" or any(name in claim.left for name in own if name):
        return False
    return any(
        place in claim.left and (context.near[number] & other.core).bit_count() >= _OF_PLACE * other.core_size
        for other, place in context.index.elsewhere
    )


def _of_province(claim: Claim) -> bool:
    """Whether the figure is told as the average of the province or nation: 高于38.2%的全省平均水平."""
    if claim.sort == "share" or not (claim.benchmark or _PROVINCE_NEXT.search(claim.left)):
        return False
    return bool(_PROVINCE_NEXT.search(claim.left) or _AVERAGE_AFTER.match(claim.right))


def _wrong_year(context: Context, number: int, named: Named) -> bool:
    claim = context.claims[number]
    if year_agrees(claim, named):
        return False
    if named.entry.fact.kind is Kind.TARGET and claim.year_reach != "clause" and _AIM_NEXT.search(claim.left):
        return False
    fact = named.entry.fact
    dated = (fact.kind in _DATED or fact.year is None) and named.entry.facet != "words"
    if claim.year_reach == "clause" and not (
        named.entry.facet == "words" and claim.year and claim.year.role == "in" and "起" in claim.left
    ):
        return True
    past = claim.year is not None and claim.year.role == "in" and _aim_in_words(context, named)
    if claim.year_reach == "sentence" and (dated or past):
        return True
    if claim.year_reach == "paragraph" and _starts_from_now(context, number, named):
        return False
    return _has_own_year(context, number, named)


def _has_own_year(context: Context, number: int, named: Named) -> bool:
    """Whether the sheet has the same thing for the year that the text is in."""
    claim = context.claims[number]
    return any(
        other.core == named.core and other.entry.sort == named.entry.sort and other is not named and other.entry.years
        and year_agrees(claim, other)
        for other in context.index.group(named.entry.group)
    )  # fmt: skip


def _against_itself(context: Context, claim: Claim, named: Named) -> bool:
    """从业人员达到4.02万人，比2018年增加…: a figure of 2018, or of before, is not what is held against 2018."""
    against = _AGAINST_YEAR.match(claim.after)
    value = named.entry.facet == "value" and named.entry.fact.kind is Kind.ACTUAL and bool(named.entry.years)
    if not value or against is None or claim.base or int(against[1]) > context.index.newest:
        return False  # 比2020年60%的目标低: what there is may well be held against an aim
    return named.entry.years[0] <= int(against[1])


def _superseded(context: Context, number: int, named: Named) -> bool:
    """Whether a figure without a year is what there was earlier, where the sheet has a newer one of just that name."""
    claim, fact = context.claims[number], named.entry.fact
    grown = named.entry.facet == "growth" and claim.sort == "growth"
    told = named.entry.facet == "value" and claim.sort in ("level", "rate", "share")
    if fact.kind is not Kind.ACTUAL or not (grown or told):
        return False
    if claim.year is not None or claim.paired or claim.base or _dates_own(claim):
        return False
    if claim.benchmark or not named.entry.years or _EARLIER.search(claim.left) or "年" in claim.above:
        return False
    near = context.near[number]
    short = near.bit_count() >= _SHORT and not near & ~named.mask and bool(near & named.head)
    if (context.label_coverage(named, number) < _CALLED and not short) or quoted(context, number, named):
        return False
    if grown:
        group = context.index.group("percent")
        alike = [n for n in group if n.core == named.core and n.entry.facet == "growth"]
        return any(n.entry.years > named.entry.years and n.entry.fact.kind is Kind.ACTUAL for n in alike)
    return any(other.entry.years > named.entry.years for other in _actuals(context, named))


def _dates_own(claim: Claim) -> bool:
    """Whether the label itself has a year, be it one that another is held against."""
    return claim.versus is not None and claim.versus.start >= claim.quantity.start - len(claim.left)


def _out_of_span(claim: Claim, named: Named) -> bool:
    """2015至2017年，由A增加到B: B is of the last year."""
    year, years = claim.year, named.entry.years
    if year is None or year.first == year.last or named.entry.facet != "value" or len(years) != 1:
        return False
    return _RISEN_TO.fullmatch(claim.left) is not None and years[0] != year.last


def _told_as_other_kind(claim: Claim, named: Named) -> bool:
    kind = named.entry.fact.kind
    if kind is Kind.TARGET:
        return claim.done or (claim.year is not None and claim.year.role == "in" and claim.target == "none")
    return kind is Kind.ACTUAL and claim.target in ("clause", "sentence") and not claim.base


def _wrong_kind(context: Context, number: int, named: Named) -> bool:
    claim, kind = context.claims[number], named.entry.fact.kind
    dated = claim.year is not None and bool(named.entry.years) and claim.year_reach in ("clause", "sentence")
    if kind is Kind.ACTUAL:
        return _actual_as_aim(context, claim, named, dated=dated)
    if kind not in (Kind.TARGET, Kind.PROJECT) or not (named.entry.facet == "value" or _aim_in_words(context, named)):
        return False
    due = dated and claim.year is not None and claim.year.role == "until"
    if claim.done and claim.target != "clause" and not due:
        achieved = re.search("完成|建成|投入", claim.left) and not _ACHIEVED.search(named.entry.fact.name)
        return kind is Kind.TARGET or bool(achieved)
    due_then = claim.year is not None and bool(named.entry.years) and year_agrees(claim, named)
    if kind is Kind.PROJECT or dated or due_then or claim.target != "none":
        return False
    forward = _FORWARD.search(claim.left + claim.before[-30:])
    return not _starts_from_now(context, number, named) and (
        _has_kind(context, named, Kind.ACTUAL) or (not forward and claim.year is not None)
    )


def _actual_as_aim(context: Context, claim: Claim, named: Named, *, dated: bool) -> bool:
    """Whether what there is, is told as an aim."""
    if named.entry.facet == "value" and _PLANNED_NAME.search(named.entry.fact.name):
        return False
    if named.entry.facet == "growth" and _YEARLY.search(claim.left):
        return True
    if _AIM_NEXT.search(claim.left) and named.entry.sort != "level":
        return True
    told = dated or claim.base or claim.done
    if claim.target == "text" and not told and _has_kind(context, named, Kind.TARGET):
        return True
    return claim.target == "clause" and not told and bool(named.entry.years)


def _begins_at_aim(context: Context, number: int, named: Named) -> bool:
    """由12万人增加到…, where 12万人 is the aim and the sheet has what there is."""
    claim = context.claims[number]
    rises = _RISES.search(f"{claim.left}#{claim.right}") is not None
    return rises and named.entry.fact.kind is Kind.TARGET and _has_kind(context, named, Kind.ACTUAL)


def _starts_from_now(context: Context, number: int, named: Named) -> bool:
    """由1.12万人次增加到3万人次: what begins at the newest figure of the thing leads to an aim."""
    claim = context.claims[number]
    against = _AGAINST_YEAR.match(claim.after)
    if against is not None and int(against[1]) == context.index.newest and not claim.done:
        return True
    if claim.done or not claim.previous or not _LEADS_TO.search(claim.left):
        return False
    return any(
        base.core == named.core
        and base.entry.fact.kind is Kind.ACTUAL
        and not any(o.entry.years > base.entry.years for o in _actuals(context, named))
        for base in context.taken[claim.previous[-1]]
    )


def _actuals(context: Context, named: Named) -> list[Named]:
    """What the sheet says there is, or was, of the same thing."""
    group = context.index.group(named.entry.group)
    return [n for n in group if n.core == named.core and n.entry.fact.kind is Kind.ACTUAL and n.entry.facet == "value"]


def _aim_in_words(context: Context, named: Named) -> bool:
    """Whether a target's text has the figure for a year to come; what it is counted from (由2016年的…) is no aim."""
    fact, years = named.entry.fact, named.entry.years
    return fact.kind is Kind.TARGET and bool(years) and min(years) >= context.index.plan_year


def _has_kind(context: Context, named: Named, kind: Kind) -> bool:
    """Whether the sheet has the same thing as a fact of this kind."""
    return any(o.core == named.core and o.entry.fact.kind is kind for o in context.index.group(named.entry.group))


def _wrong_bound(claim: Claim, named: Named) -> bool:
    bound, approach = named.entry.bound, claim.quantity.approach
    if claim.right.startswith("的目标") or claim.left.endswith("目标值"):
        return False
    if bound is Bound.AT_LEAST:
        return approach != "over"
    if bound is Bound.AT_MOST:
        return approach != "at_most" and (approach != "exact" or not _CEILING.search(claim.left[-10:]))
    return False
