"""A section's guidance → the points that it requires, each with indicators known to the shipped outlines or new ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from schemas.facts import Kind
from schemas.outline import Indicator, Point
from service.prompt.outlines import load_outline

UNKNOWN_DEPARTMENT = "待定"
CATALOGUES = ("city-2017", "base")
LONGEST = 60
"""Characters of a point; what is longer is a sentence that states no list, and is cut at a comma."""

_BRACKETS = {"（": "）", "《": "》", "“": "”", "〔": "〕"}
_CONTEXT = re.compile(r"^(?:围绕|根据|按照|依据|结合|针对|面向|立足|从.+出发|以.+为.+|在.+(?:指导|基础|前提)上?下?)")
_TRIGGER = re.compile(
    r"(?:重点|详细|简要|主要)?(?:说明|阐述|介绍|描述|分析|论述|概述|简述)(?!会|等|报告)|包括但不限于(?:以下方面)?|(?:主要)?包括|明确提出|主要有"
)
_VERBS = (
    "制定|研究|完善|建立|健全|推动|推进|鼓励|支持|引导|加快|加强|加大|促进|发展|建设|提高|增强|拓展|整合|集成|优化|培育|打造|开展|"
    "落实|明确|提出|规划|重点|积极|大力|实现|解决|提供|了解|争取|组织|设立|创新|深化|推广|探索|依托|强化|提升|构建|扩大|逐步|形成|不断"
)
_CLAUSE = re.compile(rf"^(?:{_VERBS})(?!战略|现状|概况|情况|水平|规划|目标|环境)")
_RESULT = re.compile(r"^(?:逐步|形成|实现|不断|从而|以便|使|了解|解决|提高|提升)")
_WITHIN = re.compile(
    r"^(?:例?如)?(?:在|从)(.+?)等?(?:其他|各|课题)?(?:个|几个)?方面(?:对|的|进行|采取|设立|制定)"
    r"|^(?:研究)?(?:制定|重点发展|出台)((?:[^、，]{2,14}、)+[^、，]{2,14}?)等(?!于)"
    r"|^(?:明确|落实)((?:[^、，]{2,20}、)+[^、，]{2,20})$"
)
"""在宣传、技术等方面的措施, 制定用地、车辆等政策, 明确领导、部门: lists behind a word or two."""
_AND = re.compile(r"以及|(?<=情况)及|(?<=数量)及|(?<=部门)及|(?<=办法)[及和]|(?<=总体目标)[及和]|(?<=主要任务)和")
_NEEDED = re.compile(r".(对.{2,14}的(?:需求|影响|意义|作用))$")
_LEADING = re.compile(
    r"^(?:以及|及其|及|和|并|还|其中|如(?!何)|例如|拟推进的|明确|[（(]\d{1,2}[)）]|(?:未来|今后)?\d～\d年内?的?)(?=..)"
)
_TRAILING = re.compile(r"(?:等(?:方面|内容|情况)?的?(?:情况|内容|说明)?|等方面|的情况|说明等?|等)$")
_ENDING = re.compile(r"(?:目标值?|指标|情况|现状|建设|发展|方面|工作|方案|措施|举措|等|的)$")
_WHOSE = re.compile(
    r"^(?:本?地区|当地|本市|全市|我市|城市|本地|基地|拟(?:制定|建设|发展|完善)(?:和修订)?的?|已出台的?)(?=..)"
)
_OPENING = re.compile(rf"{_WHOSE.pattern}|^(?:{_VERBS}|或)(?=..)")
_BEFORE = re.compile(r"(?:^|[、，；（的和及与：]|包括|本?地区|当地|本市|全市|我市|城市|本地|基地)$")
_AFTER = re.compile(r"^(?:$|[、，；（）及和与等]|以及|情况|现状|指标|目标|数量|规模|发展|建设|增长|增速|水平)")
_SPLIT_WORDS = re.compile(
    r"[、，；：（）《》“”的和及与等或]|以及|促进|推进|完善|建立|制定|鼓励|支持|推动|加强|开展|建设(?=.)"
)
_PLAIN = frozenset(
    [
        "情况",
        "现状",
        "发展",
        "建设",
        "工作",
        "主要",
        "有关",
        "相关",
        "方面",
        "城市",
        "数量",
        "水平",
        "重点",
        "总体",
        "具体",
        "目标",
        "体系",
        "机制",
        "措施",
        "政策",
        "企业",
        "市场",
        "服务",
        "平台",
        "商务",
        "电子商务",
        "基地",
        "园区",
        "创建",
        "创建工作",
        "条件",
        "基础",
        "能力",
        "积极",
        "研究",
        "部门",
        "增速",
        "比重",
        "总量",
        "增长率",
        "方案",
        "需求",
        "作用",
        "影响",
        "模式",
        "功能",
        "内容",
        "本地区",
        "当地",
        "全市",
        "3～5年内创建工作",
    ]
)
"""Words that stand in any section and tell nothing."""
_PAIRS = (("城乡", ("城镇", "农村")), ("三个产业", ("第一产业", "第二产业", "第三产业")),
          ("三次产业", ("第一产业", "第二产业", "第三产业")))  # fmt: skip
"""Words of the outlines that stand for several indicators at once."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What a chapter is about: the kind of its own indicators, and the kinds of facts that answer its points."""

    kind: Kind = Kind.ACTUAL
    kinds: tuple[Kind, ...] = ()


