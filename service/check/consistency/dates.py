"""When projects are begun, built and put to use: one year in the whole plan, and no stage before the one it follows."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.facts import Kind
from service.check.consistency.reading import Place, Text, bare, sentences
from service.facts.ledger import Ledger
from service.text.numerals import fold

BEGUN, BUILT, USED = range(3)
"""Stages in their order."""
_STAGES = (
    (BEGUN, re.compile("开工|动工|启动建设")),
    (BUILT, re.compile("建成|竣工|完工")),
    (USED, re.compile("投用|投产|投入使用|投入运营|投入运行")),
)
_EVENT = "(?:开工|动工|启动建设|建成|竣工|完工|投用|投产|投入使用|投入运营|投入运行)"
_YEARS = r"(?P<first>20\d\d)(?:年?[—–\-~～至到]{1,2}(?P<last>20\d\d))?年"
_DATED = re.compile(
    rf"(?P<by>[到至])?(?P<years>{_YEARS})(?:\d{{1,2}}月|[上下]半年|[一二三四]季度|年?[底末初])?[之以]?前?，?"
    rf"(?P<middle>[^，]{{0,40}}?)(?P<manner>(?:正式|全面|全部|基本|初步|实现|力争|确保|争取|计划|预计|将|拟|可|已)*)"
    rf"(?P<event>{_EVENT}(?:(?:并|、|和)?(?:正式|全面)?{_EVENT})*)(?P<rest>[^，]*)"
)
_SPAN = r"(?:建设|实施)(?:期限?|周期|年限|时间)"
_PERIOD = re.compile(rf"{_SPAN}[为是：]?(?P<years>{_YEARS})(?:，|$)")
_SOME = re.compile(f"{_EVENT}|{_SPAN}")
_CUT = re.compile(r"(?<![年底末前])，|[；（）]|(?<![期限间])：|、(?=[^、]{0,4}20\d\d)|并(?=[^、]{0,3}20\d\d)")
"""Between clauses; the comma of 2019年，…建成 is within one."""
_TAIL = re.compile("(?:建设|运营|运行|并|和|、|后|的)*")
"""What may follow an event of which the thing has been named before."""
_BEFORE_YEAR = re.compile("(?:计划|预计|力争|确保|争取|将|拟|可|已|于|在)+$")
_PHASE = re.compile("(?:第?[一二三四五]期|首期)(?:项目|工程)?$")
_PART = re.compile("基本|初步")
_AT_HAND = re.compile("依托|围绕|利用|借助|毗邻|结合|配合")
_ABOUT = re.compile(
    r"(?:项目|工程)?(?:总|计划|预计)*(?:投资|占地|用地|建筑面积|规划面积)|由[^，]*(?:建设|投资|实施|运营|牵头|负责)$|(?:选址|位于|落户)"
)
"""Clauses that go on about the thing named before them."""
_KIND = re.compile("(?<!项目)(?<!工程)(?<!建设)(?<!的)(?:项目|工程|建设|的)+$")
_LONGEST = 120
"""Characters of a clause that is read at all."""
_AND = re.compile("、|以及|和|与|及")


@dataclass(frozen=True, slots=True)
class Dated:
    """That a project, or one phase of it, reaches a stage in first–last; `first` 0 where a year is but the latest."""

    place: Place
    around: str
    name: str
    phase: str
    stage: int
    first: int
    last: int
    summary: bool
    planned: bool = False
    """The end of a period of building, before which parts may be in use."""


def dated(text: Text, names: Container[str]) -> Iterator[Dated]:
    """Every stage that the section dates. `names`: projects, as `plain` spells them."""
    for offset, sentence in sentences(text):
        if not _SOME.search(sentence):
            continue
        owners: tuple[str, ...] = ()
        phase = ""
        for at, clause in _clauses(fold(sentence)):
            if found := _PERIOD.search(clause) or _DATED.search(clause):
                told, phase = _split_phase(clause[: found.start()], phase)
                owners = _owners(told, found, owners, names)
                for name in owners:
                    yield from _stages(text, offset + at, found, name, phase)
            elif _PHASE.fullmatch(clause):
                _, phase = _split_phase(clause, "")
            elif not _ABOUT.match(clause):
                told, phase = _split_phase(clause, "")
                owners = _named(told, names)


def plain(name: str) -> str:
    """A project's name without verbs before it, quotation marks, and what kind of work it is."""
    return _KIND.sub("", bare(re.sub("[“”]", "", name)))


