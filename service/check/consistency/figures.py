"""Which quantities a section states: name, value, unit, year; and when two statements of one thing disagree."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from service.check.consistency.clauses import matter
from service.check.consistency.reading import Place, Text, bare, sentences, spelt
from service.text.quantities import Quantity, quantities
from service.text.units import Unit
from service.text.years import YearMention, years

_YEAR = re.compile(r"(?:19|20)\d\d年?(?:[—–\-~～至到](?:19|20)\d\d)?年?")
_NO_FIGURE = frozenset({"ratio", "rank", "text", "duration"})
"""Multiples and ranks follow from others; spans of time are not data."""
_COUNTED = frozenset({"count", "enterprises", "households"})
_TRAILING = re.compile(
    r"(?:将|力争|预计|分别|均|各|共|共计|总计|合计|累计|已经|已|就|仅|只有|只|高|多|尚|还|约|近|逾|超|达|为|到|至|是|有|的|了|再|全部|再次|首次|"
    r"达到|突破|超过|接近|不低于|不少于|不超过|高于|低于|至少|最多|实现|完成|增加到|提高到|提升到|提高至|提升至|扩大到|"
    r"发展到|发展至|增至|升至|降至|控制在|保持在|稳定在|安排|投入|[（(，,：:]|——)+$"
)
_GROWTH = re.compile(
    r"(?:比|较)?(?:上年|上一年|去年|同期|上年同期|同比|环比|20\d\d年)?(?P<what>年均增长|年均增速|年增长|增长率|增速|增长|下降|增幅|提高|占|比重|占比)$"
)
_QUALIFIER = re.compile(
    r"每年|年均|累计|总共|新增|平均|其中|人均|首期|一期|二期|五年|三年|全省|全国|全区|各县|每个|每季度"
)
_OWNED = re.compile(r"(?:总|计划|预计|拟|项目|估算)*(?:投资|投资额|资金|占地|占地面积|面积|建筑面积|规划面积)$")
_CLAUSE = re.compile(r"[，；：、（）()]")
_TOLD = re.compile(r"[，；（）()]")
_ITEMS = re.compile(r"[、：]")
"""Within a clause: 由市商务局、市财政局牵头 is one, A、B are two things."""
_AT_HAND = re.compile("(?:依托|利用|借助|结合)(?=[^，；（）]*（$)")
"""What is at hand for something else, but told of in brackets right behind it."""
_BY = re.compile(r"(?<![自理缘事])由[\u4e00-\u9fff]{2,}")
_BUILDS = re.compile("建设|新建|改建|扩建|打造|搭建|构建|组建|实施")
_RESPECTIVELY = re.compile(r"20\d\d年?[、和与].{0,12}20\d\d年.{0,24}分别")
_RUN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9“”‘’（）()·]+$")
_AFTER = re.compile(r"^(?:的)?([\u4e00-\u9fffA-Za-z“”]{2,16}?)(?=[，。；、：（\n]|和|及|与|$)")
_GENERIC = frozenset({
    "交易额", "销售额", "营业收入", "收入", "产值", "增加值", "规模", "总额", "数量", "面积", "余额", "投资",
    "投资额", "资金", "业务量", "从业人员", "会员", "会员单位", "企业", "人员", "用户", "占比", "比重",
    "增速", "目标", "平均", "总规模", "资金规模", "注册资本",
})  # fmt: skip
"""Names that say nothing without the thing that the clause before names."""
_FAR = 160
"""Characters before a figure in which its owner is looked for."""
_CHANGES = frozenset({"增加", "净增", "减少", "增长", "下降", "提高", "降低", "相差", "多出", "增量", "增幅", "缺口"})
"""Words that are left as a name where a figure is told as a change of the one before it."""
SHOWN = 24
"""Characters of a sentence around a figure that another section's finding quotes."""


