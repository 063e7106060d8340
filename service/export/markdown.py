"""Document → Markdown: the plan as plain text for editors and diffs, doubtful figures footnoted."""

from __future__ import annotations

import re

from schemas.document import (
    Block,
    ChecklistBlock,
    ChecklistItem,
    Document,
    ExportOptions,
    HeadingBlock,
    NoticeBlock,
    ParagraphBlock,
    Span,
    TableBlock,
)
from service.export.characters import printable
from service.export.citations import Citations
from service.export.protocol import DEFAULT
from service.export.submission import prepared

_SPECIAL = re.compile(r"[\\`*_\[<&~$|]")
_OPENER = re.compile(r"^(#{0,5})([#>]|[-+=]|\d{1,9}(?=[.)](?:\s|$)))")


class MarkdownExporter:
    """CommonMark with footnotes. Proven figures and placeholders stand as in the text; 【】 is mark enough."""

    media_type = "text/markdown"
    suffix = ".md"

    def export(self, document: Document, options: ExportOptions = DEFAULT) -> bytes:
        """The file's content, UTF-8."""
        document = prepared(document, options)
        notes = _Notes(document, options)
        parts = [f"# {escaped(document.title)}", *(_block(b, notes) for b in document.blocks)]
        parts += ["\n".join(f"[^{n}]: {escaped(note)}" for n, note in enumerate(notes.texts, 1))] if notes.texts else []
        return "\n\n".join(parts).encode() + b"\n"


class _Notes:
    """Footnotes in order: what is wrong with a figure, and, where asked for, where it comes from."""

    def __init__(self, document: Document, options: ExportOptions) -> None:
        self.texts: list[str] = []
        self.citations = Citations(document, options)

    def add(self, text: str) -> str:
        """The mark of a new footnote."""
        self.texts.append(text)
        return f"[^{len(self.texts)}]"


def escaped(text: str) -> str:
    """Text within a line that Markdown shows as it is; printable, without line breaks."""
    return _SPECIAL.sub(r"\\\g<0>", printable(text))


def _line(inline: str) -> str:
    """Escaped text as a block of its own: nothing at its beginning opens a heading, a quotation, a list or code."""
    return _OPENER.sub(_close, inline.strip())


def _close(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}\\" if match[2].isdecimal() else f"{match[1]}\\{match[2]}"


def _block(block: Block, notes: _Notes) -> str:
    notes.citations.enter(block.section)
    match block:
        case HeadingBlock():
            return f"{'#' * (block.level + 1)} {escaped(block.number + block.text)}"
        case ParagraphBlock():
            return _line("".join(_span(s, notes) for s in block.spans))
        case ChecklistBlock():
            return "\n".join(_item(n, i) for n, i in enumerate(block.items, 1))
        case TableBlock():
            return _table(block, notes)
        case NoticeBlock():
            return f"> {_line(escaped(block.text))}"


def _table(table: TableBlock, notes: _Notes) -> str:
    """A GitHub table; readers that know none show its rows as lines."""
    rule = {"left": ":---", "center": ":---:", "right": "---:"}
    lines = (
        [escaped(column.title) for column in table.columns],
        [rule[column.align] for column in table.columns],
        *(["".join(_span(s, notes) for s in cell) for cell in row] for row in table.rows),
    )
    return "\n".join((f"**{escaped(table.caption)}**\n", *(f"| {' | '.join(cells)} |" for cells in lines)))


def _span(span: Span, notes: _Notes) -> str:
    wrong = (span.note or "没有依据，请核实。",) if span.mark == "unsupported" else ()
    return escaped(span.text) + "".join(map(notes.add, (*wrong, *notes.citations.told(span))))


def _item(number: int, item: ChecklistItem) -> str:
    return f"{number}. {_line(escaped(item.name))}{'' if item.provided else '【待补充】'}"
