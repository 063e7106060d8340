"""`fangan draft` with a price table: the record tells what the plan cost; a wrong table stops it before anything is paid."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.running import SAMPLE
from tests.doubles.offline_endpoint import offline, right
from tests.doubles.threaded import threaded


def test_a_plan_and_its_cost(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replies = offline()[1]
    table = tmp_path / "价格.yaml"
    table.write_text("currency: 元\nmodels: {answering-*: {prompt: 3, completion: 5}}\n", encoding="utf-8")
    with threaded(lambda body: right(body, replies)) as endpoint:
        for name, value in {
            "OPENAI_BASE_URL": endpoint.url,
            "FANGAN_MODEL": "asked-model",
            "FANGAN_RUNG": "json_schema",
            "FANGAN_PRICES": str(table),
        }.items():
            monkeypatch.setenv(name, value)
        assert run("draft", SAMPLE, "-o", "out").code in {0, 1}
        paid = len(endpoint.requests)
        table.write_text("currency: 元\nmodels: {answering-*: {prompt: 很贵, completion: 5}}\n", encoding="utf-8")
        wrong = run("draft", SAMPLE, "-o", "again")
        assert len(endpoint.requests) == paid > 0
    assert wrong.code == 2
    assert "价格表" in wrong.err
    assert not (tmp_path / "again").exists()
    record = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"), parse_float=Decimal)
    usage = record["usage"]
    assert usage["completion_tokens"] > 0
    spent = Decimal(3 * usage["prompt_tokens"] + 5 * usage["completion_tokens"]) / 1_000_000
    assert record["cost"] == {"currency": "元", "amount": spent}
