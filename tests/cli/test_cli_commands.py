"""The other commands: outlines, facts, serve, doctor, help; and how the program fails."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points, version
from pathlib import Path

import httpx
import pytest

from service.cli.console import report_crash
from service.prompt.outlines import load_outline
from tests.cli.conftest import Run
from tests.cli.running import PATIENCE, SAMPLE, environment

LOADED_LATE = ("fastapi", "openai", "docx", "tiktoken", "uvicorn", "yaml")


def test_the_entry_point_is_main() -> None:
    (found,) = entry_points(group="console_scripts", name="fangan")
    assert found.value == "service.cli:main"


def test_the_version_is_the_installed_one(run: Run) -> None:
    done = run("--version")
    assert (done.code, done.out.strip()) == (0, f"fangan {version('fangan')}")


@pytest.mark.parametrize(
    "command",
    [[], ["demo"], ["draft"], ["check"], ["outline"], ["outline", "list"], ["outline", "show"], ["facts"],
     ["facts", "parse"], ["serve"], ["doctor"]],
)  # fmt: skip
def test_help_of_every_command_is_chinese(run: Run, command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.code == 0
    assert re.search("[\u4e00-\u9fff]", done.out)


@pytest.mark.parametrize(
    "command", [[], ["demo"], ["draft"], ["check"], ["serve"], ["facts"], ["facts", "parse"], ["eval"], ["eval", "run"]]
)
def test_no_help_is_cut_off_on_a_narrow_terminal(run: Run, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "…" not in run(*command, "--help").out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["draft"], "缺少参数 FACTS；用法见 fangan draft --help"),
        (["check", "x"], "缺少选项 --facts；用法见 fangan check --help"),
        (["facts", "template", "x"], "缺少选项 -o、--out；用法见 fangan facts template --help"),
        (["draft", "x", "--sauces"], "没有选项 --sauces，是否应为 --sources；用法见 fangan draft --help"),
        (["draft", "x", "--zzzzzz"], "没有选项 --zzzzzz；用法见 fangan draft --help"),
        (["drft"], "没有命令 drft，是否应为 draft；用法见 fangan --help"),
        (["facts", "qqqq"], "没有命令 qqqq；用法见 fangan facts --help"),
        (["draft", "a", "b"], "多出了参数 b；用法见 fangan draft --help"),
        (["draft", "a", "-o"], "选项 -o 后面缺少内容；用法见 fangan --help"),
        (["draft", "a", "--clean=1"], "选项 --clean 后面不能带内容；用法见 fangan --help"),
        (["draft", "a", "--sources", "x"], "--sources 只能是 none、footnotes、comments；用法见 fangan draft --help"),
        (["serve", "--port", "abc"], "--port 应为整数；用法见 fangan serve --help"),
        (["serve", "--port", "99999"], "--port 不能大于 65535；用法见 fangan serve --help"),
        (["serve", "--port", "-1"], "--port 不能小于 0；用法见 fangan serve --help"),
    ],
)
def test_a_command_typed_wrongly_is_explained_in_chinese(run: Run, command: list[str], said: str) -> None:
    done = run(*command)
    assert (done.code, done.out, done.err) == (2, "", f"错误：{said}\n")


@pytest.mark.parametrize("command", [[], ["outline"], ["facts"], ["keys"]])
def test_a_group_without_a_command_shows_its_help(run: Run, command: list[str]) -> None:
    done = run(*command)
    assert done.code == 2
    assert "--help" in done.out
    assert done.err == ""


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, service.cli; print([m for m in {LOADED_LATE!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.strip() == "[]"


def test_outlines(run: Run) -> None:
    done = run("outline", "list")
    assert done.code == 0
    assert "city-2017" in done.out
    assert "base" in done.out
    shown = run("outline", "show", "city-2017").out
    outline = load_outline("city-2017")
    for section in outline.sections:
        assert f"{section.id}  {section.number}{section.title}" in shown
        assert all(p.text in shown for p in section.points)
    assert "不超过3500字" in shown
    assert json.loads(run("outline", "show", "base", "--json").out)["id"] == "base"
    wrong = run("outline", "show", "citi-2017")
    assert (wrong.code, wrong.out) == (2, "")
    assert "city-2017" in wrong.err


def test_facts_parse_gives_the_sheet_that_holds(run: Run, tmp_path: Path) -> None:
    done = run("facts", "parse", SAMPLE)
    assert done.code == 0
    (tmp_path / "again.json").write_text(done.out, encoding="utf-8")
    assert run("facts", "parse", "again.json").out == done.out
    assert "\\u" not in done.out


def test_facts_that_contradict_each_other_are_told(run: Run) -> None:
    twice = (
        '{"outline": "city-2017", "subject": {"name": "望海市"}, "plan_year": 2017, "facts": ['
        '{"id": "a", "indicator": "gdp", "value": 1105.04, "unit": "亿元", "year": 2016},'
        '{"id": "b", "indicator": "gdp", "value": 1120, "unit": "亿元", "year": 2016}]}'
    ).encode()
    for command in (["facts", "parse", "-"], ["draft", "-", "--section", "2.1"]):
        done = run(*command, stdin=twice)
        assert done.code in {0, 1}
        assert "1105.04亿元" in done.err
        assert "1120亿元" in done.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ["事实表是空的"]),
        (b"{}", ["事实表是空的"]),
        (b'{"outline": "city-2017",\n "facts": [}', ["第2行"]),
        (b"outline: [", ["第"]),
        (b'{"outline": "city-2017", "outline": "base"}', ["重复"]),
        (b'{"outline": "citi-2017", "subject": {"name": "x"}, "plan_year": 2017}', ["/outline", "city-2017"]),
        (
            '{"outline": "city-2017", "subject": {"name": "望海市"}, "plan_year": 2017, "facts": ['
            '{"id": "a", "indicator": "gpd", "value": 1, "unit": "亿元"},'
            '{"id": "b", "indicator": "gdp", "value": 1, "unit": "万人"},'
            '{"id": "b", "name": "产值", "value": 1}]}'.encode(),
            ["/facts/0/indicator", "gdp", "/facts/1/unit", "/facts/2/id"],
        ),
        (b"x" * 5_000_000, ["2MB"]),
        ("outline: 城市".encode("gbk"), ["UTF-8"]),
    ],
)
@pytest.mark.parametrize("command", [["facts", "parse"], ["draft"]])
def test_bad_fact_sheets(run: Run, tmp_path: Path, command: list[str], content: bytes, said: list[str]) -> None:
    (tmp_path / "f").write_bytes(content)
    for source, stdin in (("f", b""), ("-", content)):
        done = run(*command, source, stdin=stdin)
        assert (done.code, done.out) == (2, "")
        for word in said:
            assert word in done.err
    assert {p.name for p in tmp_path.iterdir()} == {"f"}


def test_files_that_are_none(run: Run, tmp_path: Path) -> None:
    assert "找不到" in run("facts", "parse", "无.json").err
    assert "目录" in run("facts", "parse", tmp_path).err
    assert run("facts", "parse", "a\0b").code == 2


@pytest.mark.parametrize("arguments", [["demo", "-o"], ["draft"], ["nosuch"], ["check", "x"], ["serve", "--port", "x"]])
def test_usage_errors(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).code == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_serve_refuses_to_be_reached_from_elsewhere(run: Run, host: str) -> None:
    done = run("serve", "--host", host)
    assert done.code == 2
    assert "127.0.0.1" in done.err


def test_serve_answers_and_stops(tmp_path: Path, run: Run) -> None:
    command = [sys.executable, "-m", "service.cli", "serve", "--port", "0"]
    log = tmp_path / "log"
    with log.open("wb") as err:
        child = subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path), stdout=err, stderr=err)
    try:
        end = time.monotonic() + PATIENCE
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8"))):
            assert child.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        with httpx.Client(transport=httpx.HTTPTransport(retries=5), trust_env=False, timeout=PATIENCE) as client:
            assert client.get(f"{found[0]}/healthz").json()["writer"] == "offline"
        taken = run("serve", "--port", found[1])
        assert taken.code == 2
        assert found[1] in taken.err
        child.send_signal(signal.SIGINT)
        assert child.wait(PATIENCE) is not None
    finally:
        child.kill()
        child.wait(PATIENCE)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_doctor(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("doctor")
    assert done.code == 0
    for word in ("city-2017", "harbin", "词表", "离线起草器", "fangan"):
        assert word in done.out
    monkeypatch.setenv("FANGAN_MODEL", "qwen-max")
    done = run("doctor")
    assert done.code == 1
    assert "OPENAI_BASE_URL" in done.out


def test_doctor_tells_a_wrong_setting_once_and_names_that_nothing_reads(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANGAN_MODLE", "qwen-max")
    done = run("doctor")
    assert done.code == 0
    assert "FANGAN_MODLE（是否应为 FANGAN_MODEL？）" in done.out
    monkeypatch.setenv("FANGAN_PORT", "abc")
    done = run("doctor")
    assert done.code == 1
    assert done.out.count("FANGAN_PORT 应为整数，现为“abc”") == 1


_ANSWER = {
    "id": "1",
    "created": 0,
    "model": "qwen-max-2017",
    "usage": {"prompt_tokens": 30, "completion_tokens": 6, "total_tokens": 36},
}


class _Endpoint(BaseHTTPRequestHandler):
    """A model endpoint that keeps every schema: it answers the first value that is allowed, whole or as a stream."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers["authorization"] != "Bearer sk-0123456789":
            self._send(401, "application/json", b'{"error": {"message": "Incorrect API key provided"}}')
            return
        properties = body["response_format"]["json_schema"]["schema"]["properties"]
        content = json.dumps({name: p["enum"][0] if "enum" in p else 1 for name, p in properties.items()})
        said = {"role": "assistant", "content": content}
        if body.get("stream"):
            chunk = {"choices": [{"index": 0, "finish_reason": "stop", "delta": said}]}
            lines = f"data: {json.dumps({**_ANSWER, 'object': 'chat.completion.chunk', **chunk})}\n\ndata: [DONE]\n\n"
            self._send(200, "text/event-stream", lines.encode())
        else:
            whole = {"choices": [{"index": 0, "finish_reason": "stop", "message": said}], "object": "chat.completion"}
            self._send(200, "application/json", json.dumps({**_ANSWER, **whole}).encode())

    def _send(self, status: int, media_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Tests say nothing."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address, set as the configured one."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join(PATIENCE)


def test_doctor_asks_the_endpoint(run: Run, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("FANGAN_MODEL", "qwen-max")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint)
    done = run("doctor")
    assert done.code == 0, done.out
    assert "qwen-max-2017" in done.out
    assert "json_schema" in done.out
    assert "支持流式输出" in done.out
    monkeypatch.setenv("OPENAI_API_KEY", "sk-9876543210")
    wrong = run("doctor")
    assert wrong.code == 1
    assert "OPENAI_API_KEY" in wrong.out
    for told in (done, wrong):
        assert "sk-" not in told.out + told.err


def test_a_fault_of_the_program_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        report_crash(error)
    told = capsys.readouterr().err
    (log,) = tmp_path.iterdir()
    assert told.count("\n") == 1
    assert str(log) in told
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
