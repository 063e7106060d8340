"""Averages: what falls to a head, a household, a park, a ton, a day, computed from facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.facts import Kind
from service.check.numbers.claims import Claim, group_of, unit_group
from service.check.numbers.context import Context
from service.check.numbers.index import Named
from service.check.numbers.scope import (
    MOST,
    Trial,
    in_scope,
    levels,
    same_year,
)
from service.check.numbers.words import measure
from service.text.numerals import read_numeral
from service.text.units import UNITS

_EACH_CUE = re.compile("亩产|人均|户均|平均|每(?![年季月])|单个|均|单体|单位|单[票件店]")
_PER_AREA = re.compile("每(平方公里|公顷)")
_A_SQUARE = re.compile("[/／每](平方公里|公顷)")
_PERIOD = re.compile("([日天月])均")
_FALLEN_TO = ("count", "people", "person_times", "area")
_SEVERAL = re.compile("每(?P<many>[一二两三五十百千万]{1,3}|[0-9]{1,6}[百千万]?)(?=[^日天年月季0-9])")
_TO_THE_MU = re.compile("亩均|每亩|亩产")
_FEW = 4
"""Figures of one measure word in a sheet below which the word tells which is meant."""
_EACH_UNIT = re.compile("每(吨|公斤|斤|千克|标箱|平方米|公里|千瓦时)")
_A_HEAD = re.compile("人均|每[百千万]{0,2}[位个名]?[^，。；]{0,6}[人民]|每[百千万]{0,2}名")
_EACH_OF = re.compile(
    "每[个家]?[^，。；、]{0,4}?(行政村|村|乡镇|镇|县|园区|企业|网店|站点|基地)|(村|镇|县|户|店|园|站)均"
)
_MEASURED = re.compile("(?:^|[^日月年平人户])([场次趟班单票笔件套台架])均|每(?:一)?([场次趟班单票笔件套台架])")
"""A measure word that an average falls to: 场均, 每场."""
_A_WORKER = re.compile("人均|每[名个位]?[^，。；、]{0,8}?(?:就业|从业|员工|职工)")
_LAND = re.compile("占地|用地|土地|规划面积|种植|养殖|耕地")
_TOPPED = 0.25
"""Share of a name in the label that ends in its noun, from which the average is one of it."""
"""What an average falls to, in a word too short to name it: 平均每村, 村均 where the sheet counts 行政村."""
NUMBER_OF = re.compile("(?:总?数量?|个数|户数)$")
_HOUSEHOLDS = re.compile("户数|家庭|企业(?:数量)?$")
"""What 户均 is said of: households, and firms too."""
_A_HOUSEHOLD = re.compile("户均|企均|企业平均|每[百千万]?户")
_EMPLOYED = re.compile("就业|吸纳|服务")
_EMPLOYED_NAME = re.compile("从业|就业|常住人口")
_POPULATION = re.compile("人口")


def each(context: Context, number: int) -> Iterator[Trial]:
    """Averages: per head, per household, per park, per day."""
    claim = context.claims[number]
    told = _told(context, claim)
    per = _PER_AREA.search(told) or _A_SQUARE.match(claim.right)
    if not per and not _EACH_CUE.search(told):
        return
    group = unit_group(claim.quantity)
    scope = levels(in_scope(context, number))
    if period := _PERIOD.search(claim.left):
        days = {"日": Decimal(365), "天": Decimal(365), "月": Decimal(12)}[period[1]]
        for top in scope:
            if top.entry.group == group:
                yield (top,), top.entry.low / days, f"{top.entry.shown}÷{days}"
    if per:
        yield from _densities(context, scope, group, Decimal(10**6 if per[1] == "平方公里" else 10**4))
        return
    if group == "people" and _EMPLOYED.search(claim.left):
        scope = [*scope, *(n for n in levels(context.index.group(group)) if _EMPLOYED_NAME.search(n.entry.words))]
    tops = [n for n in scope if group in (n.entry.group, "number")][:MOST] + _called_in_short(context, number)
    many, bottoms = _fall_to(context, told, scope)
    for top in tops:
        for bottom in bottoms:
            if top is not bottom and (same_year(top, bottom) or top.entry.fact.kind is Kind.POLICY):
                shown = f"{top.entry.shown}÷{bottom.entry.shown}" + (f"×{many}" if many != 1 else "")
                yield (top, bottom), top.entry.low / bottom.entry.low * many, shown


def _called_in_short(context: Context, number: int) -> list[Named]:
    """What the label ends in (平均每家网店年零售额, 年直播2556场), by its noun or by its rare measure word."""
    claim, near = context.claims[number], context.near[number]
    tail, written = context.index.tail(claim.left), measure(claim.quantity.text)
    found = []
    for named in levels(context.index.group(unit_group(claim.quantity))):
        called = bool(named.head & tail) and (near & named.core).bit_count() >= _TOPPED * named.core_size
        rare = len(written) == 1 and named.entry.group == "count" and measure(named.entry.fact.unit or "") == written
        shown = called or (rare and context.index.measured[written] < _FEW and near & named.core)
        if shown and named.entry.facet == "value" and not named.entry.benchmark:
            found.append(named)
    fully = [n for n in found if not n.core & ~near]
    return (fully or found)[:MOST]


def _told(context: Context, claim: Claim) -> str:
    """The label, or in a list (每万人拥有网店68家、电子商务企业5.3家) the clause that says to what the amounts fall."""
    last = context.claims[claim.previous[-1]] if claim.previous else None
    joined = last is not None and last.place.clause == claim.place.clause and _EACH_CUE.search(last.left)
    return claim.clause_before if joined else claim.left


def _fall_to(context: Context, told: str, scope: list[Named]) -> tuple[Decimal, list[Named]]:
    """每百名常住人口, 每万户, 人均: for how many at a time, and the figures of what the amount falls to."""
    bottoms = [n for n in scope if n.entry.group in _FALLEN_TO][:MOST]
    many = Decimal(1)
    if several := _SEVERAL.search(told):
        numeral = read_numeral(several["many"].replace("百万", "一百万").replace("千万", "一千万"))
        many = numeral.value if numeral else many
    if _TO_THE_MU.search(told):
        areas = levels(context.index.group("area"))
        land = [n for n in areas if _LAND.search(n.entry.fact.name)] or areas[: len(areas) == 1]
        many, bottoms = UNITS["亩"].scale, [*(n for n in scope if n.entry.group == "area"), *land]
    if (measured := _EACH_UNIT.search(told)) and (unit := UNITS.get(measured[1])):
        weighed = [n for n in scope if n.entry.group == group_of(unit.dimension, unit.base)]
        many, bottoms = unit.scale, [*weighed, *bottoms]
    if _A_HEAD.search(told):
        bottoms += [n for n in levels(context.index.group("people")) if _POPULATION.search(n.entry.fact.name)]
    if _A_HOUSEHOLD.search(told):
        bottoms += [n for n in levels(context.index.group("count")) if _HOUSEHOLDS.search(n.entry.fact.name)]
    if _A_WORKER.search(told):
        bottoms += [n for n in levels(context.index.group("people")) if _EMPLOYED_NAME.search(n.entry.fact.name)]
    if measured_by := _MEASURED.search(told):
        by = measured_by[1] or measured_by[2]
        bottoms += [n for n in levels(context.index.named) if measure(n.entry.fact.unit or "") == by][:MOST]
    if each_of := _EACH_OF.search(told):
        thing = each_of[1] or each_of[2]
        counted = levels(context.index.group("count"))
        bottoms += [n for n in counted if NUMBER_OF.sub("", n.entry.fact.name).endswith(thing)][:MOST]
    return many, bottoms


def _densities(context: Context, scope: list[Named], group: str, square_metres: Decimal) -> Iterator[Trial]:
    """平均每平方公里343人: an amount of the sentence over the subject's area, also where a description states it."""
    areas = [n for n in levels(context.index.group("area")) if "面积" in n.entry.words and not n.entry.benchmark]
    for top in scope:
        for area in areas:
            if top.entry.group == group and (same_year(top, area) or area.entry.facet == "words"):
                value = top.entry.low / (area.entry.low / square_metres)
                yield (top, area), value, f"{top.entry.shown}÷{area.entry.shown}"
