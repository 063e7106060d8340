"""POST /v1/checks: what a person wrote, held against the facts. No model is called."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends
from pydantic import Field

from schemas import Model
from schemas.finding import CheckName
from schemas.outline import Outline
from schemas.report import Report
from service.api.body import exemplar_faults, json_body, outline_or_none, parse_object, section_fault, sheet_of, split
from service.api.examples import CHECK_REQUEST, REPORT
from service.api.openapi import body_of
from service.api.problems import documented
from service.check.case import BARE
from service.checking import MOST_CHARACTERS, UNDATED, Question, check_texts, told_year
from service.errors import Fault
from service.prompt.exemplars import chosen_exemplars

OUTLINE = "city-2017"
"""Against which a text is checked when the request names no outline."""


class CheckOptions(Model):
    """What `POST /v1/checks` takes beside the fact sheet's fields."""

    section: str | None = Field(None, description="应为文字：text 所属的节的编号，如 2.1；不属于某一节时为 null")
    text: str | None = Field(None, description="应为文字：要核查的文本，与 sections 二选一")
    sections: dict[str, str] | None = Field(
        None, description='应为对象：各节的文本，如 {"1.1": "……"}，与 text 二选一；齐全时按整篇方案核查'
    )
    checks: tuple[CheckName, ...] | None = Field(
        None, description=f"应为列表：要做的核查，可选 {'、'.join(CheckName)}；null 表示全部"
    )
    exemplars: tuple[str, ...] | None = Field(None, description="应为列表：要对照的范例的编号；null 表示全部")
    explain: Annotated[bool, Field(strict=True)] = Field(
        False, description="应为 true 或 false：true 时另附每个数字的依据 supports"
    )


def router() -> APIRouter:
    """The route, checking on as many threads as there are processors: more would only keep other answers waiting."""
    routes = APIRouter(tags=["checks"])
    crew = CapacityLimiter(os.cpu_count() or 1)

    @routes.post(
        "/v1/checks",
        summary="Check a text against the facts",
        response_model=Report,
        responses={**documented(413, 415, 422), 200: {"content": {"application/json": {"example": REPORT}}}},
        openapi_extra=body_of(CheckOptions, CHECK_REQUEST),
    )
    async def check(body: Annotated[bytes, Depends(json_body)]) -> Report:
        """Runs the checks over one text or several sections and returns the findings with their places.

        The body is the fact sheet's fields plus the options; exactly one of `text` and `sections` is required.
        `outline` defaults to `city-2017`, `facts` to none, `subject` to a nameless one (我市, 基地), and `plan_year` to
        what the period or the years of the facts imply; when nothing does, the era check is skipped and `skipped` says so.
        Offsets are code points of the text as sent, end exclusive. The text is never changed; `normalised` offers it in
        official form.
        """
        return await to_thread.run_sync(_answer, body, limiter=crew)

    return routes


def _answer(body: bytes) -> Report:
    data = parse_object(body)
    return check_texts(question_of({k: v for k, v in data.items() if k != "outline" or v is not None}))


def question_of(data: Mapping[str, object]) -> Question:
    """The question of a request. Raises InputError or FactSheetError with all its faults."""
    fields, options, faults = split({"outline": OUTLINE, **data}, CheckOptions)
    outline = outline_or_none(fields)
    dated = fields.get("plan_year") is not None
    if not dated:
        fields["plan_year"] = UNDATED
    if fields.get("subject") is None:
        fields["subject"] = {"name": "基地" if outline and outline.subject_word == "基地" else "我市"}
    if options is not None:
        unread = any(f.pointer.split("/")[1] in {"text", "sections"} for f in faults)
        faults += [*(() if unread else _text_faults(options, outline)), *exemplar_faults(options.exemplars)]
    sheet, found = sheet_of(fields, faults)
    if not dated and (year := told_year(sheet)) is not None:
        sheet, dated = sheet.model_copy(update={"plan_year": year}), True
    assert options is not None
    texts = options.sections if options.sections is not None else {options.section or BARE: options.text or ""}
    return Question(
        texts=texts,
        sheet=sheet,
        outline=found,
        exemplars=chosen_exemplars(options.exemplars),
        checks=options.checks,
        explain=options.explain,
        dated=dated,
    )


def _text_faults(options: CheckOptions, outline: Outline | None) -> list[Fault]:
    if (options.text is None) == (options.sections is None):
        return [Fault("/text", "text 和 sections 应当并且只能填写一项")]
    if options.sections is None:
        faults = section_fault(outline, options.section, ("section",)) if options.section is not None else []
        texts = {"/text": options.text or ""}
    else:
        faults = [f for i in options.sections for f in section_fault(outline, i, ("sections", i))]
        if options.section is not None:
            faults.append(Fault("/section", "section 只与 text 同用；用 sections 时请删去"))
        texts = {"/sections": "".join(options.sections.values())}
    for place, text in texts.items():
        if not text.strip():
            faults.append(Fault(place, "没有要核查的文字，请填写正文"))
        elif len(text) > MOST_CHARACTERS:
            faults.append(Fault(place, f"文本有{len(text)}个字符，超过{MOST_CHARACTERS}个，请分节核查"))
    return faults
