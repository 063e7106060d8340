"""The .pdf: what LibreOffice is asked, what becomes of its failures, and one true run of it.

Most tests put a small program called soffice on PATH. The last ones need LibreOffice and poppler
(`apt-get install libreoffice-writer-nogui poppler-utils fonts-noto-cjk`), and are skipped where they are absent.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.document import Document, ExportOptions, HeadingBlock, ParagraphBlock, Span
from service.assemble.document import assemble
from service.errors import NotFinalError, PdfFailedError, PdfUnavailableError
from service.export.fonts import Fonts
from service.export.libreoffice import AT_ONCE
from service.export.pdf import PdfExporter
from service.export.pdf_outline import pages_of
from service.export.registry import exporter
from tests import factories

SYSTEM_PATH = "/usr/bin:/bin"
"""Where the fake program finds sh's tools."""
READ_ARGUMENTS = """
for argument; do
  case "$argument" in -env:UserInstallation=file://*) profile=${argument#-env:UserInstallation=file://};; esac
  case "$previous" in --outdir) out=$argument;; --convert-to) form=$argument;; esac
  previous=$argument
done
"""
MAKE_PDF = r"""printf '%%PDF-1.6\n%s\n%%%%EOF\n' "$form" > "$out/plan.pdf"
"""


def document() -> Document:
    return assemble(factories.plan(), factories.outline())


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH; nothing is in it yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def soffice(folder: Path, script: str, name: str = "soffice") -> None:
    """Puts a program in LibreOffice's place; `$out`, `$form`, `$profile` are what it was told, `$previous` the file."""
    place = folder / name
    place.write_text(f"#!/bin/sh\nPATH={SYSTEM_PATH}\n{READ_ARGUMENTS}{script}", encoding="utf-8")
    place.chmod(place.stat().st_mode | stat.S_IXUSR)


def ends(pid: int) -> bool:
    """Whether the process is gone soon; one that was killed and not yet collected counts as gone."""
    for _ in range(200):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_without_libreoffice_it_is_told_how_to_mend_it(programs: Path) -> None:
    with pytest.raises(PdfUnavailableError, match="apt-get install libreoffice-writer-nogui") as caught:
        exporter("pdf").export(document())
    assert caught.value.status == 501
    assert "docx" in caught.value.message


def test_the_word_file_is_converted_in_a_folder_and_profile_of_its_own(programs: Path, tmp_path: Path) -> None:
    soffice(programs, f'cp "$previous" {tmp_path}/seen.docx; echo "$profile" > {tmp_path}/profile; {MAKE_PDF}')
    assert exporter("pdf").export(document()) == b"%PDF-1.6\npdf\n%%EOF\n"
    with zipfile.ZipFile(tmp_path / "seen.docx") as archive:
        assert "望海市" in archive.read("word/document.xml").decode()
    profile = Path((tmp_path / "profile").read_text(encoding="utf-8").strip())
    assert profile.is_absolute()
    assert not profile.parent.exists()


def test_where_the_outline_tells_no_pages_the_contents_tell_none(programs: Path, tmp_path: Path) -> None:
    soffice(programs, f"echo >> {tmp_path}/runs; {MAKE_PDF}")
    assert exporter("pdf").export(document()).startswith(b"%PDF-")
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "\n"
    assert pages_of(b"%PDF-1.6\n%%EOF\n", ["一、摘要"]) is None


def test_a_program_of_the_other_name_will_do(programs: Path) -> None:
    soffice(programs, MAKE_PDF, name="libreoffice")
    assert exporter("pdf").export(document()).startswith(b"%PDF-")


def test_sources_that_were_to_be_comments_are_footnotes(programs: Path, tmp_path: Path) -> None:
    soffice(programs, f'cp "$previous" {tmp_path}/seen.docx; {MAKE_PDF}')
    exporter("pdf").export(document(), ExportOptions(sources="comments"))
    with zipfile.ZipFile(tmp_path / "seen.docx") as archive:
        assert "2016年统计公报" in archive.read("word/footnotes.xml").decode()


