"""The policy ledger: every document that exists for this plan, by title and by number, and how titles are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from schemas.facts import Fact, Kind
from service.facts.completion import number_in, title_in
from service.facts.ledger import Ledger
from service.text.documents import DocumentNumber, document_numbers, titles

NEAR_TITLE = 70
"""Similarity (0–100) from which a wrong title is thought to mean a known one."""
_ISSUER = re.compile(
    r"^(?P<issuer>(?:(?!贯彻|落实|转发|批转|印发|执行|关于)[^《》]){0,40}?"
    r"(?:政府|办公厅|办公室|国务院|委员会|委|局|部|厅|署|总局|银行|海关|人大常委会|等[一二三四五六七八九十\d]*部门))(?=关于)"
)
_ISSUED = re.compile(r"^关于(?:印发|公布|发布|颁布)(.{4,})的通知$")
_DRAFT = re.compile(r"拟|草案|送审稿|征求意见|研究制定|待出台|尚未(?:印发|出台)")
_HEARSAY = re.compile(r"(?:^|[，。；：\n])据(?:称|说|传)|传闻|来路不明|请(?:直接|务必)引用|(?:未经?|尚未|有待|待)核实")
"""Words of a fact that does not itself vouch for what it names: no document of the sheet."""
_NOISE = re.compile(r"[\s《》〈〉“”\"'‘’、，,·]|（以下简称.*?）")
_BRACKETS = str.maketrans("()[]【】—–－-~", "（）（）（）～～～～～")


@dataclass(frozen=True, slots=True)
class Title:
    """A title made comparable: who issued it, if the title says so, and what it is about."""

    issuer: str
    core: str

    def same(self, other: Title) -> bool:
        """Equal but for an issuer that only one of them names, or names in full."""
        if self.core != other.core:
            return False
        return self.issuer.endswith(other.issuer) or other.issuer.endswith(self.issuer)


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the ledger. `year` of issue where known; `draft`: proposed, not issued; `fact`: where it stands."""

    title: Title | None
    number: tuple[str, int, int] | None
    printed: str
    year: int | None = None
    draft: bool = False
    fact: str | None = None


def comparable(title: str) -> Title:
    """《望海市人民政府关于印发〈望海市促进…办法〉的通知》 → issuer 望海市人民政府, core 望海市促进…办法."""
    text = unicodedata.normalize("NFKC", _NOISE.sub("", title)).translate(_BRACKETS)
    text = re.sub(r"（(?:试行|修订|修订版|修正)）$", "", text)
    issuer = ""
    if found := _ISSUER.match(text):
        issuer, text = found["issuer"], text[found.end() :]
    if issued := _ISSUED.match(text):
        text = issued[1]
    # The outline itself prints 组织开展 for 开展 in a title that it cites twice.
    text = text.replace("组织开展", "开展").removeprefix("关于")
    return Title(issuer, text)


def same_number(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    """Equal but for words that ran into the agency's abbreviation, or for an abbreviation left out."""
    return one[1:] == other[1:] and (one[0].endswith(other[0]) or other[0].endswith(one[0]))


class KnownDocuments:
    """Look-ups over all documents; immutable once built."""

    def __init__(self, ledger: Ledger, proposed: Iterable[str] = ()) -> None:
        self._documents = [*_of_facts(ledger), *_of_outline(ledger), *(_proposed(t) for t in proposed)]
        self._by_core: dict[str, list[Document]] = {}
        self._by_serial: dict[tuple[int, int], list[Document]] = {}
        for document in self._documents:
            if document.title:
                self._by_core.setdefault(document.title.core, []).append(document)
            if document.number:
                self._by_serial.setdefault(document.number[1:], []).append(document)

    def titled(self, title: str, subject: Iterable[str] = ()) -> list[Document]:
        """Documents of this title, with or without its issuer or the subject's name in front."""
        wanted = comparable(title)
        found = [d for d in self._by_core.get(wanted.core, ()) if d.title and d.title.same(wanted)]
        if found:
            return found
        for name in subject:
            for core in (wanted.core.removeprefix(name), name + wanted.core):
                if core != wanted.core and core in self._by_core:
                    return self._by_core[core]
        return []

    def numbered(self, number: DocumentNumber) -> list[Document]:
        """Documents of this number."""
        candidates = self._by_serial.get((number.year, number.serial), ())
        return [d for d in candidates if d.number and same_number(d.number, number.key)]

    def nearest_title(self, title: str) -> Document | None:
        """The document that a wrong title most likely means."""
        match = process.extractOne(
            comparable(title).core, list(self._by_core), scorer=fuzz.ratio, score_cutoff=NEAR_TITLE
        )
        return self._by_core[match[0]][0] if match else None

    def nearest_number(self, number: DocumentNumber) -> Document | None:
        """The document that a wrong number most likely means: same agency and year, or same agency and serial."""
        same_agency = [d for d in self._documents if d.number and d.number[0] and number.agency.endswith(d.number[0])]
        return next((d for d in same_agency if d.number and number.year == d.number[1]), None) or next(
            (d for d in same_agency if d.number and number.serial == d.number[2]), None
        )


def _of_facts(ledger: Ledger) -> Iterator[Document]:
    for fact in ledger.facts:
        if fact.kind is Kind.POLICY:
            yield from _of_policy(fact)
        for part in (fact.name, fact.text or ""):
            yield from _named_in(part, fact)


def _of_policy(fact: Fact) -> Iterator[Document]:
    name, text = fact.name, fact.text or ""
    title = fact.title or title_in(name, text, alone=fact.value is None)
    printed = fact.doc_number or number_in(name, text)
    number = next(document_numbers(printed), None) if printed else None
    if title or number:
        yield Document(
            title=comparable(title) if title else None,
            number=number.key if number else None,
            printed=f"《{title}》" if title else str(printed),
            year=number.year if number else fact.year,
            draft=number is None and bool(_DRAFT.search(f"{name}{text}")),
            fact=fact.id,
        )


def _named_in(text: str, fact: Fact) -> Iterator[Document]:
    """Documents that a fact only mentions, each title with the number that follows it."""
    if ("《" not in text and "号" not in text) or (fact.kind is not Kind.POLICY and _HEARSAY.search(text)):
        return
    numbers = list(document_numbers(text))
    for title in titles(text):
        number = next((n for n in numbers if 0 <= n.start - title.end <= 12), None)
        before = text[max(0, title.start - 12) : title.start]
        draft = number is None and bool(_DRAFT.search(before) or _DRAFT.search(text[:4]))
        key, year = (number.key, number.year) if number else (None, None)
        yield Document(comparable(title.text), key, f"《{title.text}》", year, draft, fact.id)
    for number in numbers:
        yield Document(None, number.key, number.standard, number.year, fact=fact.id)


def _of_outline(ledger: Ledger) -> Iterator[Document]:
    outline = ledger.outline
    for cited in outline.policies:
        number = next(document_numbers(cited.doc_number), None) if cited.doc_number else None
        key = number.key if number else None
        yield Document(
            comparable(cited.title), key, f"《{cited.title}》", cited.year or (number.year if number else None)
        )
    for own in (outline.title, outline.document_title.format(subject=ledger.subject.name)):
        yield Document(comparable(own), None, f"《{own}》")


def _proposed(title: str) -> Document:
    return Document(comparable(title), None, f"《{title}》", draft=True)
