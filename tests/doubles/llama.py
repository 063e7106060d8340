"""A real model server inside the test process: llama.cpp with random weights, free port, ready in 30 ms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.doubles.random_gguf import Variant, make_gguf

MODEL = "random"


@contextmanager
def serve_llama(
    folder: Path, variant: Variant = "plain", *, key: str | None = None, context: int = 4096
) -> Iterator[str]:
    """Base URL of a server; the model file is made first. Two slots of `context` tokens each, one thread."""
    import xllamacpp  # type: ignore[import-untyped]  # 30 MB, only for the tests that want it

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(make_gguf(folder / f"{variant}.gguf", variant))
    parameters.model_alias = {MODEL}
    parameters.n_ctx = 2 * context
    parameters.n_parallel = 2
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.ui = False
    parameters.use_jinja = True
    parameters.endpoint_slots = True
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    if key is not None:
        parameters.api_keys = [key]
    server = xllamacpp.Server(parameters)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server
