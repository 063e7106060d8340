"""What the two spreadsheets share: how cells look, text that is never a formula, drop-downs, the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import ceil
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from service.export.characters import printable
from service.export.docx_base import packed

LONGEST_TEXT = 32_767
"""Characters that a cell holds (Excel)."""
KEPT_DIGITS = 15
"""Digits that a spreadsheet's number keeps; a longer number is written as text."""

Align = Literal["left", "center", "right"]
Content = str | int | Decimal | None

_FACE = "微软雅黑"
_LINE = Side(style="thin", color="BFBFBF")
_BOX = Border(_LINE, _LINE, _LINE, _LINE)
_LEAPING = re.compile(r"^\s*[=+\-@\t\r]")
"""Text that a spreadsheet may take for a formula (OWASP, CSV Injection)."""
_DATED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FONT = re.compile(rb"(<font>)(.*?)(</font>)", re.DOTALL)
_PROPERTY = re.compile(rb"(<(\w+)[^<>]*/>)")
_FONT_ORDER = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family",
    "charset", "scheme",
)  # fmt: skip
"""CT_Font (ECMA-376, part 1, 18.8.22), as Microsoft's validator takes it."""
_PROMPT_TITLE, _PROMPT, _ERROR = 32, 255, 225
"""Longest title and text of an input prompt, and text of an error message (Excel)."""
_LINE_HEIGHT, _ROW_HEIGHT, _HIGHEST = 15, 21, 409
"""Points: a line of text, a row, the highest row that Excel allows."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks, and whether a person may write into it."""

    fill: str | None = None
    colour: str = "1F1F1F"
    bold: bool = False
    size: int = 10
    align: Align = "left"
    box: bool = True
    open: bool = False
    number_format: str = "General"


TITLE = Look(size=16, bold=True, colour="1F3864", box=False)
HINT = Look(size=10, colour="595959", box=False)
HEAD = Look(fill="2F5597", colour="FFFFFF", bold=True, align="center")
BAND = Look(fill="D9E2F3", colour="1F3864", bold=True)
FIXED = Look(fill="F2F2F2")
FAINT = Look(fill="F2F2F2", colour="7F7F7F", size=9)
MARK = Look(fill="F2F2F2", colour="C00000", align="center", size=9)
INPUT = Look(open=True)
WANTED = Look(fill="FFF9E5", open=True)
_RED = PatternFill("solid", bgColor="F8CBAD")


@cache
def _name(look: Look) -> str:
    """Of the style that stands for the look in the file."""
    parts = (look.fill, look.colour, look.align, look.number_format, look.size, look.bold, look.box, look.open)
    return " ".join("" if p is None else str(p) for p in parts)


def _style(look: Look) -> NamedStyle:
    return NamedStyle(
        _name(look),
        font=Font(name=_FACE, size=look.size, bold=look.bold, color=look.colour),
        fill=PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill(),
        border=_BOX if look.box else Border(),
        alignment=Alignment(
            horizontal=look.align,
            vertical="center",
            wrap_text=look.box,
            indent=0 if look.align == "center" or not look.box else 1,
        ),
        number_format=look.number_format,
        protection=Protection(locked=not look.open),
    )


def put(sheet: Worksheet, row: int, column: int, content: Content, look: Look) -> None:
    """Writes a cell. Text is text, whatever it begins with; numbers keep every digit."""
    cell = sheet.cell(row, column)
    book = sheet.parent
    assert isinstance(cell, Cell)  # no cell is merged
    assert book is not None  # no sheet stands alone
    # A style of its own for each look: to set fonts and borders cell by cell takes ten times as long.
    if _name(look) not in book.style_names:
        book.add_named_style(_style(look))
    cell.style = _name(look)
    if isinstance(content, Decimal):
        content = _number(content)
    if isinstance(content, str) and content:
        text = "\n".join(map(printable, content.split("\n")))
        cell.value, cell.data_type = text, "s"
        if _LEAPING.match(text):
            cell.quotePrefix = True
    elif content is not None and content != "":
        cell.value = content


def _number(number: Decimal) -> Content:
    if len(number.normalize().as_tuple().digits) > KEPT_DIGITS:
        return f"{number:f}"
    return int(number) if number == number.to_integral_value() else number


