"""What is measured: HTTP and the writer in this process, plans and tokens out of the database when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from schemas.plan import PlanStatus, SectionStatus
from service.store.counts import Counts
from service.writer.metered import Asked

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HTTP = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 15, 60)
_WRITER = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300)
"""Seconds: a call takes from a fraction (offline) to some minutes."""


class Metrics:
    """Of one app: a registry of its own, so that two apps in a process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._http = Histogram(
            "fangan_http_seconds", "From a request to the beginning of its answer", ("method", "route", "status"),
            buckets=_HTTP, registry=self._registry,
        )  # fmt: skip
        self._asked = Histogram(
            "fangan_writer_seconds", "One task at the writer, calls made again included", ("writer", "kind", "outcome"),
            buckets=_WRITER, registry=self._registry,
        )  # fmt: skip
        self._retries = Counter(
            "fangan_writer_retries", "Calls that the writer made again", ("writer",), registry=self._registry
        )
        self._tokens = Counter(
            "fangan_writer_tokens", "Tokens of this process's calls", ("writer", "of"), registry=self._registry
        )
        self._ready = Gauge("fangan_ready", "1 where /readyz would answer 200", registry=self._registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """An HTTP answer began."""
        self._http.labels(method, route, str(status)).observe(seconds)

    def asked(self, asked: Asked) -> None:
        """A task ended at the writer. Repairs are tasks of their own kind."""
        self._asked.labels(asked.writer, asked.kind, asked.outcome).observe(asked.seconds)
        self._retries.labels(asked.writer).inc(asked.retries)
        used = asked.usage
        for of, count in (
            ("prompt", used.prompt_tokens), ("cached", used.cached_tokens), ("completion", used.completion_tokens)
        ):  # fmt: skip
            self._tokens.labels(asked.writer, of).inc(count)

    def exposed(self, counts: Counts | None, waiting: int, *, ready: bool) -> bytes:
        """Prometheus' text form. `counts` None: there is no database, or it does not answer."""
        self._ready.set(ready)
        stored = CollectorRegistry()
        if counts is not None:
            stored.register(_Stored(counts, waiting))
        return generate_latest(self._registry) + generate_latest(stored)


class _Stored:
    """What the database says at one moment."""

    def __init__(self, counts: Counts, waiting: int) -> None:
        self._counts = counts
        self._waiting = waiting

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        counts = self._counts
        yield _by_status("fangan_plans", "Plans, but for deleted ones", counts.plans, [s.value for s in PlanStatus])
        sections = [s.value for s in SectionStatus]
        yield _by_status("fangan_sections", "Sections of these plans", counts.sections, sections)
        yield GaugeMetricFamily("fangan_queue_depth", "Plans and jobs that wait for their turn", value=self._waiting)
        yield CounterMetricFamily("fangan_replies", "Replies kept, of all processes", value=counts.replies)
        tokens = CounterMetricFamily("fangan_tokens", "Tokens of the replies kept, of all processes", labels=("of",))
        tokens.add_metric(("prompt",), counts.prompt_tokens)
        tokens.add_metric(("completion",), counts.completion_tokens)
        yield tokens


def _by_status(name: str, told: str, counts: Mapping[str, int], statuses: Iterable[str]) -> GaugeMetricFamily:
    """Every status, those of which there are none too: a series that comes and goes raises no alarm."""
    family = GaugeMetricFamily(name, told, labels=("status",))
    for status in statuses:
        family.add_metric((status,), counts.get(status, 0))
    return family
