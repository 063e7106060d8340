"""`fangan check`: manuscripts as people keep them, printed with marks or as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.running import SAMPLE

TRUE = "2016年，全市地区生产总值1105.04亿元，增长7.8%，年末常住人口312.6万人。"
FALSE = TRUE.replace("312.6", "321.6")


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_true_text_shows_what_its_figures_rest_on(run: Run, tmp_path: Path) -> None:
    done = run("check", _written(tmp_path, "稿.txt", TRUE), "--facts", SAMPLE)
    assert done.code == 0, done.out
    assert TRUE in done.out
    assert "gdp-2016" in done.out
    assert "2016年常住人口312.6万人" in done.out


def test_a_wrong_figure_is_marked_and_explained(run: Run, tmp_path: Path) -> None:
    done = run("check", _written(tmp_path, "稿.txt", FALSE), "--facts", SAMPLE, "--section", "2.1")
    assert done.code == 1
    assert "321.6万人〔1〕" in done.out or "321.6〔1〕" in done.out
    assert "须修改" in done.out
    assert "population-2016" in done.out


def test_json_is_the_answer_of_the_service_with_the_texts(run: Run, tmp_path: Path) -> None:
    done = run("check", _written(tmp_path, "稿.txt", FALSE), "--facts", SAMPLE, "--section", "2.1", "--json")
    assert done.code == 1
    report = json.loads(done.out)
    assert set(report) == {"texts", "findings", "counts", "normalised", "skipped", "contradictions", "supports"}
    assert report["texts"] == {"2.1": FALSE}
    wrong = [f for f in report["findings"] if f["check"] == "numbers"]
    assert [FALSE[f["start"] : f["end"]] for f in wrong] == [f["excerpt"] for f in wrong] != []


def test_a_whole_plan_is_read_by_its_headings(run: Run, tmp_path: Path) -> None:
    text = f"一、摘要\n（一）创建工作目标\n{TRUE}\n二、城市经济社会发展现状与战略定位\n（一）城市经济社会发展概况\n{FALSE}\n"
    for name, content in (("稿.txt", text), ("稿.md", text.replace("\n（", "\n### （").replace("二、", "## 二、"))):
        done = run("check", _written(tmp_path, name, content), "--facts", SAMPLE, "--json")
        report = json.loads(done.out)
        assert report["texts"] == {"1.1": TRUE, "2.1": FALSE}
        assert {f["section"] for f in report["findings"] if f["check"] == "numbers"} == {"2.1"}


def test_one_section_of_a_whole_plan(run: Run, tmp_path: Path) -> None:
    text = f"一、摘要\n（一）创建工作目标\n{FALSE}\n二、城市经济社会发展现状与战略定位\n（一）城市经济社会发展概况\n{TRUE}\n"
    path = _written(tmp_path, "稿.txt", text)
    done = run("check", path, "--facts", SAMPLE, "--section", "2.1", "--json")
    report = json.loads(done.out)
    assert report["texts"] == {"2.1": TRUE}
    assert [f for f in report["findings"] if f["check"] == "numbers"] == []
    other = run("check", path, "--facts", SAMPLE, "--section", "3.2")
    assert (other.code, other.out) == (2, "")
    assert "没有第3.2节的正文" in other.err


def test_standard_input(run: Run) -> None:
    assert run("check", "-", "--facts", SAMPLE, "--section", "2.1", stdin=FALSE.encode()).code == 1
    done = run("check", "-", "--facts", "-", stdin=FALSE.encode())
    assert done.code == 2
    assert "标准输入" in done.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "没有要核查的文字"),
        (b"\xef\xbb\xbf \n", "没有要核查的文字"),
        (TRUE.encode("gbk"), "UTF-8"),
        (b"PK\x03\x04\x14\x00", "不是有效的 .docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "加了密码"),
        (b"a\x00b", "空字符"),
        ("增".encode() * 110_000, "分节核查"),
        (b"x" * 2_000_001, "2MB"),
    ],
)
def test_manuscripts_that_cannot_be_checked(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "稿.txt"
    path.write_bytes(content)
    done = run("check", path, "--facts", SAMPLE)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_unknown_section_and_missing_files(run: Run, tmp_path: Path) -> None:
    path = _written(tmp_path, "稿.txt", TRUE)
    assert "9.9" in run("check", path, "--facts", SAMPLE, "--section", "9.9").err
    assert "找不到文稿文件" in run("check", "无.txt", "--facts", SAMPLE).err
    assert "找不到事实表文件" in run("check", path, "--facts", "无.json").err
    assert run("check", path, "--facts", "无.json").code == 2
