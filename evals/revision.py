"""Which state of the sources a run measured: the git revision, with a mark when files differed from it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def revision(folder: Path | None = None) -> str | None:
    """The commit that `folder` (this package's) is at, `+` behind it with changes; None outside a checkout."""
    git = shutil.which("git")
    place = folder or Path(__file__).parent
    if git is None or (head := _said(git, place, "rev-parse", "HEAD")) is None:
        return None
    return head + ("+" if _said(git, place, "status", "--porcelain", "--untracked-files=no") else "")


def _said(git: str, folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments, a path of our own
            [git, "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
