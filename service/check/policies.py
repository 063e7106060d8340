"""Check: each 《title》 and each document number resolves to a document that exists, and the two belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.finding import CheckName, Finding, Severity, Verdict
from service.check.case import BARE, Case
from service.check.known_documents import Document, KnownDocuments
from service.text.documents import DocumentNumber, Named, document_numbers, titles

_MARK = re.compile(r"【[^【】]*】")
_SHORT_FORM = re.compile(r"(?:以下|下称|以下统称|下同，)?(?:简称|统称|下称)[：:]?[“\"]?《([^《》]{2,20})》")
_GAP = re.compile(r"[^（(《》]{0,2}[（(][^（）()《》。；\n]{0,24}|(?:的?文号[为是：:]?|[，、]文号[为是：:]?)?\s*")
_GAP_BACK = re.compile(r"[ 　)）]{0,2}")
_SENTENCE_END = re.compile(r"[。；！？\n]")
_TO_MAKE = re.compile(r"提请|报请|审议|制定|制订|修订|出台|起草|编制|拟订|拟定|草拟|研究|完善|健全|建立")
_CITED = re.compile(
    r"根据|依据|按照|依照|遵照|落实|贯彻|执行|印发|颁布|发布|下发|公布|实施|结合|对照|列入|围绕|符合|参照|纳入|依托|享受|兑现"
)
_VERBS = re.compile(f"(?P<make>{_TO_MAKE.pattern})|(?P<cite>{_CITED.pattern})")
_DONE = re.compile(r"已|先后|相继|陆续|曾|近年|去年|(?:制定|制订|修订|出台|起草|编制|印发|颁布|发布)(?:实施)?[了过]")
_TO_COME = re.compile(
    r"(?:(?:拟|将|计划|适时|尽快|争取|力争|抓紧|研究|推动|加快|年底前|年内|待|每年|定期|按季)[^，。；]{0,6}|(?:编制|制定|起草)并)$"
)
_QUOTED = re.compile(r"《[^》]*》")
_AFTER_DRAFT = re.compile(
    r"^(?:[、和及与]?《[^》]{1,60}》){0,9}(?:[（(](?:草案|征求意见稿|送审稿|送审|暂定名|拟定|拟制定|拟出台|拟修订)[^（）()]{0,12}[）)]|草案|征求意见稿|"
    r"(?:等[^，。；]{0,16})?的?(?:制定|制订|修订|起草|出台|编制|研究制定)(?!了|过|后|以来))"
)
_PAST_YEAR = re.compile(r"((?:19|20)\d\d)年(?!底前|前|内|起)")
_OF_OTHERS = re.compile(
    r"中华人民共和国|中共中央|中央|国务院|全国|(?:商务|财政|工业和信息化|交通运输|农业(?:农村)?|科学技术|科技|教育|公安"
    r"|人力资源和?社会保障|文化和旅游|自然资源)部(?!门)|国家(?:发展|税务|工商|质量|市场|邮政|知识产权|外汇|标准|互联网|旅游|林业|海洋|食品)"
    r"|(?:海关|质检|税务|工商|市场监管|邮政)总[局署]|中国人民银行|[^市县区关于]{2,8}(?:省|自治区)(?!会)"
)
"""Openings of titles that no city can set out to make: laws of the state, documents of nation and province."""
_PERIODICAL = re.compile(r"(?:日报|晚报|时报|商报|早报|周刊|杂志)$")
_NO_DOCUMENT_AFTER = ("线", "楼", "仓", "库", "厂", "院", "门", "馆", "泊", "店", "地块", "码头")


@dataclass(frozen=True, slots=True)
class _Pair:
    """A title and a document number that stand together, or one of them alone."""

    title: Named | None
    number: DocumentNumber | None

    @property
    def start(self) -> int:
        return min(n.start for n in (self.title, self.number) if n)

    @property
    def end(self) -> int:
        return max(n.end for n in (self.title, self.number) if n)


@dataclass(frozen=True, slots=True)
class _Text:
    """One section's text with what it names."""

    section: str | None
    text: str
    pairs: tuple[_Pair, ...]
    short_forms: frozenset[str]
    proposed: frozenset[int]
    """Starts of the titles that are worded as proposals."""


def check_policies(case: Case) -> Iterator[Finding]:
    """Findings over all texts; a document that one section proposes may be named by all."""
    texts = [
        _read(None if section == BARE else section, text, case.ledger.sheet.plan_year)
        for section, text in case.texts.items()
    ]
    proposals = [p.title.text for t in texts for p in t.pairs if p.title and p.title.start in t.proposed]
    judge = _Judge(case, KnownDocuments(case.ledger, proposals), texts)
    for text in texts:
        for pair in text.pairs:
            yield from judge.pair(text, pair)