@dataclass(frozen=True, slots=True)
class Said:
    """A quantity as one section states it. `year` None where the sentence and its paragraph name none."""

    place: Place
    around: str
    name: str
    what: str
    dimension: str
    low: Decimal
    high: Decimal
    step: Decimal
    """Worth of the last digit shown: what rounding may take."""
    rough: bool
    year: int | None
    due: bool
    """Its year is the plan's or later: a target. What names no year may speak of the same."""
    summary: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two statements speak of one thing."""
        return (self.name, self.what, self.dimension)

    @property
    def claim(self) -> tuple[tuple[str, str, str], Decimal, Decimal]:
        """What is said, wherever it is."""
        return (self.key, self.low, self.high)


Conflict = tuple[Said, Said, str]
"""What is wrong, what it disagrees with, and in what: value or year."""


def stated(text: Text, plan_year: int) -> Iterator[Said]:
    """Every figure of the section with what it is a figure of; `name` is "" where the sentence does not tell."""
    figures, told = _scanned(text.raw)
    year, paragraph, at, year_at = None, -1, 0, 0
    aside, aside_end = None, -1  # a year that dates no more than what ends there: a bracket, 在2016年…的基础上
    for offset, sentence in sentences(text):
        if (line := text.text.rfind("\n", 0, offset)) != paragraph:
            paragraph, year = line, None
        end, previous_end, owner = offset + len(sentence), 0, ""
        while at < len(figures) and figures[at].start < end:
            figure = figures[at]
            at += 1
            while year_at < len(told) and told[year_at].start < figure.start:
                # A span of years (2017—2021年每年安排) says when something goes on, not when it is reached.
                mention = told[year_at]
                if mention.start >= offset or mention.start > paragraph:
                    meant = mention.last if mention.first == mention.last else None
                    if mention.role in {"versus", "from"}:
                        if not _CLAUSE.search(text.raw, mention.end, figure.start):
                            aside, aside_end = meant, figure.end
                    elif (closes := _bracket_end(text.raw, offset, mention.start)) is None:
                        year = meant
                    else:
                        aside, aside_end = meant, closes
                year_at += 1
            start, stop = figure.start - offset, figure.end - offset
            name, what, owner = _named(sentence[:start], previous_end, sentence[stop : stop + 20], figure, owner)
            previous_end = stop
            when = aside if figure.start < aside_end else year
            if _RESPECTIVELY.search(sentence[:start]):
                name = ""  # 2015年、2016年分别增长…: which figure is whose takes more than the nearest year
            yield _said(text, sentence[max(0, start - SHOWN) : stop], figure, (name, what, when), plan_year)


def _bracket_end(raw: str, sentence: int, at: int) -> int | None:
    """Where the bracket around `at` closes, or None outside brackets: （2016年为680亿元） dates nothing behind it."""
    opened = raw.rfind("（", sentence, at)
    if opened < 0 or raw.rfind("）", sentence, at) > opened:
        return None
    closes = raw.find("）", at)
    return closes if closes >= 0 else None


@lru_cache(maxsize=256)
def _scanned(raw: str) -> tuple[tuple[Quantity, ...], tuple[YearMention, ...]]:
    """Figures and years of a section; kept, since all sections are read again whenever one of them is reworked."""
    figures = (q for q in quantities(raw) if not q.loose and q.unit.dimension not in _NO_FIGURE)
    told = (y for y in years(raw) if y.role not in {"versus", "before"} or raw[y.end : y.end + 2] == "年的")
    return tuple(figures), tuple(told)


def _named(before: str, start: int, following: str, figure: Quantity, owner: str) -> tuple[str, str, str]:
    """Name of the figure, what of it is measured, and the name that a following 增长 belongs to."""
    segment = before[start:][-60:]
    qualifiers = "".join(sorted(set(_QUALIFIER.findall(_CLAUSE.split(segment)[-1]))))
    stem = _TRAILING.sub("", segment)
    growth = _GROWTH.search(stem)
    if growth:
        stem = _TRAILING.sub("", stem[: growth.start()])
    run = _RUN.search(_CLAUSE.split(_YEAR.sub("，", stem))[-1])
    name = spelt(bare(run[0])) if run else ""
    if name in _CHANGES:  # 比2015年的505.58亿元增加174.42亿元: of what, and since when, is not said here
        return "", name, owner
    what = (growth["what"] if growth else "") + qualifiers
    if owned := _OWNED.search(name):
        return _invested(name[: owned.start()], run[0] if run else "", before, following), f"{owned[0]}{what}", owner
    if name.startswith("占") or (len(name) < 2 and growth):
        return owner, name + what, owner
    if name in _GENERIC:
        whose = _owner(before)
        return (f"{whose}{name}" if whose else ""), what, owner
    if len(name) < 2:
        after = _AFTER.match(following)
        name = spelt(bare(after[1])) if after and figure.unit.dimension in _COUNTED else ""
    return (name, what, owner if growth else name) if len(name) >= 2 else ("", what, owner)


def _invested(name: str, run: str, before: str, following: str) -> str:
    """Whose investment it is: what is named right before the word, unless that is only who invests (由…投资)."""
    if (by := _BY.search(run)) is None:
        return spelt(bare(name)) or _owner(before)
    if named := matter(run[: by.start()]):
        return spelt(bare(named))
    return "" if _BUILDS.match(following) else _owner(before)


def _owner(before: str) -> str:
    """望海电子商务物流园，由市商务局牵头，总投资12.5亿元: the clause before that names a thing says whose it is."""
    told = before.rstrip("，；：、（）()　 ")
    told = told[: max(told.rfind(c) for c in "，；：、（）()") + 1]
    if len(told) > _FAR:
        told = told[told.find("，", len(told) - _FAR) + 1 :]
    if told.endswith("（"):
        told = _AT_HAND.sub("", told)
    items = (bare(i) for clause in reversed(_TOLD.split(told)) for i in reversed(_ITEMS.split(matter(clause))))
    return next((spelt(i) for i in items if 4 <= len(i) <= 24), "")


def _said(text: Text, around: str, figure: Quantity, about: tuple[str, str, int | None], plan_year: int) -> Said:
    name, what, year = about
    return Said(
        place=text.place(figure.start, figure.end),
        around=around,
        name=name,
        what=what,
        dimension=dimension_of(figure.unit),
        low=figure.low,
        high=figure.high,
        step=figure.quantum,
        rough=figure.approach in {"about", "over", "under"},
        year=year,
        due=year is not None and year >= plan_year,
        summary=text.summary,
    )


def dimension_of(unit: Unit) -> str:
    """The dimension in which figures are compared: enterprises and households are counted as all else is."""
    return "count" if unit.dimension in _COUNTED else unit.dimension


def agree(one: Said, other: Said) -> bool:
    """Equal, or one is the other rounded: half up to the digits shown, or said roughly within 5 %."""
    if (one.low, one.high) == (other.low, other.high):
        return True
    if one.low != one.high or other.low != other.high:
        return False
    coarse, fine = (one, other) if one.step >= other.step else (other, one)
    if fine.step < coarse.step and _rounded(fine.low, coarse.step) == coarse.low:
        return True
    rough = (one.rough and one.summary) or (other.rough and other.summary)
    return rough and abs(one.low - other.low) * 20 <= max(one.low, other.low)


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step


@dataclass(frozen=True, slots=True)
class Known:
    """Values of the facts in base units: by name and year, and all there are of a dimension."""

    named: Mapping[tuple[str, int | None], Sequence[Decimal]]
    of_dimension: Mapping[str, Container[Decimal]]

    def doubt(self, one: Said) -> int:
        """0 where the facts say this of that name, 1 where they have the value under another name, 2 where nowhere."""
        values = [*self.named.get((one.name, one.year), ())]
        values += self.named.get((one.name, None), ()) if one.year is None else ()
        if one.low in values:
            return 0
        return 1 if one.low in self.of_dimension.get(one.dimension, ()) else 2


def conflicts(said: Iterable[Said], known: Known) -> Iterator[Conflict]:
    """(wrong, other, value|year): in each group, what disagrees with the statement that the facts (or most) support."""
    groups: dict[tuple[str, str, str], list[Said]] = {}
    for one in said:
        if one.name:
            groups.setdefault(one.key, []).append(one)
    for group in groups.values():
        if len({s.place.section for s in group}) > 1:
            yield from _within(group, known)


def _within(group: Sequence[Said], known: Known) -> Iterator[Conflict]:
    # A value that a section repeats is judged once, so that time does not grow with the square of the text.
    repeated: dict[tuple[str, Decimal, Decimal, int | None], list[Said]] = {}
    for one in group:
        repeated.setdefault((one.place.section, one.low, one.high, one.year), []).append(one)
    trusted = sorted((r[0] for r in repeated.values()), key=lambda s: (known.doubt(s), s.summary))
    for n, wrong in enumerate(trusted):
        found = next(((other, how) for other in trusted[:n] if (how := _conflict(wrong, other, trusted))), None)
        if found:
            same = repeated[wrong.place.section, wrong.low, wrong.high, wrong.year]
            yield from ((one, *found) for one in same)


def _conflict(one: Said, other: Said, group: Sequence[Said]) -> str | None:
    if one is other or one.place.section == other.place.section:
        return None
    if other.year is None and one.year is not None and not one.due:
        return None
    same_year = one.year == other.year or one.year is None or other.year is None
    if not agree(one, other):
        return "value" if same_year and not _elsewhere(one, group) else None
    return None if same_year else "year"


def _elsewhere(one: Said, group: Sequence[Said]) -> bool:
    """The other section states this value too, beside the one compared with: no contradiction, two things."""
    others = (o for o in group if o.place.section != one.place.section)
    return any(agree(one, o) and (one.year is None or o.year in {one.year, None}) for o in others)
