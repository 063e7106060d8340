"""The rules check: what the outline states in words about horizon, provincial average, money, bodies and problems."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from schemas.facts import Fact, Kind
from schemas.finding import CheckName, Finding, Severity
from schemas.outline import Rule
from service.check.case import Case
from service.check.coverage import treated
from service.facts.ledger import Ledger

Fault = tuple[int, int, str]
"""start, end (exclusive), and what is wrong."""

_SENTENCE = re.compile(r"[^。！？\n]+")

_SPAN = re.compile(r"((?:19|20)\d\d)年?\s*[—–\-～~至到]\s*((?:19|20)\d\d)年")
_YEAR = re.compile(r"(?:到|至|截至|力争|确保|在|，|^|。)\s*((?:19|20)\d\d)年(?:底|末|年底|年末|，|前)?", re.MULTILINE)
_ONE = r"(?:[1-9一二两三四五六七八九十]|1\d)"
_COUNTED = re.compile(
    rf"(?P<low>{_ONE})(?:\s*[—–\-～~至到、]\s*(?P<high>{_ONE}))?\s*年(?:内|左右|时间|的时间|建设期|创建期|努力|建设)"
    rf"|(?:未来|今后|通过|经过|用)[^，。；\n]{{0,4}}?(?P<only>{_ONE})\s*年"
)
_PLAN = re.compile(r"十([一二三四五六])五[”\"]?(?:规划)?(?:期末|末|期间|时期|期)")
_NUMERALS = MappingProxyType({c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2})
_FIRST_PLAN_END = 2010
"""End of 十一五; each five-year plan ends five years after the one before."""

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)[%％]")
_MEASURES: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        "电子商务交易规模增长率",
        re.compile(r"(?:交易|贸易|成交)(?:总)?(?:额|规模|量)"),
        re.compile(r"增长|增速|递增|增幅"),
    ),
    (
        "电子商务应用普及程度",
        re.compile(r"(?<!宽带)(?<!家庭)(?<!网络)(?:普及|应用|渗透|使用)(?:率|程度|水平|比例)"),
        re.compile(""),
    ),
)
"""What must be above the provincial average: its name, the word that names it, the word that its figure needs."""


def check_rules(case: Case) -> Iterable[Finding]:
    """What the outline asks in words and a section does not do. Warnings, each with the outline's own words."""
    for rule in case.outline.rules:
        for section in rule.sections:
            text = case.texts.get(section)
            if not text:
                continue
            for start, end, fault in _RULES[rule.id](rule, section, text, case):
                yield Finding(
                    check=CheckName.RULES,
                    severity=Severity.WARNING,
                    section=section,
                    start=start,
                    end=end,
                    excerpt=text[start:end],
                    message=f"{fault}；编制要点要求“{rule.text}”",
                    rule=rule.id,
                )


def _horizon(rule: Rule, section: str, text: str, case: Case) -> Iterator[Fault]:
    """One period of the allowed length must be named: by its years, by the year of the goal, or as 3～5年."""
    low, high = (_years(rule, "low"), _years(rule, "high"))
    first = case.ledger.sheet.period[0] if case.ledger.sheet.period else case.ledger.sheet.plan_year
    named = list(_horizons(text, case.ledger.sheet.plan_year, first))
    if any(low <= years <= high for _, _, lengths in named for years in lengths):
        return
    if not named:
        yield len(text), len(text), f"没有写明目标的期限，请写明{low}～{high}年内要达到的目标"
        return
    start, end, _ = named[0]
    yield start, end, f"目标期限“{text[start:end]}”不在{low}～{high}年以内，请核对"


def _years(rule: Rule, name: str) -> int:
    value = rule.parameters.get(name)
    return value if isinstance(value, int) else 0


