"""Section × facts → the table that ends it: targets with base and average, tasks with lead body and due date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from schemas.brief import Brief, Target
from schemas.document import Cell, Span, TableBlock, TableColumn
from schemas.facts import Fact, Kind
from schemas.outline import Section
from service.assemble.marks import describe
from service.facts.answers import Missing
from service.facts.growths import growths_apart
from service.facts.ledger import Ledger
from service.facts.naming import core_name
from service.prompt.fact_rows import plain, quantity

EMPTY: Cell = (Span(text="—"),)
"""What stands in a cell that needs no datum."""

_BODY = r"[^，。；、：（）]{0,18}(?:局|委|办|厅|部|院|行|署|海关|公司|中心|政府|部门|单位|办公室|委员会|管委会)"
_BODIES = rf"{_BODY}(?:[、和及]{_BODY})*"
_LEADS = (
    re.compile(rf"(?:牵头|责任|主办|承办)(?:单位|部门)[：为是]({_BODIES})"),
    re.compile(rf"由({_BODIES})(?:共同|具体)?(?:牵头|负责|承担|承办|组织实施)"),
)
_GOAL_END = re.compile(r"(?<=..)目标值?$")
"""Which the heads of the columns say."""
_TITLES = re.compile(r"《[^《》]*》")
"""A year within the title of a document is no term of the task."""
_TERMS = (
    re.compile(r"((?:20)\d\d年(?:\d{1,2}月)?(?:底|末)?(?:之前|以前|前))"),
    re.compile(r"(?:建设期|实施期|期限|时限|周期)[^，。；\d]{0,4}((?:20)\d\d(?:年)?[—\-–~～至到](?:20)\d\d年)"),
    re.compile(r"((?:20)\d\d年(?:\d{1,2}月)?(?:底|末)?)(?:建成|完成|投入使用|投入运行|竣工)"),
)


def table_of(section: Section, ledger: Ledger, brief: Brief, number: int) -> TableBlock | None:
    """The table that the outline asks for at the end of the section; None without one, or when it would have no rows."""
    if section.table is None:
        return None
    made = _MAKERS[section.table](section, ledger, brief)
    return made.model_copy(update={"caption": f"表{number} {made.caption}"}) if made else None


def _table(
    caption: str, section: Section, columns: Sequence[tuple[TableColumn, bool]], rows: Sequence[Sequence[Cell]]
) -> TableBlock | None:
    """Columns that are optional and hold nothing are left out; so is a table without rows."""
    if not rows:
        return None
    kept = [n for n, (_, needed) in enumerate(columns) if needed or any(row[n] != EMPTY for row in rows)]
    return TableBlock(
        caption=caption,
        columns=tuple(columns[n][0] for n in kept),
        rows=tuple(tuple(row[n] for n in kept) for row in rows),
        section=section.id,
    )


def _targets(section: Section, ledger: Ledger, brief: Brief) -> TableBlock | None:
    columns = [
        (TableColumn(title="指标", width=24), True),
        (TableColumn(title="基期值", width=19, align="center"), True),
        (TableColumn(title="目标值", width=20, align="center"), True),
        (TableColumn(title="全省平均", width=19, align="center"), False),
        (TableColumn(title="数据来源", width=35), False),
    ]
    asked = {i for point in section.points if not point.optional for i in point.indicators}
    rows = [_target_row(target, ledger, asked) for target in brief.targets]
    for place in (1, 2, 3):
        if year := _common_year([row[place] for row in rows]):
            column, needed = columns[place]
            columns[place] = (column.model_copy(update={"title": column.title + year}), needed)
            rows = [(*row[:place], row[place][:1], *row[place + 1 :]) for row in rows]
    return _table("主要目标", section, columns, rows)


def _common_year(cells: Sequence[Cell]) -> str | None:
    """The year of all figures of a column, which then stands once, in its title."""
    years = {cell[1].text for cell in cells if len(cell) > 1}
    dated = all(len(cell) > 1 for cell in cells if cell[0].mark == "supported")
    return years.pop() if len(years) == 1 and dated else None


def _target_row(target: Target, ledger: Ledger, asked: set[str]) -> tuple[Cell, ...]:
    fact = target.fact
    rate = fact.value is None or _is_rate(fact)
    known = target.base or _base_by_indicator(fact, ledger)
    base = _figure(_grown(known, ledger) if rate else known, fact, rate=rate)
    if base == EMPTY and known is None and fact.indicator in asked and not rate:
        base = _base_missing(fact, ledger)
    sources = dict.fromkeys(f.source for f in (fact, known) if f is not None and f.source)
    return (
        (Span(text=_GOAL_END.sub("", fact.name) or fact.title or fact.text or ""),),
        base,
        _figure(fact, fact, rate=False),
        _figure(target.benchmark, fact, rate=rate),
        (Span(text=_told_once(list(sources))),) if sources else EMPTY,
    )


def _told_once(sources: Sequence[str]) -> str:
    """The sources after one another; what all of them begin with, up to a colon, is not repeated."""
    heads = {source.partition("：")[0] for source in sources}
    if len(sources) < 2 or len(heads) > 1 or not all(source.partition("：")[2] for source in sources):
        return "；".join(sources)
    return f"{heads.pop()}：{'、'.join(source.partition('：')[2] for source in sources)}"


def _base_by_indicator(fact: Fact, ledger: Ledger) -> Fact | None:
    """The newest own fact that goes by another of the indicator's names, in the same unit."""
    indicator = ledger.outline.indicators_by_id.get(fact.indicator or "")
    names = (indicator.name, *indicator.synonyms) if indicator else ()
    cores = dict.fromkeys(core_name(name, ledger.subject) for name in names)
    found = [
        f
        for core in cores
        for f in ledger.named(core)
        if f.kind is Kind.ACTUAL and f.unit == fact.unit and (f.subject is None or f.subject in ledger.subject.names)
    ]
    return max(found, key=lambda f: f.year or 0, default=None)


