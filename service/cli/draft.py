"""`fangan demo` and `fangan draft`: a fact sheet → the plan's files, or one section's text."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from schemas.document import Cover, Document, ExportOptions
from schemas.facts import FactSheet
from schemas.finding import CheckName, Finding, Severity
from schemas.outline import Outline
from schemas.plan import Event, Gap, Plan, PlanOptions, PlanRequest, SectionResult, SectionStatus
from schemas.prices import Prices
from service.assemble.document import assemble
from service.assemble.gaps import collect_gaps
from service.check.length import measure
from service.checking import contradictory
from service.cli.console import put, report_error, say
from service.cli.files import output, read
from service.errors import FanganError, InputError, NotFinalError, PackageDataError, PdfFailedError
from service.export.fonts import Fonts
from service.export.gaps import gaps_json, gaps_markdown
from service.export.libreoffice import found as libreoffice
from service.export.prices import read_prices
from service.export.provenance import provenance_json
from service.export.registry import exporter
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.facts.sources import read_source
from service.main import OFFLINE, build_fonts, build_kit, close
from service.pipeline import Kit, draft_plan, draft_section
from service.prompt.outlines import load_outline
from service.settings import load_settings

SAMPLE = "wanghai.json"
FOLDER = Path("out")
SUBMISSION = "plan-clean.docx"
T = TypeVar("T")
LONGEST_INSTRUCTION = 2000
_FINISHED = frozenset({SectionStatus.DONE, SectionStatus.NEEDS_REVIEW, SectionStatus.FAILED})


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """How the Word file is written: sources, and whether a version for submission and a PDF are wanted beside it."""

    sources: Literal["none", "footnotes", "comments"] = "none"
    clean: bool = False
    force: bool = False
    pdf: bool = False


def run_demo(out: Path) -> int:
    """Drafts the sample city with the offline writer; returns the exit code."""
    try:
        sample = (files("evals") / "datasets" / SAMPLE).read_bytes()
    except OSError as error:
        raise PackageDataError(f"样例事实表 {SAMPLE} 缺失，请重新安装") from error
    return _whole(read_sheet(sample, outline=load_outline), PlanOptions(model=OFFLINE), out)


def run_draft(
    facts: str,
    *,
    out: Path | None,
    model: str | None,
    section: str | None,
    exemplars: Sequence[str] | None,
    instruction: str | None,
    export: ExportChoice,
) -> int:
    """Drafts from a fact sheet; returns the exit code."""
    if instruction is not None and len(instruction) > LONGEST_INSTRUCTION:
        raise InputError(f"补充要求有{len(instruction)}个字符，请压缩到{LONGEST_INSTRUCTION}个以内")
    sheet = read_source(read(facts, "事实表"), outline=load_outline)
    options = PlanOptions(exemplars=tuple(exemplars) if exemplars else None, model=model, instruction=instruction)
    if section is None:
        return _whole(sheet, options, out or FOLDER, export)
    return _one(sheet, options, section, out)


def _kit(sheet: FactSheet, options: PlanOptions) -> Kit:
    outline = load_outline(sheet.outline)
    kit = build_kit(load_settings(), outline, options)
    for found in contradictory(Ledger(sheet, outline)):
        say(f"注意：{found.message}")
    told = "内置的离线起草器，不使用模型" if kit.writer.name == OFFLINE else f"模型 {kit.writer.model}"
    say(f"起草器：{told}")
    return kit


async def _closing(kit: Kit, work: Awaitable[T]) -> T:
    """The result of `work`; the writer's connections are closed on the loop that opened them."""
    try:
        return await work
    finally:
        await close(kit.writer)


