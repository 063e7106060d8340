"""LibreOffice, where it is installed: a Word file → its pages as .pdf, each run in a profile of its own and bounded."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from service.errors import PdfFailedError, PdfUnavailableError

NAMES = ("soffice", "libreoffice")
"""LibreOffice as it may be called on PATH; the first that is there is run."""
TIME_LIMIT = 120.0
"""Seconds of one run; a plan takes three on a quiet machine."""
AT_ONCE = 2
"""Runs at the same time: each takes a processor and 300 MB."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a .pdf; a plan's has half a megabyte."""
_GRACE = 5.0
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "XDG_DATA_DIRS", "XDG_CACHE_HOME")
_ADVICE = "可先下载 Word 文件（docx），用 Word 或 WPS 另存为 PDF"
_slots = threading.BoundedSemaphore(AT_ONCE)


def to_pdf(word: bytes, limit: float = TIME_LIMIT) -> bytes:
    """The pages of a .docx file. PdfUnavailableError, PdfFailedError. May be called from several threads.

    `limit` in seconds: of the run, and of the wait for its turn. The bytes may differ from run to run.
    """
    program = found()
    with _turn(limit), tempfile.TemporaryDirectory(prefix="fangan-pdf-", ignore_cleanup_errors=True) as at:
        return _converted(program, word, Path(at), limit)


def found() -> str:
    """Where LibreOffice is. PdfUnavailableError."""
    places = [place for name in NAMES if (place := shutil.which(name)) is not None]
    if not places:
        raise PdfUnavailableError(
            "本机没有安装 LibreOffice，不能输出 PDF。请安装 LibreOffice Writer（Debian、Ubuntu："
            "apt-get install libreoffice-writer-nogui fonts-noto-cjk）并使 soffice 在 PATH 之中；" + _ADVICE
        )
    return places[0]


@contextmanager
def _turn(wait: float) -> Iterator[None]:
    """Holds one of the slots. PdfFailedError where none comes free in time."""
    if not _slots.acquire(timeout=wait):
        raise PdfFailedError(f"正在转换的文件太多，请稍后重试；{_ADVICE}")
    try:
        yield
    finally:
        _slots.release()


def _converted(program: str, word: bytes, folder: Path, limit: float) -> bytes:
    """In a folder of its own, with a profile of its own: two runs on one profile refuse each other."""
    source = folder / "plan.docx"
    source.write_bytes(word)
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless", "--nologo", "--nodefault", "--norestore", "--nolockcheck",
        "--convert-to", "pdf", "--outdir", str(folder), str(source),
    ]  # fmt: skip
    code = _run(command, folder, limit)
    content = _content(folder / "plan.pdf")
    if content is None:
        raise PdfFailedError(f"LibreOffice 没有生成 PDF（退出码 {code}）；请重试，仍不成时{_ADVICE}")
    if len(content) > LARGEST or not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
        raise PdfFailedError(f"LibreOffice 生成的文件不是完整的 PDF；请重试，仍不成时{_ADVICE}")
    return content


def _run(command: list[str], folder: Path, limit: float) -> int:
    """The exit code. Nothing that the program prints is kept, so it cannot fill memory or disk."""
    try:
        process = subprocess.Popen(  # noqa: S603 - our own arguments, and a program of the administrator's PATH
            command,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=folder, env=_environment(folder), start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise PdfFailedError(f"不能运行 {command[0]}（{error.strerror}）；{_ADVICE}") from error
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired as error:
        raise PdfFailedError(f"LibreOffice 在{limit:g}秒内没有完成转换，已中止；请稍后重试，或{_ADVICE}") from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The whole group: `soffice` starts the program that does the work and only waits for it."""
    with suppress(ProcessLookupError, PermissionError):  # nothing of it is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(_GRACE)


def _environment(folder: Path) -> dict[str, str]:
    """What it needs and no more: keys of model endpoints are none of its business."""
    fonts = {name: value for name, value in os.environ.items() if name.startswith("FONTCONFIG_")}
    known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**known, **fonts, "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"}


def _content(place: Path) -> bytes | None:
    """Bounded; one byte more than is allowed tells that it is too large."""
    try:
        with place.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