def test_the_pages_are_set_in_the_typefaces_that_are_asked_for(programs: Path, tmp_path: Path) -> None:
    soffice(programs, f'cp "$previous" {tmp_path}/seen.docx; {MAKE_PDF}')
    exporter("pdf", Fonts.named({"body": ("思源宋体",)})).export(document())
    with zipfile.ZipFile(tmp_path / "seen.docx") as archive:
        assert 'w:eastAsia="思源宋体"' in archive.read("word/styles.xml").decode()


def test_a_version_for_submission_is_refused_as_in_word(programs: Path) -> None:
    soffice(programs, MAKE_PDF)
    unfinished = document()
    assert unfinished.remaining
    with pytest.raises(NotFinalError):
        exporter("pdf").export(unfinished, ExportOptions(clean=True))
    assert exporter("pdf").export(unfinished, ExportOptions(clean=True, force=True)).startswith(b"%PDF-")


def test_it_is_told_no_keys(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-秘密")
    monkeypatch.setenv("FONTCONFIG_FILE", "/etc/fonts/gongwen.conf")
    soffice(programs, f"env > {tmp_path}/environment; {MAKE_PDF}")
    exporter("pdf").export(document())
    seen = (tmp_path / "environment").read_text(encoding="utf-8")
    assert "sk-" not in seen
    assert "FONTCONFIG_FILE=/etc/fonts/gongwen.conf" in seen


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 77", "没有生成 PDF（退出码 77）"),
        ("exit 0", "没有生成 PDF（退出码 0）"),
        ('printf "<html>not a pdf</html>" > "$out/plan.pdf"', "不是完整的 PDF"),
        ('printf "%%PDF-1.6 cut off" > "$out/plan.pdf"', "不是完整的 PDF"),
        ('printf "" > "$out/plan.pdf"', "不是完整的 PDF"),
        ('truncate -s 70M "$out/plan.pdf"', "不是完整的 PDF"),
    ],
    ids=["failed", "nothing", "other file", "cut off", "empty", "too large"],
)
def test_what_is_no_pdf_is_not_delivered(programs: Path, script: str, told: str) -> None:
    soffice(programs, script)
    with pytest.raises(PdfFailedError) as caught:
        exporter("pdf").export(document())
    assert told in caught.value.message
    assert "Word" in caught.value.message
    assert caught.value.status == 503


def test_a_file_that_cannot_be_run_is_a_failure(programs: Path) -> None:
    soffice(programs, "")
    (programs / "soffice").write_bytes(b"\x00\x01 no program")
    with pytest.raises(PdfFailedError, match="不能运行"):
        exporter("pdf").export(document())


def test_a_flood_of_output_is_not_kept(programs: Path) -> None:
    soffice(programs, f"head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2; {MAKE_PDF}")
    assert exporter("pdf").export(document()).startswith(b"%PDF-")


def test_a_run_that_hangs_is_ended_with_all_that_it_started(programs: Path, tmp_path: Path) -> None:
    soffice(programs, f"sleep 600 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(PdfFailedError, match="已中止"):
        PdfExporter(time_limit=2).export(document())
    child = tmp_path / "child"
    assert child.exists(), "the machine was too busy to start the program in two seconds"
    assert ends(int(child.read_text(encoding="utf-8")))


def test_what_a_run_leaves_behind_is_ended(programs: Path, tmp_path: Path) -> None:
    soffice(programs, f"sleep 600 & echo $! > {tmp_path}/child; {MAKE_PDF}")
    exporter("pdf").export(document())
    assert ends(int((tmp_path / "child").read_text(encoding="utf-8")))


def test_runs_at_once_are_few_and_apart(programs: Path, tmp_path: Path) -> None:
    running = tmp_path / "running"
    running.mkdir()
    soffice(
        programs,
        f'touch {running}/$$; ls {running} | wc -l >> {tmp_path}/counts; echo "$profile" >> {tmp_path}/profiles; '
        f"sleep 0.2; rm {running}/$$; {MAKE_PDF}",
    )
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: PdfExporter().export(document()), range(6)))
    assert all(content.startswith(b"%PDF-") for content in made)
    counts = [int(line) for line in (tmp_path / "counts").read_text(encoding="utf-8").split()]
    assert max(counts) <= AT_ONCE
    assert len(set((tmp_path / "profiles").read_text(encoding="utf-8").split())) == 6