def _whole(sheet: FactSheet, options: PlanOptions, folder: Path, export: ExportChoice = ExportChoice()) -> int:
    if export.pdf:
        libreoffice()  # that it is missing is told before anything is paid for
    kit = _kit(sheet, options)
    settings = load_settings()
    fonts, table = build_fonts(settings), settings.prices
    prices = read_prices(table) if table else None  # a wrong table is told before anything is paid for
    request = PlanRequest(sheet=sheet, options=options)
    wanted = sum(not s.checklist for s in kit.outline.sections)
    with output(folder) as staging:
        with _progress(wanted) as emit:
            plan = asyncio.run(_closing(kit, draft_plan(request, kit, emit)))
        if (reason := _nothing_drafted(plan)) is not None:
            say(f"错误：没有一节能够起草，{reason}")
            return 2
        document = assemble(plan, kit.outline)
        word = exporter("docx", fonts).export(document, ExportOptions(sources=export.sources))
        files = _files(plan, kit.outline, prices, word)
        refusal: FanganError | None = None
        try:
            files |= _submission(document, export, fonts)
            files |= _pdf(document, export, fonts)
        except (NotFinalError, PdfFailedError) as error:  # the draft has been paid for, and is delivered all the same
            refusal = error
        places = staging.finish(files)
    _summary(plan, kit.outline, places, document)
    if refusal is not None:
        report_error(refusal)
        return 1
    return _exit_code([*plan.findings, *(f for s in plan.sections for f in s.findings)], plan.sections)


def _one(sheet: FactSheet, options: PlanOptions, section: str, folder: Path | None) -> int:
    kit = _kit(sheet, options)
    request = PlanRequest(sheet=sheet, options=options)
    result = asyncio.run(_closing(kit, draft_section(request, section, kit)))
    if result.failure is not None:
        say(f"错误：{section} 未能起草，{result.failure.message}")
        return 2
    if folder is None:
        put(result.text)
    else:
        with output(folder) as staging:
            places = staging.finish({f"section-{section}.md": f"{result.text}\n".encode()})
        say(f"已写入 {places[0]}")
    for finding in result.findings:
        if finding.severity is not Severity.INFO:
            say(f"{_GRADES[finding.severity]}：{finding.message}")
    say(f"待补充的数据：{len(result.gaps)}项")
    return _exit_code(result.findings, (result,))


_GRADES = {Severity.ERROR: "须修改", Severity.WARNING: "提示", Severity.INFO: "说明"}


def _exit_code(findings: Sequence[Finding], sections: Sequence[SectionResult]) -> int:
    failed = any(s.status is SectionStatus.FAILED for s in sections)
    return 1 if failed or any(f.severity is Severity.ERROR for f in findings) else 0


def _nothing_drafted(plan: Plan) -> str | None:
    """Why no section could be drafted at all; None when one could."""
    failures = [s.failure.message for s in plan.sections if s.failure is not None]
    return failures[0] if failures and not any(s.draft for s in plan.sections) else None


def _submission(document: Document, export: ExportChoice, fonts: Fonts) -> dict[str, bytes]:
    """The clean file, where one is wanted; it has no comments. NotFinalError where it is refused."""
    if not export.clean:
        return {}
    told: Literal["none", "footnotes"] = "footnotes" if export.sources == "footnotes" else "none"
    options = ExportOptions(sources=told, clean=True, force=export.force)
    return {SUBMISSION: exporter("docx", fonts).export(document, options)}


def _pdf(document: Document, export: ExportChoice, fonts: Fonts) -> dict[str, bytes]:
    """The version for submission where one is wanted, else the draft. PdfFailedError."""
    if not export.pdf:
        return {}
    sources = export.sources if not export.clean or export.sources == "footnotes" else "none"
    options = ExportOptions(sources=sources, clean=export.clean, force=export.force)
    return {"plan-clean.pdf" if export.clean else "plan.pdf": exporter("pdf", fonts).export(document, options)}


