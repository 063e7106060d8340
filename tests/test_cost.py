"""The doubles that stand for a clock: cost tells n from n² and is the same every time, and a call that hangs is named."""

import gc
import sys
from collections.abc import Callable
from functools import cache
from types import FrameType

import pytest

from tests.doubles.cost import cost, growth
from tests.doubles.hang import hung


def linear_loop(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total


def square_loop(n: int) -> int:
    total = 0
    for i in range(n):
        for j in range(n):
            total += i * j
    return total


def linear_calls(n: int) -> int:
    return sum(len(str(i)) for i in range(n))


def square_calls(n: int) -> int:
    return sum(len(str(i + j)) for i in range(n) for j in range(n))


def square_in_one_line(n: int) -> list[int]:
    return [len("核" * i) for i in range(n) for _ in range(n)]


@pytest.mark.parametrize("run", [linear_loop, linear_calls])
def test_ten_times_the_work_costs_ten_times(run: Callable[[int], object]) -> None:
    assert 8 < growth(run, 50, 500) < 12


@pytest.mark.parametrize("run", [square_loop, square_calls, square_in_one_line])
def test_the_square_of_the_work_costs_a_hundred_times(run: Callable[[int], object]) -> None:
    assert 80 < growth(run, 50, 500) < 120


def test_a_search_of_the_rest_for_every_mark_is_no_linear_work() -> None:
    def lines_of_each(times: int) -> list[int]:
        text = "全市电子商务交易额680亿元。\n" * times
        return [sum(c == "\n" for c in text[:at]) for at, c in enumerate(text) if c == "。"]

    assert growth(lines_of_each, 3, 30) > 30


def test_the_cost_is_the_same_every_time() -> None:
    assert len({cost(lambda: linear_calls(100)) for _ in range(5)}) == 1


def test_what_is_only_remembered_costs_next_to_nothing() -> None:
    remembered = cache(square_loop)
    assert cost(lambda: remembered(50)) > 2500
    assert cost(lambda: remembered(50)) < 10


def test_whoever_traced_before_does_so_again_even_after_an_error() -> None:
    def mine(_: FrameType, __: str, ___: object) -> None:
        return None

    tracer = sys.gettrace()
    sys.settrace(mine)
    try:
        with pytest.raises(ZeroDivisionError):
            cost(lambda: 1 // 0)
        seen = sys.gettrace()
    finally:
        sys.settrace(tracer)
    assert seen is mine
    assert sys.getprofile() is None
    assert gc.isenabled()


def test_a_call_that_does_not_end_is_named() -> None:
    assert hung("builtins", "exec", ["1", "2"]) is None
    assert hung("builtins", "exec", ["1", "while True: pass"], patience=5) == "while True: pass"


def test_a_call_that_fails_is_no_call_that_ended() -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        hung("builtins", "exec", ["1 / 0"])
