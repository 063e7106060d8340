"""The client has a method for each operation of the service."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.client import Client, ClientError
from service.main import create_app
from tests.api.live import scripted, served, settings, sheet

PAGES = {"GET /metrics"}
"""Read by Prometheus, in a form of its own."""

CALLS: dict[str, Callable[[Client], object]] = {
    "GET /healthz": lambda c: c.health(),
    "GET /readyz": lambda c: c.readiness(),
    "GET /problems": lambda c: c.problems(),
    "GET /problems/{slug}": lambda c: c.problem("not-found"),
    "GET /v1/outlines": lambda c: c.outlines(),
    "POST /v1/outlines:import": lambda c: c.import_outline("一、现状".encode()),
    "GET /v1/outlines/{outline}": lambda c: c.outline("city-2017"),
    "DELETE /v1/outlines/{outline}": lambda c: c.delete_outline("other"),
    "GET /v1/outlines/{outline}/facts-schema": lambda c: c.facts_schema("city-2017"),
    "GET /v1/outlines/{outline}/facts-template.xlsx": lambda c: c.facts_template("other"),
    "GET /v1/exemplars": lambda c: c.exemplars(),
    "GET /v1/exemplars/{exemplar}": lambda c: c.exemplar("harbin"),
    "POST /v1/fact-sheets:parse": lambda c: c.parse_fact_sheet(b"{}"),
    "POST /v1/fact-sheets:gaps": lambda c: c.fact_sheet_gaps(b"{}"),
    "POST /v1/fact-sheets:merge": lambda c: c.merge_fact_sheet(sheet(), b"PK"),
    "POST /v1/sections": lambda c: c.draft_section(sheet(), "9.9"),
    "POST /v1/checks": lambda c: c.check(sheet(), "文字。"),
    "POST /v1/plans": lambda c: c.create_plan(sheet()),
    "GET /v1/plans": lambda c: c.plans(),
    "GET /v1/plans/{plan}": lambda c: c.plan("p"),
    "DELETE /v1/plans/{plan}": lambda c: c.delete("p"),
    "POST /v1/plans/{plan}:cancel": lambda c: c.cancel("p"),
    "POST /v1/plans/{plan}:resume": lambda c: c.resume("p"),
    "POST /v1/plans/{plan}:undelete": lambda c: c.undelete("p"),
    "GET /v1/plans/{plan}/events": lambda c: list(c.events("p")),
    "GET /v1/plans/{plan}/sections/{section}": lambda c: c.section("p", "2.1"),
    "PUT /v1/plans/{plan}/sections/{section}": lambda c: c.edit("p", "2.1", "文字。", 1),
    "GET /v1/plans/{plan}/sections/{section}/versions/{a}...{b}": lambda c: c.difference("p", "2.1", 1, 2),
    "GET /v1/plans/{plan}/sections/{section}/versions/{number}": lambda c: c.version("p", "2.1", 1),
    "POST /v1/plans/{plan}/sections/{section}:redraft": lambda c: c.redraft("p", "2.1"),
    "POST /v1/plans/{plan}/sections/{section}:restore": lambda c: c.restore("p", "2.1", 1),
    "GET /v1/plans/{plan}/document": lambda c: c.document("p"),
    "GET /v1/plans/{plan}/gaps": lambda c: c.gaps("p"),
    "POST /v1/plans/{plan}/gaps": lambda c: c.complete_facts("p", b"PK"),
    "GET /v1/plans/{plan}/provenance": lambda c: c.provenance("p"),
    "GET /v1/plans/{plan}/facts": lambda c: c.facts("p"),
    "PUT /v1/plans/{plan}/facts": lambda c: c.replace_facts("p", sheet()),
}


class Routed:
    """Tells by which route each request is answered, before its answer begins."""

    def __init__(self, app: ASGIApp, told: Callable[[str], None]) -> None:
        self._app, self._told = app, told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._told(f"{scope['method']} {getattr(scope.get('route'), 'path', scope['path'])}")
            await send(message)

        await self._app(scope, receive, sending)


def test_each_operation_has_a_method() -> None:
    answered: list[str] = []
    app: FastAPI = create_app(settings(), lambda _: scripted(), durable=False)
    app.add_middleware(Routed, told=answered.append)
    with served(app) as server, Client(str(server.base_url), retries=0) as client:
        paths: dict[str, dict[str, Any]] = server.get("/openapi.json").json()["paths"]
        assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} - PAGES == set(
            CALLS
        )
        for operation, call in CALLS.items():
            answered.clear()
            with contextlib.suppress(ClientError):  # without a database there are no plans
                call(client)
            assert answered == [operation]
