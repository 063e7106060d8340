"""What sections say that must agree: a place in a section, and how runs of Chinese text become names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MARK = re.compile(r"【[^【】]*】")
SENTENCE = re.compile(r"[^。；！？\n]+")
LEADING = re.compile(
    r"^(?:力争|争取|确保|预计|计划|努力|全面|加快|积极|大力|重点|继续|进一步|着力|共同|其中|同时|并|及|和|与|以及|将|再|新|"
    r"使|推动|促进|推进|实施|实现|完成|达到|建成|建立|建设|新建|规划|打造|搭建|开展|组织|培育|扶持|引进|引入|新增|形成|拥有|带动|"
    r"聚集|集聚|吸引|支持|鼓励|依托|围绕|启动|安排|设立|投入|筹集|培训|每年|年均|累计|全年|市财政|各级财政|财政|通过|"
    r"到|在|对|以|由|的|了|全市(?=.{3})|我市|本市|全区|拟|要)+"
)
"""Verbs and adverbs before what is named."""
_SPELLINGS = (
    ("网上零售", "网络零售"), ("社零总额", "社会消费品零售总额"), ("跨境电商", "跨境电子商务"),
    ("电商", "电子商务"), ("GDP", "地区生产总值"), ("交易总额", "交易额"), ("贸易总额", "交易额"), ("总数", "数量"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said."""

    section: str
    start: int
    end: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Text:
    """One section: its text with placeholders blanked, so that offsets stay."""

    section: str
    text: str
    raw: str
    """As written, with the placeholders."""
    summary: bool

    def place(self, start: int, end: int) -> Place:
        """The place with its excerpt."""
        return Place(self.section, start, end, self.text[start:end])


def read(section: str, text: str, *, summary: bool) -> Text:
    """The section without what stands in placeholders and proposals: those are not the plan's word yet."""
    return Text(section, MARK.sub(lambda m: "　" * len(m[0]), text), text, summary)


def sentences(text: Text) -> Iterator[tuple[int, str]]:
    """Each sentence with its offset."""
    return ((m.start(), m[0]) for m in SENTENCE.finditer(text.text))


def spelt(name: str) -> str:
    """One spelling for what officials spell in two ways."""
    for other, usual in _SPELLINGS:
        name = name.replace(other, usual)
    return re.sub(r"(?:总量|数量|总数|规模|目标)$", "", name) or name


def bare(run: str) -> str:
    """The name in a run of characters: without verbs before it, quotation marks and a closing 的."""
    text = LEADING.sub("", run.strip('“”"‘’ 　')).strip('“”"的')
    return re.sub(r"^(?:一批|若干|各类|一个|首个|多个|有关|相关)", "", text)
