"""The template's first sheet: whom the plan is for, which years, and how to fill in the rest."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from schemas.facts import FactSheet
from schemas.outline import Outline
from service.export.workbook import FAINT, FIXED, HINT, TITLE, WANTED, Content, lay_out, put, redden, validate
from service.facts.form import COVER, COVER_LABELS

_NOTES = {
    "outline": "不要改动",
    "name": "★ 全称，如 望海市",
    "short_name": "如 望海；不填时由全称去掉“市”得出",
    "province": "★ 如 云岭省；直辖市可不填",
    "aliases": "别的叫法，用顿号隔开",
    "plan_year": "★ 编制方案的年份，如 2017",
    "first": "★ 如 2017",
    "last": "★ 如 2021；编制要点要求实施期为3～5年",
}
_YEARS = ("plan_year", "first", "last")
_NEEDED = ("name", "plan_year", "first", "last")
_GUIDE = (
    "1．浅黄色的格是编制要点要求填写的内容，标★的为必填，还没有填的显示为红色。没有数据的请留空，不要填“无”“—”或0。",
    "2．“数值”列只填数字，单位在“单位”列选择。区间的低值填“数值”列，高值填“上限”列。",
    "3．“增速”“比重”填百分数：6.1 表示 6.1%，下降填负数。“不低于”“约”等意思在“界限”列选择，不要写在数字前面。",
    "4．同一指标有几个年份的，第一条填在原来的行，其余填在表末的补充行，先从下拉列表选择指标。",
    "5．目标的“年份”是应实现的年份。全省、全国等对照数据，“性质”选“对照”，“所属主体”写省份或“全国”。",
    "6．“来源”写清文件或统计公报的名称。“名称”“编号”可以不填，由系统补上。",
    "7．拟出台的文件、重点项目、组织机构、举措和编制要点以外的数据，填在后面各表，每条一行。",
    "8．封面上的编制单位、编制日期填在“其他”表：名称写“编制单位”“编制日期”，内容写在“文字说明”列。",
    "9．工作表和表头不要改名、删除，单元格不要合并。自己加的列不会读取。表格保护没有密码。填好后保存为 .xlsx 提交。",
)
_FIRST_ROW = 4


def add_cover(sheet: Worksheet, outline: Outline, facts: FactSheet | None) -> None:
    """Fills the workbook's first sheet."""
    sheet.title = COVER
    put(sheet, 1, 1, f"{outline.title}：事实表", TITLE)
    sheet.row_dimensions[1].height = 30
    put(sheet, 2, 1, "先填写本页，再按顺序填写后面各表。", HINT)
    contents = _contents(outline, facts)
    rows = {name: row for row, name in enumerate(COVER_LABELS, _FIRST_ROW)}
    for name, row in rows.items():
        put(sheet, row, 1, COVER_LABELS[name], FIXED)
        put(sheet, row, 2, contents[name], FIXED if name == "outline" else WANTED)
        put(sheet, row, 3, _NOTES[name], FAINT)
        sheet.row_dimensions[row].height = 22
        if name != "outline":
            _prompt(sheet, name, f"B{row}")
        if name in _NEEDED:
            redden(sheet, f"B{row}", f"LEN(TRIM($B${row}))=0")
    start = _FIRST_ROW + len(rows) + 1
    put(sheet, start, 1, "填写方法", TITLE)
    sheet.row_dimensions[start].height = 30
    for row, line in enumerate(_GUIDE, start + 1):
        put(sheet, row, 1, line, HINT)
        sheet.row_dimensions[row].height = 20
    lay_out(sheet, {1: 18, 2: 34, 3: 76}, head=1, frozen="A3", printed=3)


def _contents(outline: Outline, facts: FactSheet | None) -> dict[str, Content]:
    known = dict.fromkeys(COVER_LABELS) | {"outline": outline.id}
    if facts is None:
        return known
    subject = facts.subject
    first, last = facts.period or (None, None)
    return known | {
        "name": subject.name,
        "short_name": subject.short_name,
        "province": subject.province,
        "aliases": "、".join(subject.aliases),
        "plan_year": facts.plan_year,
        "first": first,
        "last": last,
    }


def _prompt(sheet: Worksheet, name: str, cell: str) -> None:
    label, note = COVER_LABELS[name], _NOTES[name].removeprefix("★ ")
    if name in _YEARS:
        rule = {"type": "whole", "operator": "between", "formula1": "1949", "formula2": "2100"}
        validate(sheet, [cell], rule, title=label, prompt=note, error=f"{label}应填四位年份，如 2017")
    else:
        validate(sheet, [cell], {}, title=label, prompt=note)