def _grown(known: Fact | None, ledger: Ledger) -> Fact | None:
    """The fact that tells the growth, where it is not the one that tells the value."""
    if known is None or known.growth is not None:
        return known
    apart = ledger.once("growths apart", lambda: growths_apart(ledger.facts, ledger.subject))
    return apart.get(known.id, known)


def _is_rate(fact: Fact) -> bool:
    """Whether the target is a growth rate, and so compares with how much its quantity grew."""
    return fact.unit in {"%", "％"} and re.search(r"增(?:长率?|速|幅)$", _GOAL_END.sub("", fact.name)) is not None


def _figure(fact: Fact | None, wanted: Fact, *, rate: bool) -> Cell:
    """The fact's figure of the same sort as the target's, with its year, marked with the fact."""
    text = "" if fact is None else _amount(fact, wanted, rate=rate)
    if fact is None or not text:
        return EMPTY
    span = Span(text=text, mark="supported", facts=(fact.id,), note=f"与事实一致：{describe(fact)}")
    return (span, Span(text=f"（{fact.year}年）")) if fact.year else (span,)


def _amount(fact: Fact, wanted: Fact, *, rate: bool) -> str:
    if rate:
        number = fact.growth if fact.growth is not None else fact.value if fact.unit in {"%", "％"} else None
        return "" if number is None or isinstance(number, tuple) else f"{plain(number)}%"
    if fact.value is None:
        same = wanted is fact or wanted.unit in {"%", "％"}
        number = fact.growth if fact.growth is not None else fact.share
        return f"{plain(number)}%" if same and number is not None else ""
    return quantity(fact.model_copy(update={"growth": None, "share": None}))


def _base_missing(fact: Fact, ledger: Ledger) -> Cell:
    """A target that the outline asks for is measured from somewhere: its base value is asked for too."""
    indicator = ledger.outline.indicators_by_id.get(fact.indicator or "")
    if indicator is None or "value" not in indicator.expects:
        return EMPTY
    newest = max((f.year for f in ledger.facts if f.year and f.year < (fact.year or ledger.sheet.plan_year)), default=0)
    year = min(newest, ledger.sheet.plan_year - 1) or None
    name = _GOAL_END.sub("", fact.name or indicator.name)
    missing = Missing(indicator.id, name, fact.unit, year, "", indicator.department)
    note = f"{name}有目标而没有基期值。请向{indicator.department}索取，补入事实表。"
    return (Span(text=missing.placeholder, mark="placeholder", note=note),)


def _tasks(section: Section, _: Ledger, brief: Brief) -> TableBlock | None:
    columns = (
        (TableColumn(title="序号", width=8, align="center"), True),
        (TableColumn(title="任务", width=34), True),
        (TableColumn(title="牵头单位", width=26), False),
        (TableColumn(title="完成时限", width=18, align="center"), False),
    )
    rows: list[tuple[Cell, ...]] = []
    told = {i for point in section.points for i in point.indicators}  # the section itself tells of these
    for fact, years in _tasks_of(brief):
        if fact.indicator in told:
            continue
        text = _TITLES.sub("", f"{fact.name}，{fact.text or ''}")
        lead = next((m[1] for p in _LEADS if (m := p.search(text))), None)
        due = years or next((m[1] for p in _TERMS if (m := p.search(text))), None)
        if lead or due:
            number: Cell = (Span(text=str(len(rows) + 1)),)
            name: Cell = (Span(text=fact.name or fact.title or _opening(fact.text or "")),)
            rows.append((number, name, _said(lead, fact), _said(due, fact)))
    return _table("主要任务安排", section, columns, rows)


def _tasks_of(brief: Brief) -> Iterator[tuple[Fact, str | None]]:
    """Measures, then projects with their years; a target in words is due in its year."""
    measures = ((f, f"{f.year}年" if f.kind is Kind.TARGET and f.year else None) for f in brief.tasks)
    return chain(measures, ((p.fact, p.years) for p in brief.projects))


def _said(text: str | None, fact: Fact) -> Cell:
    if not text:
        return EMPTY
    return (Span(text=text, mark="supported", facts=(fact.id,), note=f"与事实一致：{describe(fact)}"),)


def _opening(text: str) -> str:
    return re.split(r"[，。；]", text, maxsplit=1)[0]


_MAKERS: Mapping[str, Callable[[Section, Ledger, Brief], TableBlock | None]] = {"targets": _targets, "tasks": _tasks}
