"""The log: a line for each thing, with what it is about, and without what an exception quotes."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from service.logs import about, configure

_log = logging.getLogger("service.jobs.test")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged as JSON; the process's own logging is put back at the end."""
    root, engine = logging.getLogger(), logging.getLogger("dbos")
    before = (root.handlers[:], root.level, engine.handlers[:], engine.propagate)
    written = io.StringIO()
    configure(written)
    yield written
    root.handlers, engine.handlers, engine.propagate = before[0], before[2], before[3]
    root.setLevel(before[1])


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_it_is_about(stream: io.StringIO) -> None:
    async def job(section: str) -> None:
        with about(section=section):
            await asyncio.sleep(0)
            _log.info("%s stored", "draft", extra={"findings": 2})

    async def plan() -> None:
        with about(plan="01JD8W"):
            await asyncio.gather(job("2.1"), job("2.2"))
        _log.warning("idle")

    asyncio.run(plan())
    told = lines(stream)
    assert [(x["event"], x["level"], x.get("plan"), x.get("section"), x.get("findings")) for x in told] == [
        ("draft stored", "info", "01JD8W", "2.1", 2),
        ("draft stored", "info", "01JD8W", "2.2", 2),
        ("idle", "warning", None, None, None),
    ]
    assert all(x["timestamp"].endswith("Z") and x["logger"] == _log.name for x in told)


def test_an_exception_is_told_by_type_and_place_alone(stream: io.StringIO) -> None:
    text, key = "望海市地区生产总值1105.04亿元", "sk-wanghai"
    try:
        try:
            raise KeyError(key)
        except KeyError as cause:
            raise ExceptionGroup(text, [ValueError(text)]) from cause
    except ExceptionGroup:
        _log.exception("the job broke off")
    told = stream.getvalue()
    assert text not in told
    found = lines(stream)[0]["exception"]
    order = [found.index(name) for name in ("builtins.KeyError", "builtins.ExceptionGroup", "builtins.ValueError")]
    assert order == sorted(order)
    assert "test_an_exception_is_told_by_type_and_place_alone" in found


def test_the_engine_logs_as_everything_else_and_libraries_only_warn(stream: io.StringIO) -> None:
    logging.getLogger("dbos").warning("a queue is gone")
    logging.getLogger("httpx").info("HTTP Request: POST http://10.0.0.8/v1")
    assert [x["event"] for x in lines(stream)] == ["a queue is gone"]


def test_for_a_terminal_it_is_no_json() -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    written = io.StringIO()
    try:
        configure(written, as_json=False)
        with about(plan="01JD8W"):
            _log.info("begun")
    finally:
        root.handlers = before[0]
        root.setLevel(before[1])
    assert "begun" in written.getvalue()
    assert "01JD8W" in written.getvalue()
    assert not written.getvalue().startswith("{")
