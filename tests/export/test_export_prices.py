"""What a plan cost, by the user's price table: exact, never in part, and a bad table is told before drafting."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from schemas.draft import Usage
from schemas.plan import Attempt
from schemas.prices import Cost, Prices
from service.errors import SettingsError
from service.export.prices import cost_of, read_prices
from service.export.provenance import provenance, provenance_json
from tests import factories

TABLE = """
currency: 元
models:
  scripted-1: {prompt: 2.4, cached: 0.6, completion: 9.6}
  qwen-*: {prompt: 1, completion: 2}
"""


def prices(tmp_path: Path, table: str = TABLE) -> Prices:
    path = tmp_path / "价格.yaml"
    path.write_text(table, encoding="utf-8")
    return read_prices(path)


def attempt(model: str, prompt: int = 0, cached: int = 0, completion: int = 0) -> Attempt:
    return Attempt(
        kind="section",
        writer="openai",
        model=model,
        template="section.md.j2",
        template_hash="sha256:0a",
        prompt_hash="sha256:1b",
        usage=Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion),
        kept=True,
    )


def test_cached_tokens_cost_less_and_nothing_is_rounded(tmp_path: Path) -> None:
    found = cost_of([attempt("scripted-1", 10_000, 7_500, 1_001)], prices(tmp_path))
    # 2500 × 2.4 + 7500 × 0.6 + 1001 × 9.6 = 20109.6 for a million
    assert found == Cost(currency="元", amount=Decimal("0.0201096"))


def test_without_a_price_of_their_own_cached_tokens_cost_the_same(tmp_path: Path) -> None:
    found = cost_of([attempt("qwen-max-2017", 1_000_000, 900_000, 500_000)], prices(tmp_path))
    assert found == Cost(currency="元", amount=Decimal(2))


def test_no_sum_in_part(tmp_path: Path) -> None:
    table = prices(tmp_path)
    assert cost_of([attempt("scripted-1", 100), attempt("glm", 100)], table) is None
    assert cost_of([attempt("scripted-1", 1_000_000), attempt("offline")], table) == Cost(
        currency="元", amount=Decimal("2.4")
    )


def test_the_record_tells_it_only_with_prices(tmp_path: Path) -> None:
    plan = factories.plan()
    assert provenance(plan).cost is None
    record = provenance(plan, prices(tmp_path))
    assert record.cost is not None
    parts = [s.cost.amount for s in record.sections if s.cost]
    assert record.cost.amount == sum(parts) > 0
    raw = json.loads(provenance_json(plan, prices(tmp_path)))
    assert raw["cost"] == {"currency": "元", "amount": float(record.cost.amount)}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("currency: [", "YAML"),
        ("", "全文"),
        ("currency: 元\nmodels: {m: {prompt: -1, completion: 2}}", "models.m.prompt"),
        ("currency: 元\nmodels: {m: {prompt: 1}}", "models.m.completion"),
        ("currency: 元\nmodels: {m: {prompt: 很贵, completion: 1}}", "models.m.prompt"),
        ("currency: 元\nmodels: {m: {prompt: 1, completion: 1, each: 3}}", "models.m.each"),
    ],
)
def test_a_wrong_table_names_what_is_wrong(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as raised:
        prices(tmp_path, table)
    assert "请" in raised.value.message
    with pytest.raises(SettingsError, match="FANGAN_PRICES"):
        read_prices(tmp_path / "没有.yaml")
