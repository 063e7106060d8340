"""Outlines, exemplars, health, description, and the problems of plain HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.api.examples import CHECK_REQUEST, REPORT
from service.main import create_app
from service.prompt.exemplars import exemplar_ids
from service.prompt.outlines import load_outline, outline_ids
from tests.api.live import settings, sheet

PROBLEM = "application/problem+json"


def test_lists_and_shows_the_outlines(client: httpx.Client) -> None:
    rows = client.get("/v1/outlines").json()
    assert [r["id"] for r in rows] == list(outline_ids())
    for row in rows:
        outline = client.get(f"/v1/outlines/{row['id']}").json()
        assert outline["title"] == row["title"]
        assert sum(len(c["sections"]) for c in outline["chapters"]) == row["sections"]
        assert all(s["guidance"] for c in outline["chapters"] for s in c["sections"])


def test_json_is_utf8_unescaped(client: httpx.Client) -> None:
    assert "国家电子商务示范城市".encode() in client.get("/v1/outlines").content
    assert "编制要点".encode() in client.get("/v1/outlines/citi-2017").content


def test_facts_schema_names_every_indicator_with_its_unit(client: httpx.Client) -> None:
    answer = client.get("/v1/outlines/city-2017/facts-schema")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    fact = schema["$defs"]["Fact"]["properties"]
    named = fact["indicator"]["anyOf"][0]["enum"]
    assert named == [i.id for i in load_outline("city-2017").indicators]
    assert "- gdp：地区生产总值，单位：亿元" in fact["indicator"]["description"]
    gdp = schema["x-indicators"]["gdp"]
    assert (gdp["unit"], gdp["department"], gdp["sections"]) == ("亿元", "市统计局", ["2.1"])
    assert schema["properties"]["outline"]["const"] == "city-2017"
    used = {f["indicator"] for f in sheet()["facts"] if "indicator" in f}
    assert used <= set(named)


def test_lists_and_shows_the_exemplars(client: httpx.Client) -> None:
    rows = client.get("/v1/exemplars").json()
    assert [r["id"] for r in rows] == list(exemplar_ids())
    exemplar = client.get("/v1/exemplars/harbin").json()
    assert exemplar["city"] == "哈尔滨市"
    assert any("city-2017" in p["sections"] for p in exemplar["passages"])


def test_health_says_who_drafts(client: httpx.Client, serve: Callable[[FastAPI], httpx.Client]) -> None:
    assert client.get("/healthz").json()["writer"] == "scripted"
    answer = serve(create_app(settings(), durable=False)).get("/healthz").json()
    assert (answer["status"], answer["writer"]) == ("ok", "offline")


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/v1/plan", 404, "not-found"),
        ("GET", "/v1/outlines/citi-2017", 404, "unknown-outline"),
        ("GET", "/v1/outlines/citi-2017/facts-schema", 404, "unknown-outline"),
        ("GET", "/v1/outlines/..%2f..%2fetc%2fpasswd", 404, "not-found"),
        ("GET", "/v1/exemplars/harbi", 404, "unknown-exemplar"),
        ("GET", "/problems/nothing", 404, "not-found"),
        ("DELETE", "/v1/outlines", 405, "method-not-allowed"),
        ("GET", "/v1/checks", 405, "method-not-allowed"),
        ("PUT", "/v1/sections", 405, "method-not-allowed"),
    ],
)
def test_refusals_are_problems(client: httpx.Client, method: str, path: str, status: int, slug: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (f"/problems/{slug}", status)
    assert re.search("[\u4e00-\u9fff]", problem["detail"])
    assert not re.search("[\u4e00-\u9fff]", problem["title"])
    assert client.get(problem["type"]).json()["title"] == problem["title"]
    if status == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/v1/plans", "GET, POST"),
        ("OPTIONS", "/v1/plans/01k8x2w6f3r9c7tq5m0zdn4vab", "DELETE, GET"),
        ("PATCH", "/v1/plans/01k8x2w6f3r9c7tq5m0zdn4vab:undelete", "POST"),
        ("POST", "/v1/plans/01k8x2w6f3r9c7tq5m0zdn4vab/sections/2.1", "GET, PUT"),
        ("DELETE", "/v1/plans/01k8x2w6f3r9c7tq5m0zdn4vab/sections/2.1/versions/1...2", "GET"),
        ("DELETE", "/docs", "GET"),
    ],
)
def test_a_method_that_is_refused_tells_all_that_are_not(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_an_unforeseen_failure_is_a_problem_without_its_inside(serve: Callable[[FastAPI], httpx.Client]) -> None:
    def broken(_: str | None) -> Any:
        raise RuntimeError("机密：地区生产总值1105.04亿元")

    answer = serve(create_app(settings(), broken, durable=False)).post("/v1/sections", json=sheet(section="2.1"))
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert answer.json()["type"] == "/problems/internal"
    assert "机密" not in answer.text
    assert "Traceback" not in answer.text


def test_description_is_complete(client: httpx.Client) -> None:
    description = client.get("/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
            if "requestBody" in operation:
                assert any(c.get("example") for c in operation["requestBody"]["content"].values()), (path, method)
                assert "422" in operation["responses"]
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == [PROBLEM], (path, method, status)
    for reference in _references(description):
        target: Any = description
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
    for kind in client.get("/problems").json():
        assert kind["type"] in description["info"]["description"]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(found := value.get("$ref"), str):
            yield found
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_the_documented_requests_are_accepted(client: httpx.Client) -> None:
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if path.startswith("/v1/plans") or path.endswith(":merge"):
            continue  # this service keeps no plans; and an example of a whole spreadsheet would be no example
        for method, operation in methods.items():
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                if media_type == "application/json":
                    answer = client.request(method, path, json=content["example"])
                    assert answer.status_code == 200, (path, answer.text)


def test_the_documented_answer_of_a_check_is_the_real_one(client: httpx.Client) -> None:
    assert client.post("/v1/checks", json=CHECK_REQUEST).json() == REPORT


def test_docs_load_nothing_from_elsewhere(client: httpx.Client) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.findall(r"(?:src|href)\s*=\s*\"(?!/)", answer.text)
    assert "<script" not in answer.text
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in answer.text