# --- reading ------------------------------------------------------------------------------------------------------


def _read(section: str | None, text: str, plan_year: int) -> _Text:
    # Placeholders and proposed values are not the plan's words: their names vanish, offsets stay.
    plain = _MARK.sub(lambda m: "　" * len(m[0]), text)
    forms = list(_SHORT_FORM.finditer(plain))
    defined = {m.start(1) - 1 for m in forms}
    full = [t for t in titles(plain) if t.start not in defined]
    numbers = [n for n in document_numbers(plain) if _is_number(n, plain)]
    proposed = frozenset(t.start for t in full if _is_proposal(t, plain, plan_year))
    return _Text(section, text, tuple(_pairs(full, numbers, plain)), frozenset(m[1] for m in forms), proposed)


def _is_number(number: DocumentNumber, text: str) -> bool:
    """Not 地铁（2016）3号线: a number needs an agency or the hexagonal brackets that nothing else has."""
    return (bool(number.agency) or "〔" in number.text) and not text.startswith(_NO_DOCUMENT_AFTER, number.end)


def _pairs(named: list[Named], numbers: list[DocumentNumber], text: str) -> Iterator[_Pair]:
    """《A》（a号）, 《A》a号, a号《A》; in a list each takes its neighbour, and the number after a title goes first."""
    free = {n.start: n for n in numbers}
    alone: list[Named] = []
    starts = sorted(free)
    at = 0
    for title in named:
        while at < len(starts) and starts[at] < title.end:
            at += 1
        number = free.get(starts[at]) if at < len(starts) else None
        if number and number.start - title.end <= 40 and _GAP.fullmatch(_without_short(text[title.end : number.start])):
            yield _Pair(title, free.pop(number.start))
            at += 1
        else:
            alone.append(title)
    before = {n.end: n for n in free.values()}
    for title in alone:
        ends = (e for e in range(title.start, max(-1, title.start - 3), -1) if e in before)
        end = next(ends, None)
        if end is not None and _GAP_BACK.fullmatch(text[end : title.start]):
            number = before.pop(end)
            yield _Pair(title, free.pop(number.start))
        else:
            yield _Pair(title, None)
    for number in free.values():
        yield _Pair(None, number)


def _without_short(gap: str) -> str:
    return _SHORT_FORM.sub("", gap)


def _is_proposal(title: Named, text: str, plan_year: int) -> bool:
    """研究制定《…办法》 speaks of what is to be, 已出台《…办法》 and 根据《…办法》 of what is."""
    if title.text.endswith(("（草案）", "（征求意见稿）", "（送审稿）")) or _AFTER_DRAFT.match(
        text[title.end : title.end + 300]
    ):
        return True
    start = max((m.end() for m in _SENTENCE_END.finditer(text, max(0, title.start - 300), title.start)), default=0)
    start = max(start, title.start - 300)
    before = _QUOTED.sub("《》", text[start : title.start])
    verb = None
    for verb in _VERBS.finditer(before):  # noqa: B007  the last one governs the title
        pass
    if verb is None:
        return False
    clause = before[max(before.rfind(c, 0, verb.start()) for c in "，、；：") + 1 : verb.end() + 1]
    if verb["cite"]:
        return bool(re.search("印发|颁布|发布|下发|公布|实施", verb[0]) and _TO_COME.search(before[: verb.start()]))
    years = [int(y) for y in _PAST_YEAR.findall(before)]
    return not _DONE.search(clause) and not any(y < plan_year for y in years)


# --- judging ------------------------------------------------------------------------------------------------------


