"""The wheel holds everything the main job needs: built, installed elsewhere, run from another directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _run(*command: str | Path, cwd: Path, **env: str) -> str:
    done = subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "PIP_DISABLE_PIP_VERSION_CHECK": "1", **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_runs_the_demo_from_a_clean_environment(tmp_path: Path) -> None:
    # Offline: the build backend and the dependencies are those of this environment; the project itself is not,
    # since a .pth file (how an editable install is found) is not read from PYTHONPATH.
    wheels, clean, elsewhere = tmp_path / "wheels", tmp_path / "clean", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip = (sys.executable, "-m", "pip", "-q")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, ROOT, cwd=elsewhere)
    (wheel,) = wheels.glob("fangan-*.whl")
    venv.create(clean, with_pip=False)
    python = clean / "bin" / "python"
    _run(*pip, "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=elsewhere)

    dependencies = sysconfig.get_paths()["purelib"]
    where = _run(python, "-c", "import service; print(service.__file__)", cwd=elsewhere, PYTHONPATH=dependencies)
    assert Path(where.strip()).is_relative_to(clean)

    _run(clean / "bin" / "fangan", "demo", cwd=elsewhere, PYTHONPATH=dependencies)
    out = elsewhere / "out"
    assert (out / "plan.docx").read_bytes()[:2] == b"PK"
    assert "望海市" in (out / "plan.md").read_text(encoding="utf-8")
    assert len(json.loads((out / "provenance.json").read_text(encoding="utf-8"))["sections"]) == 26
