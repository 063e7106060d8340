"""Who may ask: keys, their rates, and names and pages that are turned away where there are no keys."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from schemas.stored import KeyRow
from service.api.access import LONGEST_KEY, Access
from service.main import create_app
from service.text.hashing import key_hash
from tests.api.live import scripted, settings

KEY = "fangan_wanghai-" + "7" * 28
Serve = Callable[[FastAPI], httpx.Client]


def keyed(*rows: KeyRow, configured: dict[str, str] | None = None, per_minute: int = 600) -> FastAPI:
    """A service whose database would hold these keys."""

    async def stored() -> Sequence[KeyRow]:
        return rows

    app = create_app(settings(), lambda _: scripted(), durable=False)
    app.state.access = Access(configured or {}, stored, per_minute)
    return app


def row(name: str, key: str, *, revoked: bool = False, per_minute: int | None = None) -> KeyRow:
    made = datetime(2026, 11, 3, 8, tzinfo=UTC)
    gone = made if revoked else None
    return KeyRow(
        name=name, sha256=key_hash(key), created_at=made, revoked_at=gone, requests_per_minute=per_minute
    )  # fmt: skip


def test_either_header_serves(serve: Serve) -> None:
    client = serve(keyed(row("commerce", KEY)))
    for headers in ({"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY}"}, {"X-API-Key": KEY}):
        assert client.get("/v1/outlines", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": f"Bearer {KEY[:-1]}"},
        httpx.Headers({"Authorization": "Bearer 密钥"}, encoding="utf-8"),
        {"X-API-Key": KEY.upper()},
        {"X-API-Key": KEY + "x" * LONGEST_KEY},
        {"X-API-Key": key_hash(KEY)},
    ],
)
def test_anything_else_is_told_what_is_missing(serve: Serve, headers: dict[str, str] | httpx.Headers) -> None:
    answer = serve(keyed(row("commerce", KEY))).get("/v1/outlines", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/unauthenticated"
    assert "密钥" in answer.json()["detail"]
    assert KEY not in answer.text


def test_to_revoke_the_last_key_opens_nothing(serve: Serve) -> None:
    client = serve(keyed(row("commerce", KEY, revoked=True)))
    assert client.get("/v1/outlines").status_code == 401
    assert client.get("/v1/outlines", headers={"X-API-Key": KEY}).status_code == 401


def test_a_key_is_compared_with_every_key_in_constant_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    real = hmac.compare_digest

    def noted(known: str, shown: str) -> bool:
        compared.append(known)
        return real(known, shown)

    configured = {name: key_hash(name) for name in ("first", "second", "third")}
    client = serve(keyed(configured=configured))
    monkeypatch.setattr("service.api.access.hmac.compare_digest", noted)
    for key in ("first", "third"):
        compared.clear()
        assert client.get("/v1/outlines", headers={"X-API-Key": key}).status_code == 200
        assert compared == list(configured.values())


def test_each_key_has_a_rate_of_its_own(serve: Serve) -> None:
    client = serve(keyed(row("commerce", KEY), row("port", "port-key", per_minute=1), per_minute=2))
    codes = [client.get("/v1/outlines", headers={"X-API-Key": KEY}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert client.get("/v1/exemplars", headers={"X-API-Key": "port-key"}).status_code == 200
    refused = client.get("/v1/exemplars", headers={"X-API-Key": "port-key"})
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert "每分钟最多1次" in refused.json()["detail"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "127.8.9.1:80", "[::1]:8000"])
def test_names_of_this_machine_are_answered_without_keys(client: httpx.Client, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["fangan.example", "127.0.0.1.fangan.example", "192.0.2.7:8000", "[::2]", "[", "a@b"])
def test_a_name_that_only_points_here_is_turned_away_without_keys(client: httpx.Client, host: str) -> None:
    for path in ("/healthz", "/v1/outlines", "/docs", "/openapi.json", "/nowhere"):
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code, answer.json()["type"]) == (421, "/problems/foreign-host")


def test_no_page_of_another_site_changes_anything_without_keys(client: httpx.Client) -> None:
    own = str(client.base_url).rstrip("/")
    for origin, code in (("https://evil.example", 421), ("null", 421), ("http://127.0.0.1:1", 421), (own, 415)):
        answer = client.post("/v1/sections", content=b"{}", headers={"Origin": origin, "Content-Type": "text/plain"})
        assert answer.status_code == code, origin
    read = client.get("/v1/outlines", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in read.headers


def test_every_answer_tells_browsers_what_it_is_not(client: httpx.Client) -> None:
    for path in ("/v1/outlines/city-2017", "/healthz", "/docs", "/nowhere", "/v1/plans"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"]
