"""Who the fact sheet itself says leads what, and the sections' sentences that give the same thing to another body."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from schemas.facts import Fact, Kind
from service.check.consistency.bodies import DEPARTMENT, RANKS, same_body
from service.check.consistency.clauses import matter
from service.check.consistency.reading import Place, Text, bare, sentences
from service.facts.ledger import Ledger
from service.facts.naming import core_name

HEAD, DEPARTMENT_OF_ALL, OFFICE = "领导小组组长", "创建工作牵头部门", "领导小组办公室"
"""What there is one of in a plan; every other thing that is led is called by its own name."""
_SAID = {HEAD: 3, DEPARTMENT_OF_ALL: 5}
"""Characters behind the body that say its role: 任组长, 为牵头部门."""
_BODIES = r"(?:[\u4e00-\u9fff]{2,24}、){0,4}[\u4e00-\u9fff]{2,24}?"
_ONE = rf"(?:{DEPARTMENT}|[\u4e00-\u9fff]{{2,4}}海关)"
_HEADED = re.compile(rf"(?P<body>{_BODIES})(?<!副)(?:担任|兼任|任)(?:领导小组)?组长|(?<!副)组长(?:由|为|：)(?P<named>{_BODIES})(?:担任|兼任|同志|[，。；、]|$)")  # fmt: skip
_SEATED = re.compile(rf"办公室(?:设在|设于|设)(?P<body>{DEPARTMENT})(?=[，。；、（）]|$)")
_NAMED_LEAD = re.compile(
    rf"(?P<body>(?:{_ONE}[、和与及])*{_ONE})(?:为|是|作为|担任)(?:创建工作)?的?(?:总)?牵头(?:部门|单位)"
    rf"|(?<!（)牵头(?:部门|单位)(?:是|为|：|由)(?P<named>(?:{_ONE}[、和与及])*{_ONE})(?=[，。；（）]|$|担任)"
)
_LED = re.compile(rf"(?:(?<=由)|(?<=[，；：])|^)(?P<body>(?:{_ONE}(?:、|和|与|及|会同))*{_ONE})(?:共同|联合|负责)?牵头(?!部门|单位|人)")  # fmt: skip
_BRACKETED = re.compile(rf"（牵头(?:单位|部门)[：:](?P<body>(?:{_ONE}[、和与及])*{_ONE})(?=[，；）])")
_OTHER_GROUP = re.compile(r"专项|专门|专家|工作组|推进组|专班|小组下设|分组|各(?:县|区|市|乡|地|级)|县|乡|镇|街道")
"""Words of a sentence whose group is not the leading group of the plan, or not the only one."""
_WHOLE = re.compile(
    r"(?:创建(?:国家)?(?:电子商务)?(?:示范(?:城市|基地))?|示范(?:城市|基地)(?:的)?(?:创建|建设))(?:的?各项)?(?:工作|任务)?$"
)
_WHOLE_AFTER = re.compile(r"^[，]?(?:负责|统筹|组织|推进|协调|承担|抓好|做好|实施)+(?:全市)?创建工作(?:的|，|。|；|$)")
_ORGANISED = re.compile(r"创建|领导小组|示范(?:城市|基地)")
_VERBS = re.compile(r"建立健全|建立|建设|完善|健全|推进|开展|制定|制订|出台|实施|打造|组建|设立|搭建|构建|编制|起草|负责|组织|抓好|做好")  # fmt: skip
_LINKS = re.compile(r"^[，]?(?:会同[^，。；]{2,40}?(?=建立|建设|完善|健全|推进|开展|制定|制订|实施|组建|搭建|编制|负责|组织)|共同|联合|负责|组织|具体|抓好)*")  # fmt: skip
_MANNER = re.compile(r"(?:的?(?:建设|工作|管理|实施|组织|制定|筹集|推进|开展|任务))+$")
_TITLED = re.compile(r"《([^《》]{4,60})》")
_AMONG = re.compile(r"^(?:、[^。；]{0,40}?|[^，。；]{0,12}?)的(?P<thing>[\u4e00-\u9fff]{4,20}?)(?=[，。；、]|$)")
"""由…牵头、有关部门参加的联席会议制度."""
_MECHANISM = re.compile(r"^(?:、[^。；]{0,40}?)?的(?:创建)?工作(?:推进|协调)?(?:机制|格局|体系)(?=[，。；]|$)")
_WHOSE = re.compile(r"^(?:全市|我市|本市|市级(?=..)|跨?部门间?|创建工作)+")
_AND = re.compile(r"、|会同|(?<=[局委办厅部行关会室府心])[和与及](?=市|省|区|县|人民银行|[\u4e00-\u9fff]{2,4}海关)")
"""Between two bodies; 发展和改革委员会 is one."""
_CALLED = re.compile(r"(?:组长|牵头部门|牵头单位|办公室设[在于]?)[为是由：]?$")
_SHORTEST = 4
_MOST_OF_WHOLE = 18


@dataclass(frozen=True, slots=True)
class Assigned:
    """That the sheet gives a thing to a body: `bodies` in one spelling, `printed` as the sheet says it."""

    thing: str
    bodies: frozenset[str]
    printed: str
    fact: str

    @property
    def told(self) -> str:
        """创建工作牵头部门为“…”, 电子商务统计监测体系由“…”牵头."""
        if self.thing in (HEAD, DEPARTMENT_OF_ALL):
            return f"{self.thing}为“{self.printed}”"
        return f"{self.thing}设在“{self.printed}”" if self.thing == OFFICE else f"{self.thing}由“{self.printed}”牵头"


@dataclass(frozen=True, slots=True)
class Claimed:
    """That a section does."""

    place: Place
    things: tuple[str, ...]
    bodies: frozenset[str]
    around: str


def contradicted(texts: list[Text], ledger: Ledger, organised: frozenset[str]) -> Iterator[tuple[Claimed, Assigned]]:
    """Claims of the texts against the sheet. `organised`: sections on who does what, where no more need be said."""
    known = ledger.once("leads", lambda: _assigned(ledger))
    if not known:
        return
    for text in texts:
        for claim in _claims(text, ledger.subject.names, text.section in organised):
            same = [a for thing in claim.things for a in _of(thing, known)]
            if same and not any(_meet(claim.bodies, a) for a in same):
                yield claim, same[0]


# --- the sheet ----------------------------------------------------------------------------------------------------


def _assigned(ledger: Ledger) -> tuple[Assigned, ...]:
    return tuple(a for fact in ledger.facts for a in _of_fact(fact, ledger))


def _of_fact(fact: Fact, ledger: Ledger) -> Iterator[Assigned]:
    own, text = ledger.subject.names, fact.text or ""
    if fact.kind is Kind.ORGANISATION:
        roles = list(_roles(text, own, lambda _: True))
        yield from (Assigned(role, bodies, printed, fact.id) for role, bodies, printed, _ in roles)
        if not roles and fact.indicator == "lead-department" and re.fullmatch(DEPARTMENT, text):
            yield Assigned(DEPARTMENT_OF_ALL, _spelt(text, own), text, fact.id)
    led = [
        (_things(sentence, found, organised=True), found)
        for sentence in re.split(r"[。\n]", text)
        for found in _leads(sentence)
    ]
    for things, found in led:
        name = core_name(fact.name, ledger.subject)
        named = things if things or len(led) > 1 or fact.kind is Kind.ORGANISATION else (_core(name),)
        if DEPARTMENT_OF_ALL not in named and len(led) == 1 and len(name) >= _SHORTEST and fact.indicator is None:
            named = (*named, _core(name))
        yield from (Assigned(t, _spelt(found["body"], own), found["body"], fact.id) for t in dict.fromkeys(named) if t)


def _of(thing: str, known: tuple[Assigned, ...]) -> list[Assigned]:
    """What the sheet says of this thing, called by its name or, where only one name can be meant, by the end of it."""
    if same := [a for a in known if a.thing == thing]:
        return same
    if len(thing) < _SHORTEST:
        return []
    longer = {a.thing for a in known if a.thing.endswith(thing)}
    return [a for a in known if a.thing in longer] if len(longer) == 1 else []


# --- the texts ----------------------------------------------------------------------------------------------------


def _claims(text: Text, own: tuple[str, ...], organised: bool) -> Iterator[Claimed]:
    for offset, sentence in sentences(text):
        if not any(cue in sentence for cue in ("牵头", "组长", "办公室设")):
            continue

        def of_all(before: str, sentence: str = sentence) -> bool:
            return not _OTHER_GROUP.search(sentence[: len(before) + 40]) and (
                bool(_ORGANISED.search(before)) or (organised and not _CALLED.sub("", before).strip("　 ，"))
            )

        for role, bodies, _, (start, end) in _roles(sentence, own, of_all):
            place = text.place(offset + start, offset + end)
            yield Claimed(place, (role,), bodies, _around(sentence, start, end + _SAID.get(role, 0)))
        for found in _leads(sentence):
            start, end = found.span("body")
            if things := _things(sentence, found, organised=organised):
                place = text.place(offset + start, offset + end)
                yield Claimed(place, things, _spelt(found["body"], own), _around(sentence, start, found.end()))


def _around(sentence: str, start: int, end: int) -> str:
    opening = max(sentence.rfind(c, 0, start) for c in "，；") + 1
    return sentence[opening:end].rpartition("（")[2].strip("　 ，")


# --- reading a sentence -------------------------------------------------------------------------------------------


def _roles(
    sentence: str, own: tuple[str, ...], of_all: Callable[[str], bool]
) -> Iterator[tuple[str, frozenset[str], str, tuple[int, int]]]:
    """(role, bodies, as printed, span) for the roles that a plan has once; `of_all` judges the words before."""
    for role, pattern in ((HEAD, _HEADED), (OFFICE, _SEATED), (DEPARTMENT_OF_ALL, _NAMED_LEAD)):
        for found in pattern.finditer(sentence):
            group = "body" if found["body"] else "named"
            start, end = found.span(group)
            start += found[group].rfind("由") + 1
            if not of_all(sentence[:start].removesuffix("由")):
                continue
            said = sentence[start:end]
            if bodies := _ranks(said) if role == HEAD else _spelt(said, own):
                yield role, bodies, said, (start, end)


def _leads(sentence: str) -> Iterator[re.Match[str]]:
    if "牵头" in sentence:
        yield from _LED.finditer(sentence)
        yield from _BRACKETED.finditer(sentence)


def _things(sentence: str, found: re.Match[str], *, organised: bool = False) -> tuple[str, ...]:
    """What the body leads, as the words right before it and right behind it say."""
    before = re.split(r"[；。]", sentence[: found.start()].removesuffix("由"))[-1].strip("，：　 。")
    if found.re is _BRACKETED:
        return _long([t for clause in re.split("[，：]", before) for t in _parts(clause)])
    behind = sentence[found.end() :]
    if _of_everything(before, behind, organised=organised):
        return (DEPARTMENT_OF_ALL,)
    if among := _AMONG.match(behind):
        return _long([_core(among["thing"])])
    after = re.split(r"[，；。（）]", behind.lstrip("，"))[0]
    return _long([*_parts(_told(before)), *(_parts(_LINKS.sub("", after)) if matter(after) else ())])


def _told(before: str) -> str:
    """The last clause that names a thing, unless another body leads that: 建设…平台，总投资6000万元，(由市商务局牵头)."""
    for clause in reversed(re.split("[，：]", before)):
        if matter(clause):
            return clause
        if "牵头" in clause:
            break
    return ""


def _of_everything(before: str, behind: str, *, organised: bool) -> bool:
    """Whether the whole work is led, no task of it: 创建工作由…牵头; in a section on who does what, also 由…牵头 alone."""
    last = re.split("[，：]", before)[-1]
    if _WHOLE.search(last) and len(last) <= _MOST_OF_WHOLE:
        return True
    if _OTHER_GROUP.search(before):
        return False
    return bool((not last and _WHOLE_AFTER.match(behind)) or (organised and _MECHANISM.match(behind)))


def _long(things: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t for t in things if len(t) >= _SHORTEST))


def _parts(clause: str) -> list[str]:
    """The things that a clause names: its 《titles》, else each item of its list without verbs before or behind it."""
    if titled := _TITLED.findall(clause):
        return titled
    items = re.split("、|以及|并", clause)
    return [_core(re.sub("^(?:管理|筹集|统筹)", "", _VERBS.split(_MANNER.sub("", item))[-1])) for item in items]


def _core(name: str) -> str:
    text = _MANNER.sub("", bare(name)).strip("“”")
    shorter = _WHOSE.sub("", re.sub("(?:制度|机制)$", "", text))
    return shorter if len(shorter) >= _SHORTEST else text


# --- comparing bodies ---------------------------------------------------------------------------------------------


def _ranks(said: str) -> frozenset[str]:
    """Offices that a list of persons names; empty where one is told in general words only (主要领导)."""
    ranks = [next((r for r in RANKS if r in one), "") for one in re.split("、", said)]
    return frozenset(ranks) if all(ranks) else frozenset()


def _spelt(said: str, own: tuple[str, ...]) -> frozenset[str]:
    return frozenset(same_body(one, own) for one in _AND.split(said) if one)


def _meet(said: frozenset[str], known: Assigned) -> bool:
    if known.thing == HEAD:
        return not said.isdisjoint(known.bodies)
    return any(_same(one, other) for one in said for other in known.bodies)


def _same(one: str, other: str) -> bool:
    """发改委 and 发展改革委员会, 人民银行 and 人民银行望海市中心支行: the short form's characters stand in the long one."""
    short, long = sorted((_stem(one), _stem(other)), key=len)
    rest = iter(long)
    return bool(short) and (short in long or (short[0] == long[0] and all(c in rest for c in short)))


def _stem(body: str) -> str:
    return re.sub(r"(?:委员会|办公室|委|局|办|厅|部)$", "", body)
