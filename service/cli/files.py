"""Files of the command line: facts and drafts in, finished results out, never half-written."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from schemas.facts import FactSheet
from service.errors import FileInputError, OutputError
from service.facts.loading import MAX_BYTES

STDIN = "-"
_REASONS = {
    errno.EACCES: "没有写入权限",
    errno.EPERM: "没有写入权限",
    errno.EROFS: "所在的磁盘是只读的",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "磁盘配额不足",
    errno.ENOTDIR: "路径中有一级不是目录",
    errno.ENOENT: "上级目录无法建立",
    errno.EEXIST: "已有同名的文件",
    errno.EISDIR: "已有同名的目录",
    errno.ENAMETOOLONG: "名称过长",
}


def read(source: str, what: str) -> bytes:
    """A file's (or standard input's) content. FileInputError: it is missing, no file, unreadable, or over 2 MB."""
    try:
        if source == STDIN:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise FileInputError(f"找不到{what}文件 {source}，请检查路径") from error
    except IsADirectoryError as error:
        raise FileInputError(f"{source} 是目录，请给出{what}文件的路径") from error
    except (OSError, ValueError) as error:
        raise FileInputError(f"{what}文件 {source} 无法读取，请检查路径和权限") from error
    if len(data) > MAX_BYTES:
        raise FileInputError(f"{what}超过{MAX_BYTES // 1_000_000}MB，请拆分或删去无关内容后再提交")
    return data


def sheet_json(sheet: FactSheet) -> str:
    """The sheet as people read it: Chinese unescaped, without what is not given."""
    return json.dumps(sheet.model_dump(mode="json", exclude_none=True), ensure_ascii=False, indent=2)


def decoded(data: bytes, what: str) -> str:
    """UTF-8 text. FileInputError for anything else."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileInputError(f"{what}不是 UTF-8 编码的文本，请另存为 UTF-8 编码后再试") from error


class Staging:
    """A folder in the making: files are collected beside their place and moved there when all are finished."""

    def __init__(self, folder: Path, staging: Path) -> None:
        self._folder = folder
        self._staging = staging

    def finish(self, files: Mapping[str, bytes]) -> list[Path]:
        """Writes all, then moves each to its place; returns the places."""
        with _translated(self._folder):
            for name, content in files.items():
                (self._staging / name).write_bytes(content)
            places = [self._folder / name for name in files]
            for place in places:
                if place.is_dir():
                    raise IsADirectoryError(errno.EISDIR, "", str(place))
            for place in places:
                os.replace(self._staging / place.name, place)
            return places


@contextmanager
def output(folder: Path) -> Iterator[Staging]:
    """Makes the folder and proves that it can be written before any work is done; leaves nothing behind on failure.

    Raises OutputError.
    """
    made = _missing(folder)
    with _translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".fangan-", dir=folder))
    try:
        yield Staging(folder, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        for empty in made:
            try:
                empty.rmdir()
            except OSError:
                break  # it holds results


def _missing(folder: Path) -> list[Path]:
    """The folders that have to be made, innermost first."""
    return [p for p in (folder, *folder.parents) if not os.path.lexists(p)]


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = _REASONS.get(error.errno or 0, "") if isinstance(error, OSError) else ""
        raise OutputError(
            f"无法写入输出目录 {folder}{f'：{reason}' if reason else ''}，请用 -o 另选一个目录"
        ) from error