def sort_of(title: str) -> Sort:
    """By the chapter's title: goals, guarantees, tasks, else the present state."""
    if "目标" in title and "任务" not in title:
        return Sort(Kind.TARGET, (Kind.TARGET,))
    if "保障" in title or "组织" in title:
        return Sort(Kind.MEASURE, (Kind.MEASURE, Kind.ORGANISATION, Kind.POLICY))
    if re.search(r"任务|内容|举措|措施|工程|项目|计划|步骤", title):
        return Sort(Kind.ACTUAL, (Kind.MEASURE, Kind.PROJECT, Kind.POLICY))
    return Sort()


@dataclass(slots=True)
class Catalogue:
    """The indicators of an outline in the making: those of the shipped ones that it names, then its own."""

    order: Sequence[str] = CATALOGUES
    """Shipped outlines, the nearer kin first: its indicators win where both know a name or an id."""
    used: dict[str, Indicator] = field(default_factory=dict)
    new: int = 0

    def points(self, section: str, guidance: str, sort: Sort, items: Sequence[str] = ()) -> tuple[Point, ...]:
        """The points of a section, in the guidance's order; `items` instead of its lists where they are given."""
        texts = tuple(items) or tuple(required(guidance))
        return tuple(self._point(f"p{n}", section, text, sort) for n, text in enumerate(texts, 1))

    def _point(self, name: str, section: str, text: str, sort: Sort) -> Point:
        found = matching(text, sort, tuple(self.order)) or (self._own(f"{section}-{name}", text, sort),)
        for indicator in found:
            self.used.setdefault(indicator.id, indicator)
        return Point(
            id=name,
            text=text,
            indicators=tuple(i.id for i in found),
            any_of=bool(sort.kinds) and all(i.dimension == "text" for i in found),
            kinds=sort.kinds if all(i.dimension == "text" for i in found) else (),
            keywords=(_words(text, found),),
        )

    def _own(self, name: str, text: str, sort: Sort) -> Indicator:
        known = (i for i in self.used.values() if i.department == UNKNOWN_DEPARTMENT)
        if same := next((i for i in known if i.name == text and i.kind is sort.kind), None):
            return same
        self.new += 1
        return Indicator(
            id=f"own-{name}",
            name=text,
            dimension="text",
            expects=("text",),
            department=UNKNOWN_DEPARTMENT,
            kind=sort.kind,
        )


def required(guidance: str) -> Iterator[str]:
    """What the guidance asks for, each once, in its own words."""
    seen = set()
    for sentence in split(guidance, "。；"):
        for text in map(_clean, _of_sentence(sentence)):
            if len(text) >= 2 and text not in seen and not re.fullmatch(r"(?:拟开展的)?具体工作|主要任务", text):
                seen.add(text)
                yield text


