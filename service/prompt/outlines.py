"""The outline library: the shipped 编制要点 by id."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml
from pydantic import ValidationError
from rapidfuzz import process

from schemas.outline import Outline
from service.errors import PackageDataError, UnknownOutlineError

_FOLDER = "outlines"
# The C loader reads an outline in a tenth of the time; wheels of pyyaml carry it, some source builds do not.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def outline_ids() -> tuple[str, ...]:
    """Ids of the shipped outlines, sorted."""
    folder = files("prompts") / _FOLDER
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


@cache
def load_outline(outline_id: str) -> Outline:
    """The outline of that id. UnknownOutlineError names near ids; PackageDataError when its file is damaged."""
    if outline_id not in outline_ids():
        near = process.extractOne(outline_id, outline_ids(), score_cutoff=50)
        hint = f"是否应为 {near[0]}；" if near else ""
        raise UnknownOutlineError(
            f"没有编号为“{outline_id[:64]}”的编制要点，{hint}可用的有：{'、'.join(outline_ids())}"
        )
    try:
        text = (files("prompts") / _FOLDER / f"{outline_id}.yaml").read_text(encoding="utf-8")
        return Outline.model_validate(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader either way
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise PackageDataError(f"编制要点文件 {outline_id}.yaml 损坏，请重新安装") from error
