"""The composition root: settings → writer, kit, app. The only file that wires everything."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import urlsplit

from schemas.outline import Outline
from schemas.plan import PlanOptions
from service.errors import NotConfiguredError
from service.export.fonts import Fonts
from service.pipeline import Kit
from service.prompt.exemplars import chosen_exemplars
from service.settings import Settings
from service.writer.metered import Metered
from service.writer.offline import OfflineWriter
from service.writer.protocol import Writer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from service.jobs.crew import Crew
    from service.jobs.passing import Passing
    from service.jobs.workshop import KitFor
    from service.web.about import Surroundings
    from service.writer.openai import OpenAIWriter

OFFLINE = "offline"
"""The model name that stands for the embedded offline writer, whatever the settings say."""
_OPENAI = "api.openai.com"
"""Where the model client asks when it is given a key alone."""
MOST_WRITERS = 32
"""Models asked for by name that are kept ready; a request may name any."""
WriterFor = Callable[[str | None], Writer]
"""Model name (None: that of the settings) → writer. Raises NotConfiguredError."""


def model_of(settings: Settings, model: str | None = None) -> str:
    """The model that drafts: the one asked for, else that of the settings, else `offline`."""
    return model or settings.model or OFFLINE


def build_writer(settings: Settings, model: str | None = None) -> Writer:
    """The writer for a model. Raises NotConfiguredError for a model when no endpoint is configured, SettingsError."""
    return OfflineWriter() if model_of(settings, model) == OFFLINE else build_endpoint(settings, model)


def build_endpoint(settings: Settings, model: str | None = None) -> OpenAIWriter:
    """The writer that asks the configured endpoint. Raises NotConfiguredError, SettingsError."""
    name = model_of(settings, model)
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    if not settings.openai_base_url and not key:
        raise NotConfiguredError(
            f"没有配置模型接口，不能使用模型“{name[:64]}”；请设置 OPENAI_BASE_URL 和 OPENAI_API_KEY，或改用离线起草器（offline）"
        )
    # The model client takes a second to import, and the offline writer has no use for it.
    from service.writer.job import Manner  # noqa: PLC0415
    from service.writer.openai import OpenAIWriter  # noqa: PLC0415
    from service.writer.request import Rung  # noqa: PLC0415

    manner = Manner(
        temperature=settings.temperature,
        thinking=settings.thinking,
        rung=Rung[settings.rung.upper()] if settings.rung else None,
        deadline=settings.deadline,
        warm={"auto": None, "on": True, "off": False}[settings.warm_cache],
    )
    return OpenAIWriter(settings.openai_base_url or None, key, name, manner)


def build_kit(settings: Settings, outline: Outline, options: PlanOptions, writer: Writer | None = None) -> Kit:
    """What a run needs. Raises UnknownExemplarError, NotConfiguredError."""
    return Kit(
        outline=outline,
        exemplars=chosen_exemplars(options.exemplars),
        writer=writer or build_writer(settings, options.model),
        max_repairs=settings.max_repairs,
        concurrency=settings.concurrency,
        context_tokens=settings.context_tokens,
        token_budget=settings.token_budget,
    )


def build_fonts(settings: Settings) -> Fonts:
    """The typefaces that exported documents name."""
    return Fonts.named(settings.typefaces)


@runtime_checkable
class _Closable(Protocol):
    """A writer that holds connections."""

    async def aclose(self) -> None:
        """Closes them."""
        ...


async def close(writer: Writer) -> None:
    """Closes a writer's connections, if it has any; to be awaited on the loop that it wrote on."""
    if isinstance(writer, _Closable):
        await writer.aclose()


@runtime_checkable
class _Endpoint(Protocol):
    """A writer that can ask another model over the same connections."""

    def with_model(self, model: str) -> Writer:
        """The writer for that model."""
        ...


class _Writers:
    """Writers by model, so that requests share connections and what was learned about a model."""

    def __init__(self, build: WriterFor) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._ready: OrderedDict[str | None, Writer] = OrderedDict()
        self._built: list[Writer] = []

    def __call__(self, model: str | None) -> Writer:
        with self._lock:
            if model not in self._ready:
                self._ready[model] = self._made(model)
            self._ready.move_to_end(model)
            if len(self._ready) > MOST_WRITERS:
                self._ready.popitem(last=False)
            return self._ready[model]

    def _made(self, model: str | None) -> Writer:
        endpoint = next((w for w in self._built if isinstance(w, _Endpoint)), None)
        if endpoint is not None and model not in (None, OFFLINE):
            return endpoint.with_model(model)
        self._built.append(self._build(model))
        return self._built[-1]

    async def aclose(self) -> None:
        """Closes what was built."""
        for writer in self._built:
            await close(writer)


