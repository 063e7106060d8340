"""Rivals: whether the claim is called by another fact's name than the one whose number it has."""

from __future__ import annotations

import re

from schemas.facts import Kind
from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context, sorts_agree
from service.check.numbers.index import Named, unknown_pairs
from service.check.numbers.moods import AIM_AFTER
from service.check.numbers.words import measure, name_parts
from service.text.numerals import fold

_COMMON_GROUPS = ("count", "percent", "people", "person_times", "CNY/元", "USD/美元")
_LONG_NAME, _SHORT_NAME = 5, 3
"""Characters from which a name is abbreviated, and that an abbreviation has at least."""
_LEVEL = re.compile("国家|省|市|县|乡|镇|村")
_COMMON_MEASURES = frozenset("个家户人名项件%元")
_FEW = 3
"""Figures of a rare group (工作日, 标箱, Mbps) in one sheet up to which an equal number is no accident."""
_INVESTMENT = re.compile("(?:^|[，、；：])(?:该?(?:工程|项目|平台))?(?:计划|预计|概算|估算)?总?投资额?(?:为|约|达)*$")
_SUM = re.compile("(?:合计|共计|总计|之和)(?:为|达到?|超过|突破|约|近)*$")
_NOUN = re.compile("(园区|站点|贫困村)(?![\u4e00-\u9fff]{0,4}(?:率|额))")
_NOUN_OF = {
    "园区": re.compile("园(?:区)?(?:数量)?$"),
    "站点": re.compile("站(?:点)?(?:数量)?$"),
    "贫困村": re.compile("贫困村"),
}
_TREASURY, _SETS_ASIDE = re.compile("财政"), re.compile("(?:安排|统筹|列支|设立|投入|拿出)(?:不[少低]于|约|近|超过)?$")
_REACHED = re.compile("(?:已|将|增加到|发展到|达到?|为|有|共|仅|约|近|超过|突破)*$")
_GRANT = re.compile("(贴息|补贴|补助|奖励|罚款|税收|利润)(?:资金|金额)?(?:为|约|达)*$")
_NAMED_FULLY = 0.8
"""Share of a project's name that must stand in a sentence for the sentence to be about the project."""
_MOSTLY = 0.6
"""Share of a name that must stand in a label for the label to name it."""
_TOLERANCE = 0.25
"""Pairs across word borders are missing from any paraphrase: so much less of a name still counts as as much."""
_NEAR_BY = 12
"""Characters within which a neighbouring quantity may own the name that stands between."""


def wrong_indicator(context: Context, number: int, named: Named) -> bool:
    """Whether the claim is about something else than the fact that has its number."""
    invested = _invested(context, number, named)
    if invested is not None:
        return not invested
    return (
        _granted(claim=context.claims[number], named=named)
        or _told_in_words(context, number, named)
        or _named_better(context, number, named)
        or _in_catalogue(context, number, named)
        or not _plausible(context, number, named)
    )


def _invested(context: Context, number: int, named: Named) -> bool | None:
    """Whether 总投资 without a name is that of this project, the only one named; None where that cannot be told."""
    claim = context.claims[number]
    if named.entry.fact.kind is not Kind.PROJECT or named.entry.facet != "value" or not _INVESTMENT.search(claim.left):
        return None
    if told := _projects(context, named, context.index.mask(claim.wide)):
        return named.entry.fact.id in told
    before = re.split("[。\n]", claim.paragraph.rstrip("。\n"))[-1] or claim.above
    for words in (context.whole[number], context.index.mask(before)):
        if told := _projects(context, named, words):
            return True if told == {named.entry.fact.id} else None
    return None


def _projects(context: Context, named: Named, words: int) -> set[str]:
    """The projects, of the same group, whose names stand in the words."""
    return {
        other.entry.fact.id
        for other in context.index.group(named.entry.group)
        if other.entry.fact.kind is Kind.PROJECT
        and other.entry.facet == "value"
        and (words & other.core).bit_count() >= _NAMED_FULLY * other.core_size
    }


def year_agrees(claim: Claim, named: Named) -> bool:
    """Whether the fact's year (or one of its years) lies in the claim's; unknown years agree with any."""
    if claim.year is None or not named.entry.years:
        return True
    return any(claim.year.holds(y) for y in named.entry.years)


