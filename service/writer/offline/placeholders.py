"""Sentences for what the sheet lacks: a placeholder that stands where the datum will stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from schemas.draft import DraftGap
from schemas.outline import Part
from service.facts.answers import Answer, Missing
from service.writer.offline.desk import Desk
from service.writer.offline.sentences import Sentence
from service.writer.offline.wording import Form, form

_PART_END = re.compile(r"(?:增速|比重)$")
_NOUN = re.compile(r"(?:情况|现状|状况|定位|目标|优势|挑战|问题|措施|思路|指标|原则|需求|水平|机制|作用)$")
_NOUN_OF_DOING = re.compile(r"(?:建设|完善|对接|调解|保障|融合|应用|发展|创新|集成|就业)$")
SHORTEST_DOING = 4
"""Characters up to which 保障 is no task by itself: 资金保障."""
_DOCUMENT = re.compile(r"(?:政策|办法|标准|措施|规章|制度|指标)$")
_STANDING = re.compile(r"(?:机制|体系|平台|园区|服务|配送点|仓储|设施)$")


def gaps(answers: Iterable[Answer]) -> tuple[DraftGap, ...]:
    """One for each datum that the sheet lacks."""
    return tuple(
        DraftGap(point=a.point.id, question=m.question, department=m.department) for a in answers for m in a.missing
    )


def part(missing: Missing, desk: Desk) -> Part:
    """Which part of its indicator is missing: told by the unit and the name that the placeholder prints."""
    indicator = desk.outline.indicators_by_id.get(missing.indicator or "")
    if indicator is None or (missing.unit is None and indicator.unit is not None):
        return "text"
    if missing.unit == "%" and missing.name != indicator.name and _PART_END.search(missing.name):
        return "growth" if missing.name.endswith("增速") else "share"
    return "text" if indicator.expects == ("text",) else "value"


def figure_gaps(missing: Sequence[Missing], desk: Desk, scope: str) -> str:
    """全市进出口总额为【…】，增速为【…】: values, growths and shares that nothing in the sheet gives."""
    clauses: list[str] = []
    for one in missing:
        kind = part(one, desk)
        if kind == "value":
            clauses.append(f"；{scope}{one.name}为{one.placeholder}")
        elif kind in {"growth", "share"}:
            known = any(m.indicator == one.indicator and part(m, desk) == "value" for m in missing)
            what = {"growth": "增速", "share": "占比"}[kind]
            clauses.append(f"，{what}为{one.placeholder}" if known else f"；{scope}{one.name}为{one.placeholder}")
    return "".join(clauses).lstrip("；")


def described_gap(topic: str, placeholder: str, own: str = "") -> str:
    """What is to be described: 标准方面的情况为【待补充：电子商务标准建设情况】。 `own`: what stands for 城市."""
    said = re.sub(r"^城市(?:的)?(?=..)", own, topic) if own else topic
    if _NOUN.search(said):
        return f"{said}为{placeholder}。"
    return f"{said}方面的情况为{placeholder}。"


def needed_gap(topic: str, placeholder: str, own: str) -> str:
    """A need that nobody has described."""
    return f"在{topic}方面，{own}对电子商务的需求为{placeholder}。"


def intended_gap(answer: Answer, placeholder: str) -> Sentence:
    """What the outline wants done, as an intention, and a placeholder for how."""
    return Sentence(
        f"{intention(answer.point.text)}，具体内容为{placeholder}。", points=(answer.point.id,), theme="gap"
    )


def intention(wanted: str) -> str:
    """The point as something to be done: 研究制定配送车辆管理方面的政策措施, 推进三网融合."""
    if _DOCUMENT.search(wanted):
        return f"研究制定{wanted}"
    if form(wanted) in {Form.ACTION, Form.PREDICATE}:
        return wanted
    if wanted.endswith("方案"):
        return f"研究提出{wanted}"
    if wanted.endswith("支付"):
        return f"发展{wanted}"
    if _STANDING.search(wanted):
        return f"建立完善{wanted}"
    if _NOUN_OF_DOING.search(wanted) and (len(wanted) > SHORTEST_DOING or not wanted.endswith("保障")):
        return f"推进{wanted}"
    return f"研究制定{wanted}方面的措施"
