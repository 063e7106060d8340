"""Gaps → gaps.xlsx, the data request that the departments fill in (service/facts/merging.py reads it back)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from schemas.outline import Indicator, Outline, Part
from schemas.plan import Gap
from service.export.gaps import section_labels
from service.export.template_page import Page
from service.export.template_rules import add_rules
from service.export.workbook import (
    BAND,
    FAINT,
    FIXED,
    HEAD,
    HINT,
    INPUT,
    TITLE,
    WANTED,
    Choices,
    Content,
    Look,
    fit,
    lay_out,
    put,
    saved,
)
from service.facts.form import OPTIONS, REQUEST, REQUEST_LABELS, Form

_HEAD_ROW = 3
_WIDTHS: Mapping[str, float] = {
    "number": 6, "department": 15, "asked": 26, "meaning": 14, "question": 40, "sections": 12, "year": 7, "value": 11,
    "upper": 9, "unit": 9, "growth": 10, "share": 10, "text": 38, "bound": 8, "source": 22, "indicator": 6, "point": 6,
    "part": 6,
}  # fmt: skip
_HIDDEN = ("indicator", "point", "part")
_FILLED_IN = ("year", "value", "upper", "unit", "growth", "share", "text", "bound", "source")
_UNKNOWN = "责任部门待定"


def gaps_xlsx(gaps: Sequence[Gap], outline: Outline, title: str) -> bytes:
    """The rows by department, with empty cells for the answers: what several sections need is asked once.

    `title`: the plan's, so that whoever receives the list knows what it is for. The same input gives the same bytes.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # a new workbook has one
    sheet.title = REQUEST
    columns = {name: column for column, name in enumerate(REQUEST_LABELS, 1)}
    page = Page(sheet, Form(REQUEST, REQUEST, tuple(columns)), columns)
    put(sheet, 1, 1, f"{REQUEST}：{title}", TITLE)
    sheet.row_dimensions[1].height = 28
    hint = "请填浅黄色的格并写明来源；没有数据的请留空。数值只填数字；增速、比重填 6.1 表示 6.1%，下降填负数"
    put(sheet, 2, 1, hint if gaps else "事实表已能回答编制要点的全部要求，没有需要补充的数据", HINT)
    for name, column in columns.items():
        put(sheet, _HEAD_ROW, column, REQUEST_LABELS[name], HEAD)
    sheet.row_dimensions[_HEAD_ROW].height = 26
    labels = section_labels(outline)
    for department, data in _by_department(gaps).items():
        _band(page, f"{department}（{len(data)}项）")
        for number, same in enumerate(data, 1):
            _write(page, _row(number, same, department, labels, outline), outline)
    lay_out(
        sheet,
        {columns[name]: width for name, width in _WIDTHS.items()},
        head=_HEAD_ROW,
        frozen=f"{get_column_letter(columns['asked'] + 1)}{_HEAD_ROW + 1}",
        printed=columns["source"],
    )
    for name in _HIDDEN:
        sheet.column_dimensions[page.letter(name)].hidden = True
    add_rules(page, Choices(book, OPTIONS))
    return saved(book, f"{REQUEST}：{title}")


def expected_part(gap: Gap, indicator: Indicator | None) -> Part:
    """Which field of a fact the gap asks for: a percentage of something that is not one is its growth or its share."""
    if gap.unit is None:
        return "text"
    derived = indicator is not None and gap.name != indicator.name and gap.name.endswith(("增速", "比重"))
    if gap.unit == "%" and indicator is not None and (indicator.unit != "%" or derived):
        return "growth" if gap.name.endswith(("增速", "增长率")) else "share"
    return "value"


def _by_department(gaps: Iterable[Gap]) -> dict[str, list[list[Gap]]]:
    asked: dict[str, dict[tuple[str, str | None, int | None], list[Gap]]] = {}
    for gap in gaps:
        data = asked.setdefault(gap.department or _UNKNOWN, {})
        data.setdefault((gap.name, gap.unit, gap.year), []).append(gap)
    return {department: list(data.values()) for department, data in asked.items()}


def _row(
    number: int, same: Sequence[Gap], department: str, labels: Mapping[str, str], outline: Outline
) -> dict[str, Content]:
    gap = same[0]
    indicator = outline.indicators_by_id.get(gap.indicator or "")
    return {
        "number": number,
        "department": department,
        "asked": gap.name,
        "meaning": indicator.meaning if indicator else "",
        "question": "".join(dict.fromkeys(g.question for g in same if g.question)),
        "sections": "、".join(dict.fromkeys(labels.get(g.section, g.section) for g in same)),
        "year": gap.year,
        "unit": gap.unit,
        "indicator": gap.indicator,
        "point": f"{gap.section}/{gap.point}",
        "part": expected_part(gap, indicator),
    }


def _band(page: Page, text: str) -> None:
    row = page.sheet.max_row + 1
    for column in page.columns.values():
        put(page.sheet, row, column, None, BAND)
    put(page.sheet, row, 1, text, Look(fill=BAND.fill, colour=BAND.colour, bold=True, box=False))


def _write(page: Page, contents: Mapping[str, Content], outline: Outline) -> None:
    row = page.sheet.max_row + 1
    indicator = outline.indicators_by_id.get(str(contents["indicator"]))
    page.rows[row] = indicator if contents["part"] in {"value", "text"} else None
    for name, column in page.columns.items():
        put(page.sheet, row, column, contents.get(name), _look(name, contents["part"]))
    fit(page.sheet, row, {name: contents.get(name) for name in page.columns if name not in _HIDDEN}, _WIDTHS)


def _look(name: str, part: Content) -> Look:
    if name not in _FILLED_IN:
        return FIXED if name in {"asked", "question"} else FAINT
    return WANTED if name in {part, "source"} else INPUT
