"""Document → one self-contained HTML page: every figure carries its fact, and it prints like the plan."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from schemas.document import (
    Block,
    Cell,
    ChecklistBlock,
    ChecklistItem,
    Document,
    ExportOptions,
    HeadingBlock,
    NoticeBlock,
    ParagraphBlock,
    Span,
    TableBlock,
    TableColumn,
    spans_of,
)
from service.export.characters import printable
from service.export.fonts import LAYOUT, Face, Fonts
from service.export.protocol import DEFAULT
from service.export.submission import prepared

_STACKS: Mapping[str, str] = {
    "title": '"FZXiaoBiaoSong-B05S", "STZhongsong", "Songti SC", "FandolSong", "Noto Serif CJK SC", serif',
    "chapter": '"SimHei", "Heiti SC", "FandolHei", "Noto Sans CJK SC", sans-serif',
    "section": '"KaiTi", "STKaiti", "FandolKai", "Noto Serif CJK SC", serif',
    "body": '"FangSong", "STFangsong", "FandolFang", "Songti SC", "Noto Serif CJK SC", serif',
}
"""Use → typefaces of Windows, macOS and Linux: a page is read where nobody installs any."""

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1a; --soft: #5f6368; --rule: #d5d8dc;
  --missing: #fff1a8; --proposed: #cfe8ff; --wrong: #ffd3cf; --proven: #3b7d4f; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e6e6e6; --soft: #a3a8ae; --rule: #3a3f45;
  --missing: #5c4d00; --proposed: #123f63; --wrong: #6d221c; --proven: #7fc795; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); text-autospace: normal; overflow-wrap: anywhere;
  font: 1.0625rem/1.9 var(--body); }
main { max-width: 44rem; margin: 0 auto; padding: 3rem 1.25rem 5rem; }
h1, h2, h3, h4, h5 { line-height: 1.6; font-size: 1em; font-weight: normal; break-after: avoid; text-wrap: balance; }
h1 { font-family: var(--title);
  font-size: clamp(1.1em, 5.6vw, 1.6em); text-align: center; margin: 0 0 1.2em; word-break: keep-all; }
h2 { font-family: var(--chapter); margin: 1.6em 0 .5em; }
h3 { font-family: var(--section); margin: 1em 0 .3em; }
h4, h5 { font-weight: bold; margin: .8em 0 .2em; }
@media screen { h2 { font-size: 1.15em; } h3 { font-size: 1.06em; } }
p { margin: 0; text-indent: 2em; text-align: justify; }
aside { margin: .8rem 0; padding: .5rem 1rem; border-left: 3px solid var(--rule); color: var(--soft);
  font: .85em/1.7 system-ui, "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif; }
table { width: 100%; border-collapse: collapse; margin: 1em 0; font-size: .88em; line-height: 1.6; }
caption { font-family: var(--chapter); padding-bottom: .4em; }
th, td { border: 1px solid var(--rule); padding: .25em .5em; vertical-align: middle; }
th { font-weight: bold; } td.center { text-align: center; } td.right { text-align: right; }
thead { display: table-header-group; } tr { break-inside: avoid; } caption { break-after: avoid; }
ol { margin: .4rem 0; padding-left: 2.5em; }
[title] { cursor: help; }
.supported { text-decoration: underline dotted var(--proven); text-underline-offset: .25em; }
mark { color: inherit; padding: 0 .1em; border-radius: .15em; }
.placeholder { background: var(--missing); } .proposal { background: var(--proposed); }
.unsupported { background: var(--wrong); text-decoration: underline wavy; text-underline-offset: .25em; }
.sources { font-size: .85em; line-height: 1.6; }
.key { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
@page { size: A4; margin: 37mm 26mm 35mm 28mm; }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --rule: #999;
  --missing: #fff1a8; --proposed: #cfe8ff; --wrong: #ffd3cf; }
  body { font-size: 16pt; line-height: 28.95pt; } main { max-width: none; padding: 0; } .key { display: none; }
  h1 { font-size: 22pt; } .supported { text-decoration: none; } mark { print-color-adjust: exact; } }
""".strip()

_NOT_PLAIN = re.compile(r"[^\w -]")
"""Characters that a font's name may have and that might end a string or the style."""

_KEY = (
    '<aside class="key"><span class="supported">有据数字</span><mark class="unsupported">未通过核查</mark>'
    '<mark class="placeholder">待补充</mark><mark class="proposal">建议值</mark>'
    "<span>指向标记处可见依据或说明</span></aside>"
)