def _granted(claim: Claim, named: Named) -> bool:
    """Whether the label ends in a word of support (贷款贴息2.85亿元) that the fact knows nothing of."""
    granted, fact = _GRANT.search(claim.left), named.entry.fact
    return granted is not None and granted[1] not in f"{fact.name}{fact.text or ''}{fact.title or ''}"


def _told_in_words(context: Context, number: int, named: Named) -> bool:
    """Whether a policy's or project's wording gives another number for what the claim is told of (省级20万元, 市级10万元)."""
    told, own = context.told[number], named.label or named.mask
    for other in context.index.worded(named.entry.group):
        if id(other) in context.fitting[number] or not told & other.label:
            continue
        if other.entry.fact is named.entry.fact:
            better = bool(named.label) and _better_label(told, other.label, own)
        else:
            better = _other_matter(context, number, other, named, own)
        if better and not _label_beside(context, number, other):
            return True
    return False


def _better_label(told: int, other: int, own: int) -> bool:
    more, less = (told & other & ~own).bit_count(), (told & own & ~other).bit_count()
    return more > less or (more >= 1 and other & told == other and (told & own).bit_count() < 0.67 * own.bit_count())


def _other_matter(context: Context, number: int, other: Named, named: Named, own: int) -> bool:
    told, whole = context.told[number], context.whole[number]
    more, less = (told & other.label & ~own).bit_count(), (told & own & ~other.label).bit_count()
    if other.label & told == other.label and more and not less and context.coverage(other, number)[2] >= 0.5:
        return True
    about_other = (whole & other.mask).bit_count() / other.size
    about_own = (whole & named.mask).bit_count() / named.size
    return bool(named.label) and more > less and about_other > about_own + 0.2


def _label_beside(context: Context, number: int, other: Named) -> bool:
    return any(
        0 <= beside < len(context.claims)
        and context.told[beside] & other.label
        and id(other) in context.fitting[beside]
        for beside in (number - 1, number + 1)
    )


def _named_better(context: Context, number: int, named: Named) -> bool:
    """Whether another fact, whose number is not this one, bears the claim's name more exactly."""
    claim, near = context.claims[number], context.near[number]
    dated, rare = year_agrees(claim, named), _rare_measure(context, claim, named)
    for other in context.index.group(unit_group(claim.quantity)):
        if not near & other.mask or other.entry.facet == "words" or other.entry.fact is named.entry.fact:
            continue
        if id(other) in context.fitting[number] or not sorts_agree(claim, other):
            continue
        if (dated and not year_agrees(claim, other)) or other.entry.benchmark != named.entry.benchmark:
            continue
        if rare and measure(other.entry.fact.unit or "") != measure(claim.quantity.text):
            continue  # 全年直播4.6万场 is no number of 直播基地
        if _outdoes(context, number, other, named):
            return True
    return False


def _outdoes(context: Context, number: int, other: Named, named: Named) -> bool:
    claim, near = context.claims[number], context.near[number]
    more = (near & other.mask & ~named.mask).bit_count()
    less = (near & named.mask & ~other.mask).bit_count()
    if more > less:
        long_label = 2 * (near & named.mask).bit_count() >= named.size or (near & ~other.mask and not claim.paired)
        if long_label and (other.mask & ~near).bit_count() > (named.mask & ~near).bit_count():
            return False
        return (
            _names(context, number, other, named)
            and _owns_label(context, number, other)
            and not _stated_beside(context, number, other, other.mask & ~named.mask)
        )
    if more or less:
        return False
    missing = named.mask & ~other.mask
    around = near | context.sentence[number] | context.paragraph[number]
    exact = near & other.mask == other.mask and other.core != named.core
    return (exact and bool(missing) and not missing & around) or _surrounded(context, number, other, named)


def _names(context: Context, number: int, other: Named, named: Named) -> bool:
    """Whether the label names the other fact, or is a short form of it (出口, 总投资) where the text speaks of it."""
    near = context.near[number]
    if context.claims[number].paired or (near & other.mask).bit_count() >= _MOSTLY * other.size:
        return True
    if near & ~other.mask:
        return False
    _, sentence, paragraph = context.coverage(named, number)
    _, other_sentence, other_paragraph = context.coverage(other, number)
    return other_sentence >= sentence - _TOLERANCE and other_paragraph >= paragraph - _TOLERANCE


