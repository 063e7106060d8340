"""The service as it is started: keys, what each of them sees, what is logged, and how it stops."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.text.hashing import key_hash
from tests.api.live import reply_of, sheet
from tests.cli.conftest import Run
from tests.cli.running import PATIENCE, environment
from tests.cli.serving import Service, serving
from tests.doubles.faults import completion
from tests.doubles.offline_endpoint import usage_of

COMMERCE, DISTRICT = "fangan_shangwuju-" + "a" * 30, "fangan_kaifaqu-" + "b" * 30
KEYS = f"commerce:{key_hash(COMMERCE)},district:{key_hash(DISTRICT)}"
OVER = {"done", "needs_review", "failed", "cancelled"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keyed")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    """With two keys of the settings, listening on all addresses of the machine."""
    with serving(folder, "--host", "0.0.0.0", FANGAN_API_KEYS=KEYS) as found:
        yield found


@pytest.fixture(scope="module")
def plan(service: Service) -> str:
    """A drafted plan of the commerce bureau's: two sections."""
    body = sheet(sections=["2.1", "2.2"])
    made = service.client.post("/v1/plans", json=body, headers=bearer(COMMERCE))
    assert made.status_code == 202, made.text
    ended(service.client, made.json()["id"], COMMERCE)
    return str(made.json()["id"])


