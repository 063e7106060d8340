"""The calls of the service, one method each."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import JsonValue

from schemas.exemplar import Exemplar
from schemas.facts import FactSheet
from schemas.finding import CheckName
from schemas.outline import ImportedOutline, Outline
from schemas.plan import Event, Gap, PlanOptions, PlanStatus, SectionResult
from schemas.provenance import Provenance
from schemas.report import Report
from schemas.wire import (
    Change,
    ExemplarRow,
    FactsUpdate,
    Health,
    KindOfProblem,
    OutlineRow,
    PlanEvent,
    PlanPage,
    PlanView,
    Readiness,
    SectionView,
    VersionView,
)
from service.client.answers import (
    XLSX_TYPE,
    PlanFacts,
    Sheet,
    SheetSource,
    bytes_of,
    event,
    given,
    of,
    outline_content,
    part,
    plan_event,
    read,
    sheet_content,
    told,
    with_options,
)
from service.client.errors import ClientError, ConnectionFailedError, ServiceFailedError, StillDraftingError
from service.client.transport import Transport

DocumentFormat = Literal["docx", "pdf", "md", "html", "json"]
Sources = Literal["none", "footnotes", "comments"]
DRAFTING = 900.0
"""Seconds for an answer that a model has to write first."""
_SHEET_GAPS = "/v1/fact-sheets:gaps"
_AT_WORK = (PlanStatus.QUEUED, PlanStatus.DRAFTING)


class Client:
    """Calls of the service at `base_url`. Every method raises ClientError; one client serves several threads."""

    def __init__(
        self, base_url: str, api_key: str | None = None, *, timeout: float = 60.0, retries: int = 5, pause: float = 0.25
    ) -> None:
        """`timeout`: seconds without a byte; `retries` of what may be repeated, after `pause`, twice that, …"""
        self._wire = Transport(base_url, api_key, timeout=timeout, retries=retries, pause=pause)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._wire.close()

    # --- the service itself

    def health(self) -> Health:
        """Version of the service, and who drafts; it answers as long as its process runs."""
        return told(Health, self._wire.get("/healthz"))

    def readiness(self) -> Readiness:
        """Whether the service can work now. ServiceFailedError with the parts that fail, at once."""
        return told(Readiness, self._wire.send("GET", "/readyz"))

    def problems(self) -> tuple[KindOfProblem, ...]:
        """Every `type` that an error may have."""
        return told(tuple[KindOfProblem, ...], self._wire.get("/problems"))

    def problem(self, kind: str) -> KindOfProblem:
        """One of them: `kind` is its `type`, with or without /problems/ before it."""
        return told(KindOfProblem, self._wire.get(f"/problems/{part(kind.removeprefix('/problems/'))}"))

    # --- outlines and exemplars

    def outlines(self) -> tuple[OutlineRow, ...]:
        """Those that ship by id, and after them those that your key has stored."""
        return told(tuple[OutlineRow, ...], self._wire.get("/v1/outlines"))

    def outline(self, outline: str) -> Outline:
        """One outline, complete."""
        return told(Outline, self._wire.get(f"/v1/outlines/{part(outline)}"))

    def import_outline(
        self, source: bytes | Path, outline: str | None = None, *, store: bool = False
    ) -> ImportedOutline:
        """The text or .docx of a 编制要点 → the outline, under that id, and what a person should look at.

        `store`: it is kept, for plans to be made on it; without an id one is made. ConflictError for an id that is
        taken.
        """
        content, headers = outline_content(source)
        params = given(id=outline, store=store)
        answer = self._wire.send("POST", "/v1/outlines:import", content=content, headers=headers, params=params)
        return told(ImportedOutline, answer)

    def delete_outline(self, outline: str) -> None:
        """Deletes a stored outline for ever. ConflictError for one that ships, and while a plan is on it."""
        self._wire.send("DELETE", f"/v1/outlines/{part(outline)}")

    def facts_schema(self, outline: str) -> dict[str, JsonValue]:
        """JSON Schema (2020-12) of the outline's fact sheet; `x-indicators` says what each indicator measures."""
        return told(dict[str, JsonValue], self._wire.get(f"/v1/outlines/{part(outline)}/facts-schema"))

    def facts_template(self, outline: str) -> bytes:
        """The spreadsheet (.xlsx) to fill in."""
        return self._wire.get(f"/v1/outlines/{part(outline)}/facts-template.xlsx").content

    def exemplars(self) -> tuple[ExemplarRow, ...]:
        """The approved plans whose register is taught, by id."""
        return told(tuple[ExemplarRow, ...], self._wire.get("/v1/exemplars"))

    def exemplar(self, exemplar: str) -> Exemplar:
        """One exemplar with its passages."""
        return told(Exemplar, self._wire.get(f"/v1/exemplars/{part(exemplar)}"))

    # --- fact sheets that are not stored

    def parse_fact_sheet(self, source: bytes | Path) -> FactSheet:
        """JSON, YAML or the filled spreadsheet → the sheet. RefusedError with every fault by pointer or cell."""
        content, headers = sheet_content(source)
        return told(FactSheet, self._wire.send("POST", "/v1/fact-sheets:parse", content=content, headers=headers))

    def fact_sheet_gaps(self, sheet: SheetSource) -> tuple[Gap, ...]:
        """What the sheet lacks, before anything is drafted from it."""
        content, headers = sheet_content(sheet)
        return told(tuple[Gap, ...], self._wire.send("POST", _SHEET_GAPS, content=content, headers=headers))

    def fact_sheet_gaps_workbook(self, sheet: SheetSource) -> bytes:
        """The same as a spreadsheet (.xlsx) for the departments to fill in."""
        content, headers = sheet_content(sheet)
        params = {"format": "xlsx"}
        return self._wire.send("POST", _SHEET_GAPS, content=content, headers=headers, params=params).content

    def merge_fact_sheet(self, sheet: Sheet, filled: bytes | Path) -> FactSheet:
        """The sheet with a fact for each answer in the `filled` spreadsheet. RefusedError with every fault by cell."""
        body = with_options(sheet, filled=base64.b64encode(bytes_of(filled)).decode())
        return told(FactSheet, self._wire.send("POST", "/v1/fact-sheets:merge", json=body))

    # --- one section, a text

    def draft_section(
        self,
        sheet: Sheet,
        section: str,
        *,
        exemplars: tuple[str, ...] | None = None,
        model: str | None = None,
        instruction: str | None = None,
    ) -> SectionResult:
        """The section, drafted, checked and repaired; nothing is stored. It is never asked twice: a model is paid."""
        body = with_options(sheet, section=section, exemplars=exemplars, model=model, instruction=instruction)
        return told(SectionResult, self._wire.send("POST", "/v1/sections", json=body, patience=DRAFTING))

    def stream_section(
        self,
        sheet: Sheet,
        section: str,
        *,
        exemplars: tuple[str, ...] | None = None,
        model: str | None = None,
        instruction: str | None = None,
    ) -> Iterator[Event | SectionResult]:
        """What happens while the section is drafted, and last the result. To leave the loop cancels the drafting."""
        body = with_options(sheet, section=section, exemplars=exemplars, model=model, instruction=instruction)
        with self._wire.stream("POST", "/v1/sections", json=body) as stream:
            for name, _, data in stream:
                if name == "done":
                    yield read(SectionResult, data)
                    return
                if name == "error":
                    raise ServiceFailedError(str(read(dict[str, JsonValue], data).get("message")), status=500)
                yield event(name, data)
        raise ConnectionFailedError("连接中断，本节没有写完；请重新起草")

    def check(
        self,
        sheet: Sheet,
        text: str | None = None,
        *,
        sections: Mapping[str, str] | None = None,
        section: str | None = None,
        checks: tuple[CheckName, ...] | None = None,
        exemplars: tuple[str, ...] | None = None,
        explain: bool = False,
    ) -> Report:
        """Findings of a `text`, which may be that of a `section`, or of several `sections`. No model is called."""
        body = with_options(
            sheet, text=text, sections=sections, section=section, checks=checks, exemplars=exemplars, explain=explain
        )
        return told(Report, self._wire.send("POST", "/v1/checks", json=body))

    # --- plans

    def create_plan(
        self, sheet: Sheet, options: PlanOptions | None = None, *, idempotency_key: str | None = None
    ) -> PlanView:
        """The plan, queued. The same key and request give the same plan; without a key of yours each call has its own."""
        body = with_options(sheet, **(options or PlanOptions()).model_dump(mode="json"))
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return told(PlanView, self._wire.send("POST", "/v1/plans", again=True, json=body, headers=headers))

    def plans(self, cursor: str | None = None, *, limit: int = 20, q: str | None = None) -> PlanPage:
        """One page, newest first; `next_cursor` of a page gives the next. `q`: part of the title or the name."""
        return told(PlanPage, self._wire.get("/v1/plans", given(cursor=cursor, limit=limit, q=q)))

    def plan(self, plan: str) -> PlanView:
        """Where the plan and its sections stand, without texts."""
        return told(PlanView, self._wire.get(of(plan)))

    def events(self, plan: str, after: int = 0) -> Iterator[PlanEvent]:
        """What happened after that event and happens now, each once, until `end`: the plan is at rest.

        A connection that is lost is taken up again where it broke off, as long as the service comes back.
        """
        failures = 0
        while True:
            try:
                with self._wire.stream("GET", f"{of(plan)}/events", headers={"Last-Event-ID": str(after)}) as stream:
                    for name, number, data in stream:
                        happened = plan_event(name, number, data)
                        after, failures = happened.id, 0
                        yield happened
                        if name == "end":
                            return
                raise ConnectionFailedError("方案的事件没有说完，连接就断开了；请稍后再连")
            except ClientError as error:
                failures += 1
                self._wire.rest_or_raise(error, failures)

    def wait(self, plan: str, timeout: float | None = None) -> PlanView:
        """The plan once nothing is being drafted. StillDraftingError after `timeout` seconds."""
        end, pause = None if timeout is None else time.monotonic() + timeout, 0.2
        while (view := self.plan(plan)).status in _AT_WORK:
            left = pause if end is None else end - time.monotonic()
            if left <= 0:
                raise StillDraftingError(f"方案“{view.title}”尚未起草完，服务会继续起草；请稍后再看")
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, 2.0)
        return view

    def cancel(self, plan: str) -> PlanView:
        """Stops the drafting; what is drafted stays."""
        return told(PlanView, self._wire.send("POST", f"{of(plan)}:cancel"))

    def resume(self, plan: str) -> PlanView:
        """Drafts what failed, was cancelled or never begun."""
        return told(PlanView, self._wire.send("POST", f"{of(plan)}:resume"))

    def delete(self, plan: str) -> None:
        """Stops its drafting and hides it."""
        self._wire.send("DELETE", of(plan))

    def undelete(self, plan: str) -> PlanView:
        """Brings a deleted plan back."""
        return told(PlanView, self._wire.send("POST", f"{of(plan)}:undelete"))

    # --- a plan's facts

    def facts(self, plan: str) -> PlanFacts:
        """The fact sheet as it stands, with the `etag` that `replace_facts` asks for."""
        answer = self._wire.get(f"{of(plan)}/facts")
        return PlanFacts(sheet=told(FactSheet, answer), etag=answer.headers.get("etag", ""))

    def replace_facts(self, plan: str, sheet: SheetSource, etag: str | None = None) -> FactsUpdate:
        """A whole sheet of the same outline in place of the one with that `etag`; None: of whichever stands.

        Texts stay, and are checked against it. ConflictError where the facts were changed meanwhile, and while the
        plan is being drafted.
        """
        content, headers = sheet_content(sheet)
        matching = {} if etag is None else {"If-Match": etag}
        answer = self._wire.send("PUT", f"{of(plan)}/facts", content=content, headers={**headers, **matching})
        return told(FactsUpdate, answer)

    def complete_facts(self, plan: str, filled: bytes | Path) -> FactsUpdate:
        """Each answer in the `filled` spreadsheet of `gaps_workbook` becomes a fact; texts stay, and are checked.

        RefusedError with every fault by cell, and nothing is stored; ConflictError while the plan is being drafted.
        """
        answer = self._wire.send("POST", f"{of(plan)}/gaps", content=bytes_of(filled), headers=XLSX_TYPE)
        return told(FactsUpdate, answer)

    # --- sections of a plan

    def section(self, plan: str, section: str) -> SectionView:
        """The section as it stands; `revision` is the version that `edit` asks for."""
        return told(SectionView, self._wire.get(of(plan, section)))

    def version(self, plan: str, section: str, number: int) -> VersionView:
        """One version of the section: its text, and what the checks said of it when it was written."""
        return told(VersionView, self._wire.get(f"{of(plan, section)}/versions/{number}"))

    def difference(self, plan: str, section: str, a: int, b: int) -> tuple[Change, ...]:
        """What was changed from version `a` to version `b`, in runs of text; 0 is the empty text before the first."""
        return told(tuple[Change, ...], self._wire.get(f"{of(plan, section)}/versions/{a}...{b}"))

    def edit(self, plan: str, section: str, text: str, version: int) -> SectionView:
        """A person's text in place of that `version`. ConflictError with the newer `version` where there is one."""
        headers = {"If-Match": f'"{version}"'}
        return told(SectionView, self._wire.send("PUT", of(plan, section), json={"text": text}, headers=headers))

    def redraft(self, plan: str, section: str, instruction: str | None = None) -> SectionView:
        """Has the section written again from the text that stands; `wait` or `events` tells when it is."""
        body = {"instruction": instruction}
        return told(SectionView, self._wire.send("POST", f"{of(plan, section)}:redraft", json=body))

    def restore(self, plan: str, section: str, version: int, *, current: int | None = None) -> SectionView:
        """Makes the text of an earlier `version` the newest one. ConflictError where `current` is not the newest now."""
        headers = None if current is None else {"If-Match": f'"{current}"'}
        path, body = f"{of(plan, section)}:restore", {"version": version}
        return told(SectionView, self._wire.send("POST", path, json=body, headers=headers))

    # --- what a plan gives

    def document(
        self,
        plan: str,
        form: DocumentFormat = "docx",
        *,
        sources: Sources = "none",
        clean: bool = False,
        force: bool = False,
    ) -> bytes:
        """The assembled plan as a file; `clean`: the version for submission, ConflictError while something remains."""
        return self._wire.get(
            f"{of(plan)}/document", given(format=form, sources=sources, clean=clean, force=force)
        ).content

    def gaps(self, plan: str) -> tuple[Gap, ...]:
        """What the facts lack, section by section."""
        return told(tuple[Gap, ...], self._wire.get(f"{of(plan)}/gaps"))

    def gaps_workbook(self, plan: str) -> bytes:
        """The same as a spreadsheet (.xlsx) for the departments to fill in."""
        return self._wire.get(f"{of(plan)}/gaps", {"format": "xlsx"}).content

    def provenance(self, plan: str) -> Provenance:
        """Where every section comes from: prompts by hash, calls, tokens, findings, proofs."""
        return told(Provenance, self._wire.get(f"{of(plan)}/provenance"))
