"""Moods: whether a passage tells of aims, of tasks or of what there is, by its headings and by the sentences before."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from service.text.years import YearMention

Target = Literal["clause", "sentence", "text", "open", "none"]
"""Where an aim is announced: in the clause, the sentence, the text before; `open`: it may be an aim or what there is."""

_AIM_CUE = "力争|争取|目标|将(?=达|建|实|突|超|形)|预计|确保|努力|届时|再(?:新)?建|打算|有望|拟"
_PLANNED = "计划|规划"
_TARGET_CUE = re.compile(f"{_AIM_CUE}|{_PLANNED}")
_LASTING_CUE = re.compile(
    f"{_AIM_CUE}|(?<!占)(?:{_PLANNED})(?!的|总|投资|[^，。；]{{0,4}}(?:面积|规模|库容|机架)|[占用]地|[一二两三]期|[^，。；\\d]{{0,3}}成)"
)
"""计划总投资, 规划建筑面积 tell of a project alone; any other cue also of the sentences after it."""
_LOOKS_BACK = re.compile("已|目前|截至|同比|(?:19|20)\\d\\d年")
AIM_AFTER = re.compile("(?:及?以[上下内])?的(?:发展|规划|预期|年度)?目标")
_AIMED = re.compile("目标[。：:\n]")
_ALREADY = re.compile("年?[底末]?，?已")
_SHORT_OF_AIM = re.compile("(?:[距离]|对照|对标)[^，。；]*目标")
_REACH = 400
"""Characters before a figure in which an aim may be announced."""
_MARKS = (
    re.compile("第?[一二三四五六七八九十]{1,3}[、章节]"),
    re.compile("[（(][一二三四五六七八九十]{1,3}[）)]"),
    re.compile(r"\d{1,2}[.．、](?!\d)|任务[一二三四五六七八九十]|[一二三四五六七八九十]{1,2}[是要]"),
    re.compile(r"[（(]\d{1,2}[）)]|\d{1,2}[）)]|[①-⑳]"),
)
"""What opens a numbered line, from the outermost level in."""
_DASH = re.compile("—|--|[●■◆•·]")
_PLAIN = 9
"""Level of a line without a number."""
_TITLE = re.compile("[^。，；：:\n]{2,30}")
_OF_AIMS = re.compile("目标|指标")
_NO_AIMS = re.compile("完成|实现情况|回顾|差距|达成")
_OF_TASKS = re.compile("任务|措施|对策|举措|工程|路径|思路|保障|布局|建设内容|重点项目")
_OF_NOW = re.compile("现状|(?:^|工作|发展)基础(?!设)|成效|概况|情况|效益|问题|矛盾|形势|回顾|困难|短板|优势|成绩|进展")
_OF_FACT = re.compile("现状|问题|回顾|概况|短板")
"""Titles of what there is wherever they stand."""
_LEADS_IN = re.compile("(?:(?:目标|指标)[^。；\n]{0,12}|[到至]20\\d\\d年[^。；\n]{0,20})[：:]$")
_TASK = re.compile(
    "(?:^|[，；。：:])(?:要|大力|积极|着力|进一步|全面|深入|持续|重点|[一二三四五六七八九十]是)*"
    "(?:加快|推动|推进|引导|布设|建设|打造|实施|支持|鼓励|完善|加强|强化|扩大|优化|壮大|落实|组织|促进|深化|降低|压缩"
    "|优先|使|新建|改造|构建|依托|发挥|拓展|做大|做强|通过)"
)
"""A clause that sets a task: 布设智能快件箱4500组."""
_NOW = re.compile("^[^，。；]{0,6}(?:目前|截至)[^；]*$")
"""A sentence that opens with the present tells of it up to the next semicolon."""
_DONE = re.compile("已|目前|截至|现有|同比|上年|实现了|完成了|达到了|先后|累计完成|以来")

_BOUND_FOR = re.compile(r"[^。；\d]{0,30}[到至](20\d\d)年[^\d]*")
_ENDS_OPEN = re.compile("[：:]$")
_TITLE_REACH = 120
"""Characters of a line that may lead in a list."""
Kind = Literal["aims", "tasks", "now"]


class _Line(NamedTuple):
    start: int
    level: int
    title: str
    kind: Kind | None
    leads_in: bool
    due: int
    """The year that a lead-in sets for the aims after it; 0 where it sets none."""


class Moods:
    """The mood of one text, told its claims in order; linear in the text. `newest`: the last year that is past, or 0."""

    def __init__(self, folded: str, paragraphs: list[int], newest: int) -> None:
        self._folded = folded
        self._newest = newest
        ends = [*paragraphs[1:], len(folded)]
        self._lines = [
            self._line(start, folded[start:end].strip()) for start, end in zip(paragraphs, ends, strict=True)
        ]
        self._next = 0
        self._aims = False
        self._open = False
        self._led_in = False
        self._heard_aims = False
        """Whether the text so far speaks of aims: 主要指标 are those that it has announced."""
        self._headings: list[tuple[float, Kind | None]] = []
        self._due: tuple[float, int] = (0.0, 0)
        """The level that the items of a dated lead-in have at the least, and its year."""

    def past(self, year: YearMention | None) -> bool:
        """Whether the year is no later than the newest that the sheet has figures of."""
        return year is not None and 0 < year.last <= self._newest

    def enter(self, paragraph: int) -> None:
        """Reads the headings up to the line that begins at `paragraph`."""
        while self._next < len(self._lines) and self._lines[self._next].start <= paragraph:
            self._read(self._lines[self._next])
            self._next += 1

    def _line(self, start: int, text: str) -> _Line:
        level, rest = _PLAIN, text
        for at, mark in enumerate(_MARKS):
            if opens := mark.match(text):
                level, rest = at + 1, text[opens.end() :]
                break
        else:
            if opens := _DASH.match(text):
                level, rest = len(_MARKS) + 1, text[opens.end() :].lstrip("—-")
        title = _TITLE.match(rest.strip())
        told = title[0] if title is not None and level < _PLAIN else ""
        bound = _BOUND_FOR.match(text[:_TITLE_REACH])
        due = int(bound[1]) if bound is not None and _ENDS_OPEN.search(text) else 0
        return _Line(start, level, told, _kind(told), self._leads_in(text), due if due > self._newest > 0 else 0)

    def _leads_in(self, text: str) -> bool:
        """主要指标如下：, or 到2020年，把……建设成为……。 that states no figure: the list after it is of aims."""
        bound = _BOUND_FOR.fullmatch(text[:_TITLE_REACH])
        return _LEADS_IN.search(text) is not None or (bound is not None and int(bound[1]) > self._newest > 0)

    def _read(self, line: _Line) -> None:
        """A numbered line ends what was announced before it, but for the aims of a heading or lead-in above it."""
        if line.due:
            self._due = (line.level, line.due)
        elif line.level <= self._due[0] < _PLAIN or (line.level < _PLAIN and line.kind is not None):
            self._due = (0.0, 0)
        if line.level < _PLAIN:
            if self._led_in:
                self._headings.append((line.level - 0.5, "aims"))
                self._led_in = False
            while self._headings and self._headings[-1][0] >= line.level:
                self._headings.pop()
            kind = self._kind(line)
            self._headings.append((line.level, kind))
            self._open = (self._open or self._aims) and kind != "now"
            self._aims = False
        self._led_in = self._led_in or line.leads_in
        self._heard_aims = self._heard_aims or line.leads_in or (line.kind == "aims" and "目标" in line.title)
        self._aims = self._aims or line.leads_in

    def _kind(self, line: _Line) -> Kind | None:
        """外贸形成新优势 under aims is an aim, 主要指标 under 发展现状 what there is."""
        if line.kind == "now" and self._heading in ("aims", "tasks") and not _OF_FACT.search(line.title):
            return None
        if line.kind == "aims" and "目标" not in line.title and (self._heading == "now" or not self._heard_aims):
            return None
        return line.kind

    @property
    def due(self) -> int:
        """The year by which the aims of the list are due, as its lead-in says; 0 where none does."""
        return self._due[1]

    @property
    def _heading(self) -> Kind | None:
        return next((kind for _, kind in reversed(self._headings) if kind is not None), None)

    def announced(self, start: int, end: int, year: YearMention | None) -> None:
        """Hears the words between two figures: 到2021年，…, 规模目标。"""
        due = year is not None and year.role == "until" and start <= year.start < end and not self.past(year)
        if (due and year is not None and not _ALREADY.match(self._folded, year.end)) or _AIMED.search(
            self._folded, max(start, end - _REACH), end
        ):
            self._aims, self._heard_aims, self._open = True, True, False

    def of(self, told: Target, before: str, year: YearMention | None, *, dated: bool, done: bool, ends: bool) -> Target:
        """The claim's own announcement `told`, or what the text around it tells; `before` is its sentence up to it."""
        if told != "none":
            if not _SHORT_OF_AIM.search(before) and (_LASTING_CUE.search(before) or (year and year.role == "until")):
                self._aims, self._heard_aims, self._open = True, True, False
            return told
        present = dated and self.past(year) and year is not None and year.role == "in"
        if done or present or _NOW.search(before):
            if ends:
                self._aims = self._open = False
            return "none"
        heading = self._heading
        if not dated and (self._aims or heading == "aims"):
            return "text"
        if self._open or heading == "tasks":
            return "open"
        return "open" if heading != "now" and sets_task(before) else "none"


def sets_task(before: str) -> bool:
    """Whether the sentence up to the figure tells what to do: 推动…降至, without a word of what was done."""
    return _TASK.search(before) is not None and not _DONE.search(before)


def _kind(title: str) -> Kind | None:
    if _OF_AIMS.search(title) and not _NO_AIMS.search(title):
        return "aims"
    if _OF_NOW.search(title):
        return "now"
    return "tasks" if _OF_TASKS.search(title) else None


def told_as_aim(clause: str, right: str, before: str, year: YearMention | None, reach: str) -> Target:
    """Whether the clause up to the figure, what follows it, or the sentence, announces an aim."""
    if _TARGET_CUE.search(clause) or AIM_AFTER.match(right):
        return "clause"
    if year is not None and year.role == "until" and reach in ("clause", "sentence"):
        return "sentence" if not re.search("已", clause) else "none"
    cues = [cue.end() for cue in _LASTING_CUE.finditer(before)]
    if cues and not _LOOKS_BACK.search(before[cues[-1] :]):
        return "sentence"
    return "none"
