"""Where the command line speaks: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

from service.errors import FanganError


def say(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(_printable(text) + "\n")


def put(text: str) -> None:
    """Text on stdout as it is, with one line break at its end."""
    sys.stdout.write(_printable(text.rstrip("\n")) + "\n")


def _printable(text: str) -> str:
    """Without what UTF-8 cannot hold: a name on the command line may be any bytes."""
    return text.encode("utf-8", "replace").decode()


def use_utf8() -> None:
    """Chinese on stdout and stderr whatever the locale says; what a terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def report_error(error: FanganError) -> None:
    """What happened and how to mend it; every fault on a line of its own."""
    say(f"错误：{error.message}")
    if len(error.faults) > 1:
        for fault in error.faults:
            say(f"  {fault.pointer or '（整体）'}：{fault.detail}")


def report_crash(error: Exception) -> None:
    """One sentence, with the details in a file to send along."""
    handle, path = tempfile.mkstemp(prefix="fangan-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as log:
        traceback.print_exception(error, file=log)
    say(f"程序出错（{type(error).__name__}），请将所用的命令和记录文件 {path} 发给维护人员。")
