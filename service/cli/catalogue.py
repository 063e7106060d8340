"""`fangan outline` (list, show, import) and `fangan facts parse`: what an outline asks for, and whether a fact sheet holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from schemas.outline import Indicator, Outline, Section
from service.checking import contradictory
from service.cli.console import put, say
from service.cli.files import output, read, sheet_json
from service.cli.stored import store
from service.errors import OutputError
from service.facts.ledger import Ledger
from service.facts.sources import read_source
from service.prompt.outline_import import import_outline, outline_yaml
from service.prompt.outlines import all_outlines, load_outline


def list_outlines() -> None:
    """One line for each outline."""
    table = Table("编号", "名称", "节", "指标")
    for outline in all_outlines():
        sections = str(len(list(outline.sections)))
        table.add_row(outline.id, outline.title, sections, str(len(outline.indicators)))
    Console(markup=False, emoji=False, highlight=False, soft_wrap=True).print(table)


def show_outline(name: str, *, as_json: bool) -> None:
    """Chapters, sections, points and indicators."""
    outline = load_outline(name)
    put(outline.model_dump_json(indent=2) if as_json else "\n".join(_lines(outline)))


def read_outline(source: str, out: Path | None, name: str, *, kept: bool) -> None:
    """The outline in a text or .docx file as YAML, on stdout or in a file, or kept in the database; remarks on stderr."""
    imported = import_outline(read(source, "编制要点"), name)
    content = outline_yaml(imported)
    for remark in imported.remarks:
        say(f"注意：{remark.describe()}")
    found = imported.outline
    points = sum(len(s.points) for s in found.sections)
    say(
        f"读入《{found.title}》：{len(found.chapters)}章{len(list(found.sections))}节，{points}项要求，{len(found.indicators)}个指标"
    )
    if kept:
        new = store(found)
        say(f"{'已存入' if new else '库中已有'}编制要点 {found.id}，事实表的 outline 填写 {found.id} 即可使用")
    if out is None:
        if not kept:
            put(content)
        return
    if not out.name or out.is_dir():
        raise OutputError(f"{out} 是目录，请用 -o 写明文件名")
    with output(out.parent) as staging:
        staging.finish({out.name: content.encode()})
    say(f"已写入 {out}")


def parse_facts(source: str) -> None:
    """The normalised sheet as JSON."""
    sheet = read_source(read(source, "事实表"), outline=load_outline)
    for found in contradictory(Ledger(sheet, load_outline(sheet.outline))):
        say(f"注意：{found.message}")
    put(sheet_json(sheet))


def _lines(outline: Outline) -> Iterator[str]:
    yield f"{outline.title}（{outline.id}）"
    yield f"来源：{outline.source}"
    for chapter in outline.chapters:
        yield ""
        limit = f"（{chapter.limit.describe()}）" if chapter.limit else ""
        yield f"{chapter.number}{chapter.title}{limit}"
        if chapter.guidance:
            yield f"  {chapter.guidance}"
        announced: set[str] = set()
        for section in chapter.sections:
            for group in chapter.groups:
                if section.id.startswith(f"{group.id}.") and group.id not in announced:
                    announced.add(group.id)
                    yield f"  {group.number}{group.title}"
            yield from _section(section, outline)


def _section(section: Section, outline: Outline) -> Iterator[str]:
    yield f"  {section.id}  {section.number}{section.title}（约{section.target_length}字）"
    for point in section.points:
        asked = "、".join(_asked(outline.indicators_by_id[i]) for i in point.indicators)
        optional = "（可选）" if point.optional else ""
        yield f"    · {point.text}{optional}{f'［{asked}］' if asked else ''}"


def _asked(indicator: Indicator) -> str:
    return f"{indicator.id}{f'，{indicator.unit}' if indicator.unit else ''}"
