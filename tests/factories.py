"""Builders of realistic schemas for tests: a small outline, a fact sheet of an invented city, a plan of its own text.

Offsets are looked up, never counted by hand: `support(text, "1105.04亿元", …)` finds its place itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.draft import Draft, DraftParagraph, Proposal, Usage
from schemas.facts import FactSheet
from schemas.finding import CheckName, Finding, Severity, Support
from schemas.limit import TextLimit
from schemas.outline import Chapter, Group, Indicator, Outline, Point, Section
from schemas.plan import Attempt, Failure, Gap, Plan, PlanOptions, PlanStatus, SectionResult, SectionStatus

FACTS: tuple[dict[str, Any], ...] = (
    {"id": "gdp-2016", "indicator": "gdp", "name": "地区生产总值", "value": 1105.04, "unit": "亿元", "year": 2016,
     "growth": 7.8, "source": "2016年统计公报"},
    {"id": "population-2016", "indicator": "population", "name": "常住人口", "value": 312.6, "unit": "万人",
     "year": 2016, "source": "2016年统计公报"},
    {"id": "turnover-2016", "indicator": "ec_turnover", "name": "电子商务交易额", "value": 680, "unit": "亿元",
     "year": 2016, "growth": 34.5, "source": "市商务局"},
    {"id": "turnover-2021", "indicator": "ec_turnover_target", "name": "电子商务交易额", "value": 2000, "unit": "亿元",
     "year": 2021, "kind": "target", "bound": "at_least"},
    {"id": "fund", "indicator": "fund", "name": "电子商务发展专项资金", "value": 3000, "unit": "万元", "kind": "measure"},
    {"id": "policy-1", "kind": "policy", "title": "望海市促进电子商务发展的若干意见", "doc_number": "望政发〔2015〕8号",
     "year": 2015},
    {"id": "approval", "indicator": "approval", "kind": "policy", "title": "关于同意建设望海电子商务示范基地的批复",
     "doc_number": "云政函〔2016〕21号", "year": 2016},
)  # fmt: skip

OVERVIEW = (
    "望海市地处云岭省东南沿海，是全省重要的港口城市和区域性商贸中心。2016年，全市地区生产总值1105.04亿元，"
    "增长7.8%，年末常住人口312.6万人。\n"
    "2016年，全市社会消费品零售总额【待补充：2016年社会消费品零售总额，亿元】，城乡消费市场保持平稳。全市电子商务"
    "交易额680亿元，占全省的比重约为21.3%，“互联网＋”与港口物流、海洋渔业加快融合——新业态不断涌现。"
)
DEMAND = (
    "当前，我市正处于产业转型的关键时期，发展电子商务是拉动消费、培育新增长点的现实需要。\n"
    "到2021年，全市电子商务从业人员达到【建议值：2021年电子商务从业人员12万人，待确认】。"
)
GOALS = "到2021年，全市电子商务交易额不低于2000亿元，建成国家电子商务示范城市。"
POLICY = (
    "落实《望海市促进电子商务发展的若干意见》（望政发〔2015〕8号），设立每年3000万元的电子商务发展专项资金，"
    "重点支持公共服务平台建设、人才培训和农村电子商务推广。\n"
    "市金融办会同人民银行望海市中心支行，鼓励商业银行、小额贷款机构向中小网商提供小额贷款服务。"
)


def points(section: str, *texts: str, **more: Any) -> tuple[Point, ...]:
    """Points `2.1-1`, `2.1-2` … of a section."""
    return tuple(Point(id=f"{section}-{n}", text=text, **more) for n, text in enumerate(texts, 1))


def outline() -> Outline:
    """An outline with every shape: a summary, sections below a chapter, below a group, a chapter that is a leaf."""
    length = {"guidance": "重点说明有关情况。", "target_length": 400}
    overview = (
        Point(id="2.1-1", text="城市区位、人口、GDP总量及增速", indicators=("gdp", "population")),
        Point(id="2.1-2", text="社会消费品零售总额", indicators=("retail",)),
    )
    chapters = (
        Chapter(
            id="1",
            number="一、",
            title="摘要",
            limit=TextLimit(maximum=3500),
            sections=(Section(id="1.1", number="（一）", title="创建工作目标", summary=True, **length),),
        ),
        Chapter(
            id="2",
            number="二、",
            title="城市经济社会发展现状与战略定位",
            sections=(
                Section(id="2.1", number="（一）", title="城市经济社会发展概况", points=overview, **length),
                Section(id="2.2", number="（二）", title="城市经济社会发展对电子商务的需求分析", **length),
            ),
        ),
        Chapter(
            id="5",
            number="三、",
            title="创建工作主要任务",
            groups=(Group(id="5.1", number="（一）", title="完善电子商务政策法规环境"),),
            sections=(
                Section(id="5.1.1", number="1.", title="完善电子商务促进政策与措施", **length),
                Section(id="5.1.2", number="2.", title="建立电子商务统计制度", **length),
            ),
        ),
        Chapter(
            id="8",
            number="四、",
            title="相关证明文件及附件",
            sections=(
                Section(
                    id="8",
                    number="四、",
                    title="相关证明文件及附件",
                    checklist=True,
                    points=(
                        Point(
                            id="8-1",
                            text="上级地方政府关于批准基地建设的相关文件",
                            indicators=("approval",),
                            question="上级政府批准基地建设的文件名称和文号是什么？",
                            department="市发展改革委",
                        ),
                        Point(
                            id="8-2",
                            text="基地电子商务发展规划",
                            indicators=("plan_document",),
                            question="基地电子商务发展规划的名称和印发时间是什么？",
                            department="市商务局",
                        ),
                    ),
                    **length,
                ),
            ),
        ),
    )
    return Outline(
        id="small",
        title="编制要点（试验用）",
        document_title="{subject}创建国家电子商务示范城市工作方案",
        subject_word="市",
        source="试验",
        indicators=(
            _indicator("gdp", "地区生产总值", "CNY", "亿元"),
            _indicator("population", "常住人口", "people", "万人"),
            _indicator("retail", "社会消费品零售总额", "CNY", "亿元"),
            _indicator("approval", "批准基地建设的文件", "text", None),
            _indicator("plan_document", "基地电子商务发展规划", "text", None),
        ),
        chapters=chapters,
    )


def _indicator(name: str, title: str, dimension: Any, unit: str | None) -> Indicator:
    expects = ("text",) if dimension == "text" else ("value",)
    return Indicator(id=name, name=title, dimension=dimension, unit=unit, expects=expects, department="市统计局")


def fact_sheet(*facts: dict[str, Any], **changes: Any) -> FactSheet:
    """The sheet of 望海市; facts given replace its own."""
    data: dict[str, Any] = {
        "outline": "small",
        "subject": {"name": "望海市", "short_name": "望海", "province": "云岭省"},
        "plan_year": 2017,
        "period": [2017, 2021],
        "facts": facts or FACTS,
    }
    return FactSheet.model_validate({**data, **changes})


def support(text: str, excerpt: str, *facts: str, section: str = "2.1", how: str = "与事实一致") -> Support:
    """A supported figure at its first place in the text."""
    start = text.index(excerpt)
    return Support(section=section, start=start, end=start + len(excerpt), excerpt=excerpt, facts=facts, how=how)


def finding(
    text: str,
    excerpt: str,
    message: str = "事实表中没有这个数字，请核对后改写，或标为待补充。",
    *,
    section: str | None = "2.1",
    check: CheckName = CheckName.NUMBERS,
    severity: Severity = Severity.ERROR,
    **more: Any,
) -> Finding:
    """A finding at the first place of its excerpt; an empty excerpt concerns the text as a whole."""
    start = text.index(excerpt)
    if check is CheckName.NUMBERS:
        more.setdefault("reason", "no_fact")
    return Finding(
        check=check,
        severity=severity,
        section=section,
        start=start,
        end=start + len(excerpt),
        excerpt=excerpt,
        message=message,
        **more,
    )


def gap(name: str = "社会消费品零售总额", section: str = "2.1", **changes: Any) -> Gap:
    """A row of the data request."""
    data: dict[str, Any] = {
        "section": section,
        "point": f"{section}-2",
        "point_text": name,
        "indicator": None,
        "name": name,
        "unit": "亿元",
        "year": 2016,
        "question": f"2016年全市{name}是多少？",
        "department": "市统计局",
    }
    return Gap.model_validate({**data, **changes})


def attempt(**changes: Any) -> Attempt:
    """One call of the scripted writer."""
    data: dict[str, Any] = {
        "kind": "section",
        "writer": "scripted",
        "model": "scripted-1",
        "template": "section.md.j2",
        "template_hash": "sha256:0a1b",
        "prompt_hash": "sha256:2c3d",
        "usage": Usage(prompt_tokens=5200, cached_tokens=4100, completion_tokens=640),
        "kept": True,
    }
    return Attempt.model_validate({**data, **changes})


def draft(text: str, *, facts: Sequence[str] = (), proposals: Sequence[Proposal] = ()) -> Draft:
    """A draft whose paragraphs are the lines of the text."""
    paragraphs = tuple(DraftParagraph(text=line, facts=tuple(facts), points=()) for line in text.split("\n"))
    return Draft(paragraphs=paragraphs, gaps=(), proposals=tuple(proposals))


def section(section_id: str, text: str, title: str = "", **changes: Any) -> SectionResult:
    """A delivered section."""
    status = SectionStatus.DONE if text else SectionStatus.FAILED
    data: dict[str, Any] = {"id": section_id, "title": title, "status": status, "text": text}
    if text:
        data |= {"draft": draft(text), "attempts": (attempt(),)}
    return SectionResult.model_validate({**data, **changes})


def failed(section_id: str, message: str = "模型接口在规定时间内没有给出完整答复，请稍后单独重写本节") -> SectionResult:
    """A section that could not be drafted."""
    return section(section_id, "", failure=Failure(type="deadline", message=message))


def overview() -> SectionResult:
    """Section 2.1 with three supported figures, one unsupported, one placeholder."""
    wrong = finding(OVERVIEW, "21.3%", "事实表中没有全省电子商务交易额，无法推算占比，请改为待补充。")
    return section(
        "2.1",
        OVERVIEW,
        "城市经济社会发展概况",
        status=SectionStatus.NEEDS_REVIEW,
        draft=draft(OVERVIEW, facts=("gdp-2016", "population-2016", "turnover-2016")),
        findings=(wrong,),
        supports=(
            support(OVERVIEW, "1105.04亿元", "gdp-2016"),
            support(OVERVIEW, "7.8%", "gdp-2016"),
            support(OVERVIEW, "312.6万人", "population-2016"),
            support(OVERVIEW, "680亿元", "turnover-2016"),
        ),
        gaps=(gap(indicator="retail"),),
        attempts=(attempt(findings=(wrong,)), attempt(kind="repair", template="repair.md.j2", kept=False)),
    )


def plan(*sections: SectionResult, **changes: Any) -> Plan:
    """The plan of 望海市 with one failed section; sections given replace its own."""
    proposal = Proposal.model_validate(
        {"name": "电子商务从业人员", "value": 12, "unit": "万人", "year": 2021, "basis": "按近三年年均增速测算"}
    )
    own = (
        section("1.1", GOALS, "创建工作目标", supports=(support(GOALS, "2000亿元", "turnover-2021", section="1.1"),)),
        overview(),
        section("2.2", DEMAND, "需求分析", draft=draft(DEMAND, proposals=(proposal,))),
        section(
            "5.1.1",
            POLICY,
            "完善电子商务促进政策与措施",
            supports=(support(POLICY, "3000万元", "fund", section="5.1.1"),),
        ),
        failed("5.1.2"),
        section(
            "8",
            "1.上级地方政府关于批准基地建设的相关文件",
            "相关证明文件及附件",
            draft=None,
            attempts=(),
            gaps=(gap("基地电子商务发展规划", "8", unit=None, year=None, department="市商务局"),),
        ),
    )
    data: dict[str, Any] = {
        "title": "望海市创建国家电子商务示范城市工作方案",
        "status": PlanStatus.NEEDS_REVIEW,
        "sheet": fact_sheet(),
        "options": PlanOptions(),
        "writer": "offline",
        "sections": sections or own,
    }
    return Plan.model_validate({**data, **changes})


def long_plan(characters: int = 12_000) -> Plan:
    """The same plan with its overview repeated until the text has about so many characters."""
    once = overview()
    times = max(1, characters // len(OVERVIEW))
    text = "\n".join([OVERVIEW] * times)
    step = len(OVERVIEW) + 1

    def moved(item: Any) -> list[Any]:
        shift = ({"start": item.start + n * step, "end": item.end + n * step} for n in range(times))
        return [item.model_copy(update=update) for update in shift]

    long = once.model_copy(
        update={
            "text": text,
            "findings": tuple(f for item in once.findings for f in moved(item)),
            "supports": tuple(s for item in once.supports for s in moved(item)),
        }
    )
    return plan(long)