class Choices:
    """The hidden sheet of drop-down lists: each list once, under a name of its own.

    A list written into the validation itself breaks the file in Excel when it is longer than 255 characters.
    """

    def __init__(self, book: Workbook, title: str) -> None:
        self._book = book
        self._sheet = book.create_sheet(title)
        self._sheet.sheet_state = "hidden"
        self._names: dict[tuple[str, ...], str] = {}

    def formula(self, choices: Iterable[str]) -> str:
        """What a list validation refers to."""
        key = tuple(choices)
        if key not in self._names:
            number = len(self._names) + 1
            name = f"选项_{number}"
            for row, text in enumerate(key, 1):
                put(self._sheet, row, number, text, HINT)
            letter = get_column_letter(number)
            where = f"{self._sheet.title}!${letter}$1:${letter}${max(len(key), 1)}"
            self._book.defined_names[name] = DefinedName(name, attr_text=where)
            self._names[key] = name
        return f"={self._names[key]}"


def validate(
    sheet: Worksheet,
    cells: Sequence[str],
    rule: Mapping[str, str],
    *,
    title: str,
    prompt: str,
    error: str = "",
    strict: bool = True,
) -> None:
    """Puts an input prompt, and (with an error text) a rule, on the cells. `rule`: what openpyxl's validation takes."""
    if not cells:
        return
    validation = DataValidation(
        **rule,  # type: ignore[arg-type]  # type, operator and formulas, all of them text
        allow_blank=True,
        showInputMessage=True,
        showErrorMessage=bool(error),
        errorStyle="stop" if strict else "warning",
        errorTitle="填写有误",
        error=error[:_ERROR] or None,
        promptTitle=title[:_PROMPT_TITLE],
        prompt=prompt[:_PROMPT],
    )
    for cell in cells:
        validation.add(cell)
    sheet.add_data_validation(validation)


def fit(sheet: Worksheet, row: int, texts: Mapping[str, Content], widths: Mapping[str, float]) -> None:
    """Makes the row as high as its longest text needs; a row of single lines keeps the sheet's height, and grows."""
    lines = max((_lines(str(t), widths[c]) for c, t in texts.items() if t is not None), default=1)
    if lines > 1:
        sheet.row_dimensions[row].height = min(lines * _LINE_HEIGHT + 6, _HIGHEST)


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column as wide as so many half-width characters, two of them left for the margins."""
    wide = (sum(1 if c.isascii() else 2 for c in line) for line in text.split("\n"))
    return sum(max(1, ceil(w / (width - 2))) for w in wide)


def define(sheet: Worksheet, name: str, where: str) -> None:
    """Gives cells a name that formulas of any sheet may use."""
    book = sheet.parent
    assert book is not None  # no sheet stands alone
    book.defined_names[name] = DefinedName(name, attr_text=where)


def redden(sheet: Worksheet, cells: str, formula: str) -> None:
    """Fills the cells red where the formula, written for the first of them, holds."""
    sheet.conditional_formatting.add(cells, FormulaRule(formula=[formula], fill=_RED))  # type: ignore[no-untyped-call]


def lay_out(sheet: Worksheet, widths: Mapping[int, float], *, head: int, frozen: str, printed: int) -> None:
    """Column widths, frozen heading, A4 across fitted to the page's width, protection of what is not to be changed.

    `head`: row that repeats on each page; `printed`: the last column that is printed.
    """
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.sheet_format.defaultRowHeight = _ROW_HEIGHT
    sheet.sheet_format.customHeight = True
    sheet.freeze_panes = frozen
    sheet.print_title_rows = f"{head}:{head}"
    sheet.print_area = f"A1:{get_column_letter(printed)}{sheet.max_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = 0.4  # inches
    margins.top, margins.bottom, margins.footer = 0.5, 0.7, 0.3
    footer = HeaderFooterItem()
    footer.center.text = "&A　第 &P 页，共 &N 页"
    sheet.oddFooter = footer
    sheet.sheet_view.showGridLines = False
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.formatCells = False
    protection.sort = protection.autoFilter = False


def unlock(sheet: Worksheet, columns: Iterable[int]) -> None:
    """Lets people go on below the last row that was made: what has no look of its own is open."""
    for column in columns:
        sheet.column_dimensions[get_column_letter(column)].protection = Protection(locked=False)


def saved(book: Workbook, title: str) -> bytes:
    """The file; its bytes depend on nothing but the content: all entries and properties are dated 1980-01-01."""
    book.properties.creator = book.properties.lastModifiedBy = "fangan"
    book.properties.title = printable(title)
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/core.xml"] = _DATED.sub(rb"\g<1>1980-01-01T00:00:00Z", parts["docProps/core.xml"])
    parts["xl/styles.xml"] = _FONT.sub(_in_order, parts["xl/styles.xml"])
    return packed(parts)


def _in_order(font: re.Match[bytes]) -> bytes:
    """The font's properties as the schema orders them, which openpyxl does not."""
    properties = sorted(_PROPERTY.findall(font[2]), key=lambda found: _FONT_ORDER.index(found[1].decode()))
    return font[1] + b"".join(whole for whole, _ in properties) + font[3]
