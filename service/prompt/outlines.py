"""The outline library: the shipped 编制要点 by id, and those that shelves beside it hold."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml
from pydantic import ValidationError
from rapidfuzz import process

from schemas.outline import Outline
from service.errors import PackageDataError, UnknownOutlineError
from service.prompt import shelves

OUTLINE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""Of imported outlines; nothing else is looked for."""
_FOLDER = "outlines"
# The C loader reads an outline in a tenth of the time; wheels of pyyaml carry it, some source builds do not.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def outline_ids() -> tuple[str, ...]:
    """Ids of the shipped outlines, sorted."""
    folder = files("prompts") / _FOLDER
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_outline(outline_id: str) -> Outline:
    """The outline of that id. UnknownOutlineError names near ids; PackageDataError when its file is damaged.

    StoreError where a shelf cannot be read; a shipped outline needs none.
    """
    if outline_id in outline_ids():
        return _shipped(outline_id)
    if OUTLINE_ID.fullmatch(outline_id) and (found := shelves.found(outline_id)) is not None:
        return found
    known = [o.id for o in all_outlines()]
    near = process.extractOne(outline_id, known, score_cutoff=50)
    hint = f"是否应为 {near[0]}；" if near else ""
    raise UnknownOutlineError(f"没有编号为“{outline_id[:64]}”的编制要点，{hint}可用的有：{'、'.join(known)}")


def all_outlines() -> list[Outline]:
    """The shipped ones by id, and after them those on shelves. PackageDataError, StoreError."""
    found = {i: _shipped(i) for i in outline_ids()}
    for outline in shelves.everything():
        found.setdefault(outline.id, outline)
    return list(found.values())


def read_shipped(outline_id: str) -> Outline:
    """The shipped outline of that id, read from its file. PackageDataError."""
    try:
        text = (files("prompts") / _FOLDER / f"{outline_id}.yaml").read_text(encoding="utf-8")
        return Outline.model_validate(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader either way
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise PackageDataError(f"编制要点文件 {outline_id}.yaml 损坏，请重新安装") from error


_shipped = cache(read_shipped)
