"""The era check: periods, bodies, approvals and laws in a text must fit the year of the plan (checks.md, era)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.facts import Fact, FactSheet
from schemas.finding import CheckName, Finding, Severity
from service.check.case import BARE, Case
from service.check.era_table import Approval, EraTable, Period, era_table

_TITLE = re.compile(r"《[^《》]*》")
_BRACKETED = re.compile(r"【[^【】]*】")
_PERIOD = re.compile(
    r"[“\"'‘](?P<quoted>十[一二三四五]五)[”\"'’]"
    r"|(?<![一二三四五六七八九百第])(?P<plain>十[一二三四五]五)(?=规划|时期|期间|期末|期内|期|末|初|以来|发展|开局|收官|目标|纲要|之|前|[，。、；的为是])"
)
_SUFFIX = re.compile(r"规划|时期|期间|期末|期内|期|末|初|以来|之前|前")
_SENTENCE_END = "。；！？!?;\n"
_CLAUSE_END = "，,。；！？!?;\n"

_INTENT = re.compile(
    r"将|力争|争取|确保|努力|拟(?!定的)|目标是|着力|加快|大力|抢抓|抓住|必须|应当|逐步|务求|关键时期|关键期|机遇期|攻坚期"
)
"""Words of what is still to be done."""
_LOOKING_BACK = re.compile(
    r"已|了|累计|取得|收官|圆满|成就|成效|成绩|回顾|相比|完成|先后|年均(?:增长|递增)|较20|比20|首次"
)
"""Words of what has been done."""
_UNDER = re.compile(r"(?:按照|根据|依据|围绕|落实|贯彻|纳入|对照|到|至|在)[^，。；]{0,12}$")
"""What makes a period the frame of what is to be done: 按照“十二五”规划要求, 到“十二五”末."""
_NOW = re.compile(r"(?:当前|今年|目前|正处|正值|处于|迈入|跨入|进入)[^，。；]{0,6}$")
"""What makes a period the present: 今年是“十二五”开局之年."""
_COMPARED = re.compile(r"(?:[与比较同自从以]|截至|截止|截止到)(?:全市|全省|全国)?$")
_OUTLOOK = re.compile(r"奠定|打下|打好|谋划|衔接|展望|启动编制|做好准备|前期")
"""Words that look ahead to a period still to come."""

_CLAIM = re.compile(r"获批|获得|获国|批准|批复|设立|入选|列入|列为|纳入|授牌|依托|作为|发挥|成为|同意")
_FORMAL = re.compile(r"中国[（(][^（()）]{2,8}[）)]$")
_HOPE = re.compile(
    r"将|拟|计划|待批|申报|申请|申建|争取|力争|争创|筹建|谋划|推动设立|扩围|积极对接|学习|借鉴|复制|推广"
)
_FOUNDING = re.compile(r"组建|筹建|机构改革|更名|挂牌|并入|合并")
"""Words that tell of the change itself."""
_FORMER = re.compile(r"原(?!有)[^，。；）]{0,16}$")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")


class _Mismatch(NamedTuple):
    start: int
    end: int
    message: str


def check_era(case: Case) -> Iterable[Finding]:
    """Periods, bodies, statuses and laws that do not fit the plan's year. Warnings."""
    table = era_table()
    sheet = case.ledger.sheet
    known = "\n".join(part for fact in sheet.facts for part in _words(fact))
    for section, text in case.texts.items():
        for found in sorted(_mismatches(text, sheet, known, table)):
            yield Finding(
                check=CheckName.ERA,
                severity=Severity.WARNING,
                section=section if section != BARE else None,
                start=found.start,
                end=found.end,
                excerpt=text[found.start : found.end],
                message=found.message,
            )


def _words(fact: Fact) -> Iterator[str]:
    yield from filter(None, (fact.name, fact.text, fact.title, fact.issuer))


def _mismatches(text: str, sheet: FactSheet, known: str, table: EraTable) -> Iterator[_Mismatch]:
    brackets = [m.span() for m in _BRACKETED.finditer(text)]
    quoted = brackets + [m.span() for m in _TITLE.finditer(text)]
    for match in _PERIOD.finditer(text):
        period = table.period_of.get(match["quoted"] or match["plain"])
        if period and not _inside(match, quoted) and (why := _period_fault(text, match, period, sheet)):
            yield _Mismatch(*match.span(), why)
    for match in table.body_pattern.finditer(text):
        if (
            match[0] not in known
            and not _inside(match, quoted)
            and (why := _body_fault(text, match, sheet.plan_year, table))
        ):
            yield _Mismatch(*match.span(), why)
    for match in table.approval_pattern.finditer(text):
        if match[0] not in known and not _inside(match, quoted) and (why := _approval_fault(text, match, sheet, table)):
            yield _Mismatch(*match.span(), why)
    for match in table.event_pattern.finditer(text):
        event = table.event_of[match[0]]
        told = any(word in _around(text, match, _SENTENCE_END) for word in event.unless)
        if sheet.plan_year < event.since and not told and not _inside(match, brackets):
            why = f"{match[0]}为{event.happened}，{sheet.plan_year}年的方案不能引为依据，请删去或核对方案年份"
            yield _Mismatch(*match.span(), why)


