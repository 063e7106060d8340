"""What a call costs without a clock: the lines it runs and the functions it calls, the same on every machine.

`cost(f)` sees Python only: one C call counts one, whatever it does. Where the work may hide in a C call, as in a
regular expression that backtracks, `tests.doubles.hang` guards.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import TraceFunction


def cost(call: Callable[[], object]) -> int:
    """Lines run, Python functions called and C functions called by `call()`, on this thread."""
    seen = 0

    def lines(_: FrameType, event: str, __: object) -> TraceFunction | None:
        nonlocal seen
        seen += event == "line"
        return lines

    def calls(_: FrameType, event: str, __: object) -> None:
        nonlocal seen
        seen += event in {"call", "c_call"}

    with _alone():
        sys.settrace(lines)
        sys.setprofile(calls)
        try:
            call()
        finally:
            sys.setprofile(None)
            sys.settrace(None)
    return seen


def growth(run: Callable[[int], object], few: int, many: int) -> float:
    """The cost of `run(many)` in those of `run(few)`.

    A run before fills the caches and is not counted; its size is another, so that neither input is remembered whole.
    """
    run(few + 1)
    return cost(lambda: run(many)) / cost(lambda: run(few))


@contextmanager
def _alone() -> Iterator[None]:
    """Without the collector, whose finalisers come when they will; whoever traced or profiled before does so again."""
    tracer, profiler, collecting = sys.gettrace(), sys.getprofile(), gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        sys.setprofile(profiler)
        sys.settrace(tracer)
