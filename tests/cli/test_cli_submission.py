"""`fangan draft --clean`: the draft is always delivered; the version for submission only when nothing is left, or by force."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import docx

from tests.cli.conftest import Run

SHEET = {
    "outline": "base",
    "subject": {"name": "望海电子商务产业园"},
    "plan_year": 2017,
    "facts": [
        {"id": "gdp-2016", "name": "基地年营销收入", "value": 52.3, "unit": "亿元", "year": 2016, "source": "园区"}
    ],
}


def sheet(folder: Path) -> Path:
    path = folder / "facts.json"
    path.write_text(json.dumps(SHEET, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_submission_is_refused_with_places_while_the_draft_is_delivered(run: Run, tmp_path: Path) -> None:
    done = run("draft", sheet(tmp_path), "--model", "offline", "-o", "out", "--clean")
    assert done.code == 1
    assert "还不能输出报送稿" in done.err
    assert "封面：【待补充：编制单位】" in done.err
    assert (tmp_path / "out" / "plan.docx").exists()
    assert not (tmp_path / "out" / "plan-clean.docx").exists()


def test_force_gives_both_and_comments_stay_in_the_draft(run: Run, tmp_path: Path) -> None:
    arguments = ("--model", "offline", "-o", "out", "--clean", "--force", "--sources", "comments")
    done = run("draft", sheet(tmp_path), *arguments)
    assert "plan-clean.docx" in done.out
    parts = {}
    for name in ("plan.docx", "plan-clean.docx"):
        raw = (tmp_path / "out" / name).read_bytes()
        assert docx.Document(io.BytesIO(raw)).paragraphs
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts[name] = set(archive.namelist())
    assert parts["plan.docx"] - parts["plan-clean.docx"] == {"word/comments.xml"}
