"""Files that are no workbook, or a hostile one, are refused with a sentence; nothing of them is unpacked that should not be."""

import io
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from functools import cache

import openpyxl
import pytest
from openpyxl.xml import DEFUSEDXML

from service.errors import FanganError, FileInputError
from service.export.facts_template import facts_template
from service.facts.spreadsheet import read_spreadsheet
from service.facts.workbook import MAX_ROWS, MAX_UNPACKED, open_workbook
from service.prompt.outlines import load_outline

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@cache
def template() -> bytes:
    return facts_template(load_outline("city-2017"))


def changed(parts: dict[str, bytes]) -> bytes:
    """A small workbook with parts replaced or added."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["指标", "数值"])
    stream, out = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(FileInputError) as caught:
        open_workbook(data)
    return caught.value.message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", ".xlsx"), (b"a,b\n1,2", ".xlsx"), (OLE + bytes(600), "另存为"), (OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (b"PK\x03\x04", "损坏"), (b"PK\x05\x06" + bytes(18), "不是 .xlsx"), (b"x" * 2_000_001, "2MB"),
    ],
)  # fmt: skip
def test_what_is_no_workbook(data: bytes, says: str) -> None:
    assert says in refused(data)


def test_another_office_file_is_no_spreadsheet() -> None:
    assert "不是 .xlsx 表格" in refused(_renamed("word/document.xml"))
    assert "不是 .xlsx 表格" in refused(_renamed("content.xml"))
    assert "不是 .xlsx 表格" in refused(_renamed("xl/workbook.bin"))


def _renamed(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "<x/>")
    return out.getvalue()


def test_defusedxml_is_in_force() -> None:
    assert DEFUSEDXML is True


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "' + b"x" * 100 + b'"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/core.xml", "xl/_rels/workbook.xml.rels"])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_entities_are_refused_in_every_part(part: str, encoding: str) -> None:
    hostile = BOMB if encoding == "utf-8" else BOMB.decode().encode(encoding)
    assert "DOCTYPE" in refused(changed({part: hostile}))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = changed({"xl/media/image1": bytes(MAX_UNPACKED + 1)})
    assert len(data) < 100_000
    opened: list[object] = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda _, part, *__, **___: opened.append(part))
    tracemalloc.start()
    assert "解压后过大" in refused(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert opened == []
    assert peak < 2_000_000


def test_a_size_that_is_declared_too_small_is_a_damaged_file() -> None:
    data = bytearray(changed({"xl/media/image1": bytes(5_000_000)}))
    for at in _places(bytes(data), (5_000_000).to_bytes(4, "little")):
        data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(FileInputError):
        read_spreadsheet(bytes(data), outline=load_outline)


def _places(data: bytes, wanted: bytes) -> Iterator[int]:
    at = data.find(wanted)
    while at >= 0:
        yield at
        at = data.find(wanted, at + 1)


def test_too_many_parts_are_refused() -> None:
    assert "解压后过大" in refused(changed({f"xl/media/{n}": b"" for n in range(600)}))


def test_a_sheet_with_rows_far_down_is_refused() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.cell(1_048_576, 16_384).value = "底"
    stream = io.BytesIO()
    book.save(stream)
    assert str(MAX_ROWS) in refused(stream.getvalue())


def test_formulas_are_read_with_the_results_that_the_file_keeps() -> None:
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>2</v></c><c r="B1"><f>A1*3</f><v>6</v></c><c r="C1"><f>A1*4</f></c>'
        b'<c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row></sheetData></worksheet>'
    )
    (grid,) = open_workbook(changed({"xl/worksheets/sheet1.xml": sheet}))
    cells = grid.rows[1]
    assert [(cells[n].content, cells[n].computed, bool(cells[n].trouble)) for n in (1, 2, 4)] == [
        (2, False, False), (6, True, False), ("#DIV/0!", True, True),
    ]  # fmt: skip
    assert "打开并保存一次" in cells[3].trouble


def test_a_file_cut_off_anywhere_is_refused() -> None:
    data = template()
    for end in range(0, len(data) - 1, len(data) // 60):
        refused(data[:end])


def test_a_file_with_damaged_bytes_is_read_or_refused_without_a_traceback() -> None:
    chance = random.Random(7)
    for _ in range(60):
        data = bytearray(template())
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_spreadsheet(bytes(data), outline=load_outline)
        except FanganError:
            continue


def test_an_exception_of_the_library_never_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("xl/theme")

    monkeypatch.setattr(openpyxl, "load_workbook", fail)
    assert "损坏" in refused(template())
