"""The coverage check: a section's text treats each point of its outline, leaves a placeholder for it, or misses it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal, NamedTuple

from schemas.finding import CheckName, Finding, Severity
from schemas.outline import Indicator, Outline, Point, Section
from service.check.case import Case

NEAR = 60
"""Characters within which the words of a point's groups must stand: about two clauses."""

_SENTENCE = re.compile(r"[^。！？\n]+")
_PLACEHOLDER = re.compile(r"【待补充：?([^【】\n]*)】")
_BLANK = re.compile(r"[^\S\n]")
_FILLER = "□"
_DIGITS = (
    r"(?:(?<![\d.,])\d[\d.,]{0,15}+|(?<![一二两三四五六七八九十百千几数])[一二两三四五六七八九十百千几数]{1,8}"
    r"(?=[万亿千百成倍个家户项名人]|分之)|过半|半数)"
)
_MARKS = {
    "…": r"[^。！？\n]{0,24}?",
    "‥": r"[^。！？，；,;\n]{0,12}?",
    "#": rf"(?:{_DIGITS}|】|【建议值)",
    "¥": rf"(?:{_DIGITS}余?多?[万亿千百]*余?多?(?:美元|元|人民币)|】|【建议值)",
}
"""What the marks of a sign stand for; an unfilled place or a proposal is read where a figure is due."""

State = Literal["covered", "placeholder", "missing"]


class PointState(NamedTuple):
    """How a text treats a point; `start`, `end`: code points, end exclusive (both the text's end when missing)."""

    point: Point
    state: State
    start: int
    end: int


def treated(section: Section, text: str, outline: Outline | None = None) -> tuple[PointState, ...]:
    """One state for each point of the section, in order. With the outline, a placeholder is known by indicator too."""
    tight, places = _without_blanks(text)
    gaps = tuple(_PLACEHOLDER.finditer(tight))
    shown = _PLACEHOLDER.sub(lambda m: _FILLER * len(m[0]), tight) if gaps else tight
    known = outline.indicators_by_id if outline else {}
    found = (_state(point, tight, shown, gaps, known) for point in section.points)
    return tuple(_placed(state, places) if places else state for state in found)


def _without_blanks(text: str) -> tuple[str, list[int]]:
    """The text as signs read it (金融 IC 卡 is 金融IC卡), and where its characters stood; no places when nothing went."""
    if not _BLANK.search(text):
        return text, []
    places = [at for at, char in enumerate(text) if not _BLANK.match(char)]
    return "".join(text[at] for at in places), [*places, len(text)]


def _placed(state: PointState, places: list[int]) -> PointState:
    end = places[state.end - 1] + 1 if state.end > state.start else places[state.end]
    return state._replace(start=places[state.start], end=end)


def check_coverage(case: Case) -> Iterable[Finding]:
    """Points that a section neither treats nor marks as open: an error in a writer's text, a warning in a person's."""
    for section_id, text in case.texts.items():
        section = case.outline.sections_by_id.get(section_id)
        if section is None:
            continue
        drafted = case.author == "writer" and section_id not in case.edited
        severity = Severity.ERROR if drafted else Severity.WARNING
        for point, state, start, end in treated(section, text, case.outline):
            if state == "missing" and not point.optional:
                yield Finding(
                    check=CheckName.COVERAGE,
                    severity=severity,
                    section=section_id,
                    start=start,
                    end=end,
                    excerpt=text[start:end],
                    message=f"本节没有写到“{point.text}”，请补写；暂缺资料的，写明【待补充：{point.text}】",
                    point=point.id,
                    point_text=point.text,
                )


def _state(
    point: Point, text: str, shown: str, gaps: tuple[re.Match[str], ...], known: dict[str, Indicator]
) -> PointState:
    named = next((gap for gap in gaps if _named(point, gap[1], known)), None)
    if named:
        return PointState(point, "placeholder", *named.span())
    if found := _find(point, shown):
        return PointState(point, "covered", *found)
    if gaps and (found := _find(point, text)):
        return PointState(point, "placeholder", *found)
    return PointState(point, "missing", len(text), len(text))


def _named(point: Point, content: str, known: dict[str, Indicator]) -> bool:
    """Whether a placeholder asks for this point: by its own words, or by the name of one of its indicators."""
    names = (point.text, *(known[i].name for i in point.indicators if i in known))
    return _any_name(names).search(content) is not None


@cache
def _any_name(names: tuple[str, ...]) -> re.Pattern[str]:
    """A name that begins a placeholder or follows a year or an owner: 电子商务交易额 does not stand in 跨境电子商务交易额."""
    return re.compile(f"(?<![^年市省区县的、，；和及：])(?:{'|'.join(map(re.escape, names))})")


def _find(point: Point, text: str) -> tuple[int, int] | None:
    """Where the text first treats the point."""
    for sign in point.signs:
        if found := pattern(sign).search(text):
            return found.span()
    if point.signs:
        return None
    return next(_together(point.keywords, text), None) if point.keywords else _plain(point.text, text)


def _plain(words: str, text: str) -> tuple[int, int] | None:
    at = text.find(words)
    return (at, at + len(words)) if at >= 0 else None


@cache
def pattern(sign: str) -> re.Pattern[str]:
    """A sign as a regular expression."""
    return re.compile("".join(_MARKS.get(char, char) for char in sign))


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def _together(groups: tuple[tuple[str, ...], ...], text: str) -> Iterator[tuple[int, int]]:
    """Places where one word of each group stands within `NEAR` characters of one sentence."""
    first, *others = (_any_of(group) for group in groups)
    for sentence in _SENTENCE.finditer(text):
        rest = [[m.span() for m in other.finditer(text, *sentence.span())] for other in others]
        if not all(rest):
            continue
        for match in first.finditer(text, *sentence.span()):
            at = match.start()
            spans = [match.span(), *(min(spans, key=lambda s: abs(s[0] - at)) for spans in rest)]
            start, end = min(s for s, _ in spans), max(e for _, e in spans)
            if end - start <= NEAR:
                yield start, end
