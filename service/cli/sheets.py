"""`fangan facts template`, `gaps` and `merge`: the spreadsheets to fill in, and a filled data request taken over."""

from __future__ import annotations

from pathlib import Path

from service.cli.console import say
from service.cli.files import output, read, sheet_json
from service.errors import InputError, OutputError
from service.export.facts_template import facts_template
from service.export.gaps_xlsx import gaps_xlsx
from service.facts.gaps import sheet_gaps
from service.facts.merging import merge_gaps
from service.facts.sources import read_source
from service.prompt.outlines import load_outline


def write_template(name: str, out: Path, facts: str | None) -> None:
    """The outline's template, filled with what the fact sheet knows where one is given."""
    outline = load_outline(name)
    sheet = None if facts is None else read_source(read(facts, "事实表"), outline=load_outline)
    if sheet is not None and sheet.outline != outline.id:
        raise InputError(
            f"事实表是按编制要点 {sheet.outline} 填写的，不能填入 {outline.id} 的模板，请改用 {sheet.outline}"
        )
    _write(out, facts_template(outline, sheet))


def write_gaps(facts: str, out: Path) -> None:
    """The data request (gaps.xlsx) of a fact sheet, before anything is drafted from it."""
    sheet = read_source(read(facts, "事实表"), outline=load_outline)
    outline = load_outline(sheet.outline)
    lacking = sheet_gaps(sheet, outline)
    _write(out, gaps_xlsx(lacking, outline, outline.document_title.format(subject=sheet.subject.name)))
    say(f"待补充的数据：{len(lacking)}项")


def merge(facts: str, gaps: str, out: Path) -> None:
    """A new fact sheet (JSON) with the answers of a filled gaps.xlsx."""
    sheet = read_source(read(facts, "事实表"), outline=load_outline)
    merged = merge_gaps(sheet, read(gaps, "数据需求清单"), load_outline(sheet.outline))
    _write(out, f"{sheet_json(merged)}\n".encode())
    say(f"并入{len(merged.facts) - len(sheet.facts)}条事实，共{len(merged.facts)}条")


def _write(place: Path, content: bytes) -> None:
    if not place.name or place.is_dir():
        raise OutputError(f"{place} 是目录，请用 -o 写明文件名")
    with output(place.parent) as staging:
        staging.finish({place.name: content})
    say(f"已写入 {place}")