def split(text: str, marks: str) -> list[str]:
    """The text at these marks, but not inside brackets and quotation marks; empty parts are left out."""
    parts, start, closing = [], 0, ""
    for at, char in enumerate(text):
        if closing:
            closing = closing[:-1] if char == closing[-1] else closing + _BRACKETS.get(char, "")
        elif char in _BRACKETS:
            closing = _BRACKETS[char]
        elif char in marks:
            parts.append(text[start:at])
            start = at + 1
    return [p.strip() for p in (*parts, text[start:]) if p.strip()]


def _of_sentence(sentence: str) -> Iterator[str]:
    clauses = split(sentence, "，")
    while len(clauses) > 1 and _CONTEXT.match(clauses[0]) and not _WITHIN.match(clauses[0]):
        clauses = clauses[1:]
    text = "，".join(clauses)
    shown = re.sub(r"（[^（）]*）|《[^《》]*》", lambda m: "□" * len(m[0]), text)
    triggers = [t for t in _TRIGGER.finditer(shown) if len(text) - t.end() >= 2]
    if triggers:
        yield from _triggered(text, triggers)
    elif _CLAUSE.match(text) or sum(bool(_CLAUSE.match(c)) for c in clauses) > len(clauses) // 2:
        for n, clause in enumerate(clauses):
            if within := _WITHIN.match(clause):
                yield from (q for p in split(_inner(within), "、") for q in _AND.split(p))
            elif not n or not _RESULT.match(clause):
                yield clause
    else:
        yield from _listed(text)


def _triggered(text: str, triggers: Sequence[re.Match[str]]) -> Iterator[str]:
    """What follows 重点说明, 包括 and their like."""
    yield from (c for c in split(text[: triggers[0].start()], "，") if _CLAUSE.match(c))
    ends = [*(t.start() for t in triggers[1:]), len(text)]
    for trigger, end in zip(triggers, ends, strict=True):
        part = text[trigger.end() : end]
        # 组织机制，包括主管领导……: what the list itself spells out is no point of its own.
        if end == len(text) or re.search("目标|任务|效果", part):
            yield from _listed(part)


def _listed(text: str) -> list[str]:
    """The parts of a list of nouns; what only the last of them says of all is said of each."""
    parts: list[str] = []
    for clause in split(text.strip("：，"), "，"):
        within = _WITHIN.match(clause)
        pieces = split(_inner(within) if within else clause, "、")
        # 产、学、研、用: letters of a catchword, no list.
        parts.extend([clause] if any(len(p) == 1 for p in pieces) else pieces)
    parts = [q for p in parts for q in ([p] if "（" in p else _AND.split(p)) if q]
    needed = _NEEDED.search(parts[-1]) if len(parts) > 1 else None
    if needed:
        parts = [p if re.search(r"的(?:需求|影响|意义|作用)$", p) else p + needed[1] for p in parts]
    return parts


def _inner(within: re.Match[str]) -> str:
    return str(within[within.lastindex or 0])


def _clean(piece: str) -> str:
    text = re.sub(r"（(?:其中|注)[^（）]*）", "", piece).strip("，、：；。 ")
    for pattern in (_LEADING, _TRAILING):
        shorter = pattern.sub("", text)
        text = shorter if len(shorter) >= 2 else text
    # 物流、信用等支撑体系建设情况: what 等 sums up belongs to the list, not to its last part.
    before, summing, _ = text.partition("等")
    if (
        summing
        and "（" not in before
        and len(before) >= 2
        and not _CLAUSE.match(text)
        and before[-1] not in "平高中初对均"
    ):
        text = before
    return text if len(text) <= LONGEST else split(text, "，")[0][:LONGEST]


def matching(text: str, sort: Sort, order: tuple[str, ...] = CATALOGUES) -> tuple[Indicator, ...]:
    """Shipped indicators that the words name, in their order; () when there is none."""
    for word, instead in _PAIRS:
        if word in text:
            found = [_exact(text.replace(word, w), sort, order) for w in instead]
            if all(found):
                return tuple(i for i in found if i)
    if exact := _exact(text, sort, order):
        return (exact,)
    return _contained(text, sort, order) or _containing(text, sort, order)


