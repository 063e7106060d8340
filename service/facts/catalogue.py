"""Facts against the outline's catalogue of indicators: unknown ids, missing units, units that measure something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.outline import Indicator, Outline
from service.errors import Fault
from service.facts.faults import NUMBERS, near, pointer
from service.text.units import read_unit

COUNTED = frozenset({"count", "enterprises", "households"})
"""One and the same thing may be counted by any of their units: 1200家企业, 1200个企业, 1200户企业."""
UNITLESS = frozenset({"text", "rank", "ratio"})


class Catalogue:
    """The indicators of one outline, findable by what a person may have written instead of an id."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._names: dict[str, Indicator] = {}
        for indicator in outline.indicators:
            for name in (indicator.id, indicator.name, *indicator.synonyms):
                self._names.setdefault(name, indicator)

    def faults(self, number: int, fact: Mapping[str, object]) -> Iterator[Fault]:
        """Of the fact at this place in the list."""
        written = fact.get("indicator")
        if not isinstance(written, str):
            return
        indicator = self._outline.indicators_by_id.get(written)
        if indicator is None:
            yield Fault(pointer(("facts", number, "indicator")), self._unknown(written))
        elif detail := _unit_detail(indicator, fact):
            yield Fault(pointer(("facts", number, "unit")), detail)

    def name_of(self, written: object) -> str:
        """The indicator's name, or "" for an unknown id."""
        indicator = self._outline.indicators_by_id.get(written) if isinstance(written, str) else None
        return indicator.name if indicator else ""

    def _unknown(self, written: str) -> str:
        if exact := self._names.get(written.strip()):
            return f"indicator 应写指标编号，“{exact.name}”的编号是 {exact.id}"
        close = list(dict.fromkeys(self._names[name].id for name in near(written, self._names, limit=8)))[:3]
        named = "、".join(f"{i}（{self._outline.indicators_by_id[i].name}）" for i in close)
        hint = f"是否应为 {named}" if named else "请从编制要点的指标目录中选取"
        return f"编制要点 {self._outline.id} 没有编号为“{written[:40]}”的指标，{hint}；目录以外的数据请删去 indicator，只写 name"


def _unit_detail(indicator: Indicator, fact: Mapping[str, object]) -> str | None:
    unit = fact.get("unit")
    if indicator.dimension in UNITLESS or (unit is not None and not isinstance(unit, str)):
        return None
    customary = f"，如“{indicator.unit}”" if indicator.unit else ""
    if not unit:
        stated = fact.get(NUMBERS[0]) is not None
        return f"“{indicator.name}”的数值没有单位，请在 unit 中写明{customary}" if stated else None
    if unit == indicator.unit:
        return None
    read = read_unit(unit)
    if read is None:
        return f"“{indicator.name}”不认识单位“{unit[:20]}”，请改用这一指标的单位{customary}"
    allowed = {indicator.dimension, *indicator.also}
    if read.dimension in allowed or (read.dimension in COUNTED and allowed & COUNTED):
        return None
    return (
        f"“{indicator.name}”不能用单位“{unit[:20]}”，请改用同类的单位{customary}；如数据属于别的指标，请改正 indicator"
    )