def _surrounded(context: Context, number: int, other: Named, named: Named) -> bool:
    """Where the label fits both (总投资), whether the text around speaks of the other only."""
    _, sentence, paragraph = context.coverage(named, number)
    _, other_sentence, other_paragraph = context.coverage(other, number)
    clearly = other_paragraph >= 0.8 and paragraph < 0.5 and other_sentence >= sentence
    return clearly and not _stated_beside(context, number, other, other.mask)


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
        if not 0 <= beside < len(context.claims) or id(other) not in context.fitting[beside]:
            continue
        neighbour = context.claims[beside]
        gap = max(neighbour.quantity.start - claim.quantity.end, claim.quantity.start - neighbour.quantity.end)
        named_there = (context.near[beside] & other.mask).bit_count() >= _MOSTLY * other.size
        if gap <= len(other.entry.words) + _NEAR_BY and context.near[beside] & telling and named_there:
            return True
    return False


def _in_catalogue(context: Context, number: int, named: Named) -> bool:
    """Whether the claim names another indicator of the outline, of which the sheet has no figure."""
    claim, near = context.claims[number], context.near[number]
    if not near or claim.sort not in ("level", "growth"):
        return False
    for indicator, mask in context.index.ending(claim.left):
        if indicator == named.indicator or near & mask != mask:
            continue
        more = (mask & ~named.mask).bit_count()
        less = (near & named.mask & ~mask).bit_count()
        if more > less and not any(m & near == m for m in named.other):
            return True
    return False


def _spelt_beside(claim: Claim, named: Named) -> bool:
    """县（市、区）: a name of single characters has no pairs; it must stand right before or after the figure."""
    name = fold(named.entry.fact.name or "")
    return (
        not named.mask
        and named.entry.facet == "value"
        and bool(name)
        and (claim.before.endswith(name) or claim.after.startswith(name))
    )


def _abbreviated(claim: Claim, named: Named) -> bool:
    """乡镇站 for 乡镇电商服务站: the label ends in the name's first two characters, some of the others in order, its last."""
    name = named.entry.fact.name or ""
    start = claim.left.rfind(name[:2]) if len(name) >= _LONG_NAME and named.entry.facet == "value" else -1
    label = claim.left[start:] if start >= 0 else ""
    if len(label) < _SHORT_NAME or label[-1] != name[-1]:
        return False
    rest = iter(name)
    return all(character in rest for character in label)


def _short_noun(claim: Claim, named: Named) -> bool:
    """12个园区 for 电子商务产业园: the figure's own noun, not a name, is how a text goes on about a thing."""
    noun = _NOUN.match(claim.right)
    name = named.entry.fact.name or ""
    return noun is not None and named.entry.facet == "value" and _NOUN_OF[noun[1]].search(name) is not None


def _only_of_its_kind(context: Context, number: int, named: Named) -> bool:
    """Whether the label has the noun of the name (示范县), which no other name of the sheet has, and no other level of it."""
    claim = context.claims[number]
    if named.entry.facet != "value" or not named.head & context.near[number] & ~context.index.generic:
        return False
    if set(_LEVEL.findall(claim.named)) - set(_LEVEL.findall(f"{named.entry.fact.name}")):
        return False
    return all(
        n.core == named.core or n.head != named.head
        for n in context.index.group(named.entry.group)
        if n.entry.facet == "value"
    )


def _aim_of_stated(context: Context, number: int, named: Named) -> bool:
    """物流成本由9.6元降至7.2元，但与6元以下的目标仍有差距: an aim without a name is that of the thing just told."""
    claim = context.claims[number]
    if named.entry.fact.kind is not Kind.TARGET or not AIM_AFTER.match(claim.right) or context.near[number]:
        return False
    return any(told.core == named.core for told in context.recognised(number))


def _sole_fund(context: Context, number: int, named: Named) -> bool:
    """市级财政每年统筹2000万元以上: what the treasury sets aside is the fund of the sheet, where it has but one."""
    claim = context.claims[number]
    if named.entry.fact.kind is not Kind.POLICY or named.entry.facet != "value" or not _TREASURY.search(claim.before):
        return False
    group = context.index.group(named.entry.group)
    funds = [n for n in group if n.entry.fact.kind is Kind.POLICY and n.entry.facet == "value"]
    return len(funds) == 1 and _SETS_ASIDE.search(claim.left) is not None


