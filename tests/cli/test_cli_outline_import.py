"""`fangan outline import`: a text in, YAML out, remarks on stderr, exit code 2 for what is no outline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.outline import Outline

DATA = Path(__file__).parents[1] / "data"
CROSSBORDER = DATA / "outlines-import" / "crossborder.txt"
Run = Callable[..., Any]


def test_writes_a_file_and_tells_the_remarks(run: Run, tmp_path: Path) -> None:
    done = run("outline", "import", CROSSBORDER, "-o", "new/kuajing.yaml", "--id", "crossborder")
    assert done.code == 0
    assert done.out == ""
    outline = Outline.model_validate(yaml.safe_load((tmp_path / "new/kuajing.yaml").read_text(encoding="utf-8")))
    assert (outline.id, len(outline.chapters)) == ("crossborder", 5)
    assert "注意：第2行：“编制单位：云岭省商务厅对外贸易处”与编制要求无关，未采用" in done.err
    assert "5章12节" in done.err
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["kuajing.yaml"]


def test_prints_to_stdout_from_stdin(run: Run) -> None:
    done = run("outline", "import", "-", stdin=CROSSBORDER.read_bytes())
    assert done.code == 0
    assert Outline.model_validate(yaml.safe_load(done.out)).id == "imported"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "编制要点文件是空的"),
        (bytes(range(256)) * 9, "编制要点"),
        ("一、现状\n说明。\n".encode() * 250_000, "编制要点超过2MB"),
        ("没有编号的文字。".encode(), "没有找到带编号的标题"),
    ],
)
def test_bad_input_ends_with_2(run: Run, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "in.txt").write_bytes(content)
    done = run("outline", "import", "in.txt", "-o", "out.yaml")
    assert done.code == 2
    assert f"错误：{message}" in done.err
    assert not (tmp_path / "out.yaml").exists()


def test_bad_names_and_places_end_with_2(run: Run, tmp_path: Path) -> None:
    assert run("outline", "import", "missing.txt").code == 2
    assert "请另取一个编号" in run("outline", "import", CROSSBORDER, "--id", "base").err
    assert "是目录" in run("outline", "import", CROSSBORDER, "-o", tmp_path).err
