"""Official documents as a text names them: titles in 《》 and document numbers such as 发改高技〔2011〕463号."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPEN, _CLOSE = r"[〔\[［(（【﹝〖]", r"[〕\]］)）】﹞〗]"
_AGENCY = r"[\u4e00-\u9fff]{2,12}"
_GAP = r"[ 　]{0,9}"
"""Bounded: a long run of blanks must not be read again from each of its places."""
_NUMBER = re.compile(
    rf"(?:(?P<agency>{_AGENCY}){_GAP})?{_OPEN}{_GAP}(?P<year>[12][0-9]{{3}}|[１２][０-９]{{3}}){_GAP}{_CLOSE}"
    rf"{_GAP}(?P<ordinal>第)?{_GAP}(?P<serial>[0-9０-９]{{1,5}}){_GAP}号"
)
_TITLE = re.compile(r"《([^《》\n]{1,120}(?:《[^《》\n]{1,80}》[^《》\n]{0,80})?)》")
_WORDS_BEFORE_AGENCY = re.compile(
    r"^.*(?:根据|依据|学习|宣传|研究|对照|参照|依照|按照|遵照|落实|执行|贯彻|转发|印发|下发|出台|制定|发布|文号为|文号|以及|及|和|与|按|据|由|以|即|见|为|等|的|了|是|对|年)"
)
"""Words that run into the agency's abbreviation where no punctuation parts them."""


@dataclass(frozen=True, slots=True)
class Named:
    """A title or a document number with its place, end exclusive; a title's place includes its 《》."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DocumentNumber(Named):
    """`text` as printed, `agency` its abbreviation ("" where only 〔2011〕436号 stands), `serial` without zeros."""

    agency: str
    year: int
    serial: int

    @property
    def key(self) -> tuple[str, int, int]:
        """What makes two printed forms the same number."""
        return (self.agency, self.year, self.serial)

    @property
    def standard(self) -> str:
        """The form that GB/T 9704—2012 7.2.5 asks for: hexagonal brackets, full year, no 第, no padding zeros."""
        return f"{self.agency}〔{self.year}〕{self.serial}号"


def document_numbers(text: str) -> Iterator[DocumentNumber]:
    """Every document number in the text, however it is bracketed and spaced."""
    for found in _NUMBER.finditer(text):
        agency = found["agency"] or ""
        # Verbs run into the abbreviation where no punctuation parts them: 落实国发〔2015〕24号.
        kept = _WORDS_BEFORE_AGENCY.sub("", agency)
        agency = kept if len(kept) >= 2 else ""
        start = found.start("agency") + len(found["agency"]) - len(agency) if agency else found.start()
        if found["agency"] and not agency:
            start = found.end("agency")
        yield DocumentNumber(
            text=text[start : found.end()],
            start=start,
            end=found.end(),
            agency=agency,
            year=int(found["year"]),
            serial=int(found["serial"]),
        )


def titles(text: str) -> Iterator[Named]:
    """Every title in 《》, without them; a title may itself hold one more 《》."""
    for found in _TITLE.finditer(text):
        yield Named(text=found[1], start=found.start(), end=found.end())
