"""Readiness and measures."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from fastapi import FastAPI

from service.main import build_writer, create_app
from tests.api.live import scripted, settings, sheet

Serve = Callable[[FastAPI], httpx.Client]


def measures(client: httpx.Client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {m[1]: float(m[2]) for m in re.finditer(r"^(fangan_\S+) (\S+)$", answer.text, re.MULTILINE)}


def test_without_a_database_what_is_there_is_ready(serve: Serve) -> None:
    client = serve(create_app(settings(), durable=False))
    assert client.get("/readyz").json() == {
        "status": "ready", "database": "none", "engine": "none", "endpoint": "none"
    }  # fmt: skip


def test_each_part_that_fails_is_named(serve: Serve) -> None:
    wrong = settings(model="qwen-max")
    client = serve(create_app(wrong, lambda model: build_writer(wrong, model), durable=False))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/endpoint"]
    assert "OPENAI_BASE_URL" in answer.json()["detail"]
    assert measures(client)["fangan_ready"] == 0


def test_a_service_whose_database_was_never_opened_is_not_ready(serve: Serve) -> None:
    app = create_app(settings(), lambda _: scripted())
    app.router.lifespan_context = FastAPI().router.lifespan_context  # as if the start had not come to an end
    answer = serve(app).get("/readyz")
    assert answer.status_code == 503
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/database", "/engine"]


def test_requests_are_measured_by_route_and_calls_by_their_outcome(serve: Serve) -> None:
    client = serve(create_app(settings(), lambda _: scripted(), durable=False))
    assert client.post("/v1/sections", json=sheet(section="2.1")).status_code == 200
    for path in ("/v1/outlines/city-2017", "/v1/outlines/none", "/秘密/望海"):
        client.get(path)
    found = measures(client)
    count = "fangan_http_seconds_count"
    assert found[count + '{method="GET",route="/v1/outlines/{outline}",status="200"}'] == 1
    assert found[count + '{method="GET",route="/v1/outlines/{outline}",status="404"}'] == 1
    assert found[count + '{method="GET",route="other",status="404"}'] == 1
    assert found['fangan_writer_seconds_count{kind="section",outcome="answered",writer="scripted"}'] == 1
    assert not any("望海" in name for name in found)
