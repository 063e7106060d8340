"""The writer's reply → Draft: the same local validation for every writer and every way of asking for JSON."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.draft import Draft, DraftParagraph
from service.strict_json import StrictJSONError, loads
from service.text.punctuation import normalise

MAX_CHARACTERS = 20_000
"""No section is this long (the longest has a few thousand 字); a longer reply is a model running on."""

_MESSAGES = {
    "missing": "缺少该字段",
    "extra_forbidden": "不应有该字段",
    "string_type": "应为文本",
    "tuple_type": "应为数组",
    "int_type": "应为整数",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
}


def parse_reply(content: str, fact_ids: Collection[str], point_ids: Collection[str]) -> Draft | tuple[str, ...]:
    """Validates one reply; a tuple of faults (Chinese, one sentence each) when it is no draft.

    Punctuation is normalised here, before anything is counted or checked, and a paragraph with line breaks
    becomes several.
    """
    try:
        data = loads(content.strip().removeprefix("\ufeff"))
    except StrictJSONError as error:
        return (f"不是合法的 JSON：{error}",)
    try:
        draft = Draft.model_validate(data)
    except ValidationError as error:
        return tuple(_fault(e) for e in error.errors()[:10])
    faults = (*_unknown_ids(draft, fact_ids, point_ids), *_length(draft))
    return faults or _normalised(draft)


def _fault(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "整个答复"
    return f"{where}：{_MESSAGES.get(error['type'], error['msg'])}"


def _unknown_ids(draft: Draft, fact_ids: Collection[str], point_ids: Collection[str]) -> Sequence[str]:
    faults = []
    for n, paragraph in enumerate(draft.paragraphs):
        faults += [f"paragraphs.{n}.facts：没有编号为“{i[:64]}”的事实" for i in paragraph.facts if i not in fact_ids]
        faults += [f"paragraphs.{n}.points：没有编号为“{i[:64]}”的要点" for i in paragraph.points if i not in point_ids]
    faults += [
        f"gaps.{n}.point：没有编号为“{g.point[:64]}”的要点"
        for n, g in enumerate(draft.gaps)
        if g.point not in point_ids
    ]
    return faults[:10]


def _length(draft: Draft) -> Sequence[str]:
    if not draft.text.strip():
        return ("paragraphs：没有正文",)
    if len(draft.text) > MAX_CHARACTERS:
        return (f"paragraphs：正文长达{len(draft.text)}个字符，远超一节的篇幅",)
    return ()


def _normalised(draft: Draft) -> Draft:
    paragraphs = [
        DraftParagraph(text=line, facts=p.facts, points=p.points)
        for p in draft.paragraphs
        for line in normalise(p.text).split("\n")
        if line.strip()
    ]
    return draft.model_copy(update={"paragraphs": tuple(paragraphs)})
