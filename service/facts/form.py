"""The spreadsheet form of an outline: its sheets and columns, as the template writes them and the reader expects them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from schemas.facts import Bound, Kind
from schemas.outline import Indicator, Outline, Part, Section

COVER = "填报说明"
OPTIONS = "选项"
"""The hidden sheet that the drop-downs read from."""

COVER_LABELS: Mapping[str, str] = {
    "outline": "编制要点编号",
    "name": "主体名称",
    "short_name": "简称",
    "province": "省份",
    "aliases": "别称",
    "plan_year": "方案年份",
    "first": "实施期起始年",
    "last": "实施期终止年",
}
COLUMN_LABELS: Mapping[str, str] = {
    "required": "必填",
    "indicator": "指标",
    "meaning": "说明",
    "department": "提供部门",
    "name": "名称",
    "title": "文件名称",
    "doc_number": "文号",
    "issuer": "发文机关",
    "year": "年份",
    "value": "数值",
    "upper": "上限",
    "unit": "单位",
    "growth": "增速（%）",
    "share": "比重（%）",
    "text": "文字说明",
    "bound": "界限",
    "source": "来源",
    "subject": "所属主体",
    "kind": "性质",
    "id": "编号",
    "order": "次序",
}
"""Column by the field it fills. `order` is hidden: it keeps a prefilled sheet's own order."""
RELATED = "对应指标"
"""What the indicator's column is called where rows are not an indicator's from the start."""
POLICY_INDICATORS = "政策对应指标"
"""The defined name of the policies' column of indicators: a document listed there answers the chapter's row."""
REQUEST = "数据需求清单"
REQUEST_LABELS: Mapping[str, str] = {
    "number": "序号",
    "department": "责任部门",
    "asked": "需要的数据",
    "meaning": "说明",
    "question": "问题",
    "sections": "用于",
    **{f: COLUMN_LABELS[f] for f in ("year", "value", "upper", "unit", "growth", "share", "text", "bound", "source")},
    "indicator": "指标编号",
    "point": "要点编号",
    "part": "应填",
}
"""Columns of the data request (gaps.xlsx); the last three are hidden and say what a row answers."""
KIND_LABELS: Mapping[Kind, str] = {
    Kind.ACTUAL: "现状",
    Kind.TARGET: "目标",
    Kind.BENCHMARK: "对照",
    Kind.POLICY: "政策",
    Kind.PROJECT: "项目",
    Kind.ORGANISATION: "组织",
    Kind.MEASURE: "举措",
    Kind.OTHER: "其他",
}
BOUND_LABELS: Mapping[Bound, str] = {
    Bound.EXACT: "等于",
    Bound.AT_LEAST: "不低于",
    Bound.AT_MOST: "不超过",
    Bound.ABOUT: "约",
}
PART_LABELS: Mapping[Part, str] = {"value": "数值", "growth": "增速", "share": "比重", "text": "文字"}
PART_FIELDS: tuple[Part, ...] = ("value", "growth", "share", "text")

_FACT = ("year", "value", "upper", "unit", "growth", "share", "text", "bound", "source")
_CHAPTER = ("required", "indicator", "meaning", "department", *_FACT, "name", "subject", "kind", "id", "order")
_KINDS: tuple[tuple[str, str, Kind | None, tuple[str, ...]], ...] = (
    (
        "政策文件", "已出台或拟出台的政策文件，每份一行", Kind.POLICY,
        ("title", "doc_number", "issuer", "year", "indicator", "text", "source", "name", "id", "order"),
    ),
    ("重点项目", "拟建或在建的重点项目、工程，每项一行", Kind.PROJECT, ("name", *_FACT, "id", "order")),
    ("其他目标", "前面各章没有列出的目标，年份填写应实现的年份", Kind.TARGET, ("name", *_FACT, "id", "order")),
    ("组织机构", "领导小组、牵头和参与部门、工作机制", Kind.ORGANISATION, ("name", *_FACT, "id", "order")),
    ("举措", "前面各章没有列出的政策举措和工作安排", Kind.MEASURE, ("name", *_FACT, "id", "order")),
    ("其他", "前面各表没有列出的数据和情况，每条一行", None, ("name", *_FACT, "subject", "kind", "id", "order")),
)  # fmt: skip
UNIT_CHOICES: Mapping[str, tuple[str, ...]] = {
    "CNY": ("亿元", "万元", "元", "万亿元"),
    "USD": ("亿美元", "万美元", "美元"),
    "people": ("万人", "人"),
    "person_times": ("万人次", "人次", "亿人次"),
    "households": ("户", "万户", "家", "个"),
    "enterprises": ("家", "万家", "户", "个"),
    "count": ("个", "项", "家", "所", "条", "处", "座", "台", "套", "万个"),
    "area": ("平方公里", "万平方米", "平方米", "公顷", "亩", "万亩"),
    "length": ("公里", "万公里", "米"),
    "weight": ("吨", "万吨", "亿吨"),
    "volume": ("万标箱", "标箱", "万立方米", "立方米"),
    "data_rate": ("Mbps", "Gbps", "Tbps"),
    "storage": ("GB", "TB", "PB"),
    "energy": ("万千瓦时", "亿千瓦时", "万千瓦", "万吨标准煤"),
    "percent": ("%",),
    "permille": ("‰",),
    "percentage_points": ("个百分点",),
    "rank": ("位",),
    "ratio": ("倍",),
    "duration": ("年", "个月", "天", "个工作日", "小时"),
    "parcels": ("万件", "亿件", "件", "万单"),
}
"""Units offered for a dimension, the usual one first; any other of the same dimension may be typed."""

