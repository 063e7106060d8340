"""The template's drop-downs, input prompts and error texts, column by column."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.facts import Kind
from schemas.outline import Indicator, Part
from service.export.template_page import Page
from service.export.workbook import Choices, validate
from service.facts.form import BOUND_LABELS, COLUMN_LABELS, KIND_LABELS, UNIT_CHOICES

_LARGEST = "1000000000000000000"
_NUMBER = {"type": "decimal", "operator": "between", "formula1": f"-{_LARGEST}", "formula2": _LARGEST}
_YEAR = {"type": "whole", "operator": "between", "formula1": "1949", "formula2": "2100"}
_PROMPTS = {
    "name": "这条数据或这件事叫什么；不填时用指标的名称",
    "title": "文件全称，不带书名号",
    "doc_number": "如 望政发〔2015〕8号；还没有印发的留空",
    "issuer": "印发文件的机关",
    "source": "文件或统计公报的名称，网页写网址",
    "subject": "数据不是本市（本基地）的才填，如 云岭省、全国",
    "id": "可以不填，由系统生成；要填时用英文字母、数字和连字符，不能重复",
}
_PERCENTAGES = {"growth": "比上年增长百分之几：6.1 表示 6.1%，下降填负数", "share": "所占的百分比：15 表示 15%"}


def add_rules(page: Page, choices: Choices) -> None:
    """Puts them on every row that can be filled in."""
    for name, prompt in _PROMPTS.items():
        if name in page.columns:
            validate(page.sheet, page.cells(name, page.rows), {}, title=COLUMN_LABELS[name], prompt=prompt)
    for name, prompt in _PERCENTAGES.items():
        if name in page.columns:
            error = f"{prompt}。只填数字"
            validate(
                page.sheet, page.cells(name, page.rows), _NUMBER, title=COLUMN_LABELS[name], prompt=prompt, error=error
            )
    _years(page)
    _contents(page)
    _units(page, choices)
    _lists(page, choices)


def _years(page: Page) -> None:
    if "year" not in page.columns:
        return
    due = {r for r, i in page.rows.items() if Kind.TARGET in {page.form.kind, i.kind if i else None}}
    for rows, prompt in (
        (due, "应实现的年份，四位数字，如 2021"),
        (set(page.rows) - due, "数据所属的年份，四位数字，如 2016"),
    ):
        validate(
            page.sheet, page.cells("year", rows), _YEAR, title="年份", prompt=prompt, error="年份应填四位数字，如 2016"
        )


def _contents(page: Page) -> None:
    """Value, upper end and text: each indicator's cells say what belongs there, the others what any such cell takes."""
    asked: dict[Part, dict[str, list[int]]] = {"value": {}, "text": {}}
    known = {i.id: i for i in page.rows.values() if i is not None}
    for row, indicator in page.rows.items():
        for part, rows_of in asked.items():
            name = indicator.id if indicator is not None and part in indicator.expects else ""
            rows_of.setdefault(name, []).append(row)
    rules: dict[Part, tuple[Mapping[str, str], str, str]] = {
        "value": (_NUMBER, "只填数字，单位在“单位”列选择；区间填低值", "只填数字，如 1105.04，单位在“单位”列选择；区间的低值填这里，高值填“上限”列"),
        "text": ({}, "不是数量的内容，写一两句话", ""),
    }  # fmt: skip
    for part, (rule, plain, error) in rules.items():
        for name, rows in asked[part].items() if part in page.columns else ():
            title, prompt = (known[name].name, _asked(known[name], part)) if name else (COLUMN_LABELS[part], plain)
            validate(page.sheet, page.cells(part, rows), rule, title=title, prompt=prompt, error=error)
    if "upper" in page.columns:
        prompt = "数值是区间的才填：高值填这里，低值填“数值”列"
        cells = page.cells("upper", page.rows)
        validate(page.sheet, cells, _NUMBER, title="上限", prompt=prompt, error=f"{prompt}。只填数字")


def _asked(indicator: Indicator, part: Part) -> str:
    unit = f"单位：{indicator.unit}，只填数字。" if part == "value" and indicator.unit else ""
    meaning = f"{indicator.meaning.rstrip('。')}。" if indicator.meaning else ""
    return f"{meaning}{unit}可向{indicator.department}了解。"


def _units(page: Page, choices: Choices) -> None:
    if "unit" not in page.columns:
        return
    rows: dict[tuple[str, ...], list[int]] = {}
    for row, indicator in page.rows.items():
        rows.setdefault(_offered(indicator) if indicator else (), []).append(row)
    for offered, there in rows.items():
        rule = {"type": "list", "formula1": choices.formula(offered)} if offered else {}
        prompt = "从下拉列表选择，也可以填同类的其他单位" if offered else "按统计资料的写法，如 亿元、万人、家"
        error = "下拉列表中没有这个单位，请确认它和列出的单位是同一类" if offered else ""
        validate(page.sheet, page.cells("unit", there), rule, title="单位", prompt=prompt, error=error, strict=False)


def _offered(indicator: Indicator) -> tuple[str, ...]:
    own = (indicator.unit,) if indicator.unit else ()
    others = (u for d in (indicator.dimension, *indicator.also) for u in UNIT_CHOICES.get(d, ()))
    return tuple(dict.fromkeys((*own, *others)))


def _lists(page: Page, choices: Choices) -> None:
    spare = [row for row, indicator in page.rows.items() if indicator is None]
    names = tuple(i.name for i in page.form.offered)
    choose = "先在这里选择指标，再填右边各列" if page.form.is_chapter else "这份文件回答哪个指标；没有的不选"
    lists = {
        "bound": (tuple(BOUND_LABELS.values()), list(page.rows), "数值是下限选“不低于”，是上限选“不超过”，大概数选“约”，否则不选"),
        "kind": (tuple(KIND_LABELS.values()), list(page.rows), "已有的数据选“现状”，拟达到的选“目标”，全省、全国的选“对照”"),
        "indicator": (names, spare if names else [], choose),
    }  # fmt: skip
    for name, (offered, rows, prompt) in lists.items():
        if name in page.columns and rows:
            rule = {"type": "list", "formula1": choices.formula(offered)}
            error = f"请从下拉列表选择{COLUMN_LABELS[name]}"
            validate(page.sheet, page.cells(name, rows), rule, title=COLUMN_LABELS[name], prompt=prompt, error=error)
