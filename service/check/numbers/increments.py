"""Increments: by how much more a thing grew than the year before, and whose growth the whole's growth was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.facts import Kind
from service.check.numbers.claims import Claim, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.rivals import year_agrees
from service.check.numbers.scope import Trial, in_scope, levels

_CUE = re.compile("增量|增加额|净增额|新增额")
_CUE_AFTER = re.compile("的?(?:年度?)?(?:增量|增加额|净增额)")
_OF_WHOLE = re.compile("贡献|占")
_COMPLETED = re.compile("(?:建成|投用|投产|竣工|完工|投入使用|投入运营)[^，。；]{0,4}后")
_COME_TO = re.compile("[达增加升大展][到至为]|达|合计|共")
_REACH = 40
_CALLED = 0.8
"""Share of a thing's name in the label, and in a project's, for the project to add to it."""
_NAMED = 0.6
"""Share of a whole's name that the label must have."""


def increments_apart(context: Context, number: int) -> Iterator[Trial]:
    """比上年净增338.4亿元，增量比上年扩大77.3亿元: one year's increase less that of the year before."""
    claim = context.claims[number]
    if not _CUE.search(claim.left):
        return
    group = unit_group(claim.quantity)
    for last in levels(context.recognised(number)):
        if last.entry.group != group or not last.entry.years or last.made_of:
            continue
        before, earlier = _a_year_before(context, last), None
        if before is not None:
            earlier = _a_year_before(context, before)
        if before is None or earlier is None:
            continue
        apart = last.entry.low - 2 * before.entry.low + earlier.entry.low
        if apart * (claim.sign or 1) > 0:
            shown = f"（{last.entry.shown}-{before.entry.shown}）-（{before.entry.shown}-{earlier.entry.shown}）"
            yield (last, before, earlier), abs(apart), shown


def increments_named(context: Context, number: int) -> Iterator[Trial]:
    """2018年23.3亿元的年增量: what the thing told before grew by in the year."""
    claim = context.claims[number]
    if not _CUE_AFTER.match(claim.right):
        return
    group = unit_group(claim.quantity)
    told = {n.core for n in levels(context.recognised(number))} | {n.core for n in in_scope(context, number)}
    for own in levels(context.index.group(group)):
        before = _a_year_before(context, own) if own.core in told and year_agrees(claim, own) else None
        if before is not None and own.entry.fact.kind is Kind.ACTUAL:
            yield (own, before), own.entry.low - before.entry.low, f"{own.entry.shown}-{before.entry.shown}"


def shares_of_increment(context: Context, number: int) -> Iterator[Trial]:
    """贡献了全部网络零售增量的31.2%: a part's increase over that of the whole."""
    claim = context.claims[number]
    if not _CUE.search(claim.left) or not _OF_WHOLE.search(claim.left):
        return
    words = context.index.mask(claim.left)
    for part in levels(in_scope(context, number)):
        part_before = _a_year_before(context, part)
        for whole in levels(context.index.group(part.entry.group)) if part_before is not None else ():
            whole_before = _a_year_before(context, whole)
            named = (words & whole.core).bit_count() >= _NAMED * whole.core_size > 0
            if part_before is None or whole_before is None or not named or whole.entry.years != part.entry.years:
                continue
            more, all_ = part.entry.low - part_before.entry.low, whole.entry.low - whole_before.entry.low
            if all_ and whole.core != part.core:
                shown = f"（{part.entry.shown}-{part_before.entry.shown}）÷（{whole.entry.shown}-{whole_before.entry.shown}）"
                yield (part, part_before, whole, whole_before), more / all_ * 100, shown


def adds_project(claim: Claim) -> bool:
    """Whether the clause tells what there is once a project is completed."""
    return _COMPLETED.search(claim.before[-_REACH:]) is not None and _COME_TO.search(claim.left) is not None


def with_project(context: Context, number: int) -> Iterator[Trial]:
    """建成后基地仓储面积将达到39.4万平方米: what there is and what the project told of before adds to it."""
    claim = context.claims[number]
    if not adds_project(claim):
        return
    group, words = unit_group(claim.quantity), context.near[number]
    series = [n for n in levels(context.index.group(group)) if n.entry.fact.kind is Kind.ACTUAL and n.entry.years]
    own = [n for n in series if n.entry.facet == "value" and (words & n.core).bit_count() >= _CALLED * n.core_size > 0]
    newest = max((n.entry.years for n in own), default=())
    named = (n for n in context.index.group(group) if context.coverage(n, number)[1] >= _CALLED)
    for added in levels([*context.recognised(number), *named]):
        project = added.entry.fact.kind is Kind.PROJECT and added.entry.group == group
        for there in own if project else ():
            if there.entry.years == newest and (there.core & added.core).bit_count() >= _CALLED * there.core_size:
                yield (there, added), there.entry.low + added.entry.low, f"{there.entry.shown}+{added.entry.shown}"


def _a_year_before(context: Context, named: Named) -> Named | None:
    if not named.entry.years or named.entry.facet != "value":
        return None
    year = named.entry.years[0] - 1
    alike = (n for n in levels(context.index.group(named.entry.group)) if n.core == named.core)
    return next((n for n in alike if n.entry.years == (year,) and n.entry.benchmark == named.entry.benchmark), None)
