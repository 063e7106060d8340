"""Document → Markdown: the plan as plain text for editors and diffs, doubtful figures footnoted."""

from __future__ import annotations

import re

from schemas.document import (
    Block,
    ChecklistBlock,
    ChecklistItem,
    Document,
    HeadingBlock,
    NoticeBlock,
    ParagraphBlock,
    Span,
    TableBlock,
)
from service.export.characters import printable

_SPECIAL = re.compile(r"[\\`*_\[<&~$|]")
_OPENER = re.compile(r"^(#{0,5})([#>]|[-+=]|\d{1,9}(?=[.)](?:\s|$)))")


class MarkdownExporter:
    """CommonMark with footnotes. Proven figures and placeholders stand as in the text; 【】 is mark enough."""

    media_type = "text/markdown"
    suffix = ".md"

    def export(self, document: Document) -> bytes:
        """The file's content, UTF-8."""
        notes: list[str] = []
        parts = [f"# {escaped(document.title)}", *(_block(b, notes) for b in document.blocks)]
        parts += ["\n".join(f"[^{n}]: {escaped(note)}" for n, note in enumerate(notes, 1))] if notes else []
        return "\n\n".join(parts).encode() + b"\n"


def escaped(text: str) -> str:
    """Text within a line that Markdown shows as it is; printable, without line breaks."""
    return _SPECIAL.sub(r"\\\g<0>", printable(text))


def _line(inline: str) -> str:
    """Escaped text as a block of its own: nothing at its beginning opens a heading, a quotation, a list or code."""
    return _OPENER.sub(_close, inline.strip())


def _close(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}\\" if match[2].isdecimal() else f"{match[1]}\\{match[2]}"


def _block(block: Block, notes: list[str]) -> str:
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


def _table(table: TableBlock, notes: list[str]) -> str:
    """A GitHub table; readers that know none show its rows as lines."""
    rule = {"left": ":---", "center": ":---:", "right": "---:"}
    lines = (
        [escaped(column.title) for column in table.columns],
        [rule[column.align] for column in table.columns],
        *(["".join(_span(s, notes) for s in cell) for cell in row] for row in table.rows),
    )
    return "\n".join((f"**{escaped(table.caption)}**\n", *(f"| {' | '.join(cells)} |" for cells in lines)))


def _span(span: Span, notes: list[str]) -> str:
    text = escaped(span.text)
    if span.mark != "unsupported":
        return text
    notes.append(span.note or "没有依据，请核实。")
    return f"{text}[^{len(notes)}]"


def _item(number: int, item: ChecklistItem) -> str:
    return f"{number}. {_line(escaped(item.text))}{'' if item.provided else '【待补充】'}"