def test_who_waits_too_long_for_a_turn_is_told(programs: Path, tmp_path: Path) -> None:
    started, go_on = tmp_path / "started", tmp_path / "go-on"
    soffice(programs, f"echo >> {started}; while [ ! -e {go_on} ]; do sleep 0.1; done; {MAKE_PDF}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        busy = [pool.submit(PdfExporter().export, document()) for _ in range(AT_ONCE)]
        while not (started.exists() and len(started.read_text(encoding="utf-8").splitlines()) == AT_ONCE):
            assert not any(task.done() for task in busy)
        with pytest.raises(PdfFailedError, match="正在转换的文件太多"):
            PdfExporter(time_limit=0.1).export(document())
        go_on.touch()
        assert all(task.result().startswith(b"%PDF-") for task in busy)
    assert PdfExporter().export(document()).startswith(b"%PDF-")


needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdftotext") is None,
    reason="LibreOffice or poppler is not installed: apt-get install libreoffice-writer-nogui poppler-utils",
)


def text_of(content: bytes, folder: Path) -> str:
    place = folder / "plan.pdf"
    place.write_bytes(content)
    return subprocess.run(
        ["pdftotext", "-layout", str(place), "-"], check=True, capture_output=True, timeout=60, env=dict(os.environ)
    ).stdout.decode()


@needs_libreoffice
def test_libreoffice_makes_pages_of_the_plan(tmp_path: Path) -> None:
    text = text_of(exporter("pdf").export(document()), tmp_path)
    assert "望海市" in text
    assert "目录" in text.replace(" ", "")
    assert "—1—" in text.replace(" ", "")


@needs_libreoffice
def test_the_contents_tell_the_page_that_each_heading_is_on(tmp_path: Path) -> None:
    long = tuple(
        block
        for n in "一二三四"
        for block in (
            HeadingBlock(level=1, number=f"{n}、", text=f"第{n}项任务"),
            HeadingBlock(level=2, number="（一）", text="工作举措"),  # the same words in every chapter
            *(ParagraphBlock(spans=(Span(text=factories.OVERVIEW * 9),)) for _ in range(3)),
            HeadingBlock(level=4, number="（1）", text="不列入目录"),
        )
    )
    whole = document().model_copy(update={"blocks": long})
    content = exporter("pdf").export(whole)
    pages = ["".join(page.split()) for page in text_of(content, tmp_path).split("\f")]
    contents = next(page for page in pages if "目录" in page)
    told = [(text, int(number)) for text, number in re.findall(r"([^.\d]+)\.{3,}(\d+)", contents.partition("目录")[2])]
    assert [text for text, _ in told] == [
        b.number + b.text for b in long if isinstance(b, HeadingBlock) and b.level < 4
    ]
    numbered = {int(found[1]): page for page in pages if (found := re.search(r"—(\d+)—$", page))}
    assert all(text in numbered[number] for text, number in told)
    numbers = [number for _, number in told]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 4
    assert pages_of(content, [whole.title, "没有这一节", "四、第四项任务"]) == [None, None, numbers[-1]]


@needs_libreoffice
def test_without_a_cover_there_are_no_contents(tmp_path: Path) -> None:
    text = text_of(exporter("pdf").export(document(), ExportOptions(cover=False)), tmp_path)
    assert "目录" not in text.replace(" ", "")
    assert "望海市" in text


@needs_libreoffice
def test_two_runs_of_libreoffice_at_once_do_not_meet(tmp_path: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        first, second = pool.map(lambda _: exporter("pdf").export(document()), range(2))
    assert text_of(first, tmp_path) == text_of(second, tmp_path)
