"""A guard against work that never ends: the call runs in a process of its own, which is ended when patience is out.

No speed is judged: PATIENCE is many times what a linear pattern needs and a small part of what a backtracking one
would take on inputs as long as the callers'.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PATIENCE = 60.0
"""Seconds for one process, which makes all its calls one after another."""
PROLOGUE = "import json, sys\nfrom {module} import {name} as call\n"
LOOP = "for text in json.load(sys.stdin):\n    print(json.dumps(text[:20]), flush=True)\n    made = call(text)\n    list(made) if hasattr(made, '__next__') else None\nprint('ended')\n"


def hung(module: str, name: str, texts: Sequence[str], patience: float = PATIENCE) -> str | None:
    """Calls `module.name(text)` for each text: the beginning of the one that did not end, or None when all did."""
    code = PROLOGUE.format(module=module, name=name) + LOOP
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(texts),
            env=environment,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        said = expired.stdout or b""
        begun = (said if isinstance(said, str) else said.decode()).splitlines()
        return str(json.loads(begun[-1])) if begun else "the import"
    assert done.stdout.endswith("ended\n"), done.stderr
    return None
