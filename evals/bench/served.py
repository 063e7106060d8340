"""A service to be killed: `fangan serve` or `fangan worker` in a process that ends itself at a named place, if told to.

The processes are forked from one that has imported everything and started nothing, which saves two seconds of each
start; what is killed with -9 is a whole process all the same, and what comes back is a new one.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
import socket
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import uvicorn

from schemas.outline import Outline
from schemas.plan import PlanOptions
from service.drafting import Kit
from service.jobs.passing import Passing, Place
from service.main import build_crew, build_kit, build_writer, close, create_app
from service.settings import Settings

_PATIENCE = 30.0
"""Seconds that a process gets to end by itself."""
_BEFORE = ("evals.bench.served", "dbos", "openai", "service.api.app", "service.jobs.crew", "service.writer.openai")


@dataclass(frozen=True, slots=True)
class Service:
    """What a process is to be, and where it is to die."""

    endpoint: str
    folder: Path
    database: str | None = None
    executor: str = "bench"
    dies_at: Place | None = None
    after: int = 1
    """Which passing of the place is the last."""
    http: bool = True
    """Whether it answers requests, or only works."""
    warm: bool = False

    @property
    def settings(self) -> Settings:
        """Of the service; nothing is read from the environment's .env."""
        return Settings(
            _env_file=None,
            openai_base_url=self.endpoint,
            openai_api_key="bench",
            model="bench",
            rung="json_schema",
            warm_cache="on" if self.warm else "off",
            data_dir=self.folder,
            database_url=self.database,
            executor=self.executor,
            plans_at_once=16,
            requests_per_minute=1_000_000,
        )


class Running:
    """A process of the service."""

    def __init__(self, service: Service) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(_BEFORE))
        self._told, theirs = context.Pipe(duplex=False)
        self.http = service.http
        self._process: ForkServerProcess = context.Process(target=_run, args=(service, theirs), daemon=True)
        self._process.start()
        theirs.close()

    async def started(self) -> int | None:
        """The port that it serves on, 0 for one that only works; None when it died before."""
        try:
            port: int = await asyncio.to_thread(self._told.recv)
        except EOFError:
            return None
        return port

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    def kill(self) -> None:
        """With -9."""
        self._process.kill()

    async def end(self) -> None:
        """Tells it to end, as a stopped service would be, and waits until it has."""
        if self._process.is_alive():
            self._process.terminate()
        await asyncio.to_thread(self._process.join, _PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            await asyncio.to_thread(self._process.join)
        self._told.close()


def _run(service: Service, told: Connection) -> None:
    random.seed()
    if service.http:
        asyncio.run(_serve(service, told))
    else:
        asyncio.run(_work(service, told))


def _passing(service: Service) -> Passing:
    left = service.after

    def passing(place: Place) -> None:
        nonlocal left
        if place == service.dies_at:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return passing


async def _serve(service: Service, told: Connection) -> None:
    app = create_app(service.settings, passing=_passing(service))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        told.send(listener.getsockname()[1])
        await serving


async def _work(service: Service, told: Connection) -> None:
    settings = service.settings
    writer = build_writer(settings)

    def kit_for(outline: Outline, options: PlanOptions) -> Kit:
        return build_kit(settings, outline, options, writer)

    crew = build_crew(settings, kit_for, lambda: close(writer), _passing(service))
    await crew.start()
    told.send(0)
    await asyncio.Event().wait()
