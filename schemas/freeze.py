"""The JSON Schemas that other tools rely on, written to schemas/frozen: `python -m schemas.freeze`.

A test compares them with the models, so that no field changes unseen. This is the one module here that does I/O.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic.json_schema import JsonSchemaMode

from schemas import Model
from schemas.document import Document, ExportOptions
from schemas.draft import Draft
from schemas.evaluation import EvalRun
from schemas.exemplar import Exemplar
from schemas.facts import FactSheet
from schemas.finding import Finding
from schemas.outline import Outline
from schemas.plan import Event, Plan, PlanOptions, PlanRequest
from schemas.report import Report

PUBLIC: tuple[type[Model], ...] = (
    FactSheet, Outline, Exemplar, Draft, Finding, PlanOptions, PlanRequest, Plan, Document, ExportOptions, Event, Report,
    EvalRun,
)  # fmt: skip
FOLDER = Path(__file__).parent / "frozen"


def rendered() -> Mapping[str, str]:
    """File name → JSON Schema (2020-12) of each public model as it is written on the wire, Chinese unescaped."""
    return {f"{model.__name__}.json": _text(model) for model in PUBLIC}


def _text(model: type[Model]) -> str:
    # Requests are read, all else is written; FactSheet is both and its two schemas differ in no field.
    read = {FactSheet, PlanOptions, PlanRequest, ExportOptions}
    mode: JsonSchemaMode = "validation" if model in read else "serialization"
    schema = model.model_json_schema(mode=mode)
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, ensure_ascii=False, indent=2)
        + "\n"
    )


def differences(folder: Path = FOLDER) -> str:
    """A unified diff from what is frozen to what the models say; "" when they agree."""
    now = rendered()
    frozen = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}
    parts = []
    for name in sorted({*now, *frozen}):
        before, after = frozen.get(name, ""), now.get(name, "")
        lines = difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), f"frozen/{name}", f"models/{name}"
        )
        parts.append("".join(lines))
    return "".join(parts)


def freeze(folder: Path = FOLDER) -> None:
    """Writes the schemas and removes those of models that are gone."""
    folder.mkdir(exist_ok=True)
    now = rendered()
    for path in folder.glob("*.json"):
        if path.name not in now:
            path.unlink()
    for name, text in now.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    freeze()