def ended(client: httpx.Client, plan: str, key: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while True:
        found: dict[str, Any] = client.get(f"/v1/plans/{plan}", headers=bearer(key) if key else {}).json()
        if found["status"] in OVER:
            return found
        assert time.monotonic() < end, found["status"]
        time.sleep(0.1)


def operations(client: httpx.Client, plan: str) -> Iterator[httpx.Request]:
    """Every operation under /v1, with a body that it would take."""
    given = {"plan": plan, "section": "2.1", "number": "1", "a": "1", "b": "1", "outline": "city-2017"}
    gaps = client.get(f"/v1/plans/{plan}/gaps", params={"format": "xlsx"}, headers=bearer(COMMERCE)).content
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if not path.startswith("/v1/"):
            continue
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            json_body = content.get("application/json", {}).get("example")
            headers = {"If-Match": "*"} if method == "put" else {}
            if json_body is None and content:
                headers["Content-Type"] = next(iter(content))
            where = re.sub(r"\{(\w+)\}", lambda m: given.get(m[1], "x"), path)
            raw = gaps if "Content-Type" in headers else None
            yield client.build_request(method, where, json=json_body, content=raw, headers=headers)


def asked_by(client: httpx.Client, request: httpx.Request, headers: dict[str, str]) -> httpx.Response:
    """The answer to that request, with these headers too."""
    for name in ("authorization", "x-api-key"):
        request.headers.pop(name, None)
    request.headers.update(headers)
    return client.send(request)


def test_a_key_never_sees_the_plans_of_another(service: Service, plan: str) -> None:
    before = service.client.get(f"/v1/plans/{plan}", headers=bearer(COMMERCE)).json()
    asked = 0
    for request in operations(service.client, plan):
        if request.url.path.startswith(f"/v1/plans/{plan}"):
            answer = asked_by(service.client, request, bearer(DISTRICT))
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-plan"), request
            asked += 1
    assert asked >= 10
    assert service.client.get("/v1/plans", headers=bearer(DISTRICT)).json()["plans"] == []
    assert service.client.get(f"/v1/plans/{plan}", headers=bearer(COMMERCE)).json() == before
    assert [p["id"] for p in service.client.get("/v1/plans", headers=bearer(COMMERCE)).json()["plans"]] == [plan]


def test_nothing_is_done_without_a_key(service: Service, plan: str) -> None:
    for request in operations(service.client, plan):
        for headers in ({}, bearer(COMMERCE[:-1]), {"X-API-Key": key_hash(COMMERCE)}):
            answer = asked_by(service.client, request, headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), request
    assert service.client.get("/metrics").status_code == 401
    assert service.client.get("/healthz").status_code == 200
    assert service.client.get("/healthz", headers={"Host": "fangan.wanghai.example"}).status_code == 200


def test_a_key_serves_from_the_moment_it_is_added_until_it_is_revoked(
    service: Service, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANGAN_DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("FANGAN_API_KEYS", KEYS)
    added = run("keys", "add", "port-bureau", "--requests-per-minute", "2", "--plans-at-once", "1")
    key = added.out.strip()
    assert key.startswith("fangan_")
    assert key not in added.err
    codes = [service.client.get("/v1/outlines", headers={"X-API-Key": key}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert [line.split("\t")[0] for line in run("keys", "list").out.splitlines()] == [
        "commerce",
        "district",
        "port-bureau",
    ]
    assert run("keys", "list").out.splitlines()[-1].split("\t")[2:] == ["每分钟2次", "同时1份方案"]
    assert "已有名为“port-bureau”" in run("keys", "add", "port-bureau").err
    assert "FANGAN_API_KEYS 中已有" in run("keys", "add", "commerce").err
    assert "不合要求" in run("keys", "add", "商务局").err
    assert run("keys", "revoke", "port-bureau").code == 0
    assert service.client.get("/v1/outlines", headers={"X-API-Key": key}).status_code == 401
    assert [run("keys", "revoke", name).code for name in ("port-bureau", "commerce", "nobody")] == [2, 2, 2]
    with sqlite3.connect(folder / "data" / "product.sqlite") as database:
        deeds = database.execute("SELECT action, detail, who FROM audit WHERE plan_id = '' ORDER BY id").fetchall()
        assert [(a, json.loads(d)) for a, d, _ in deeds] == [
            ("add key", {"key": "port-bureau"}), ("revoke key", {"key": "port-bureau"})
        ]  # fmt: skip
        assert all(who.startswith("cli") for *_, who in deeds)
        assert key.encode() not in b"".join(p.read_bytes() for p in (folder / "data").iterdir())


def test_every_write_to_a_plan_is_recorded_under_the_name_of_the_key(service: Service, plan: str, folder: Path) -> None:
    address = f"/v1/plans/{plan}/sections/2.1"
    text = "2016年，望海市地区生产总值1105.04亿元。"
    headers = {**bearer(COMMERCE), "If-Match": "*"}
    assert service.client.put(address, json={"text": text}, headers=headers).status_code == 200
    with sqlite3.connect(folder / "data" / "product.sqlite") as database:
        deeds = database.execute("SELECT who, action, section FROM audit WHERE plan_id = ? ORDER BY id", [plan])
        assert deeds.fetchall() == [("commerce", "create", None), ("commerce", "edit", "2.1")]


def test_what_is_logged_names_plan_and_section_and_holds_nothing_of_them(service: Service, plan: str) -> None:
    service.client.post("/v1/plans", content=b'{"subject": "\xe6\x9c\x9b\xe6\xb5\xb7', headers=bearer(COMMERCE))
    service.client.get("/v1/plans", params={"q": "望海市的秘密"}, headers=bearer(COMMERCE))
    logged = service.logged()
    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    jobs = [x for x in lines if x["event"] == "job done"]
    assert {(x["plan"], x["section"]) for x in jobs} >= {(plan, "2.1"), (plan, "2.2")}
    asked = [x for x in lines if x["event"] == "GET /v1/plans/{plan}"]
    assert {(x["plan"], x["caller"], x["status"]) for x in asked} >= {(plan, "commerce", 200)}
    for secret in (COMMERCE, DISTRICT, key_hash(COMMERCE), "望海", "1105.04", "港口", "秘密"):
        assert secret not in logged


def test_measures_count_the_plans_of_all_keys(service: Service, plan: str) -> None:
    told = service.client.get("/metrics", headers=bearer(DISTRICT)).text
    at = {m[1]: float(m[2]) for m in re.finditer(r"^(fangan_\S+) (\S+)$", told, re.MULTILINE)}
    status = service.client.get(f"/v1/plans/{plan}", headers=bearer(COMMERCE)).json()["status"]
    assert at[f'fangan_plans{{status="{status}"}}'] >= 1
    assert sum(n for name, n in at.items() if name.startswith("fangan_sections{")) >= 2
    assert at["fangan_ready"] == 1
    assert at['fangan_writer_seconds_count{kind="section",outcome="answered",writer="offline"}'] >= 2
    assert plan not in told


class Slow(ThreadingHTTPServer):
    """An endpoint that answers when it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked, self.go, self.answered = threading.Event(), threading.Event(), 0


class _Answers(BaseHTTPRequestHandler):
    server: Slow

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.set()
        self.server.go.wait(PATIENCE)
        text = "2016年，望海市地区生产总值1105.04亿元，增长7.8%。"
        body = json.dumps(completion(reply_of(text), usage=usage_of(asked))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.answered += 1

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_stopped_in_the_middle_of_a_call_it_keeps_the_reply(tmp_path: Path) -> None:
    endpoint = Slow()
    thread = threading.Thread(target=endpoint.serve_forever, daemon=True)
    thread.start()
    model = {"OPENAI_BASE_URL": f"http://127.0.0.1:{endpoint.server_port}/v1", "OPENAI_API_KEY": "sk-wanghai",
             "FANGAN_MODEL": "qwen", "FANGAN_RUNG": "json_schema", "FANGAN_WARM_CACHE": "off"}  # fmt: skip
    try:
        with serving(tmp_path, FANGAN_CONCURRENCY="1", **model) as service:
            assert service.client.post("/v1/plans", json=sheet(sections=["2.1", "2.2"])).status_code == 202
            assert endpoint.asked.wait(PATIENCE)
            releasing = threading.Thread(target=_released_when_stopping, args=(service, endpoint))
            releasing.start()
            assert service.stop() == -signal.SIGTERM  # the server ends in order, then by the signal it was sent
            releasing.join(PATIENCE)
            assert "sk-wanghai" not in service.logged()
        with sqlite3.connect(tmp_path / "data" / "product.sqlite") as database:
            kept = database.execute("SELECT section FROM replies").fetchall()
        assert (endpoint.answered, kept) == (1, [("2.1",)])
    finally:
        endpoint.shutdown()
        endpoint.server_close()
        thread.join(PATIENCE)


def _released_when_stopping(service: Service, endpoint: Slow) -> None:
    """Answers once the service says that it is stopping, and so waits for this answer alone."""
    end = time.monotonic() + PATIENCE
    while "application shutdown" not in service.logged() and time.monotonic() < end:
        time.sleep(0.05)
    endpoint.go.set()


def test_an_address_beyond_this_machine_is_refused_without_keys_in_force(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANGAN_DATA_DIR", str(tmp_path / "data"))
    assert "尚无密钥" in run("keys", "list").err
    assert [run("keys", "add", "port"), run("keys", "revoke", "port")][-1].code == 0
    for address in ("0.0.0.0", "::", "192.0.2.1"):
        done = run("serve", "--host", address)
        assert done.code == 2
        assert f"不能监听“{address}”：还没有密钥" in done.err
    assert "应为 IP 地址" in run("serve", "--host", "wanghai.example").err


def test_a_worker_needs_a_database_that_several_can_share(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANGAN_DATA_DIR", str(tmp_path / "data"))
    done = run("worker")
    assert (done.code, "fangan serve 已兼任起草" in done.err) == (2, True)


def test_a_worker_drafts_what_another_process_took_in_and_stops_in_order(tmp_path: Path, postgres_url: str) -> None:
    shared = {"FANGAN_DATABASE_URL": postgres_url.replace("+psycopg", "")}
    log = tmp_path / "worker.log"
    with (
        serving(tmp_path, FANGAN_EXECUTOR="serve", FANGAN_CONCURRENCY="4", **shared) as service,
        log.open("wb") as out,
    ):
        worker = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "worker"],
            cwd=tmp_path,
            env=environment(tmp_path, FANGAN_EXECUTOR="worker", FANGAN_CONCURRENCY="4", **shared),
            stderr=out,
        )
        try:
            _until_said(log, "已启动")
            end = time.monotonic() + PATIENCE
            while '"event": "job done"' not in log.read_text("utf-8"):
                assert time.monotonic() < end, "the worker has done nothing"
                made = service.client.post("/v1/plans", json=sheet(sections=["2.1", "2.2"]))
                assert ended(service.client, made.json()["id"], "")["status"] in {"done", "needs_review"}
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(PATIENCE) == 0
        finally:
            worker.kill()
            worker.wait(PATIENCE)
    assert "望海" not in log.read_text("utf-8")


def _until_said(log: Path, text: str) -> None:
    end = time.monotonic() + PATIENCE
    while text not in log.read_text("utf-8"):
        assert time.monotonic() < end, log.read_text("utf-8")
        time.sleep(0.05)