_BRACKETED = re.compile(r"\([^()]*\)")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\：？／＼]")
_TITLE_LENGTH = 31
"""Longest name of a worksheet (Excel)."""


@dataclass(frozen=True, slots=True)
class Form:
    """One sheet of the template. `kind`: of rows that state none; None means the indicator's, else 现状."""

    title: str
    heading: str
    fields: tuple[str, ...]
    kind: Kind | None = None
    groups: tuple[tuple[Section, tuple[Indicator, ...]], ...] = ()
    offered: tuple[Indicator, ...] = ()
    """Indicators to choose from where a row is not one's from the start."""

    @property
    def is_chapter(self) -> bool:
        """Whether its rows are the outline's indicators."""
        return bool(self.groups)


def forms(outline: Outline) -> tuple[Form, ...]:
    """The template's sheets after the cover: one for each chapter that asks for indicators, one for each other kind."""
    described = tuple(i for i in outline.indicators if i.dimension == "text")
    kinds = tuple(
        Form(title, hint, fields, kind, offered=described if "indicator" in fields else ())
        for title, hint, kind, fields in _KINDS
    )
    taken = {COVER, OPTIONS, *(form.title for form in kinds)}
    return (*(_own_title(form, taken) for form in _chapters(outline)), *kinds)


def _own_title(form: Form, taken: set[str]) -> Form:
    """The form under a title that no other sheet has: long headings are cut, and may then be alike."""
    title, number = form.title, 1
    while title in taken:
        number += 1
        title = f"{form.title[: _TITLE_LENGTH - 3]} {number}"
    taken.add(title)
    return replace(form, title=title)


def _chapters(outline: Outline) -> Iterable[Form]:
    """Each indicator stands once, where a section of the body first asks for it; the summary draws on the body."""
    known, placed = outline.indicators_by_id, set[str]()
    for chapter in outline.chapters:
        groups = []
        for section in (s for s in chapter.sections if not s.summary):
            asked = dict.fromkeys(i for p in section.points for i in p.indicators if i in known and i not in placed)
            placed.update(asked)
            if asked:
                groups.append((section, tuple(known[i] for i in asked)))
        if groups:
            heading = chapter.number + chapter.title
            offered = tuple(i for _, group in groups for i in group)
            yield Form(sheet_title(heading), heading, _CHAPTER, groups=tuple(groups), offered=offered)


def sheet_title(text: str) -> str:
    """The text as a worksheet may be named: at most 31 characters, no sign that Excel refuses."""
    return _FORBIDDEN.sub(" ", text)[:_TITLE_LENGTH].strip().strip("'")


def plain_label(text: str) -> str:
    """A heading as it is compared: half width, without blanks, stars and what stands in brackets."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s★☆*:]", "", _BRACKETED.sub("", folded))


COVER_FIELDS_BY_LABEL: Mapping[str, str] = {plain_label(label): field for field, label in COVER_LABELS.items()}


def required_indicators(outline: Outline) -> frozenset[str]:
    """Indicators that some point cannot do without: neither optional nor one of several ways to answer it."""
    points = (p for s in outline.sections for p in s.points if not p.optional)
    return frozenset(
        i for p in points if not p.any_of or (len(p.indicators) == 1 and not p.kinds) for i in p.indicators
    )
