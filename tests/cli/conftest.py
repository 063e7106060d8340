"""The command line in this process: fast, with the environment of nobody in particular."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from service.cli import main


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `fangan` in an empty folder, its data below it: the exit code, stdout and stderr."""
    for name in list(os.environ):
        if name.startswith(("FANGAN_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FANGAN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str | Path, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["fangan", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        code = end.value.code
        assert isinstance(code, int)
        return Done(code, told.out, told.err)

    return command