def _files(plan: Plan, outline: Outline, prices: Prices | None, word: bytes) -> dict[str, bytes]:
    # openpyxl takes half a second to import, and a single section has no use for it.
    from service.export.gaps_xlsx import gaps_xlsx  # noqa: PLC0415

    document = assemble(plan, outline)
    gaps = collect_gaps(plan, outline)
    return {
        "plan.docx": word,
        "plan.md": exporter("md").export(document),
        "gaps.xlsx": gaps_xlsx(gaps, outline, plan.title),
        "gaps.json": gaps_json(gaps),
        "gaps.md": gaps_markdown(gaps, outline, plan.title),
        "provenance.json": provenance_json(plan, prices),
    }


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Event], None]]:
    """Shows on stderr how many sections are finished; nothing where stderr is no terminal."""
    columns = (TextColumn("起草各节"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    finished: set[str | None] = set()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)

        def emit(event: Event) -> None:
            if event.event == "section" and event.status in _FINISHED:
                finished.add(event.section)
                bar.update(task, completed=len(finished))

        yield emit


def _summary(plan: Plan, outline: Outline, places: Sequence[Path], document: Document) -> None:
    """What came out, in one table on stdout."""
    found = [*plan.findings, *(f for s in plan.sections for f in s.findings)]
    errors = [f for f in found if f.severity is Severity.ERROR]
    warnings = sum(f.severity is Severity.WARNING for f in found)
    unproven = sum(f.check is CheckName.NUMBERS for f in errors)
    counted = {status: sum(s.status is status for s in plan.sections) for status in _FINISHED}
    table = Table(title=plan.title, show_header=False, title_justify="left")
    table.add_row("各节", _sections(len(plan.sections), counted))
    for chapter, words, limit in _limited(plan, outline):
        table.add_row(chapter, f"{words}字，限{limit}字{'' if words <= limit else '，超出'}")
    proven = sum(len(s.supports) for s in plan.sections)
    table.add_row("数字", f"{proven}个有依据，{unproven}个没有依据")
    gaps = collect_gaps(plan, outline)
    table.add_row("待补充的数据", f"{len(gaps)}项，见 gaps.xlsx")
    if further := _further(document, gaps, outline):
        table.add_row("另需补充", f"{len(further)}项，见 plan.docx 中标黄之处")
    if open_ := _open(document.cover):
        table.add_row("封面", f"{open_}，见 plan.docx 首页")
    table.add_row("核查意见", f"{len(errors)}处须修改，{warnings}条提示")
    for place in places:
        table.add_row(_NAMES[place.name], str(place))
    Console(markup=False, emoji=False, highlight=False, soft_wrap=True).print(table)


def _open(cover: Cover | None) -> str:
    """What the title page still lacks, which no data request asks for."""
    spans = (*cover.issuer, *cover.date) if cover else ()
    return "、".join(s.text.strip("【】") for s in spans if s.mark == "placeholder")


def _further(document: Document, gaps: Sequence[Gap], outline: Outline) -> set[str]:
    """What placeholders of the body name and no row of the data request asks for, such as a target's base value."""
    asked = {name for gap in gaps for name in (gap.name, gap.point_text)}
    body = {s.id for s in outline.sections if not s.summary and not s.checklist}
    texts = (r.text for r in document.remaining if r.kind == "placeholder" and r.section in body)
    named = {_PLACEHOLDER.sub("", text) for text in texts}
    return {name for name in named if not any(name in known or known in name for known in asked)}


_PLACEHOLDER = re.compile(r"^【待补充：(?:\d{4}年)?|(?:，[^，】]*)?】$")
"""What stands around the name in a placeholder: the year and the unit too."""
_NAMES = {
    "plan.docx": "方案（Word）",
    "plan.md": "方案（Markdown）",
    "gaps.xlsx": "数据需求清单（Excel）",
    "gaps.json": "数据需求（JSON）",
    "gaps.md": "数据需求清单",
    "provenance.json": "来源记录",
    SUBMISSION: "方案（报送稿）",
    "plan.pdf": "方案（PDF）",
    "plan-clean.pdf": "方案（报送稿，PDF）",
}


def _sections(total: int, counted: dict[SectionStatus, int]) -> str:
    parts = [f"共{total}节"]
    if counted[SectionStatus.NEEDS_REVIEW]:
        parts.append(f"{counted[SectionStatus.NEEDS_REVIEW]}节须修改")
    if counted[SectionStatus.FAILED]:
        parts.append(f"{counted[SectionStatus.FAILED]}节没有写成")
    return "，".join(parts)


def _limited(plan: Plan, outline: Outline) -> Iterator[tuple[str, int, int]]:
    """(title, 字, limit) of the chapters with a limit, by the stricter way of counting."""
    texts = {s.id: s.text for s in plan.sections}
    for chapter in outline.chapters:
        if chapter.limit is not None:
            counts = measure(chapter, texts)
            yield chapter.title, max(counts.words, counts.characters), chapter.limit.maximum
