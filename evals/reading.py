"""`fangan eval compare`: two records read, compared and shown."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from evals.command import read_record
from evals.compare import compare, scored
from evals.tables import comparison_table, moved_lines
from service.cli.console import put, say
from service.errors import InputError


def run_compare(a: Path, b: Path, *, confidence: float, resamples: int, seed: int, as_json: bool) -> int:
    """Compares and shows; the exit code is 0 whatever the verdict is."""
    if not 0.5 <= confidence < 1:
        raise InputError("置信度应当在0.5与1之间，如0.95")
    comparison = compare(
        scored(read_record(a)), scored(read_record(b)), confidence=confidence, resamples=resamples, seed=seed
    )
    if as_json:
        put(comparison.model_dump_json(indent=1))
    else:
        Console().print(comparison_table(comparison))
        for line in moved_lines(comparison):
            put(line)
    for notice in comparison.notices:
        say(f"注意：{notice}")
    return 0