class _Judge:
    """What one plan's names are held against."""

    def __init__(self, case: Case, known: KnownDocuments, texts: list[_Text]) -> None:
        self._known = known
        self._year = case.ledger.sheet.plan_year
        self._names = case.ledger.subject.names
        self._short = frozenset(s for t in texts for s in t.short_forms)
        self._full = {p.title.text for t in texts for p in t.pairs if p.title and len(p.title.text) > 10}

    def pair(self, text: _Text, pair: _Pair) -> Iterator[Finding]:
        """At most one error for each of title and number, and the form where all else is right."""
        titled = self._known.titled(pair.title.text, self._names) if pair.title else []
        numbered = self._known.numbered(pair.number) if pair.number else []
        found = list(self._errors(text, pair, titled, numbered))
        yield from found
        if pair.number and not found and pair.number.text != pair.number.standard:
            detail = f"文号“{pair.number.text}”格式不规范，请改为“{pair.number.standard}”"
            yield _finding(text, pair.number, "bad_form", detail, numbered[0] if numbered else None)

    def _errors(self, text: _Text, pair: _Pair, titled: list[Document], numbered: list[Document]) -> Iterator[Finding]:
        documents = [d for d in titled if d in numbered] or titled or numbered
        years = [d.year for d in documents if d.year]
        if years and min(years) > self._year:
            yield self._not_yet(text, pair, documents[0], f"是{min(years)}年的文件")
        elif pair.title and pair.number:
            yield from self._both(text, pair, titled, numbered)
        elif pair.title:
            yield from self._title_alone(text, pair.title, titled)
        elif pair.number and not numbered:
            yield self._unknown_number(text, pair, pair.number)

    def _both(self, text: _Text, pair: _Pair, titled: list[Document], numbered: list[Document]) -> Iterator[Finding]:
        title, number = pair.title, pair.number
        assert title is not None
        assert number is not None
        if any(d in numbered for d in titled) or any(t.printed == n.printed for t in titled for n in numbered):
            return
        if titled:
            right = next((d for d in titled if d.number), None)
            if right and right.number:
                agency, year, serial = right.number
                detail = f"《{title.text}》的文号应为“{agency}〔{year}〕{serial}号”，请改正或删去文号"
                yield _finding(text, number, "right_title_wrong_number", detail, right)
            else:
                yield self._unknown_number(text, pair, number)
        elif numbered:
            titled_so = next((d for d in numbered if d.title), None)
            detail = (
                f"文号“{number.standard}”对应的是{titled_so.printed}，请改正文件名称"
                if titled_so
                else f"事实表只有文号“{number.standard}”，没有《{title.text}》这一名称，请补充该文件的名称，或只写文号"
            )
            yield _finding(text, title, "right_number_wrong_title", detail, numbered[0])
        elif number.year > self._year:
            yield self._unknown_number(text, pair, number)
        else:
            yield from self._title_alone(text, title, [])
            yield self._unknown_number(text, pair, number)

    def _title_alone(self, text: _Text, title: Named, titled: list[Document]) -> Iterator[Finding]:
        if titled:
            claimed = all(d.draft and d.fact for d in titled) and title.start not in text.proposed
            if claimed and _DONE.search(text.text[max(0, title.start - 12) : title.start]):
                detail = f"《{title.text}》尚在拟订，不能写成已经出台，请改为“研究制定”"
                yield _finding(text, title, "not_yet_issued", detail, titled[0])
        elif not self._is_short(title.text) and not _PERIODICAL.search(title.text):
            near = self._known.nearest_title(title.text)
            own = (
                "，请在事实表中补充该文件，或删去" if _OF_OTHERS.match(title.text) else "；拟制定的文件请写明“研究制定”"
            )
            hint = f"，是否应为{near.printed}？" if near else own
            yield _finding(text, title, "invented_title", f"事实表和编制要点中没有《{title.text}》{hint}", near)

    def _is_short(self, title: str) -> bool:
        """《指导意见》 where its full title stands in the plan."""
        return title in self._short or (len(title) <= 10 and any(full.endswith(title) for full in self._full))

    def _unknown_number(self, text: _Text, pair: _Pair, number: DocumentNumber) -> Finding:
        if number.year > self._year:
            return self._not_yet(text, pair, None, f"的文号是{number.year}年的")
        near = self._known.nearest_number(number)
        hint = f"，是否应为{near.printed}的文号？" if near else "，请核对后改正或删去"
        return _finding(text, number, "invented_number", f"事实表和编制要点中没有文号“{number.standard}”{hint}", near)

    def _not_yet(self, text: _Text, pair: _Pair, document: Document | None, what: str) -> Finding:
        printed = f"《{pair.title.text}》" if pair.title else f"“{text.text[pair.start : pair.end]}”"
        end = pair.end + (
            pair.number is not None and pair.title is not None and text.text[pair.end : pair.end + 1] in "）)"
        )
        place = Named(text.text[pair.start : end], pair.start, end)
        detail = f"{printed}{what}，晚于方案年份{self._year}年，请删去或改用当时有效的文件"
        return _finding(text, place, "not_yet_issued", detail, document)


def _finding(text: _Text, place: Named, verdict: Verdict, message: str, nearest: Document | None) -> Finding:
    return Finding(
        check=CheckName.POLICIES,
        severity=Severity.WARNING if verdict == "bad_form" else Severity.ERROR,
        section=text.section,
        start=place.start,
        end=place.end,
        excerpt=text.text[place.start : place.end],
        message=message,
        verdict=verdict,
        nearest=nearest.fact if nearest else None,
    )
