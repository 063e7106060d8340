"""Projects: how far one is completed, and what is left of it, from its whole and its completed investment or area."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.facts import Kind
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.scope import Trial, plus, sum_of

_STAGE = re.compile(
    "计划|规划|概算|预计|估算|设计|已|累计|完成|建成|投运|投用|启用|实际|到位|总(?=投资|面积|建筑|库容|用地)|投资额?|资金"
)
"""Words of a name that tell the whole of a project from what is done of it."""
_DONE_NAME = re.compile("已|完成|到位|建成|投运|投用|启用|累计|实际")
_PART_CUE = re.compile("占|完成|到位|率|进度|过|[为达]|比[例重]")
_LEFT_CUE = re.compile("尚|还|剩|其余|余下|另有|仍|未|缺口|后续|[待再余]|(?:计划|将|拟|继续)(?:完成|投入)")
_DONE_CUE = re.compile("完成|到位|已投")
_COUNTED = re.compile("([两二三四五])(?:个|大)(?:重点|重大|在建)*(?:项目|工程)")
"""两个项目, where the sheet has just so many."""
_BACK = 10
"""Figures of the paragraph before in which the other of the two may have been stated."""
_NAMED = 0.8
"""Share of a project's name that must stand around for a figure to be of it."""


def completed(context: Context, number: int) -> Iterator[Trial]:
    """占总投资的38.1%, 投资完成率37.5%, 尚有六成未完成: what is done of a project, or is left, over its whole."""
    claim = context.claims[number]
    told = f"{claim.clause_before}{claim.clause_after}"
    if not _PART_CUE.search(told) and not _LEFT_CUE.search(told):
        return
    for several in _several(context, number):
        wholes, dones = map(sum_of, several)
        yield (*several[1], *several[0]), dones / wholes * 100, f"（{plus(several[1])}）÷（{plus(several[0])}）"
    for whole, done in _pairs(context, number):
        yield (done, whole), done.entry.low / whole.entry.low * 100, f"{done.entry.shown}÷{whole.entry.shown}"
        if _LEFT_CUE.search(told):
            left = (1 - done.entry.low / whole.entry.low) * 100
            yield (done, whole), left, f"1-{done.entry.shown}÷{whole.entry.shown}"


def remaining(context: Context, number: int) -> Iterator[Trial]:
    """还需投入14.6亿元, 剩余9.5亿元: the whole of a project less what is done of it."""
    claim = context.claims[number]
    if not _LEFT_CUE.search(f"{claim.left}{claim.clause_after}"):
        return
    for whole, done in _pairs(context, number):
        yield (whole, done), whole.entry.low - done.entry.low, f"{whole.entry.shown}-{done.entry.shown}"


def remaining_of_several(context: Context, number: int) -> Iterator[Trial]:
    """两个项目总投资40.4亿元，累计完成投资15.4亿元，剩余25.0亿元: what is done of those just summed, and what is left."""
    claim = context.claims[number]
    told = f"{claim.left}{claim.clause_after}"
    for wholes, dones in _several(context, number):
        all_, done = sum_of(wholes), sum_of(dones)
        if _DONE_CUE.search(told):
            yield dones, done, plus(dones)
        if _LEFT_CUE.search(told):
            yield (*wholes, *dones), all_ - done, f"（{plus(wholes)}）-（{plus(dones)}）"


def _several(context: Context, number: int) -> Iterator[tuple[tuple[Named, ...], tuple[Named, ...]]]:
    """Projects that the paragraph has just summed up: their wholes, and what is done of each."""
    pairs = [(whole, done) for whole, done, _ in projects_of(context)]
    counted = _COUNTED.search(context.claims[number].before)
    if counted is not None and "一二三四五".index(counted[1].replace("两", "二")) + 1 == len(pairs):
        yield tuple(whole for whole, _ in pairs), tuple(done for _, done in pairs)
    for at in _stated_before(context, number):
        summed = {id(n.entry) for taken in context.taken[at] for n in taken.made_of}
        met = [(whole, done) for whole, done in pairs if id(whole.entry) in summed or id(done.entry) in summed]
        if len(summed) > 1 and len(met) == len(summed):
            yield tuple(whole for whole, _ in met), tuple(done for _, done in met)


def _pairs(context: Context, number: int) -> Iterator[tuple[Named, Named]]:
    """The projects of which the text has just stated or named a figure: the whole and what is done."""
    stated: set[str] = set()
    for at in _stated_before(context, number):
        stated |= {n.entry.fact.id for n in context.taken[at]}
    words = context.whole[number] | context.paragraph[number]
    for whole, done, name in projects_of(context):
        named = name and (words & name).bit_count() >= _NAMED * name.bit_count()
        if named or whole.entry.fact.id in stated or done.entry.fact.id in stated:
            yield whole, done


def _stated_before(context: Context, number: int) -> Iterator[int]:
    """The claims of the paragraph before this one, nearest first, as far back as a project is remembered."""
    paragraph = context.claims[number].place.paragraph
    for at in range(number - 1, max(-1, number - 1 - _BACK), -1):
        if context.claims[at].place.paragraph != paragraph:
            return
        yield at


def projects_of(context: Context) -> list[tuple[Named, Named, int]]:
    """The sheet's projects of which it has both figures, with what both are called."""
    index = context.index
    if index.projects is None:
        index.projects = [
            (whole, done, index.mask(_STAGE.sub("", whole.entry.fact.name or "")))
            for whole in index.named
            if whole.entry.fact.kind is Kind.PROJECT and _is_amount(whole)
            for done in index.group(whole.entry.group)
            if _is_done_of(done, whole)
        ]
    return index.projects


def _is_amount(named: Named) -> bool:
    entry = named.entry
    return entry.facet == "value" and entry.sort == "level" and entry.low == entry.high > Decimal(0)


def _is_done_of(done: Named, whole: Named) -> bool:
    name, all_ = done.entry.fact.name or "", whole.entry.fact.name or ""
    return (
        done is not whole
        and _is_amount(done)
        and done.entry.fact.kind is not Kind.TARGET
        and done.entry.low <= whole.entry.low
        and _DONE_NAME.search(name) is not None
        and _STAGE.sub("", name) == _STAGE.sub("", all_)
    )
