"""`fangan check`: a manuscript against the facts, printed with its marks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.facts import Fact
from schemas.finding import Finding, Severity, Support
from schemas.outline import Outline
from schemas.report import Report
from service.assemble.marks import describe
from service.check.case import BARE
from service.checking import MOST_CHARACTERS, TEXT, Question, check_texts
from service.cli.console import put, say
from service.cli.files import STDIN, decoded, read
from service.cli.manuscript import part_of, sections_of
from service.cli.word import OLE, word_text
from service.errors import FileInputError, InputError, UnknownSectionError
from service.facts.sources import read_source
from service.prompt.exemplars import chosen_exemplars
from service.prompt.outlines import load_outline
from service.word_file import ZIP

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_GRADES = {Severity.ERROR: "须修改", Severity.WARNING: "提示", Severity.INFO: "说明"}


def run_check(draft: str, facts: str, section: str | None, *, as_json: bool) -> int:
    """Checks and prints; returns the exit code."""
    if draft == facts == STDIN:
        raise InputError("文稿和事实表不能都从标准输入读取，请为其中一个给出文件路径")
    sheet = read_source(read(facts, "事实表"), outline=load_outline)
    outline = load_outline(sheet.outline)
    texts = _texts(read(draft, "文稿"), outline, section, markdown=draft.lower().endswith((".md", ".markdown")))
    report = check_texts(Question(texts, sheet, outline, chosen_exemplars(), explain=True))
    for found in report.contradictions:
        say(f"注意：{found.message}")
    if as_json:
        named = {i or TEXT: t for i, t in texts.items()}
        put(json.dumps({"texts": named, **report.model_dump(mode="json")}, ensure_ascii=False, indent=2))
    else:
        _show(report, texts, outline, {f.id: f for f in sheet.facts})
    return 1 if any(f.severity is Severity.ERROR for f in report.findings) else 0


def _texts(data: bytes, outline: Outline, section: str | None, *, markdown: bool) -> Mapping[str, str]:
    if data.startswith(OLE):
        raise FileInputError("文稿是旧版的 .doc 或加了密码的文档，请用 Word 或 WPS 另存为不加密的 .docx 后再试")
    text = word_text(data) if data.startswith(ZIP) else decoded(data, "文稿")
    if "\0" in text:
        raise FileInputError("文稿中有空字符，不像是文本，请检查文件")
    if section is not None and section not in outline.sections_by_id:
        known = "、".join(outline.sections_by_id)
        raise UnknownSectionError(f"编制要点 {outline.id} 没有编号为 {section} 的节，可用的有：{known}")
    if section is not None:
        part = part_of(text, outline, section, markdown=markdown)
        if part is None:
            raise FileInputError(
                f"文稿中没有第{section}节的正文，只有其他各节，请改正 --section，或在该节正文前写明标题"
            )
        texts = {section: part}
    else:
        texts = sections_of(text, outline, markdown=markdown)
    size = sum(map(len, texts.values()))
    if not size:
        raise FileInputError("文稿中没有要核查的文字，请检查文件")
    if size > MOST_CHARACTERS:
        raise FileInputError(f"文稿有{size}个字符，超过{MOST_CHARACTERS}个，请用 --section 分节核查")
    return texts


def _show(report: Report, texts: Mapping[str, str], outline: Outline, facts: Mapping[str, Fact]) -> None:
    """Each section with its figures and findings, then the counts."""
    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    order = [BARE, *outline.sections_by_id]
    numbers = {id(f): n for n, f in enumerate(report.findings, 1)}
    for section in sorted(texts, key=order.index):
        findings = [f for f in report.findings if (f.section or BARE) == section]
        supports = [s for s in report.supports or () if (s.section or BARE) == section]
        if section != BARE:
            console.print(Text(f"{section} {outline.sections_by_id[section].title}", style="bold"))
        console.print(_marked(texts[section], findings, supports, numbers))
        for line in (*_remarks(findings, numbers, facts), *_proofs(supports, facts)):
            console.print(line)
        console.print()
    for finding in (f for f in report.findings if (f.section or BARE) not in texts):
        console.print(_remark(finding, numbers[id(finding)], facts))
    console.print(_counts(report))


def _marked(text: str, findings: Sequence[Finding], supports: Sequence[Support], numbers: Mapping[int, int]) -> Text:
    """The text with proven figures green and findings in the colour of their severity, each with its number."""
    shown = Text(text)
    for support in supports:
        shown.stylize("green", support.start, support.end)
    placed = [f for f in findings if f.start < f.end]
    for finding in sorted(placed, key=lambda f: list(_STYLES).index(f.severity), reverse=True):
        shown.stylize(_STYLES[finding.severity], finding.start, finding.end)
    for finding in sorted(placed, key=lambda f: (f.end, numbers[id(f)]), reverse=True):
        note = Text(f"〔{numbers[id(finding)]}〕", style=_STYLES[finding.severity])
        shown = shown[: finding.end] + note + shown[finding.end :]
    return shown


def _remarks(findings: Sequence[Finding], numbers: Mapping[int, int], facts: Mapping[str, Fact]) -> Iterator[Text]:
    for finding in findings:
        yield _remark(finding, numbers[id(finding)], facts)


def _remark(finding: Finding, number: int, facts: Mapping[str, Fact]) -> Text:
    near = facts.get(finding.nearest or "")
    hint = f"（最接近的事实 {near.id}：{describe(near)}）" if near else ""
    line = Text(f"〔{number}〕{_GRADES[finding.severity]}：", style=_STYLES[finding.severity])
    return line + Text(finding.message + hint)


def _proofs(supports: Sequence[Support], facts: Mapping[str, Fact]) -> Iterator[Text]:
    for support in supports:
        known = "；".join(f"{i}：{describe(facts[i])}" for i in support.facts if i in facts)
        yield Text(f"  {support.excerpt}", style="green") + Text(f" {support.how} {known}", style="dim")


def _counts(report: Report) -> Table:
    table = Table("节", "字数", "字符数（不计空格）", "汉字", "限", title="字数", title_justify="left")
    for name, c in report.counts.items():
        title = "全文" if name == TEXT else name
        table.add_row(title, str(c.words), str(c.characters), str(c.hanzi), str(c.limit or ""))
    graded = {g: sum(f.severity is g for f in report.findings) for g in Severity}
    proven = len(report.supports or ())
    table.caption = f"有依据的数字{proven}个；" + "，".join(f"{_GRADES[g]}{n}处" for g, n in graded.items())
    table.caption_justify = "left"
    return table
