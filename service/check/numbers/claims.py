"""Claims: each quantity of a text with what it is said about: label, year, subject, kind, direction."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from service.check.numbers.lists import Pairing, pair_up
from service.check.numbers.moods import AIM_AFTER, Moods, Target, told_as_aim
from service.check.numbers.sorts import BENCHMARK, Sort, sort_of
from service.text.clauses import Clauses, Place
from service.text.numerals import HAN_DIGITS, fold
from service.text.quantities import NUMBER, Quantity, quantities
from service.text.years import YearMention, years

_BENCHMARK_AFTER = re.compile("^的?(?:全省|全国|自治区|省)(?:[^，。；]{0,8})?(?:平均|增速|水平)")
_DONE_CUE = re.compile(r"已(?!经批复)|目前|现有|截至|截止|共有|拥有|实际|同比|现已|目前已|(?:比|较)上年|业已")
_QUALIFIES = re.compile("(?:及?以[上下内])?的(?!基础上)[^，。；、]{0,20}")
_HEADING = 40
"""Characters of the longest heading that a paragraph is read under."""
_YEAR = re.compile(r"(?:19|20)\d\d年")
_NAME_REACH = 8
_BEGINS = re.compile(r"[自从](?:19|20)\d\d年起")
_OF_BASE_PERIOD = re.compile("基期的?(?:约|近)?$")
_REACH = 400
"""Characters of context on each side that a claim is read in: longer than any sentence that a person would write."""
_MOST_BEFORE = 24
_NOW = re.compile("目前|现有|现已|当前|如今|迄今")
_RISES_FROM = re.compile(r"[由从]#[^，。；、\d]{1,8}[到至为](?:约|近|了)?")

_OF_AIM = re.compile("年[^。；\n]{0,40}的目标(?=打|奠|提供|差|还)")
_BASE_CUE = re.compile("基础上|基期的?(?:约|近)?$|由(?!于)|从(?![业事])|现有|相比|相当于")
_BASE_AFTER = re.compile("[^，。；]{0,24}基础上")
_ITS_OWN = re.compile("年?(?:末|底)?(?:的[^，。；、]{0,16})?")
_WHOSE = re.compile("年?(?:末|底)?[\u4e00-\u9fff]{2,24}")
_LEVEL_AFTER = re.compile("的(?:平均)?(?:水平|增速|增幅|比重|占比|规模)")
_ASIDE = re.compile(r"[（(][^（）()\n]*[）)]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A quantity in its context. Texts (`left`, `right`, …) are folded; `named` is what it is most closely called by."""

    quantity: Quantity
    place: Place
    left: str
    right: str
    named: str
    wide: str
    """All words since the quantity or the semicolon before, whatever commas are between."""
    before: str
    """The sentence up to the quantity."""
    after: str
    """The sentence after the quantity."""
    above: str
    """The line before the paragraph, where it is but a heading."""
    ahead: str
    """The paragraph after the quantity."""
    paragraph: str
    """The paragraph up to the sentence."""
    sort: Sort
    sign: int = 0
    year: YearMention | None = None
    year_reach: Literal["clause", "sentence", "paragraph", "none"] = "none"
    versus: YearMention | None = None
    benchmark: bool = False
    target: Target = "none"
    done: bool = False
    base: bool = False
    paired: bool = False
    key: str = ""
    """In a list: what tells this item from the others."""
    previous: tuple[int, ...] = field(default=())
    """Indices of the claims before it in the sentence."""

    @property
    def clause_before(self) -> str:
        """The clause up to the quantity."""
        return self.before[max(0, len(self.before) - (self.quantity.start - self.place.clause)) :]

    @property
    def clause_after(self) -> str:
        """The clause after the quantity."""
        return self.after[: self.place.clause_end - self.quantity.end]


