"""`fangan draft --clean`: the draft is always delivered; the version for submission only when nothing is left, or by force."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import docx
import pytest

from tests.cli.conftest import Run

PDF_MAKER = r"""#!/bin/sh
for argument; do
  case "$previous" in --outdir) out=$argument;; esac
  previous=$argument
done
printf '%%PDF-1.6\n%%%%EOF\n' > "$out/plan.pdf"
"""
"""In LibreOffice's place."""
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
    assert "补入事实表的“其他”类" in done.err
    assert "待补充：编制单位、待补充：编制日期" in done.out
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


def test_a_pdf_is_refused_before_drafting_where_nothing_can_make_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("draft", sheet(tmp_path), "--model", "offline", "--pdf")
    assert (done.code, "LibreOffice" in done.err) == (2, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("script", "code"), [(PDF_MAKER, {0, 1}), ("#!/bin/sh\nexit 81\n", {1})])
def test_a_pdf_stands_beside_the_draft_or_its_failure_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: set[int]
) -> None:
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    done = run("draft", sheet(tmp_path), "--model", "offline", "--pdf")
    assert done.code in code, done.err
    made = {p.name for p in (tmp_path / "out").iterdir()}
    assert "plan.docx" in made
    assert ("plan.pdf" in made, "方案（PDF）" in done.out) == ((True, True) if script == PDF_MAKER else (False, False))
    assert ("退出码 81" in done.err) == (script != PDF_MAKER)
