"""Who leads what: one role or task, one body, in the whole plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.check.consistency.clauses import matter
from service.check.consistency.reading import Place, Text, bare, sentences

_BODY = r"[\u4e00-\u9fff]{2,18}?"
DEPARTMENT = r"(?:市|省|区|县|园区|管委会|海关|人民银行|中国人民银行)[\u4e00-\u9fff]{0,16}?(?:委员会|委|局|办公室|办|支行|行|海关|政府|中心|公司|园|部|厅)"
_GROUP = r"(?<!副)(?:任|担任|兼任)(?:[^，。；、]{0,10}?)(?<!副)组长"
_ROLES = (
    ("组长", re.compile(rf"(?:由|[，。、；]|^)(?P<body>{_BODY}){_GROUP}")),
    ("组长", re.compile(rf"(?<!副)组长(?:由|为|：)(?P<body>{_BODY})(?:担任|兼任|同志|，|。|；|、|$)")),
    ("领导小组办公室", re.compile(rf"办公室设(?:在|于)(?P<body>{DEPARTMENT})(?=[，。；、（\n]|$|承担|负责|，)")),
    (
        "领导小组办公室",
        re.compile(rf"领导小组办公室(?:（|，)?(?:设|设在|设于)(?P<body>{DEPARTMENT})(?=[，。；、）\n]|$)"),
    ),
    (
        "牵头部门",
        re.compile(rf"(?<!（)牵头(?:部门|单位)(?:是|为|：|由)(?P<body>{DEPARTMENT})(?=[，。；、（）\n]|$|担任)"),
    ),
    (
        "牵头部门",
        re.compile(rf"(?P<body>{DEPARTMENT})(?:为|是|作为|担任)(?:创建工作)?(?:的)?(?:总)?牵头(?:部门|单位)"),
    ),
)
_TASK_BEFORE = re.compile(rf"(?P<topic>[^，。；：\n]{{4,40}})，?(?:工作)?由(?P<body>{DEPARTMENT})牵头")
_TASK_AFTER = re.compile(
    rf"由(?P<body>{DEPARTMENT})牵头(?:负责|会同[^，。；]{{2,30}}|，)?(?P<topic>[^，。；：\n]{{4,40}})"
)
_TASK_BRACKET = re.compile(
    rf"(?P<topic>[^。；：\n（）]{{4,60}}?)[。；]?（(?:牵头|责任)(?:单位|部门)[：:](?P<body>{DEPARTMENT})(?=[，；、）]|$)"
)
RANKS = ("常务副市长", "常务副省长", "常务副区长", "副市长", "市长", "副秘书长", "秘书长", "副书记", "书记", "副区长", "区长", "副主任", "主任", "局长")  # fmt: skip
_ABBREVIATED = (
    ("发展和改革委员会", "发改委"), ("发展改革委员会", "发改委"), ("发展改革委", "发改委"), ("发展和改革局", "发改局"),
    ("经济和信息化委员会", "经信委"), ("工业和信息化局", "工信局"), ("工业和信息化委员会", "工信委"),
    ("人力资源和社会保障局", "人社局"), ("人力资源社会保障局", "人社局"), ("商务委员会", "商务委"),
    ("工商行政管理局", "工商局"), ("质量技术监督局", "质监局"), ("国家税务局", "国税局"), ("地方税务局", "地税局"),
    ("金融工作办公室", "金融办"), ("中国人民银行", "人民银行"), ("国土资源局", "国土局"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Led:
    """That a body has a role, or leads a task."""

    place: Place
    role: str
    body: str
    around: str
    summary: bool


def led(text: Text, names: frozenset[str], subject: tuple[str, ...]) -> Iterator[Led]:
    """Every statement of who leads. `names`: what tasks are called in the facts; a task is known by one of them."""
    for offset, sentence in sentences(text):
        if "牵头" not in sentence and "组长" not in sentence and "办公室设" not in sentence and "责任" not in sentence:
            continue
        for role, pattern in _ROLES:
            for found in pattern.finditer(sentence):
                yield _led(text, offset, found, role, subject)
        for pattern in (_TASK_BRACKET, _TASK_BEFORE, _TASK_AFTER):
            for found in pattern.finditer(sentence):
                topic = _topic(found["topic"], names)
                if topic:
                    yield _led(text, offset, found, topic, subject)


def _led(text: Text, offset: int, found: re.Match[str], role: str, subject: tuple[str, ...]) -> Led:
    return Led(
        place=text.place(offset + found.start("body"), offset + found.end("body")),
        role=role,
        body=same_body(found["body"], subject),
        around=found[0].strip("，。；"),
        summary=text.summary,
    )


def _topic(said: str, names: frozenset[str]) -> str:
    """The name in the facts, the 《title》 or “name” that the topic speaks of; else its last noun phrase, "" without one."""
    known = max((n for n in names if n in said), key=len, default="")
    if known:
        return known
    quoted = re.search(r"[《“]([^》”]{3,40})[》”]", said)
    if not quoted and not matter(said):
        return ""
    return quoted[1] if quoted else bare(re.split(r"[、，]", said)[-1]).removesuffix("工作").removesuffix("建设")


def same_body(body: str, subject: tuple[str, ...]) -> str:
    """One form for the ways in which a body or an office-holder is named."""
    for rank in RANKS:
        if rank in body:
            return rank
    for name in subject:
        body = body.removeprefix(name)
    body = re.sub(r"^(?:市人民政府|市政府|市委|市|人民政府)(?=..)", "", body)
    for full, short in _ABBREVIATED:
        body = body.replace(full, short)
    return body


def disputed(said: list[Led], known: str) -> Iterator[tuple[Led, Led]]:
    """(wrong, other) for each role that another section gives to another body. `known`: what the facts say of bodies."""
    roles: dict[str, list[Led]] = {}
    for one in said:
        roles.setdefault(one.role, []).append(one)
    for group in roles.values():
        trusted = sorted(group, key=lambda s: (s.place.excerpt not in known, s.summary))
        for n, wrong in enumerate(trusted):
            others = (o for o in trusted[:n] if o.body != wrong.body)
            agreed = {o.body for o in group if o.place.section == wrong.place.section}
            if (other := next(others, None)) and other.body not in agreed:
                yield wrong, other