class Reader:
    """Reads the claims of one text; all look-ups are bisections, so the whole is linear in the text."""

    def __init__(self, text: str, newest: int = 0) -> None:
        self.folded = fold(text)
        self.clauses = Clauses(self.folded)
        self.quantities = tuple(q for q in quantities(text) if not _is_bare_magnitude(q))
        self._quantity_starts = [q.start for q in self.quantities]
        self.years = years(self.folded)
        self._year_ends = [y.end for y in self.years]
        self._asides = [found.span() for found in _ASIDE.finditer(self.folded)]
        self._aside_starts = [start for start, _ in self._asides]
        self._newest = newest

    def claims(self) -> tuple[Claim, ...]:
        """All claims in order."""
        found: list[Claim] = []
        places = [self.clauses.around(q.start) for q in self.quantities]
        pairings = pair_up(self.folded, self.quantities, places)
        moods = Moods(self.folded, self.clauses.paragraphs, self._newest)
        first_of_sentence = 0
        for index in range(len(self.quantities)):
            if index and places[index].sentence != places[index - 1].sentence:
                first_of_sentence = index
            claim = self._claim(index, places, found, first_of_sentence, pairings.get(index))
            moods.enter(places[index].paragraph)
            moods.announced(self.quantities[index - 1].end if index else 0, claim.quantity.start, claim.year)
            opens = index == 0 or places[index].paragraph != places[index - 1].paragraph
            claim = replace(claim, target=self._mood(moods, claim, opens=opens))
            if moods.due and claim.target == "text" and claim.year is None and not (claim.base or claim.done):
                due = YearMention(0, 0, moods.due, moods.due, "until")  # 到2025年……： dates the items after it
                claim = replace(claim, year=due, year_reach="paragraph")
            found.append(claim)
        return tuple(found)

    def _mood(self, moods: Moods, claim: Claim, *, opens: bool) -> Target:
        """The claim's aim by its own words, else by the text around; `opens`: it is the first of its paragraph."""
        year = claim.year
        dated = year is not None and claim.year_reach in ("clause", "sentence")
        aside = year is not None and self._aside_end(year.start) is not None
        ends = dated and not aside and (claim.done or opens)
        return moods.of(claim.target, claim.before, year, dated=dated, done=claim.done, ends=ends)

    def _claim(
        self, index: int, places: Sequence[Place], found: Sequence[Claim], first: int, pairing: Pairing | None
    ) -> Claim:
        quantity, place = self.quantities[index], places[index]
        left, right = self._sides(index, place)
        before = self.folded[max(place.sentence, quantity.start - _REACH) : quantity.start]
        previous = tuple(range(max(first, index - _MOST_BEFORE), index))
        last = next((c for i in reversed(previous) if (c := found[i]).quantity.unit.dimension == "percent"), None)
        sort, sign = sort_of(quantity, left, right, (last.sort, last.sign) if last is not None else None)
        year, reach = self._year(index, place)
        clause_left = self.folded[max(place.clause, quantity.start - _REACH) : quantity.start]
        rises = _RISES_FROM.search(f"{left}#{right}") is not None
        if rises and year is not None and year.last > year.first and self.folded[year.start].isdecimal():
            year = replace(year, last=year.first)  # 2015至2017年，由A增加到B: A is of 2015
        elif rises or (reach != "clause" and _undated(clause_left, right, year)):
            year, reach = None, "none"
        claim = Claim(
            quantity=quantity,
            place=place,
            left=left,
            right=right,
            named=_named(left, right, quantity),
            wide=self._wide(index, place),
            before=before,
            after=self.folded[quantity.end : min(place.sentence_end, quantity.end + _REACH)],
            above=self._above(place.paragraph),
            ahead=self.folded[quantity.end : quantity.end + _REACH].partition("\n")[0],
            paragraph=self.folded[max(place.paragraph, place.sentence - _REACH) : place.sentence],
            sort=sort,
            sign=sign,
            year=year,
            year_reach=reach,
            versus=self._versus(place, quantity),
            benchmark=bool(BENCHMARK.search(left) or _BENCHMARK_AFTER.search(right)),
            target=told_as_aim(clause_left, right, before, year, reach),
            done=bool(_DONE_CUE.search(clause_left)),
            base=bool(_BASE_CUE.search(clause_left) or _BASE_AFTER.match(right)),
            previous=previous,
        )
        return _inherit(claim, found, pairing)

    def _sides(self, index: int, place: Place) -> tuple[str, str]:
        """Label text in the same clause: after the quantity before, up to the quantity after."""
        quantity = self.quantities[index]
        start = place.clause
        if index and self.quantities[index - 1].end > start:
            start = self.quantities[index - 1].end
            if _QUALIFIES.fullmatch(self.folded, start, quantity.start):
                # “年交易额10亿元以上的电商平台3个”：前一个数是名称的一部分。
                start = max(place.clause, self.quantities[index - 1].start - _NAME_REACH)
        start, end = max(start, quantity.start - _REACH), min(place.clause_end, quantity.end + _REACH)
        if index + 1 < len(self.quantities):
            end = min(end, self.quantities[index + 1].start)
        left, right = self.folded[start : quantity.start], self.folded[quantity.end : max(end, quantity.end)]
        if (
            start > place.clause
            and (joint := re.search(r"(?:、|以及|[和与及])(?=[^、和与及]{0,6}$)", left))
            and start != place.clause
        ):
            # “10至15家大型专业市场、1万家中小企业”：顿号之前属于前一个数。
            left = left[joint.end() :] if not _belongs_here(left[: joint.start()]) else left
        return left.rstrip(" "), right.lstrip(" ")

    def _above(self, paragraph: int) -> str:
        line = self.folded[max(0, paragraph - _HEADING) : paragraph].rstrip("\n").rpartition("\n")[2]
        whole = paragraph <= _HEADING or len(line) < _HEADING - 1
        return line if whole and not re.search(r"\d(?![.．、）)])", _YEAR.sub("", line)) else ""

    def _wide(self, index: int, place: Place) -> str:
        start = self.quantities[index].start
        floor = max(place.sentence, start - _REACH)
        floor = max(floor, self.folded.rfind("；", floor, start) + 1)
        earlier = [q.end for q in self.quantities[max(0, index - 3) : index] if not q.loose]
        return self.folded[max([floor, *earlier]) : start]

    def _year(
        self, index: int, place: Place
    ) -> tuple[YearMention | None, Literal["clause", "sentence", "paragraph", "none"]]:
        start = self.quantities[index].start
        previous_start = self.quantities[index - 1].start if index else -1
        at = bisect_left(self._year_ends, start + 1) - 1
        relative, due_before = 0, False
        last = max(0, at - _MOST_BEFORE)
        while at >= last and self.years[at].start >= place.paragraph:
            mention = self.years[at]
            at -= 1
            between = mention.start < previous_start
            if mention.role == "versus" and not mention.first and not between and self._compared_amount(mention, index):
                relative = -1  # 比上年的18.5%
                continue
            if mention.role == "versus" and not between and self._compared_amount(mention, index):
                return replace(mention, role="in"), "clause"
            passed = self.folded.find("基础上", mention.end, start) >= 0
            if mention.role == "versus" or (mention.role == "from" and (between or passed)):
                continue
            if due_before and mention.start >= place.sentence and mention.role == "in":
                continue  # 2018年…，到2022年…；……: what comes next is no longer of 2018
            if mention.start < place.clause and self._of_other_part(mention, index, place):
                due_before = due_before or mention.role == "until"
                continue
            if self._dates_nothing_here(mention, place, start, between=between):
                continue
            if mention.role == "before":
                relative = relative if between else -1
                continue
            reach: Literal["clause", "sentence", "paragraph"] = (
                "clause"
                if mention.start >= place.clause
                else "sentence"
                if mention.start >= place.sentence
                else "paragraph"
            )
            if relative:
                mention = replace(mention, first=mention.first + relative, last=mention.last + relative, role="in")
            return mention, reach
        return None, "none"

    def _dates_nothing_here(self, mention: YearMention, place: Place, start: int, *, between: bool) -> bool:
        """Whether the year dates but what is in its own clause, bracket or sentence, and the figure is not there."""
        if mention.start < place.sentence and mention.role == "in" and _OF_AIM.match(self.folded, mention.end):
            return True  # 为实现2020年……的目标打下基础。 dates no other sentence
        if mention.start < place.clause and mention.role == "event":
            return True
        begins = mention.start < place.clause and _BEGINS.search(
            self.folded, max(0, mention.start - 1), mention.end + 3
        )
        if begins and (between or "已" in self.folded[place.clause : start]):
            return True  # 自2019年起，每年安排……；……: dates what begins then
        closes = self._aside_end(mention.start)
        if closes is None or closes >= start:
            return (
                False  # （2016年为680亿元） dates nothing behind the bracket, 验收阶段（2022年）。 what stands under it
            )
        return mention.start >= place.sentence or not self._heads_paragraph(place.paragraph, closes)

    def _heads_paragraph(self, paragraph: int, end: int) -> bool:
        """Whether the words up to `end` are a heading that runs on in its paragraph, without a figure of their own."""
        first = bisect_left(self._quantity_starts, paragraph)
        return self.folded[end : end + 1] in "。\n：" and self._quantity_starts[first] >= end

    def _of_other_part(self, mention: YearMention, index: int, place: Place) -> bool:
        """Whether the year dates only an earlier part of the sentence: …5个，2019年…1个；引进企业10家."""
        start = self.quantities[index].start
        if mention.start < place.sentence or self.folded.find("；", mention.end, start) < 0:
            return False
        first = bisect_left(self._quantity_starts, place.sentence)
        return self._quantity_starts[first] < mention.start

    def _compared_amount(self, mention: YearMention, index: int) -> bool:
        """比2016年的680亿元增加…: the amount right behind the year is that year's own; 2016年的4倍 is not."""
        quantity = self.quantities[index]
        if quantity.unit.dimension == "ratio":
            return False
        if _ITS_OWN.fullmatch(self.folded, mention.end, quantity.start):
            return True
        # 比2016年全省48.5%的水平高…: a level that the clause itself calls one is that year's, whosever it is.
        called = _LEVEL_AFTER.match(self.folded, quantity.end)
        return called is not None and _WHOSE.fullmatch(self.folded, mention.end, quantity.start) is not None

    def _aside_end(self, at: int) -> int | None:
        """Where the bracket around `at` closes; None outside brackets."""
        found = bisect_left(self._aside_starts, at) - 1
        if found < 0:
            return None
        end = self._asides[found][1]
        return end if at < end else None

    def _versus(self, place: Place, quantity: Quantity) -> YearMention | None:
        at = bisect_left(self._year_ends, quantity.start + 1) - 1
        last = max(0, at - _MOST_BEFORE)
        while at >= last and self.years[at].start >= place.sentence:
            if self.years[at].role in ("versus", "from", "before"):
                return self.years[at]
            at -= 1
        return None


