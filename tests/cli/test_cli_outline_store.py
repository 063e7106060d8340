"""Outlines that are kept: by the command line, by the service under each key, and over a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.text.hashing import key_hash
from tests.cli.serving import serving

CROSSBORDER = Path(__file__).parents[1] / "data" / "outlines-import" / "crossborder.txt"
PLAIN = {"Content-Type": "text/plain"}
WANGHAI: dict[str, Any] = {
    "outline": "kuajing",
    "subject": {"name": "望海市", "short_name": "望海", "province": "云岭省"},
    "plan_year": 2017,
    "period": [2017, 2021],
    "facts": [
        {"id": "trade", "indicator": "imports-exports", "value": 86.4, "unit": "亿美元", "year": 2016, "growth": 5.2}
    ],
}
Run = Callable[..., Any]


@pytest.fixture
def kept(run: Run, tmp_path: Path) -> Run:
    """The command line with a data directory of its own, in which the outline of another programme is stored."""
    done = run("outline", "import", CROSSBORDER, "--id", "kuajing", "--store")
    assert done.code == 0, done.err
    assert "已存入编制要点 kuajing" in done.err
    assert done.out == ""
    (tmp_path / "facts.json").write_text(json.dumps(WANGHAI, ensure_ascii=False), encoding="utf-8")
    return run


def test_every_command_knows_it(kept: Run, tmp_path: Path) -> None:
    assert "跨境电子商务综合试验区实施方案编制要点" in kept("outline", "list").out
    assert "建设“单一窗口”" in kept("outline", "show", "kuajing").out
    assert kept("facts", "parse", "facts.json").code == 0
    assert kept("facts", "template", "kuajing", "-o", "t.xlsx").code == 0
    assert kept("draft", "facts.json", "-o", "out", "--model", "offline").code in {0, 1}
    assert "86.4亿美元" in (tmp_path / "out" / "plan.md").read_text(encoding="utf-8")
    (tmp_path / "draft.txt").write_text("2016年进出口总额99亿美元。", encoding="utf-8")
    checked = kept("check", "draft.txt", "--facts", "facts.json", "--section", "2.1")
    assert checked.code == 1
    assert "99亿美元" in checked.out + checked.err


def test_stored_again_it_is_the_same_and_another_is_refused(kept: Run, tmp_path: Path) -> None:
    assert "库中已有编制要点 kuajing" in kept("outline", "import", CROSSBORDER, "--id", "kuajing", "--store").err
    other = tmp_path / "other.txt"
    other.write_text(CROSSBORDER.read_text(encoding="utf-8").replace("1200字", "1500字"), encoding="utf-8")
    refused = kept("outline", "import", other, "--id", "kuajing", "--store")
    assert (refused.code, "已用于另一份编制要点" in refused.err) == (2, True)


def test_without_a_database_none_is_made(run: Run, tmp_path: Path) -> None:
    unknown = run("outline", "show", "kuajing")
    assert unknown.code == 2
    assert "没有编号为“kuajing”的编制要点" in unknown.err
    assert not (tmp_path / "data").exists()


def drafted(client: httpx.Client, **changes: Any) -> str:
    """The path of a plan on the stored outline, drafted to its end."""
    made = client.post("/v1/plans", json={**WANGHAI, "model": "offline", "sections": ["2.1"], **changes})
    assert made.status_code == 202, made.text
    plan: str = made.headers["location"]
    client.get(f"{plan}/events").raise_for_status()
    return plan


def test_a_plan_on_it_survives_a_restart(kept: Run, tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        plan = drafted(service.client)
        before = service.client.get(f"{plan}/document?format=md").text
        service.stop()
    with serving(tmp_path) as service:
        client = service.client
        assert client.get(f"{plan}/document?format=md").text == before
        assert "86.4亿美元" in before
        edited = client.put(
            f"{plan}/sections/2.1", json={"text": "2016年进出口总额99亿美元。"}, headers={"If-Match": "*"}
        )
        assert "99亿美元" in str(edited.raise_for_status().json()["findings"])
        assert "86.4亿美元" in client.get(f"{drafted(client, plan_year=2018)}/document?format=md").text
        assert client.delete("/v1/outlines/kuajing").status_code == 409


def test_each_key_sees_its_own(tmp_path: Path) -> None:
    mine, theirs = ({"X-API-Key": f"fangan_{who}-" + "7" * 28} for who in ("commerce", "reform"))
    configured = f"commerce:{key_hash(mine['X-API-Key'])},reform:{key_hash(theirs['X-API-Key'])}"
    with serving(tmp_path, FANGAN_API_KEYS=configured) as service:
        client = service.client

        def store(key: dict[str, str]) -> httpx.Response:
            text = CROSSBORDER.read_bytes()
            return client.post("/v1/outlines:import?store=true&id=kuajing", content=text, headers={**PLAIN, **key})

        assert store(mine).status_code == 201
        assert "kuajing" in [o["id"] for o in client.get("/v1/outlines", headers=mine).json()]
        assert "kuajing" not in [o["id"] for o in client.get("/v1/outlines", headers=theirs).json()]
        assert "kuajing" not in client.get("/v1/outlines/kuajin", headers=theirs).json()["detail"]
        for path in ("", "/facts-schema", "/facts-template.xlsx"):
            assert client.get(f"/v1/outlines/kuajing{path}", headers=mine).status_code == 200
            assert client.get(f"/v1/outlines/kuajing{path}", headers=theirs).status_code == 404
        draft = {"section": "2.1", "text": "进出口总额86.4亿美元。"}
        for path, more in (
            ("plans", {}),
            ("checks", draft),
            ("sections", {"section": "2.1"}),
            ("fact-sheets:parse", {}),
        ):
            refused = client.post(f"/v1/{path}", json={**WANGHAI, **more}, headers=theirs)
            assert refused.status_code == 422
            assert "没有编号为“kuajing”" in refused.text
        assert client.post("/v1/checks", json={**WANGHAI, **draft}, headers=mine).status_code == 200
        assert store(theirs).status_code == 409
        assert client.delete("/v1/outlines/kuajing", headers=theirs).status_code == 404
        assert client.delete("/v1/outlines/kuajing", headers=mine).status_code == 204
        assert client.get("/v1/outlines/kuajing", headers=mine).status_code == 404
