"""The command line run as a user runs it, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

PATIENCE = 120.0
SAMPLE = Path(str(files("evals") / "datasets" / "wanghai.json"))


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """An environment that owes nothing to whoever runs the tests."""
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "PYTHONPATH", "VIRTUAL_ENV"}}
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8", **changes}


def fangan(
    folder: Path, *arguments: str | Path, stdin: bytes = b"", **changes: str
) -> subprocess.CompletedProcess[str]:
    """`fangan` in a process of its own, in that folder."""
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", *map(str, arguments)],
        cwd=folder,
        env=environment(folder, **changes),
        input=stdin,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)
