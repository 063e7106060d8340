"""Listings: counts of what the text itself lists beside them, and sums over the projects that it has just named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.facts import Kind
from service.check.numbers.claims import unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.scope import Trial, levels, summed
from service.text.numerals import read_numeral

_DOCUMENTS = re.compile(r"(?:政策|规范性|制度|配套|专项|扶持)*(?:文件|办法|政策|意见|方案|规定|制度)")
_TITLE = re.compile("《[^《》\n]{2,60}》")
_FIRMS = re.compile("(?:[龙头骨干重点典型本地]{2,4})?(?:企业|公司)")
_PROJECTS = re.compile("(?:重点|建设)?(?:平台|项目|工程)")
_FIRM = re.compile("[^，。；、]{2,8}公司")
_TOTAL = re.compile("(?:计划|预计)?总投资额?$")
_REACH = 160
"""Characters before a count or a sum in which the projects that it counts are named."""
_ABOVE = re.compile(
    r"(?:上述|以上|^|[，；等]|(?<=[^\W\d第前后其另这那]))(?P<count>\d{1,2}|[两二三四五六七八九十]{1,2})(?:个|项|大)[^，。；\d]{0,6}(?:平台|项目|工程)，?[^，。；\d]{0,4}"
    r"(?:总投资|投资|合计|共计|总计|资金)[^，。；\d]{0,6}$"
)


def listed(context: Context, number: int) -> Iterator[Trial]:
    """先后出台4个政策文件 with the titles after or before it; 两家企业 right after the names of two companies."""
    claim = context.claims[number]
    if unit_group(claim.quantity) != "count" or claim.quantity.is_range:
        return
    if _DOCUMENTS.match(claim.right):
        for beside in (claim.ahead, claim.paragraph + claim.before):
            if titles := set(_TITLE.findall(beside)):
                yield (), Decimal(len(titles)), "、".join(sorted(titles, key=beside.index)) + "共计"
                return
    if _PROJECTS.match(claim.right) and (named := _projects_named(context, claim.before)):
        yield tuple(named), Decimal(len(named)), "前文所列项目共计"
    if _PROJECTS.match(claim.right) and claim.left.endswith(("上述", "以上")):
        projects = _projects_before(context, number, int(claim.quantity.low))
        yield tuple(projects.values()), Decimal(len(projects)), "前文所列项目共计"
    if _FIRMS.match(claim.right):
        told = claim.before if _FIRM.search(claim.before) else _sentence_before(claim.paragraph)
        if count := len(_FIRM.findall(told)):
            yield (), Decimal(count), "前文所列公司共计"


def _projects_before(context: Context, number: int, most: int) -> dict[str, Named]:
    """The projects whose amounts were stated last, nearest first, no more than `most`."""
    last: dict[str, Named] = {}
    for at in range(number - 1, -1, -1):
        for named in levels(context.taken[at]):
            if named.entry.fact.kind is Kind.PROJECT and named.entry.facet == "value" and len(last) < most:
                last.setdefault(named.entry.fact.id, named)
    return last


def _projects_named(context: Context, before: str) -> list[Named]:
    """The projects whose names stand in the words, each by its total investment."""
    words = context.index.mask(before[-_REACH:])
    found = []
    for named in levels(context.index.named):
        total = _TOTAL.sub("", named.entry.fact.name or "")
        stem = context.index.mask(total)
        if named.entry.fact.kind is Kind.PROJECT and total != named.entry.fact.name and stem and words & stem == stem:
            found.append(named)
    return found


def _sentence_before(paragraph: str) -> str:
    return re.split("[。！？]", paragraph.rstrip("。！？"))[-1] + "。"


def _all_projects(context: Context) -> tuple[Named, ...]:
    """The total investment of every project of the sheet."""
    totals = (n for n in levels(context.index.named) if _TOTAL.search(n.entry.fact.name or ""))
    return tuple(n for n in totals if n.entry.fact.kind is Kind.PROJECT and n.entry.facet == "value")


def sums_of_named(context: Context, number: int) -> Iterator[Trial]:
    """上述三个平台总投资2.4亿元: the investments of just so many projects stated last."""
    claim = context.claims[number]
    above = _ABOVE.search(claim.before)
    count = read_numeral(above["count"]) if above else None
    if count is None:
        return
    last = _projects_before(context, number, int(count.value))
    group = unit_group(claim.quantity)
    for parts in (
        tuple(reversed(last.values())),
        tuple(_projects_named(context, claim.before)),
        _all_projects(context),
    ):
        if len(parts) != count.value or any(n.entry.group != group for n in parts):
            continue
        yield summed(parts)
