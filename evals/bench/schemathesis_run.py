"""The whole HTTP contract under generated requests: `python -m evals.bench.schemathesis_run --requests 10000 [--seed 1]`.

Serves the API with a database of its own and a writer that answers at once, and has schemathesis ask what its
description allows and what it does not: documented examples, values at their bounds, random bodies, chains of requests
in which one answer gives the next request its ids, and the documented bodies with some of their parts replaced. Each
answer must have a documented status and media type, and a body and headers as described.

Prints one JSON object; `faults` is empty and `server_errors` names only what a machine may lack (`allowed`), or it ends
with 1.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import httpx
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import strategies as st
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from schemas.draft import Task
from service.api.plans.examples import PLAN, PLAN_REQUEST
from service.main import create_app
from service.settings import Settings
from service.writer.protocol import Writer
from service.writer.scripted import ScriptedWriter

if TYPE_CHECKING:
    from schemathesis.engine.recorder import ScenarioRecorder

Phase = Literal["examples", "coverage", "fuzzing", "stateful"]
ALL: tuple[Phase, ...] = ("examples", "coverage", "fuzzing", "stateful")
ALLOWED = frozenset({"pdf-unavailable"})
"""Problems of status 5xx that say nothing of the service: the machine has no LibreOffice."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEXT = "到2021年，全市电子商务交易额年均增长20%。"
_PATIENCE = 60.0


@dataclass(slots=True)
class Figures:
    """What came of all requests."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    server_errors: Counter[str] = field(default_factory=Counter)
    """By problem type, or status where the answer is no problem."""
    reached: dict[str, int] = field(default_factory=dict)
    """Operation → its answers of status 2xx."""
    faults: dict[str, str] = field(default_factory=dict)
    """What is wrong → a request that shows it; each once."""

    def forbidden(self, allowed: frozenset[str] = ALLOWED) -> dict[str, int]:
        """Server errors that should not be."""
        return {k: n for k, n in self.server_errors.items() if k not in allowed}


def attack(
    url: str,
    figures: Figures,
    seed: int,
    *,
    phases: Sequence[Phase] = ALL,
    examples: int,
    most: int,
    plan: str | None = None,
) -> None:
    """One round of at most some `most` requests against the API at this address, `examples` for each operation.

    `plan`: id of a plan with a section 2.1. With it many requests are about that plan, and bodies are the documented
    ones with parts replaced, so that more of them get past the first look.
    """
    config = _config(seed, phases, examples, valid=plan is not None)
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=config)
    if plan is not None:
        _aim(schema, plan)
    stream = from_schema(schema).execute()
    stop = figures.requests + most
    for event in stream:
        if isinstance(event, ScenarioFinished):
            _noted(event.recorder, figures)
            if figures.requests >= stop:
                stream.stop()
        elif isinstance(event, NonFatalError):
            figures.faults.setdefault(f"{event.label}: {event.value}", "")
        elif isinstance(event, FatalError):
            raise event.exception


def _config(seed: int, phases: Sequence[Phase], examples: int, *, valid: bool) -> schemathesis.Config:
    """Whatever is valid by the description may still be refused: what a fact sheet means is no matter of form."""
    return schemathesis.Config.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "request-timeout": _PATIENCE,
            "suppress-health-check": ["all"],
            "warnings": False,
            "generation": {
                "max-examples": examples,
                "no-shrink": True,
                "database": "none",
                "mode": "positive" if valid else "all",
            },
            "phases": {name: {"enabled": name in phases} for name in ALL},
            "checks": {
                "positive_data_acceptance": {"enabled": False},
                # A 5xx that is not documented is found by status_code_conformance, and each is counted here.
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 501, 502, 503, 504]},
            },
        }
    )


def _aim(schema: schemathesis.BaseSchema, plan: str) -> None:
    """Has most of the requests be about this plan, its section 2.1, whatever version that has; none deletes it."""
    known = {"plan": plan, "section": "2.1", "number": 1, "a": 0, "b": 1}

    def map_path_parameters(
        context: schemathesis.HookContext, path_parameters: dict[str, object] | None
    ) -> dict[str, object] | None:
        if path_parameters is None:
            return None
        if context.operation is not None and context.operation.method == "delete":
            return {k: PLAN["id"] if v == plan else v for k, v in path_parameters.items()}
        return path_parameters if _spared(path_parameters) else {k: known.get(k, v) for k, v in path_parameters.items()}

    def map_headers(context: schemathesis.HookContext, headers: dict[str, object] | None) -> dict[str, object] | None:
        del context
        if headers is None or "if-match" not in headers or _spared(headers):
            return headers
        return {**headers, "if-match": "*"}

    for hook in (map_path_parameters, map_headers, before_generate_body):
        schema.hook(hook)


def _spared(value: object) -> bool:
    """One in four by chance, and always the same for the same value."""
    return zlib.crc32(repr(value).encode("utf-8", "replace")) % 4 == 0


def before_generate_body(
    context: schemathesis.HookContext, strategy: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    """Some fields of the documented body replaced by generated ones, or left out, for every other body."""
    content = context.operation.definition.raw.get("requestBody", {}).get("content", {}) if context.operation else {}
    example = content.get("application/json", {}).get("example")
    if not isinstance(example, dict):
        return strategy

    def mixed(body: object, chance: random.Random) -> object:
        if not isinstance(body, dict) or chance.random() < 0.5:
            return body
        kept = {k: v for k, v in example.items() if chance.random() > 0.05}
        new = [k for k in body if chance.random() < 2 / (1 + len(body))]
        return {**kept, **{k: body[k] for k in new}}

    return st.builds(mixed, strategy, st.randoms(use_true_random=False))


def _noted(recorder: ScenarioRecorder, figures: Figures) -> None:
    for case_id, interaction in recorder.interactions.items():
        response = interaction.response
        figures.requests += 1
        if response is None:
            figures.faults.setdefault(f"{recorder.label}: no answer", interaction.request.uri)
            continue
        figures.statuses[response.status_code] += 1
        name = recorder.cases[case_id].value.operation.label if case_id in recorder.cases else recorder.label
        figures.reached[name] = figures.reached.get(name, 0) + (response.status_code < 300)
        if response.status_code >= 500:
            figures.server_errors[_kind(response)] += 1
    for checks in recorder.checks.values():
        for check in checks:
            if check.status is not Status.SUCCESS and check.failure_info is not None:
                failure = check.failure_info.failure
                told = f"{failure.operation}: {failure.title}: {failure.message}"
                figures.faults.setdefault(told[:600], check.failure_info.code_sample[:2000])


def _kind(response: schemathesis.Response) -> str:
    try:
        return str(response.json()["type"]).removeprefix("/problems/")
    except (ValueError, KeyError, TypeError):
        return str(response.status_code)


@schemathesis.serializer(_XLSX)
def _spreadsheet(_: schemathesis.SerializationContext, value: object) -> bytes:
    """No generated bytes are a spreadsheet, and none may break the reader of spreadsheets."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _writer(_: str | None) -> Writer:
    return ScriptedWriter(_reply)