def _contained(text: str, sort: Sort, order: tuple[str, ...]) -> tuple[Indicator, ...]:
    """Indicators whose names stand in the words, the longest names first; a quantity's must stand alone."""
    places: dict[int, Indicator] = {}
    taken: list[tuple[int, int]] = []
    for name, indicators in _names(order).items():
        at = text.find(name) if len(name) >= 4 else -1
        end = at + len(name)
        fitting = _fitting(indicators, sort)
        if at < 0 or fitting is None or any(s < end and at < e for s, e in taken):
            continue
        if _stands_alone(text, at, end) or (fitting.dimension == "text" and len(name) >= 5):
            places[at] = fitting
            taken.append((at, end))
    return tuple({places[at].id: places[at] for at in sorted(places)}.values())


def _containing(text: str, sort: Sort, order: tuple[str, ...]) -> tuple[Indicator, ...]:
    """The one described matter whose name says the same at more length: 拉动消费 in 拉动消费对电子商务的需求."""
    bare = _bare(text)
    if len(bare) < 4:
        return ()
    longer = [i for key, found in _keyed(order).items() if bare in key and 5 * len(bare) >= 2 * len(key) for i in found]
    fitting = {i.id: i for i in longer if i.dimension == "text" and _fitting([i], sort)}
    return tuple(fitting.values()) if len(fitting) == 1 else ()


def _stands_alone(text: str, at: int, end: int) -> bool:
    return bool(_BEFORE.search(text[:at]) and _AFTER.match(text[end:]))


def _exact(text: str, sort: Sort, order: tuple[str, ...]) -> Indicator | None:
    names = _names(order)
    bare = _bare(text)
    return next((i for key in (text, bare) if (i := _fitting(_keyed(order).get(key, names.get(key, ())), sort))), None)


def _bare(text: str) -> str:
    """The thing itself: without brackets, verbs, whose it is, and 及增速, 情况, 指标 at its end."""
    text = re.sub(r"（[^（）]*）|等.*$|的", "", text)
    text = re.sub(r"(?:及其?|和|与)(?:增速|增长率|增幅|比重|占比|增长情况)(?:指标)?$", "", text)
    for pattern in (_OPENING, _ENDING):
        while len(shorter := pattern.sub("", text)) >= 2 and shorter != text:
            text = shorter
    return text


def _fitting(indicators: Sequence[Indicator], sort: Sort) -> Indicator | None:
    """The first of the chapter's own sort; targets and other places' figures never stand for the present."""
    if sort.kind is Kind.TARGET:
        return next((i for i in indicators if i.kind is Kind.TARGET), None)
    return next((i for i in indicators if i.kind not in {Kind.TARGET, Kind.BENCHMARK}), None)


@cache
def _names(order: tuple[str, ...]) -> dict[str, tuple[Indicator, ...]]:
    """Name or synonym → indicators, the longest name first. An id that two outlines share is the first one's."""
    known: dict[str, Indicator] = {}
    for outline in order:
        for indicator in load_outline(outline).indicators:
            known.setdefault(indicator.id, indicator)
    names: dict[str, tuple[Indicator, ...]] = {}
    for indicator in known.values():
        for name in (indicator.name, *indicator.synonyms):
            names[name] = (*names.get(name, ()), indicator)
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


@cache
def _keyed(order: tuple[str, ...]) -> dict[str, tuple[Indicator, ...]]:
    """The same by bare names, and after these without 电子商务 and 体系, which a section on it leaves out."""
    keyed: dict[str, tuple[Indicator, ...]] = {}
    bare = [(_bare(name), found) for name, found in _names(order).items()]
    short = [(re.sub("^电子商务|体系$", "", name), found) for name, found in bare]
    for name, indicators in (*bare, *(pair for pair in short if len(pair[0]) >= 2)):
        keyed[name] = tuple(dict.fromkeys((*keyed.get(name, ()), *indicators)))
    return keyed


def _words(text: str, indicators: Sequence[Indicator]) -> tuple[str, ...]:
    """Words of which any one tells that a text treats the point."""
    names = [n for i in indicators for n in (i.name, *i.synonyms)]
    parts = [p for n in (text, *names[:1]) for p in _SPLIT_WORDS.split(n)]
    ends = [p[-4:] for p in parts if len(p) >= 7]
    words = (text, *names, *parts, *map(_bare, (text, *parts)), *ends)
    kept = tuple(dict.fromkeys(w for w in words if w not in _PLAIN and len(w) >= 2))
    return kept or (text,)