def _ends_name(context: Context, number: int, named: Named) -> bool:
    """亿元以上企业60家: the label is how the name ends, and no other name."""
    label, name = _REACHED.sub("", context.claims[number].left), named.entry.fact.name or ""
    if named.entry.facet != "value" or len(label) < _LONG_NAME or not name.endswith(label):
        return False
    group = context.index.group(named.entry.group)
    return not any((n.entry.fact.name or "").endswith(label) for n in group if n.core != named.core)


def _called_alone(context: Context, number: int, named: Named) -> bool:
    """累计培训3.2万人次: a label of nothing but the name's words, which no other figure of the group is called by."""
    claim, near = context.claims[number], context.near[number]
    called = context.index.mask(claim.named) & ~context.index.generic
    if named.entry.facet != "value" or not called or called != near or near & ~named.mask:
        return False
    if unknown_pairs(claim.named) != near.bit_count():
        return False
    return not any(n.mask & near for n in context.index.group(named.entry.group) if n.core != named.core)


def _rare_measure(context: Context, claim: Claim, named: Named) -> bool:
    """Whether few figures of the sheet are counted by this measure word (300场), so that an equal number is no accident."""
    written = measure(claim.quantity.text)
    if (
        named.entry.group != "count"
        or named.entry.facet != "value"
        or written in _COMMON_MEASURES
        or written != measure(named.entry.fact.unit or "")
    ):
        return False
    return 0 < context.index.measured[written] < _FEW


def _in_other_order(claim: Claim, named: Named) -> bool:
    """在9个国家和地区布局海外仓 says every character of 海外仓布局国家和地区."""
    return named.entry.facet == "value" and set("".join(name_parts(named.entry.words))) <= set(
        "".join(name_parts(claim.named))
    )


def _plausible(context: Context, number: int, named: Named) -> bool:
    """Whether the number may be this fact's: the rounder the number, the more of the name must be there."""
    claim = context.claims[number]
    label, sentence, paragraph = context.coverage(named, number)
    if unit_group(claim.quantity) not in _COMMON_GROUPS and len(context.index.group(named.entry.group)) < _FEW:
        return True
    if (
        _rare_measure(context, claim, named)
        or _spelt_beside(claim, named)
        or _abbreviated(claim, named)
        or _short_noun(claim, named)
        or _only_of_its_kind(context, number, named)
        or _aim_of_stated(context, number, named)
        or _called_alone(context, number, named)
        or _sole_fund(context, number, named)
        or _ends_name(context, number, named)
    ):
        return True
    promised = named.entry.fact.kind in (Kind.POLICY, Kind.MEASURE)
    if named.entry.facet == "value" and (promised or (claim.base and not label)):
        sentence = max(sentence, (context.whole[number] & named.mask).bit_count() / named.size)
    if claim.quantity.is_range or claim.quantity.digits >= 3:
        if claim.quantity.approach != "exact" and _SUM.search(claim.left) and label < _MOSTLY:
            return False
        return paragraph > 0 or context.label_is_empty(number)
    if named.entry.facet == "words":
        whole = (context.whole[number] & named.mask).bit_count() / named.size
        told = not context.near[number] or context.near[number] & named.label
        return max(sentence, whole) >= 0.4 or label >= 0.2 or bool(told and paragraph >= 0.5)
    if label < 0.3 and sentence < 0.5 and paragraph < 0.7:
        return False
    if (
        not label
        and context.told[number].bit_count() >= 4
        and not context.told[number] & named.words & ~context.index.generic
    ):
        return False
    return label >= 0.75 or not context.near[number] or _in_other_order(claim, named) or _enough(context, number, named)


def _enough(context: Context, number: int, named: Named) -> bool:
    """Whether the label says no more than the name, or what the name has besides stands around."""
    claim = context.claims[number]
    extra = unknown_pairs(claim.named) - (context.near[number] & named.mask).bit_count()
    around = context.near[number] | context.sentence[number] | context.paragraph[number]
    missing = (named.mask & ~around).bit_count()
    small = claim.quantity.low < 100 and named.entry.group == "count"
    return not (small and claim.sort == "level" and extra >= 2 and missing >= 2)