def _reply(_: Task) -> str:
    paragraph = {"text": _TEXT, "facts": [], "points": []}
    return json.dumps({"paragraphs": [paragraph], "gaps": [], "proposals": []}, ensure_ascii=False)


@contextmanager
def _served(app: FastAPI) -> Iterator[str]:
    """Its address; stopped and awaited at the end."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise SystemExit("the service did not start")
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)


def _made(url: str) -> str:
    """A new plan of the documented example."""
    made = httpx.post(f"{url}/v1/plans", json=PLAN_REQUEST, trust_env=False, timeout=_PATIENCE).raise_for_status()
    return str(made.json()["id"])


def measured(requests: int, seed: int) -> Figures:
    """Rounds of other seeds until so many requests were answered."""
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="fangan-contract-") as folder:
        settings = Settings(
            _env_file=None,
            openai_api_key=None,
            openai_base_url=None,
            model=None,
            data_dir=Path(folder),
            max_repairs=1,
            requests_per_minute=1_000_000,
        )
        with _served(create_app(settings, _writer)) as url:
            number = 0
            while figures.requests < requests:
                phases = ALL if number == 0 else ALL[2:]
                plan = _made(url) if number % 2 else None
                left = requests - figures.requests
                attack(url, figures, seed + number, phases=phases, examples=40, most=left, plan=plan)
                number += 1
                print(f"round {number}: {figures.requests} requests", file=sys.stderr, flush=True)
    return figures


def main() -> None:
    """Prints the figures; ends with 1 where something is not as the description says."""
    parser = argparse.ArgumentParser(description="The HTTP contract under generated requests")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    start = time.monotonic()
    found = measured(given.requests, given.seed)
    told = {
        "seed": given.seed,
        "requests": found.requests,
        "statuses": {str(k): n for k, n in sorted(found.statuses.items())},
        "server_errors": dict(found.server_errors),
        "never_reached": sorted(k for k, n in found.reached.items() if not n),
        "faults": found.faults,
        "seconds": round(time.monotonic() - start),
    }
    print(json.dumps(told, ensure_ascii=False, indent=1))
    sys.exit(1 if found.faults or found.forbidden() else 0)


if __name__ == "__main__":
    main()
