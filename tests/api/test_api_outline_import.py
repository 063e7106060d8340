"""POST /v1/outlines:import."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from schemas.outline import ImportedOutline

CROSSBORDER = Path(__file__).parents[1] / "data" / "outlines-import" / "crossborder.txt"
TEXT = {"Content-Type": "text/plain; charset=utf-8"}


def test_returns_the_outline_and_remarks(client: httpx.Client) -> None:
    answer = client.post("/v1/outlines:import?id=kuajing", content=CROSSBORDER.read_bytes(), headers=TEXT)
    assert answer.status_code == 200
    found = ImportedOutline.model_validate_json(answer.content)
    assert found.outline.id == "kuajing"
    assert found.outline.sections_by_id["4.1.1"].title == "建设“单一窗口”"
    assert any(r.line == 2 for r in found.remarks)
    assert client.get("/v1/outlines/kuajing").status_code == 404


@pytest.mark.parametrize(
    ("query", "content", "kind", "status", "told"),
    [
        ("?store=true", "一、现状\n说明人口。".encode(), "text/plain", 503, "未启用数据库"),
        ("?id=city-2017", "一、现状\n说明人口。".encode(), "text/plain", 422, "请另取一个编号"),
        ("", b"", "text/plain", 422, "空的"),
        ("", b"\x00\xff\x00" * 99, "text/plain", 422, "编制要点"),
        ("", "没有编号。".encode(), "text/plain", 422, "没有找到带编号的标题"),
        ("", b"a" * 5_000_000, "text/plain", 413, "2MB"),
        ("", b"{}", "application/pdf", 415, "text/plain"),
    ],
)
def test_what_is_wrong_is_a_problem(
    client: httpx.Client, query: str, content: bytes, kind: str, status: int, told: str
) -> None:
    answer = client.post(f"/v1/outlines:import{query}", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]
