"""The bytes of an .xlsx file → the cells of its sheets: the only reader of openpyxl, and the guard before it."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from service.errors import FileInputError
from service.facts.loading import MAX_BYTES

MAX_UNPACKED = 32_000_000
"""Bytes of all parts unpacked: sixteen times the largest upload, a hundred times a filled template."""
MAX_PARTS = 500
MAX_ROWS, MAX_COLUMNS = 5000, 64
"""A template has some hundred rows and twenty columns."""

Content = str | int | float | bool | datetime | date | time | timedelta | None

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
"""What no spreadsheet program writes, and entity bombs and external entities need."""
_SAVE_AS = "请用 Excel 或 WPS 打开后“另存为”.xlsx 格式再提交"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with something in it. `trouble` says why its content cannot be used, and how to mend it."""

    sheet: str
    row: int
    column: int
    content: Content
    percent: bool = False
    """Shown as per cent: the content is a hundredth of what is seen."""
    computed: bool = False
    """The content is a formula's result."""
    trouble: str = ""

    @property
    def place(self) -> str:
        """二、发展现状!D6."""
        return place(self.sheet, self.row, self.column)


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its cells by row and column (both from 1), and the merged areas as (row, column, last row, last column)."""

    title: str
    rows: Mapping[int, Mapping[int, Cell]]
    merged: tuple[tuple[int, int, int, int], ...] = ()


def place(sheet: str, row: int, column: int) -> str:
    """Sheet and cell, as a person finds it."""
    return f"{sheet}!{get_column_letter(column)}{row}"


def open_workbook(data: bytes) -> tuple[Grid, ...]:
    """The sheets in order. Raises FileInputError for what is no .xlsx, encrypted, damaged, too large or hostile."""
    _guard(data)
    book = _loaded(data, values=False)
    # Formulas and their results are never in one reading: only a file that has formulas is read twice.
    results = _loaded(data, values=True) if any(_has_formula(s) for s in book.worksheets) else None
    return tuple(_grid(s, results[s.title] if results else None) for s in book.worksheets)


def _guard(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise FileInputError(f"表格超过{MAX_BYTES // 1_000_000}MB，请删去图片和无关的工作表后再提交")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise FileInputError("表格设有打开密码，请在 Excel 或 WPS 中取消密码并保存后再提交")
        raise FileInputError(f"这是旧版 .xls 或 .et 表格，{_SAVE_AS}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {p.filename for p in parts}
            if len(parts) > MAX_PARTS or sum(p.file_size for p in parts) > MAX_UNPACKED:
                raise FileInputError("表格解压后过大，请删去无关的工作表、图片和空白行后再提交")
            if "xl/workbook.xml" not in names:
                raise FileInputError(f"这个文件不是 .xlsx 表格，{_SAVE_AS}")
            if any(p.flag_bits & 1 for p in parts):
                raise FileInputError("表格的压缩包设有密码，请取消密码后再提交")
            # zipfile never unpacks more of a part than its declared size.
            if any(_declares(archive.read(p)) for p in parts):
                raise FileInputError(f"表格中有不允许的 XML 声明（DOCTYPE 或 ENTITY），{_SAVE_AS}")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise FileInputError(f"这个文件不是 .xlsx 表格，或者已经损坏，{_SAVE_AS}") from error


def _declares(part: bytes) -> bool:
    plain = part.replace(b"\0", b"")  # UTF-16 is read as well
    return any(declaration in plain for declaration in _DECLARATIONS)


def _loaded(data: bytes, *, values: bool) -> Workbook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl does not keep (slicers, newer validations) is not read here
            return openpyxl.load_workbook(io.BytesIO(data), data_only=values, keep_links=False)
    # openpyxl lets pass whatever its XML, zip and type conversions raise on a damaged file; it has no base class.
    except Exception as error:
        raise FileInputError(f"表格已经损坏，无法读取，{_SAVE_AS}") from error


def _cells(sheet: Worksheet) -> Iterator[Cell]:
    if sheet.max_row > MAX_ROWS:
        raise FileInputError(
            f"工作表“{sheet.title}”有{sheet.max_row}行，超过{MAX_ROWS}行，请删去数据下方的空白行后再提交"
        )
    for number, row in enumerate(sheet.iter_rows(min_row=1, min_col=1, max_col=min(sheet.max_column, MAX_COLUMNS)), 1):
        for column, cell in enumerate(row, 1):
            content = cell.value
            if content is None or (isinstance(content, str) and not content.strip()):
                continue
            error = cell.data_type == "e"
            yield Cell(
                sheet.title,
                number,
                column,
                content if isinstance(content, Content) else str(content),
                percent="%" in str(cell.number_format),
                computed=cell.data_type == "f",
                trouble=f"单元格显示错误值 {content}，请改正公式或直接填写内容" if error else "",
            )


def _has_formula(sheet: Worksheet) -> bool:
    return any(cell.computed for cell in _cells(sheet))


def _grid(sheet: Worksheet, results: Worksheet | None) -> Grid:
    computed = {(c.row, c.column): c for c in _cells(results)} if results is not None else {}
    rows: dict[int, dict[int, Cell]] = {}
    for cell in _cells(sheet):
        read = _result(cell, computed.get((cell.row, cell.column))) if cell.computed else cell
        rows.setdefault(cell.row, {})[cell.column] = read
    areas = ((r.min_row, r.min_col, r.max_row, r.max_col) for r in sheet.merged_cells.ranges)
    return Grid(sheet.title, rows, tuple(sorted(a for a in areas)))


def _result(formula: Cell, result: Cell | None) -> Cell:
    if result is None:
        trouble = "公式还没有计算结果，请在 Excel 或 WPS 中打开并保存一次，或直接填写数值"
        return Cell(formula.sheet, formula.row, formula.column, formula.content, computed=True, trouble=trouble)
    return Cell(
        result.sheet, result.row, result.column, result.content, result.percent, computed=True, trouble=result.trouble
    )
