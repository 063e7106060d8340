"""What a numbers finding says: one sentence, what differs from which fact and what to do."""

from __future__ import annotations

from schemas.facts import Bound
from service.check.numbers.index import Named
from service.check.numbers.judgement import Verdict

_SAYS = {
    "value": "“{excerpt}”与事实“{fact}”不符，请改为事实表中的数值",
    "indicator": "“{excerpt}”不是这一指标的数值，事实为“{fact}”，请按事实改正",
    "subject": "“{excerpt}”不是本市的数值或主体写错，事实为“{fact}”，请写明主体或改用本市数据",
    "year": "“{excerpt}”的年份与事实“{fact}”不一致，请核对年份或改用该年的数值",
    "unit": "“{excerpt}”的单位与事实“{fact}”不一致，请改正单位",
    "direction": "“{excerpt}”的增减方向与事实“{fact}”相反，请改正",
    "kind": "“{excerpt}”混淆了目标、规划与实绩，事实为“{fact}”，请改正表述或数值",
    "bound": "“{excerpt}”的约数或上下限用语与事实“{fact}”不符，请按事实改写",
    "range": "“{excerpt}”与事实“{fact}”的区间不一致，请按事实改写",
    "derived": "“{excerpt}”无法由事实推算得出，请按相关事实“{fact}”重新计算或删去",
}
_BOUND = {Bound.EXACT: "", Bound.AT_LEAST: "不低于", Bound.AT_MOST: "不超过", Bound.ABOUT: "约"}
_SHARES = ("比重", "占比", "比例", "份额")
_SAYS_ALONE = {
    "derived": "“{excerpt}”无法由事实表推算得出，请重新计算或删去",
    "no_fact": "事实表中没有“{excerpt}”的依据，请补充事实，或改写为【待补充：…】",
}


def message(verdict: Verdict, excerpt: str) -> str:
    """The finding's sentence."""
    reason = verdict.reason or "no_fact"
    if verdict.nearest is None or reason not in _SAYS:
        return _SAYS_ALONE.get(reason, _SAYS_ALONE["no_fact"]).format(excerpt=excerpt)
    return _SAYS[reason].format(excerpt=excerpt, fact=_fact(verdict.nearest))


def _fact(named: Named) -> str:
    entry = named.entry
    year = f"{entry.fact.year}年" if entry.fact.year else ""
    name = entry.fact.name or entry.fact.title or ""
    if entry.facet == "growth":
        return f"{year}{name}{'下降' if entry.low < 0 else '增长'}{abs(entry.low):f}%"
    if entry.facet == "share":
        return f"{year}{name}{'' if name.endswith(_SHARES) else '占比'}{entry.low:f}%"
    if entry.facet == "words":
        return (entry.fact.text or entry.fact.title or name)[:60]
    return f"{year}{name}{_BOUND[entry.fact.bound]}{entry.shown}"
