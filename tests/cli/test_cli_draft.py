"""`fangan demo` and `fangan draft`: the files that come out, and that nothing comes out when something is wrong."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path

import pytest

from service.cli.files import output
from service.errors import OutputError
from service.text.counting import count
from tests.cli.conftest import Run
from tests.cli.running import SAMPLE, fangan

FILES = {"plan.docx", "plan.md", "gaps.xlsx", "gaps.json", "gaps.md", "provenance.json"}
NOWHERE = "http://127.0.0.1:9/v1"
"""Nothing listens on the discard port of this machine."""


def test_demo_in_a_process_of_its_own(tmp_path: Path) -> None:
    done = fangan(tmp_path, "demo")
    out = tmp_path / "out"
    assert {p.name for p in out.iterdir()} == FILES
    assert zipfile.is_zipfile(out / "plan.docx")
    record = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert len(record["sections"]) == 26
    assert {s["writer"] for s in record["sections"]} <= {"offline", None}
    assert "望海市创建国家电子商务示范城市工作方案" in (out / "plan.md").read_text(encoding="utf-8")
    assert "限3500字" in done.stdout
    assert all(name in done.stdout for name in FILES)
    assert "离线起草器" in done.stderr
    errors = [f for s in record["sections"] for f in s["findings"] if f["severity"] == "error"]
    assert done.returncode == (1 if errors else 0), errors
    assert {p.name for p in tmp_path.iterdir()} == {"out"}


def test_demo_never_uses_the_configured_model(tmp_path: Path) -> None:
    done = fangan(tmp_path, "demo", "-o", "样例", FANGAN_MODEL="qwen-max", OPENAI_BASE_URL=NOWHERE)
    assert done.returncode in {0, 1}, done.stderr
    record = json.loads((tmp_path / "样例" / "provenance.json").read_text(encoding="utf-8"))
    assert record["writer"] == "offline"


def test_draft_replaces_its_own_files_and_no_others(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "plan.md").write_text("旧稿", encoding="utf-8")
    (out / "笔记.txt").write_text("勿动", encoding="utf-8")
    done = run("draft", SAMPLE, "-o", out)
    assert done.code in {0, 1}, done.err
    assert {p.name for p in out.iterdir()} == {*FILES, "笔记.txt"}
    assert "望海市" in (out / "plan.md").read_text(encoding="utf-8")
    assert (out / "笔记.txt").read_text(encoding="utf-8") == "勿动"


def test_what_no_data_request_asks_for_is_counted_too(run: Run, tmp_path: Path) -> None:
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    sample["facts"] = [f for f in sample["facts"] if f["id"] != "jobs-2016"]
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(sample), encoding="utf-8")
    done = run("draft", path, "--model", "offline")
    assert "【待补充：2016年电子商务从业人员，万人】" in (tmp_path / "out" / "plan.md").read_text(encoding="utf-8")
    assert re.search("另需补充 *│ 1项，见 plan.docx", done.out)
    assert "另需补充" not in run("draft", SAMPLE, "--model", "offline").out


def test_draft_of_one_section_prints_its_text(run: Run, tmp_path: Path) -> None:
    done = run("draft", SAMPLE, "--section", "2.1")
    assert done.code in {0, 1}, done.err
    assert "地区生产总值1105.04亿元" in done.out
    assert count(done.out).hanzi > 100
    assert "离线起草器" not in done.out
    assert list(tmp_path.iterdir()) == []


def test_draft_reads_standard_input_and_yaml(run: Run, tmp_path: Path) -> None:
    text = (
        "outline: city-2017\nsubject: {name: 望海市, province: 云岭省}\nplan_year: 2017\nfacts:\n"
        "  - {id: gdp-2016, indicator: gdp, value: 1105.04, unit: 亿元, year: 2016, growth: 7.8}\n"
    )
    done = run("draft", "-", "--section", "2.1", "-o", "out", stdin=text.encode())
    assert done.code in {0, 1}, done.err
    assert "1105.04亿元" in (tmp_path / "out" / "section-2.1.md").read_text(encoding="utf-8")
    assert "待补充" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--section", "9.9"], "9.9"),
        (["--exemplar", "haerbin"], "harbin"),
        (["--instruction", "短" * 2001], "2000"),
        (["--model", "qwen-max"], "OPENAI_BASE_URL"),
    ],
)
def test_wrong_options(run: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    done = run("draft", SAMPLE, *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_an_endpoint_that_cannot_be_reached(tmp_path: Path) -> None:
    done = fangan(tmp_path, "draft", SAMPLE, FANGAN_MODEL="m", OPENAI_BASE_URL=NOWHERE, FANGAN_MAX_REPAIRS="0")
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "OPENAI_BASE_URL" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = fangan(tmp_path, "draft", SAMPLE, FANGAN_CONCURRENCY="many")
    assert done.returncode == 2
    assert "concurrency" in done.stderr.lower()


@pytest.mark.parametrize("command", ["demo", "draft"])
def test_output_that_cannot_be_written(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("x")
    facts = [] if command == "demo" else [SAMPLE]
    for folder in (tmp_path / "file", tmp_path / "file" / "out", Path("/proc/fangan/out"), tmp_path / ("长" * 200)):
        done = run(command, *facts, "-o", folder)
        assert (done.code, done.out) == (2, "")
        assert "无法写入" in done.err
        assert "-o" in done.err
    assert {p.name for p in tmp_path.iterdir()} == {"file"}


def test_nothing_is_replaced_when_one_file_cannot_be(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "provenance.json").mkdir(parents=True)
    (out / "plan.md").write_text("旧稿", encoding="utf-8")
    done = run("draft", SAMPLE, "-o", out)
    assert (done.code, done.out) == (2, "")
    assert (out / "plan.md").read_text(encoding="utf-8") == "旧稿"
    assert {p.name for p in out.iterdir()} == {"provenance.json", "plan.md"}


def test_work_that_fails_leaves_no_folder_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), output(tmp_path / "甲" / "乙"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="权限"), output(tmp_path / "out"):
        pass
    tmp_path.chmod(0o700)