def _horizons(text: str, plan_year: int, first: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Each period with its lengths in years, by either way of counting (2017—2021年 is four years on, and five)."""
    for match in _SPAN.finditer(text):
        begin, last = int(match[1]), int(match[2])
        if last > plan_year:
            yield *match.span(), (last - begin + 1,)
    for match in _YEAR.finditer(text):
        if (last := int(match[1])) > plan_year:
            yield *match.span(1), (last - first, last - first + 1)
    for match in _COUNTED.finditer(text):
        yield *match.span(), tuple(_number(n) for n in (match["low"], match["high"], match["only"]) if n)
    for match in _PLAN.finditer(text):
        last = _FIRST_PLAN_END + 5 * (_NUMERALS[match[1]] - 1)
        if last > plan_year:
            yield *match.span(), (last - first, last - first + 1)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMERALS[text]


def _above_average(rule: Rule, section: str, text: str, case: Case) -> Iterator[Fault]:
    """A figure of growth or penetration that is not above the province's, where the facts give that."""
    for name, subject, measure in _MEASURES:
        average = _average(case.ledger, subject)
        if average is None:
            continue
        for start, end, figure in _figures(text, subject, measure):
            if figure <= average:
                yield start, end, f"{name}{figure}%不高于本省平均水平{average.normalize():f}%，请核对目标"


def _average(ledger: Ledger, subject: re.Pattern[str]) -> Decimal | None:
    """The newest benchmark of that name: growth of a volume, value of a rate in per cent."""
    found = [(f.year or 0, v) for f in ledger.of_kind(Kind.BENCHMARK) if subject.search(f.name) and (v := _rate(f))]
    return max(found)[1] if found else None


def _rate(fact: Fact) -> Decimal | None:
    if (fact.subject and fact.subject.endswith("国")) or fact.name.startswith("全国"):
        return None
    if isinstance(fact.value, Decimal) and fact.unit in {"%", "％"}:
        return fact.value
    return fact.growth


def _figures(text: str, subject: re.Pattern[str], measure: re.Pattern[str]) -> Iterator[tuple[int, int, Decimal]]:
    """The first percentage that follows the subject, and the measure's word, in the same sentence."""
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.span()
        for named in subject.finditer(text, start, end):
            stop = min(end, named.end() + 40)
            if (word := measure.search(text, named.end(), stop)) is None:
                continue
            figure = _PERCENT.search(text, word.end(), min(stop, word.end() + 12))
            clause = max(start, text.rfind("，", start, named.start()), text.rfind("；", start, named.start()) + 1)
            if figure and not re.search("省|全国|平均|；", text[clause : figure.start()]):
                yield figure.start(), figure.end(), Decimal(figure[1])


def _points(wanted: Mapping[str, str]) -> Callable[[Rule, str, str, Case], Iterator[Fault]]:
    """A rule that asks for points of the section: one fault names all that are missing."""

    def faults(rule: Rule, section: str, text: str, case: Case) -> Iterator[Fault]:
        states = {s.point.id: s for s in treated(case.outline.sections_by_id[section], text, case.outline)}
        missing = [name for point, name in wanted.items() if point in states and states[point].state == "missing"]
        if missing:
            yield len(text), len(text), f"没有写明{_listed(missing)}，请补写"

    return faults


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{'、'.join(names[:-1])}和{names[-1]}"


def _problems(rule: Rule, section: str, text: str, case: Case) -> Iterator[Fault]:
    """Problems without counter-measures; a paragraph of problems has its counter-measures in it or after it."""
    states = {s.point.id: s.state for s in treated(case.outline.sections_by_id[section], text, case.outline)}
    if states.get("problems") != "missing" and states.get("countermeasures") == "missing":
        yield len(text), len(text), "写了问题，没有写拟采取的应对措施，请逐条补写"


_RULES: Mapping[str, Callable[[Rule, str, str, Case], Iterator[Fault]]] = MappingProxyType(
    {
        "horizon": _horizon,
        "above_average": _above_average,
        "fund": _points({"amount": "资金额度", "rules": "资金使用管理办法", "appraisal": "考核机制"}),
        "organisation": _points(
            {
                "lead": "主管领导",
                "lead-department": "牵头部门",
                "participants": "参与部门",
                "duties": "职责分工",
                "coordination": "部门间协调工作机制",
                "disputes": "矛盾问题协同处理机制",
            }
        ),
        "problems": _problems,
    }
)