def _undated(clause_left: str, right: str, year: YearMention | None) -> bool:
    """Whether a year outside the clause does not date the figure: 目前, 基期2430万件, 与9000万件的目标相比."""
    if _NOW.search(clause_left) or _OF_BASE_PERIOD.search(clause_left):
        return True
    return year is not None and year.role == "in" and AIM_AFTER.match(right) is not None


def _is_bare_magnitude(quantity: Quantity) -> bool:
    """千万元以上, 万吨级: a class of things, never held against facts."""
    return quantity.loose and not any(c.isdecimal() or c in HAN_DIGITS + "十廿" for c in quantity.text)


def _belongs_here(text: str) -> bool:
    """A list that the quantity closes (乳制品、羊绒制品网上销售额) rather than the tail of the quantity before it."""
    return text == "" or text[0] in "，、" or not text[0].isalnum()


def _named(left: str, right: str, quantity: Quantity) -> str:
    """The words nearest to the quantity: before it, and after it where a noun follows it directly."""
    follows = re.match(r"(?:以上|左右|以内|以下)?的?(?=[\u4e00-\u9fffA-Za-z“])", right)
    return f"{left}|{right}" if follows else left


def _inherit(claim: Claim, found: Sequence[Claim], pairing: Pairing | None) -> Claim:
    """A claim without a name of its own (增长11.5%, 分别…, 后者…) takes it from the claims before it."""
    if pairing is not None:
        if pairing.year and claim.year is not None:
            dated = replace(claim.year, first=pairing.year, last=pairing.year, role="in")
            return replace(claim, named=pairing.name or claim.named, year=dated, year_reach="clause", paired=True)
        if pairing.left:
            first = claim if pairing.source >= len(found) else found[pairing.source]
            return replace(claim, named=pairing.left, left=pairing.left, sort=first.sort, sign=first.sign)
        if pairing.name is not None:
            return replace(claim, named=pairing.name, paired=True, key=pairing.key)
        source = found[pairing.source]
        own = claim.year if claim.year_reach == "clause" and not source.paired else None
        year = (
            own
            or (source.year if source.year_reach != "paragraph" or source.paired else None)
            or claim.year
            or source.year
        )
        first = claim if pairing.like is None else found[pairing.like]
        return replace(
            claim,
            named=source.named,
            year=year,
            benchmark=source.benchmark,
            paired=True,
            sort=first.sort,
            sign=first.sign,
        )
    if not claim.previous:
        return claim
    last = found[claim.previous[-1]]
    joined = (
        claim.place.clause <= last.quantity.start
        and claim.quantity.start - last.quantity.end <= 4
        and re.fullmatch("[和与及、至到]*", claim.left) is not None
    )
    if joined:
        return replace(
            claim, named=last.named, sort=last.sort if claim.quantity.unit.dimension == "percent" else claim.sort
        )
    return claim


def read_claims(text: str, newest: int = 0) -> tuple[Claim, ...]:
    """The claims of a text in order; `newest` is the last year that is told of as past, 0 where that is not known."""
    return Reader(text, newest).claims()


def unit_group(quantity: Quantity) -> str:
    """Quantities of one group can be compared: a currency, people, things counted, an area …"""
    return group_of(quantity.unit.dimension, quantity.unit.base)


def group_of(dimension: str, base: str) -> str:
    """The group of a unit; counted things are one group whatever their measure word."""
    if dimension in ("enterprises", "count", "households", "parcels"):
        return "count"
    if dimension == "text":
        return "number" if base == NUMBER.base else "count"
    if dimension in ("people", "person_times", "percent", "permille", "percentage_points", "area", "rank"):
        return dimension
    return f"{dimension}/{base.partition('/')[0]}"