def known_dates(ledger: Ledger) -> dict[str, list[Dated]]:
    """What the facts say of each project, by its plain name: whatever a project's own text dates is the project."""
    found: dict[str, list[Dated]] = {}
    for fact in ledger.of_kind(Kind.PROJECT):
        said = Text("", fact.text or "", fact.text or "", summary=False)
        here = found.setdefault(plain(fact.name), [])
        for offset, sentence in sentences(said):
            for at, clause in _clauses(fold(sentence)):
                if match := _PERIOD.search(clause) or _DATED.search(clause):
                    _, phase = _split_phase(clause[: match.start()], "")
                    here.extend(_stages(said, offset + at, match, plain(fact.name), phase))
        if not here and fact.year:
            nowhere = Place("", 0, 0, "")
            here.extend(
                Dated(nowhere, "", "", "", stage, fact.year, fact.year, summary=False) for stage in (BUILT, USED)
            )
    return found


def out_of_step(said: Iterable[Dated], known: Mapping[str, Sequence[Dated]]) -> Iterator[tuple[Dated, Dated]]:
    """(wrong, other) where two sections date one project differently: wrong is what the facts do not bear out."""
    groups: dict[tuple[str, str], dict[tuple[str, int, int, int], Dated]] = {}
    for one in said:
        groups.setdefault((one.name, one.phase), {}).setdefault(
            (one.place.section, one.stage, one.first, one.last), one
        )
    for (name, _), group in groups.items():
        trusted = sorted(group.values(), key=lambda s: (not _borne_out(s, known.get(name, ())), s.summary))
        reported: set[Place] = set()
        for n, wrong in enumerate(trusted):
            if wrong.place in reported or _borne_out(wrong, known.get(name, ())):
                continue
            others = (o for o in trusted[:n] if o.place.section != wrong.place.section and _contradict(wrong, o))
            if other := next(others, None):
                reported.add(wrong.place)
                yield wrong, other


def _clauses(sentence: str) -> Iterator[tuple[int, str]]:
    """Clauses with where they stand; in the place of one that is too long, an empty one that names nothing."""
    at = 0
    for start, end in [*(cut.span() for cut in _CUT.finditer(sentence)), (len(sentence), len(sentence))]:
        yield at, sentence[at:start] if start - at <= _LONGEST else ""
        at = end


def _split_phase(head: str, phase: str) -> tuple[str, str]:
    """What stands before the year without the phase, and the phase: that of the clause before where it names nothing."""
    head = _BEFORE_YEAR.sub("", head.strip("　 ，"))
    if found := _PHASE.search(head):
        return head[: found.start()], found[0].replace("首", "一").removeprefix("第")[:2]
    return head, "" if head else phase


def _owners(head: str, found: re.Match[str], before: tuple[str, ...], names: Container[str]) -> tuple[str, ...]:
    """The projects that a dated clause speaks of: named before the year, between it and the event, or behind that."""
    parts = found.groupdict()
    middle, rest = parts.get("middle") or "", parts.get("rest") or ""
    if "分别" in head + middle:
        return ()
    if not _TAIL.fullmatch(rest):
        return () if head or middle else _named(rest.removeprefix("的"), names)
    if head and middle:
        return ()
    return _named(head or middle, names) if head or middle else before


def _named(run: str, names: Container[str]) -> tuple[str, ...]:
    """The projects that a run of words consists of, alone or as a list; none where it says anything else."""
    if _AT_HAND.match(run):
        return ()
    if (whole := plain(run)) in names:
        return (whole,)
    items = tuple(plain(item) for item in _AND.split(run))
    return items if all(item in names for item in items) else ()


def _stages(text: Text, at: int, found: re.Match[str], name: str, phase: str) -> Iterator[Dated]:
    """The stages that a match dates: a period begins and ends, an event is of one stage or of two (建成投用)."""
    place = text.place(at + found.start("years"), at + found.end("years"))
    first, last = int(found["first"]), int(found["last"] or found["first"])
    around = text.text[at + found.start() : at + found.end()].strip("，")
    if found.re is _PERIOD:
        yield Dated(place, around, name, phase, BEGUN, first, first, text.summary)
        yield Dated(place, around, name, phase, BUILT, last, last, text.summary, planned=True)
        return
    part = _PART.search(found["manner"])
    for stage, words in _STAGES:
        if words.search(found["event"]):
            reached = 0 if found["by"] else first
            yield Dated(place, around, name, phase + (part[0] if part else ""), stage, reached, last, text.summary)


def _contradict(one: Dated, other: Dated) -> bool:
    earlier, later = sorted((one, other), key=lambda d: d.stage)
    if later.stage == USED and earlier.planned:
        return False
    return later.last < earlier.first or (earlier.stage == later.stage and earlier.last < later.first)


def _borne_out(one: Dated, known: Sequence[Dated]) -> bool:
    same = [k for k in known if k.stage == one.stage and k.phase == one.phase]
    return any(k.first <= one.last and one.first <= k.last for k in same)
