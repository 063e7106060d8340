"""How the service logs: one line for each thing, JSON where no terminal reads it, with the ids of what it is about.

A line holds ids, statuses, counts and times; never a fact sheet's text, a prompt, a draft or a key. So an exception is
told by its type and where it was raised: its message may quote what it choked on.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from structlog.types import EventDict, Processor, WrappedLogger

_bound: ContextVar[dict[str, str]] = ContextVar("bound", default={})  # noqa: B039 - never changed, only replaced
_QUIET = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "openai",
    "aiohttp",
    "alembic",
    "aiosqlite",
    "sqlalchemy",
    "asyncio",
)
"""Libraries whose lines below a warning would tell addresses, statements or bodies."""


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Whatever is logged meanwhile, by tasks begun in it too, says what it is about: plan, section, job."""
    token = _bound.set({**_bound.get(), **ids})
    try:
        yield
    finally:
        _bound.reset(token)


def configure(stream: TextIO | None = None, *, as_json: bool | None = None) -> None:
    """Has everything that is logged written to the stream, stderr by default; as JSON unless it is a terminal."""
    import structlog  # noqa: PLC0415 - only what serves or drafts for others needs it

    where = sys.stderr if stream is None else stream
    json = not where.isatty() if as_json is None else as_json
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=where.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    told: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _ids,
        _without_messages,
    ]
    handler = logging.StreamHandler(where)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=told, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # The engine brings a handler of its own unless it finds one.
    engine = logging.getLogger("dbos")
    engine.handlers = [logging.NullHandler()]
    engine.propagate = True


def _ids(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # the server's own line again, with colours
    return {**_bound.get(), **event}


def _without_messages(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The exception as types and places."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[1] is not None:
        event["exception"] = "".join(_places(found[1]))
    return event


def _places(error: BaseException) -> Iterator[str]:
    """What was raised where, the cause first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _places(earlier)
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _places(one)