def create_app(
    settings: Settings,
    writer_for: WriterFor | None = None,
    *,
    durable: bool = True,
    passing: Passing | None = None,
    telemetry: bool = False,
) -> FastAPI:
    """The HTTP service. `writer_for` replaces the writers that the settings name. Reads no environment.

    `durable` False: no database is opened and no plan can be made, as for a service that only checks and drafts
    sections. `passing` is told where a run is: for those who kill it. `telemetry` exports as the OTEL_ variables say.
    """
    from service import web  # noqa: PLC0415 - the command line needs no web framework
    from service.api.access import Access  # noqa: PLC0415
    from service.api.app import make_app  # noqa: PLC0415
    from service.api.durable import Durable  # noqa: PLC0415
    from service.api.metrics import Metrics  # noqa: PLC0415
    from service.api.plans.desk import Desk  # noqa: PLC0415
    from service.api.sessions import Sessions  # noqa: PLC0415
    from service.background import Background  # noqa: PLC0415

    metrics = Metrics()
    build = writer_for or (lambda model: build_writer(settings, model))
    writers, crew_writers = _Writers(build), _Writers(build)  # connections belong to one event loop
    background = Background(writers.aclose)

    def default() -> tuple[str, str]:
        writer = writers(None)
        return writer.name, writer.model

    def kits(of: _Writers) -> KitFor:
        return lambda outline, options: build_kit(settings, outline, options, Metered(of(options.model), metrics.asked))

    kit_for = kits(writers)
    crew = build_crew(settings, kits(crew_writers), crew_writers.aclose, passing) if durable else None
    plans = Durable(crew, _checker(settings), background) if crew else None
    sessions = Sessions(settings.data_dir if durable else None)
    shelves = (crew.outlines,) if crew else ()
    access = Access(settings.keys, plans.keys if plans else None, settings.requests_per_minute, sessions, shelves)
    app = make_app(kit_for, default, background, plans, access=access, metrics=metrics, telemetry=telemetry)
    app.state.fonts = build_fonts(settings)
    web.install(app, Desk(plans, kit_for), default, _surroundings(settings, stored=durable, telemetry=telemetry))
    return app


def _surroundings(settings: Settings, *, stored: bool, telemetry: bool) -> Surroundings:
    """What the pages tell of the settings: no key, no password, no path."""
    from service.web.about import Surroundings  # noqa: PLC0415 - the command line needs no web framework

    base = settings.openai_base_url
    host = urlsplit(base).hostname if base else _OPENAI if settings.openai_api_key else None
    kind = "PostgreSQL" if (settings.database_url or "").startswith("postgres") else "SQLite"
    return Surroundings(host, kind if stored else None, telemetry)


def build_crew(
    settings: Settings, kit_for: KitFor, closing: Callable[[], Awaitable[None]], passing: Passing | None = None
) -> Crew:
    """What drafts durable plans in this process. `closing`: see Crew. SettingsError for an address that is none."""
    from service.jobs.crew import Crew  # noqa: PLC0415 - the engine takes half a second to import
    from service.jobs.engine import Limits  # noqa: PLC0415
    from service.jobs.passing import unnoticed  # noqa: PLC0415

    return Crew(
        settings.database_url,
        settings.data_dir,
        settings.executor,
        kit_for=kit_for,
        limits=Limits(jobs=settings.concurrency, plans_per_owner=settings.plans_at_once),
        retention=timedelta(days=settings.retention_days),
        closing=closing,
        passing=passing or unnoticed,
    )


def build_worker(settings: Settings) -> Crew:
    """Drafts durable plans in a process that answers no requests. SettingsError for an address that is none."""
    writers = _Writers(lambda model: build_writer(settings, model))
    return build_crew(
        settings,
        lambda outline, options: build_kit(settings, outline, options, writers(options.model)),
        writers.aclose,
    )


def _checker(settings: Settings) -> KitFor:
    """Kits for checking alone: an edit needs no endpoint."""
    writer = OfflineWriter()
    return lambda outline, options: build_kit(settings, outline, options, writer)