class HtmlExporter:
    """HTML 5 without scripts or external resources; `title=` tells the fact behind a figure, or what is wrong."""

    media_type = "text/html; charset=utf-8"
    suffix = ".html"

    def __init__(self, fonts: Fonts = LAYOUT) -> None:
        self._style = f"{_typefaces(fonts)}\n{_STYLE}"

    def export(self, document: Document, options: ExportOptions = DEFAULT) -> bytes:
        """The file's content, UTF-8; with sources, they stand in a list after the text."""
        document = prepared(document, options)
        title = _text(document.title)
        marked = any(span.mark != "plain" for block in document.blocks for span in spans_of(block))
        lines = (
            "<!DOCTYPE html>",
            '<html lang="zh-CN">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{self._style}</style></head>",
            f"<body><main><h1>{title.replace('创建', '创建<wbr>', 1)}</h1>",
            *((_KEY,) if marked else ()),
            *map(_block, document.blocks),
            *_sources(document, options),
            "</main></body></html>",
        )
        return "\n".join(lines).encode() + b"\n"


def _typefaces(fonts: Fonts) -> str:
    """What the style calls its typefaces by; those that differ from the layout's go before the page's own."""

    def stack(use: str, own: str) -> str:
        face: Face = getattr(fonts, use)
        asked = () if face == getattr(LAYOUT, use) else (face.name, *face.fallbacks)
        return ", ".join((*(f'"{_NOT_PLAIN.sub(_escaped, name)}"' for name in asked), own))

    return f":root {{ {' '.join(f'--{use}: {stack(use, own)};' for use, own in _STACKS.items())} }}"


def _escaped(character: re.Match[str]) -> str:
    """As CSS writes any character within a string."""
    return f"\\{ord(character[0]):x} "


def _sources(document: Document, options: ExportOptions) -> tuple[str, ...]:
    if options.sources == "none" or not document.sources:
        return ()
    items = "\n".join(f"<li>{_text(source.text)}</li>" for source in document.sources)
    return (f'<footer><h2>数据来源</h2><ol class="sources">{items}</ol></footer>',)


def _text(text: str) -> str:
    return html.escape(printable(text), quote=True)


def _block(block: Block) -> str:
    match block:
        case HeadingBlock():
            place = f' id="s{_text(block.section)}"' if block.section else ""
            return f"<h{block.level + 1}{place}>{_text(block.number + block.text)}</h{block.level + 1}>"
        case ParagraphBlock():
            return f"<p>{''.join(map(_span, block.spans))}</p>"
        case ChecklistBlock():
            return f"<ol>{''.join(map(_item, block.items))}</ol>"
        case TableBlock():
            return _table(block)
        case NoticeBlock():
            return f"<aside>{_text(block.text)}</aside>"


def _table(table: TableBlock) -> str:
    total = sum(column.width for column in table.columns)
    widths = "".join(f'<col style="width:{100 * column.width / total:.0f}%">' for column in table.columns)
    titles = "".join(f'<th scope="col">{_text(column.title)}</th>' for column in table.columns)
    rows = "\n".join(f"<tr>{_cells(row, table.columns)}</tr>" for row in table.rows)
    return (
        f"<table><caption>{_text(table.caption)}</caption><colgroup>{widths}</colgroup>"
        f"<thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cells(row: tuple[Cell, ...], columns: tuple[TableColumn, ...]) -> str:
    pairs = zip(row, columns, strict=True)
    return "".join(f'<td class="{column.align}">{"".join(map(_span, cell))}</td>' for cell, column in pairs)


def _span(span: Span) -> str:
    if span.mark == "plain":
        return _text(span.text)
    tag = "span" if span.mark == "supported" else "mark"
    note = f' title="{_note(span.note)}"' if span.note else ""
    facts = f' data-facts="{_text(" ".join(span.facts))}"' if span.facts else ""
    return f'<{tag} class="{span.mark}"{facts}{note}>{_text(span.text)}</{tag}>'


def _note(note: str) -> str:
    return "&#10;".join(_text(line) for line in note.split("\n"))


def _item(item: ChecklistItem) -> str:
    missing = "" if item.provided else '<mark class="placeholder">【待补充】</mark>'
    return f"<li>{_text(item.name)}{missing}</li>"
