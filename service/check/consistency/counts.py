"""Announced numbers: 实施八大工程 must be followed by eight, and be eight wherever it is said again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.check.consistency.reading import Place, Text

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_NOUNS = "工程|任务|项目|行动|改革|举措|措施|计划|品牌|平台|园区|基地|中心|体系|机制|办法|制度|政策|领域|片区|原则|环节|抓手|突破|试点"
_ANNOUNCED = re.compile(
    rf"(?P<number>\d{{1,2}}|[二三四五六七八九]?十[一二三四五六七八九]?|[两二三四五六七八九])"
    rf"(?P<measure>大|项|个|类|条)(?P<noun>(?:[\u4e00-\u9fff]{{0,6}}?)(?:{_NOUNS}))(?P<scope>建设)?"
)
_LISTED = re.compile(
    r"^(?:，?(?:即|包括|分别(?:是|为)|主要(?:是|包括|有)|具体(?:是|为|包括)|涵盖)[：:]?|[：:])(?P<items>[^。；\n]{4,400})"
)
_ORDINALS = (
    re.compile(r"(?:^|[，。；：\n])(?P<n>[一二三四五六七八九十]{1,2})是"),
    re.compile(r"(?:^|[。；：\n])第(?P<n>[一二三四五六七八九十]{1,2})[，、]"),
    re.compile(r"(?:^|[。；：\n])(?P<n>\d{1,2})[.．、](?!\d)"),
    re.compile(r"(?:^|[。；：\n])（(?P<n>[一二三四五六七八九十]{1,2}|\d{1,2})）"),
)
_NO_ANNOUNCEMENT = re.compile(r"(?:其中|前|后|第|每|近|约|余|多|至少|不少于|超过|建成|培育|打造|新增|引进)$")
_SEPARATORS = re.compile(r"[、；]|(?<=[”》])(?:和|及|以及|与)?(?=[“《])")


@dataclass(frozen=True, slots=True)
class Announced:
    """An announced number; `listed` and `items` where the text lists what it announces."""

    place: Place
    number: int
    noun: str
    listed: int | None
    open_end: bool
    """The list closes with 等: it may be shorter than announced."""
    items: Place | None
    summary: bool


def announced(text: Text) -> Iterator[Announced]:
    """Every announced number of the section, with the list that goes with it."""
    for found in _ANNOUNCED.finditer(text.text):
        before = text.text[max(0, found.start() - 60) : found.start()]
        after_mark = before[-1:]
        if after_mark.isdigit() or after_mark in "第.〔—～-~":
            continue
        number = _value(found["number"])
        after = text.text[found.end() :]
        listed, open_end, items = (
            _list_after(text, found.end(), number) or _list_before(text, found.start()) or (None, False, None)
        )
        if listed is None and found["measure"] not in "大项":
            continue
        if listed is None and _NO_ANNOUNCEMENT.search(before):
            continue
        if number < 2 or after.startswith(("以上", "左右")):
            continue
        yield Announced(
            text.place(found.start(), found.end()), number, found["noun"], listed, open_end, items, text.summary
        )


def _value(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS[text]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _list_after(text: Text, at: int, number: int) -> tuple[int, bool, Place] | None:
    """A、B和C after a colon or 包括; 一是…二是…, （一）…（二）… or 1.…2.… after the sentence."""
    rest = text.text[at : at + 1500]
    head = rest[: (rest + "\n").index("\n")]
    for pattern in _ORDINALS:
        marks = _run_of(list(pattern.finditer(rest)))
        if len(marks) >= 2 and not _ANNOUNCED.search(rest[: marks[0].start()]) and marks[0].start() <= len(head) + 1:
            return len(marks), False, text.place(at + marks[0].start(), at + marks[-1].end())
    if listed := _LISTED.match(rest):
        items, open_end = _items(listed["items"])
        if len(items) >= 2:
            return len(items), open_end, text.place(at + listed.start("items"), at + listed.end("items"))
    return None


def _run_of(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """The marks that count on from one: 一是, 二是, 三是 …"""
    run: list[re.Match[str]] = []
    for mark in marks:
        if _value(mark["n"]) == len(run) + 1:
            run.append(mark)
    return run


def _list_before(text: Text, at: int) -> tuple[int, bool, Place] | None:
    """“A”“B”“C”三大工程, A、B、C等三大工程."""
    start = max((text.text.rfind(c, max(0, at - 200), at) for c in "。；，：\n"), default=-1) + 1
    clause = text.text[start:at]
    body = clause.removesuffix("这").removesuffix("等")
    quoted = re.findall(r"“[^”]+”|《[^》]+》", body)
    items = quoted if len(quoted) >= 2 and body.endswith(("”", "》")) else _SEPARATORS.split(body)
    if (len(items) >= 2 and body.endswith(("”", "》"))) or (len(items) >= 3 and clause.endswith(("等", "这"))):
        return len(items), clause.endswith("等"), text.place(start, at)
    return None


def _items(run: str) -> tuple[list[str], bool]:
    """Items of a written list, and whether it closes with 等."""
    run = re.sub(r"（[^（）]*）", "", run)
    open_end = bool(re.search(r"等(?:[\u4e00-\u9fff]{0,8})?$", run.split("，")[0]))
    first = run if "，" in run and "、" not in run else run.split("，")[0]
    parts = [p for p in re.split(r"[、，]", first) if p.strip()]
    last = re.split(r"(?<=[^、])(?:和|以及|及|与)(?=[^、]{2,})", parts[-1]) if parts else []
    return [*parts[:-1], *last], open_end


def miscounted(said: list[Announced]) -> Iterator[tuple[Announced, Place]]:
    """(announcement, the list or other announcement that it differs from)."""
    for one in said:
        if (
            one.listed is not None
            and one.items
            and one.listed != one.number
            and not (one.open_end and one.listed < one.number)
        ):
            yield one, one.items
    nouns: dict[str, list[Announced]] = {}
    for one in said:
        nouns.setdefault(one.noun, []).append(one)
    for group in nouns.values():
        right = sorted(
            (a for a in group if a.listed in {None, a.number} or a.open_end),
            key=lambda a: (a.listed is None, a.summary),
        )
        for n, wrong in enumerate(right):
            others = (o for o in right[:n] if o.number != wrong.number and o.place.section != wrong.place.section)
            if wrong.listed is None and (other := next(others, None)):
                yield wrong, other.place
