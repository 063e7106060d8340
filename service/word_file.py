"""A .docx file that anybody may have sent, opened with care: no package that unpacks to too much, no error of the parser's own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from service.errors import FileInputError

if TYPE_CHECKING:
    from docx.document import Document

T = TypeVar("T")
ZIP = b"PK\x03\x04"
"""How .docx files begin."""


def read_docx(data: bytes, read: Callable[[Document], T], *, most: int, too_large: str, invalid: str) -> T:
    """What `read` makes of the document.

    FileInputError with `too_large` where its parts have more than `most` bytes together, and with `invalid` for a file
    that is no Word document or is damaged, also where `read` meets the damage.
    """
    try:
        _inspect(data, most, too_large, invalid)
        # python-docx takes a fifth of a second to import, and most files that may be .docx are text.
        from docx import Document  # noqa: PLC0415

        return read(Document(io.BytesIO(data)))
    except FileInputError:
        raise
    except Exception as error:  # python-docx lets whatever its parser meets in a damaged file pass through
        raise FileInputError(invalid) from error


def _inspect(data: bytes, most: int, too_large: str, invalid: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if sum(part.file_size for part in package.infolist()) > most:
            raise FileInputError(too_large)
        if "word/document.xml" not in package.namelist():
            raise FileInputError(invalid)
