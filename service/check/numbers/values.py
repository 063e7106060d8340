"""Whether a quantity of the text agrees with one of the facts: rounding, ranges, approximators (checks.md, numbers 1–2, 4)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from service.text.approaches import Approach
from service.text.quantities import Quantity

OVER_WITHIN, UNDER_WITHIN, ABOUT_WITHIN = Decimal("1.15"), Decimal("0.90"), Decimal("0.05")
"""突破 and the like: the fact is at most 15 % above; 近: at most 10 % below; 约: at most 5 % off (checks.md)."""

Fit = Literal["与事实一致", "四舍五入", "近似表述"]


def rounded(value: Decimal, quantum: Decimal) -> Decimal:
    """Half up to a multiple of the quantum, as statistics round."""
    return (value / quantum).quantize(Decimal(1), ROUND_HALF_UP) * quantum


def fit(quantity: Quantity, low: Decimal, high: Decimal) -> Fit | None:
    """How the quantity states low (to high); None where it does not."""
    if quantity.is_range or low != high:
        same = rounded(low, quantity.quantum) == quantity.low and rounded(high, quantity.quantum) == quantity.high
        return "与事实一致" if same else None
    return fit_number(quantity.low, quantity.quantum, quantity.approach, low)


def fit_number(stated: Decimal, quantum: Decimal, approach: Approach, true: Decimal) -> Fit | None:
    """How a stated number, worded with an approximator, agrees with the true one."""
    if approach == "exact":
        near = rounded(true, quantum)
        if near != rounded(stated, quantum):
            return None
        return "与事实一致" if true == stated else "四舍五入"
    if true == stated or abs(true - stated) < quantum / 10**6:
        return "与事实一致"
    within = {
        "about": abs(true - stated) <= ABOUT_WITHIN * abs(stated) or rounded(true, quantum) == stated,
        "over": stated <= true <= stated * OVER_WITHIN,
        "under": stated * UNDER_WITHIN <= true <= stated,
        "at_most": stated * UNDER_WITHIN <= true <= stated,
    }
    return "近似表述" if within[approach] else None
