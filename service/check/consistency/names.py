"""Projects and tasks: one name in the whole plan, and none in the summary that no other section has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from service.check.consistency.reading import Place, Text, bare

KINDS = "平台|产业园|物流园|物流港|园区|基地|中心|工程|枢纽|孵化器|示范区|试验区|综合体|大厦|专区|系统"
SIMILAR = 78
"""Similarity (0–100) from which two names of one kind are thought to mean one project; 智慧物流平台 and 智能物流平台."""
_QUOTED = re.compile(rf"“(?P<name>[^“”]{{2,24}})”(?P<kind>(?:[\u4e00-\u9fff]{{0,6}}?)(?:{KINDS}|计划|行动|项目))?")
_PLAIN = re.compile(
    rf"(?:建设|建成|实施|推进|打造|新建|规划建设|启动|搭建|设立|开展|完成|包括|：|、|和|及)(?P<name>[\u4e00-\u9fffA-Za-z0-9（）·]{{4,24}}?(?:{KINDS}))"
    r"(?=[，。；、（）：\n]|和|及|与|等|项目|工程|建设|总投资|投资|$|[一二三四五六七八九十\d])"
)
_INVESTED = re.compile(r"^(?:项目|工程|建设)?[，（]?(?:项目)?(?:总|计划|预计)*投资(?:额)?约?\d")
_COUNTED = re.compile(r"^(?:\d+|[一二两三四五六七八九十]+)(?:大|项|个|类|条|处|座)")
_KIND = re.compile(rf"(?:{KINDS}|计划|行动|项目)$")


@dataclass(frozen=True, slots=True)
class Called:
    """A project or task called by name; `own`: it is surely one (quoted, the subject's, or with its investment)."""

    place: Place
    name: str
    own: bool
    summary: bool


def called(text: Text, subject: tuple[str, ...]) -> Iterator[Called]:
    """Names of projects in the section."""
    seen: set[int] = set()
    for found in _QUOTED.finditer(text.text):
        if not found["kind"] and not _KIND.search(found["name"]):
            continue
        kind = found["kind"] or ""
        name = found["name"] + ("" if _COUNTED.match(kind) else kind)
        seen.update(range(found.start(), found.end()))
        yield Called(text.place(found.start(), found.end()), name, True, text.summary)
    for found in _PLAIN.finditer(text.text):
        if found.start("name") in seen:
            continue
        name = bare(found["name"])
        start = found.end("name") - len(name)
        if len(name) < 5 or _COUNTED.match(name):
            continue
        own = any(s in name for s in subject) or bool(
            _INVESTED.match(text.text[found.end("name") : found.end("name") + 16])
        )
        yield Called(text.place(start, found.end("name")), name, own, text.summary)


def strangers(
    said: Iterable[Called], texts: Iterable[Text], known: frozenset[str]
) -> Iterator[tuple[Called, Called | None]]:
    """(name, what it should be): another section's name of the same project, the facts' name, or None.

    A name that another section has word for word, or a shortened form of one, is no stranger.
    """
    said = list(said)
    bodies = [t for t in texts if not t.summary]
    where = {t.section: t.text.replace("“", "").replace("”", "") for t in texts}
    names = {c.name for c in said}
    told: set[tuple[str, str]] = set()
    for one in sorted(said, key=lambda c: (c.name in known, not c.summary)):
        elsewhere = [t for s, t in where.items() if s != one.place.section]
        if any(one.name in t for t in elsewhere) or one.name in known:
            continue
        near = _near(one, (c for c in said if c.place.section != one.place.section and not _shares(c, one, where)))
        if near:
            if (near.name, one.name) not in told:
                told.add((one.name, near.name))
                yield one, near
        elif (
            one.summary
            and one.own
            and bodies
            and not any(_shortened(one.name, n) for n in (names | known) - {one.name})
        ):
            yield one, None


def _shares(other: Called, one: Called, where: dict[str, str]) -> bool:
    """Both names stand in one section: two projects, not two names of one."""
    return other.name in where[one.place.section]


def _near(one: Called, others: Iterable[Called]) -> Called | None:
    best: tuple[float, Called] | None = None
    for other in others:
        if other.name == one.name or _shortened(one.name, other.name) or _shortened(other.name, one.name):
            continue
        if not (one.own or other.own):
            continue
        score = fuzz.ratio(one.name, other.name)
        if score >= SIMILAR and (best is None or score > best[0]):
            best = (score, other)
    return best[1] if best else None


def _shortened(short: str, full: str) -> bool:
    """物流信息平台 for 智能物流信息平台: every character of the one stands in the other, in order."""
    rest = iter(full)
    return len(short) < len(full) and all(c in rest for c in short)
