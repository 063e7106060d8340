"""Units: the vocabulary of dimensions, scales and spellings."""

from decimal import Decimal

import pytest

from schemas.outline import DIMENSIONS
from service.text.units import DIMENSIONS as OWN
from service.text.units import UNITS, read_unit


def test_dimensions_are_those_of_the_outlines() -> None:
    assert set(OWN) == set(DIMENSIONS)
    assert {unit.dimension for unit in UNITS.values()} <= set(DIMENSIONS)


@pytest.mark.parametrize(
    ("unit", "dimension", "scale"),
    [
        ("亿元", "CNY", 10**8),
        ("万亿元", "CNY", 10**12),
        ("亿美元", "USD", 10**8),
        ("万人次", "person_times", 10**4),
        ("万户", "households", 10**4),
        ("家", "enterprises", 1),
        ("个工作日", "duration", 1),
        ("万平方米", "area", 10**4),
        ("公顷", "area", 10**4),
        ("Mbps", "data_rate", 10**6),
        ("万标箱", "volume", 10**4),
        ("万TEU", "volume", 10**4),
        ("％", "percent", 1),
        ("个百分点", "percentage_points", 1),
        ("‰", "permille", 1),
        ("位", "rank", 1),
        ("组", "count", 1),
        ("元/平方米", "CNY", 1),
    ],
)
def test_read(unit: str, dimension: str, scale: int) -> None:
    found = read_unit(unit)
    assert found is not None
    assert (found.dimension, found.scale) == (dimension, Decimal(scale))


def test_fifteen_mu_are_a_hectare() -> None:
    mu, hectare = read_unit("亩"), read_unit("公顷")
    assert mu is not None
    assert hectare is not None
    assert round(mu.scale * 15, 10) == hectare.scale


@pytest.mark.parametrize("unit", ["", "foo", "万", "亿亿亿"])
def test_no_unit(unit: str) -> None:
    assert read_unit(unit) is None
