"""/plans/{id}/sections/{section}: one section edited in place, checked while it is typed, written again, restored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from schemas.plan import PlanRequest
from schemas.report import Report
from schemas.stored import Revision
from service.api.plans.desk import Desk, PlanId, SectionId
from service.assemble.difference import difference
from service.checking import Question, check_texts
from service.errors import EditConflictError, InputError, UnknownSectionError, UnknownVersionError
from service.jobs.plans import MOST_CHARACTERS
from service.prompt.exemplars import chosen_exemplars
from service.prompt.outlines import load_outline
from service.web.desk import changed, section_shown
from service.web.forms import form_of
from service.web.frame import PageRoute, Visitor, render
from service.web.view import shown_findings, slug
from service.web.wording import Wording, language_of, wording

_MOST_INSTRUCTION = 2000
_Number = Annotated[int, Query(ge=0, lt=2**31)]


def router(desk: Desk) -> APIRouter:
    """The routes of one section."""
    routes = APIRouter(prefix="/plans/{plan}/sections/{section}", include_in_schema=False, route_class=PageRoute)
    _editing(routes, desk)
    _writing_again(routes, desk)
    _versions(routes, desk)
    return routes


def _editing(routes: APIRouter, desk: Desk) -> None:
    @routes.get("")
    async def view(plan: PlanId, section: SectionId, request: Request, who: Visitor) -> Response:
        """The section as it stands, for one who leaves the editing."""
        return await changed(desk, request, plan, who.owner, [section])

    @routes.get("/edit")
    async def edit(plan: PlanId, section: SectionId, request: Request, who: Visitor) -> Response:
        page, found = await section_shown(desk, plan, section, who.owner)
        return render(
            request, "parts/edit.html.j2", page=page, s=found, text=found.row.text, version=found.row.revision
        )

    @routes.post("/check")
    async def check(plan: PlanId, section: SectionId, request: Request, who: Visitor) -> Response:
        """What the checks say of the text as it is being typed. Nothing is stored."""
        text = _checkable((await form_of(request)).text("text"))
        _, wanted, rows = await desk.plans.whole(plan, who.owner)
        known = load_outline(wanted.sheet.outline).sections_by_id
        if section not in {row.section for row in rows}:
            raise UnknownSectionError("这份方案没有这样编号的节，节的编号如 2.1")
        report = await run_in_threadpool(_report, wanted, section, text)
        return render(
            request, "parts/checked.html.j2", plan_id=plan, section=section, slug=slug(section), title=f"{known[section].number}{known[section].title}",
            findings=shown_findings(report.findings), counts=report.counts.get(section),
        )  # fmt: skip

    @routes.post("")
    async def save(plan: PlanId, section: SectionId, request: Request, who: Visitor) -> Response:
        """A new version; where somebody else has saved one, both are shown, and the person chooses."""
        form, t = await form_of(request), _t(request)
        text, version = form.text("text"), form.text("version")
        if not text.strip():
            raise InputError(t("edit.empty"))
        if not (version.isascii() and version.isdecimal() and len(version) < 10):
            raise HTTPException(422, t("edit.no_version"))
        try:
            await desk.plans.edit(plan, section, who.owner, who.name, int(version), text)
        except EditConflictError:
            return await _conflict(desk, request, plan, section, who.owner, mine=text, version=int(version))
        return await changed(desk, request, plan, who.owner, [section], t("edit.saved"))


async def _conflict(
    desk: Desk, request: Request, plan: str, section: str, owner: str | None, *, mine: str, version: int
) -> Response:
    """Both texts side by side. Not an error of the page: what was typed is kept, and there is something to choose."""
    whole, row, versions = await desk.plans.section(plan, section, owner)
    number = load_outline(whole.outline).sections_by_id[section].number
    theirs = next((v for v in versions if v.number == row.revision), None)
    changes = await run_in_threadpool(difference, row.text, mine)
    return render(
        request, "parts/conflict.html.j2", plan_id=plan, row=row,
        number=number, slug=slug(section), mine=mine, version=version,
        theirs=theirs, changes=changes,
    )  # fmt: skip


def _writing_again(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/redraft")
    async def ask(plan: PlanId, section: SectionId, request: Request, who: Visitor) -> Response:
        page, found = await section_shown(desk, plan, section, who.owner)
        return render(request, "parts/redraft.html.j2", page=page, s=found)

    @routes.post("/redraft")
    async def redraft(plan: PlanId, section: SectionId, request: Request, who: Visitor) -> Response:
        t, instruction = _t(request), (await form_of(request)).text("instruction").strip()
        if len(instruction) > _MOST_INSTRUCTION:
            raise InputError(t("redraft.too_long", most=_MOST_INSTRUCTION, now=len(instruction)))
        row, wanted, _ = await desk.plans.whole(plan, who.owner)
        await run_in_threadpool(desk.writer, load_outline(row.outline), wanted.options)
        await desk.plans.redraft(plan, section, who.owner, who.name, instruction or None)
        return await changed(desk, request, plan, who.owner, [section], t("redraft.begun"))


def _versions(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/versions")
    async def versions(
        plan: PlanId,
        section: SectionId,
        request: Request,
        who: Visitor,
        a: _Number | None = None,
        b: _Number | None = None,
    ) -> Response:
        """All versions, and what was changed from `a` to `b`; from the one before to the newest where none is named."""
        _, row, known = await desk.plans.section(plan, section, who.owner)
        newer = b if b is not None else row.revision
        older = a if a is not None else max(0, newer - 1)
        changes = await run_in_threadpool(difference, _text(known, older, section), _text(known, newer, section))
        return render(
            request, "parts/versions.html.j2", plan_id=plan, row=row, slug=slug(section), versions=known[::-1],
            a=older, b=newer, changes=changes,
        )  # fmt: skip

    @routes.post("/restore")
    async def restore(plan: PlanId, section: SectionId, request: Request, who: Visitor) -> Response:
        number = (await form_of(request)).text("version")
        if not (number.isascii() and number.isdecimal() and 0 < int(number[:10]) < 2**31):
            raise UnknownVersionError(f"本节（{section}）没有这一版")
        await desk.plans.restore(plan, section, who.owner, who.name, int(number))
        return await changed(desk, request, plan, who.owner, [section], _t(request)("versions.restored", number=number))


def _text(versions: list[Revision], number: int, section: str) -> str:
    """Version 0 is the empty text before the first."""
    found = next((v.text for v in versions if v.number == number), "" if number == 0 else None)
    if found is None:
        raise UnknownVersionError(f"本节（{section}）没有第{number}版")
    return found


def _checkable(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"本节文字有{len(text)}个字符，超过{MOST_CHARACTERS}个，请删减")
    return text


def _report(request: PlanRequest, section: str, text: str) -> Report:
    """A tenth of a second of work."""
    outline = load_outline(request.sheet.outline)
    return check_texts(Question({section: text}, request.sheet, outline, chosen_exemplars(request.options.exemplars)))


def _t(request: Request) -> Wording:
    return wording(language_of(request))