def _inside(match: re.Match[str], spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= match.start() and match.end() <= end for start, end in spans)


def _bounds(text: str, match: re.Match[str], ends: str) -> tuple[int, int]:
    first = max(text.rfind(c, 0, match.start()) for c in ends) + 1
    last = min((at for c in ends if (at := text.find(c, match.end())) >= 0), default=len(text))
    return first, last


def _around(text: str, match: re.Match[str], ends: str) -> str:
    first, last = _bounds(text, match, ends)
    return text[first:last]


def _period_fault(text: str, match: re.Match[str], period: Period, sheet: FactSheet) -> str | None:
    """Why the period does not fit, or None: it holds the plan's year or begin, or the text looks back or ahead to it."""
    years = f"“{period.name}”为{period.first}—{period.last}年"
    begins = sheet.period[0] if sheet.period else sheet.plan_year
    if period.first <= sheet.plan_year <= period.last or period.first <= begins <= period.last:
        return None
    first, last = _bounds(text, match, _SENTENCE_END)
    before, after = text[first : match.start()], _own_part(text[match.end() : last])
    if period.last < sheet.plan_year:
        if _looks_back(before, after, period.last):
            return None
        return f"{years}，在{sheet.plan_year}年的方案中已经过去，请改为方案自己的规划期或写成回顾"
    if _OUTLOOK.search(text[first:last]):
        return None
    return f"{years}，在{sheet.plan_year}年的方案中尚未开始，请改为方案自己的规划期"


def _own_part(after: str) -> str:
    """What is said of the period itself: up to the next period, two clauses at most."""
    following = _PERIOD.search(after)
    return "，".join(re.split("[，,]", after[: following.start()] if following else after)[:2])


def _looks_back(before: str, after: str, last_year: int) -> bool:
    """Whether the sentence tells of a past period as past: by its own words, by a year of the period, or by no word of intent."""
    suffix = _SUFFIX.match(after)
    if (suffix and suffix[0] in {"以来", "之前", "前"}) or "以来" in after[:6] or _COMPARED.search(before):
        return True
    dated = any(int(year) <= last_year for year in _YEAR.findall(before + after))
    if dated or _LOOKING_BACK.search(after):
        return not re.search(r"将|力争|争取|确保", after)
    if _INTENT.search(after) or _UNDER.search(before) or _NOW.search(before):
        return False
    return not (suffix and suffix[0] in {"期末", "期内", "期"})


def _body_fault(text: str, match: re.Match[str], plan_year: int, table: EraTable) -> str | None:
    """Why the body's name does not fit, or None: it exists in the plan's year, or the text looks back to it."""
    body = table.body_of[match[0]]
    first, _ = _bounds(text, match, _SENTENCE_END)
    before = text[first : match.start()]
    if body.until is not None and plan_year > body.until:
        past = any(int(year) <= body.until for year in _YEAR.findall(before))
        if past or _FORMER.search(before) or _FOUNDING.search(_around(text, match, _CLAUSE_END)):
            return None
        return f"“{match[0]}”在{plan_year}年已不存在（{body.source}），请改为{body.instead}"
    if body.since is not None and plan_year < body.since:
        if _FOUNDING.search(_around(text, match, _CLAUSE_END)):
            return None
        return f"“{match[0]}”在{plan_year}年尚未组建（{body.source}），请核实后改为{body.instead}"
    return None


def _approval_fault(text: str, match: re.Match[str], sheet: FactSheet, table: EraTable) -> str | None:
    """Why the status cannot be claimed yet, or None: it is hoped for, granted already, or its date is not known."""
    approval = table.approval_of[match[0]]
    first, last = _bounds(text, match, _CLAUSE_END)
    before, clause = text[first : match.start()], text[first:last]
    formal = _FORMAL.search(before)
    if not (formal or _CLAIM.search(clause)) or _HOPE.search(clause):
        return None
    city = _named_city(formal[0] if formal else before, approval) or sheet.subject.name.removesuffix("市")
    year, source = approval.years.get(city, (0, ""))
    if sheet.plan_year >= year:
        return None
    return f"{city}市{year}年才获批{match[0]}（{source}），{sheet.plan_year}年的方案不能写成已获批，请改为拟申报或删去"


def _named_city(before: str, approval: Approval) -> str | None:
    """The city named last before the status, of those with a known date."""
    named = [(at, city) for city in approval.years if (at := before.rfind(city)) >= 0]
    return max(named)[1] if named else None
