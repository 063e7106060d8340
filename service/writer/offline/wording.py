"""Words of the facts made fit for a sentence: folded to one line, told by their form, cut into clauses."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from service.text.punctuation import normalise

LONGEST = 1500
"""Characters of one fact's text that a section quotes; a section of the outline asks for 350 to 1400 字 in all."""

_ACTIONS = (
    "坚持|围绕|建立|建成|建设|构建|搭建|打造|完善|健全|制定|制订|修订|出台|研究|探索|推动|推进|推广|推行|促进|鼓励|支持|"
    "引导|引进|引入|培育|培养|发展|壮大|扩大|拓展|加快|加强|加大|强化|深化|优化|提升|提高|提供|增强|增建|新建|改建|扩建|"
    "实施|实行|实现|开展|组织|举办|利用|充分|积极|大力|努力|着力|统筹|整合|集成|规范|规划|落实|明确|采取|统一|设立|成立|"
    "设置|布局|布设|改造|配备|配套|依托|依据|根据|按照|结合|针对|面向|立足|瞄准|通过|放宽|开发|开放|整治|畅通|普及|争取|"
    "力争|逐年|逐步|继续|进一步|定期|每年|全面|广泛|切实(?!可行)|抓好|做好|做大|协调|参与|参加|集聚|形成|有效|联合|试点|试行|降低|"
    "减少|把|将|由|使|让|对|在|从|为|以|与|按(?!揭)|重点(?=[完推培建支发扶引保])|集中(?!式)|凡|给予"
)
_PREDICATES = "位于|地处|处于|东临|西临|南临|北临|毗邻|拥有|具有|具备|建有|设有|辖|参与|形成|建成|实现|开通|获批|获得|获评|列入|现有|共有"
_ACTION = re.compile(rf"(?:{_ACTIONS})")
_PREDICATE = re.compile(rf"(?:{_PREDICATES})")
_SAYS = re.compile(
    r"[是为有已将设了着]|实现|达到|形成|建成|具有|联通|成立|获批|负责|位于|[快慢高低大小多少强弱]$|[增减升降]|需要|可以|参与|制定|支持|推进|促进|设立|发布|正|尚|较|"
    r"普遍|应|推动|建立|开展|提供|列|用于|服务|加剧|加快|完成|入驻|提出|实行|召开|按"
)
"""Words that a sentence has and a bare list of names has not."""
_NOT_SAYING = re.compile(
    r"有限|国有|所有|有关|有色|服务(?:平台|企业|中心|业|网站|站|体系|器)|开展中|成立大会|应用|应急|为主|提供商|支持系统|促进中心|设施|设备|建设|按钮|列车|大型|中小|小微|小额|高新|高端|高速|降耗|推动力"
)
_ADVERBIAL = re.compile(
    r"^(?:(?:根据|按照|依照|围绕|面向|针对|结合|立足|依托|瞄准|通过|利用|充分利用)[^，；。]*|"
    r"(?:在|从|对|就|以|当|自|经)[^，；。]*(?:下|中|上|方面|时|后|前|内|起|等|的|为重点|为基础|为依据|为主体|为结点|为突破口|为目标|为核心|为抓手)|"
    r"(?:以)[^，；。]+(?:为|服务)[^，；。]{2,}|采取[^，；。]*(?:方式|办法|模式|形式)|[^，；。]*的)$"
)
"""Clauses that cannot stand without the next one."""


_PAIRS = ("（）", "“”", "《》", "【】", "〔〕", "‘’")


class Form(Enum):
    """What a text is, so that a sentence can be built round it."""

    PREDICATE = "位于…"
    """Says something of the subject, which it leaves out."""
    ACTION = "建立…"
    """Something to be done; official Chinese leaves its subject out."""
    THING = "…中心"
    """A name or a list of names."""
    WHOLE = "…已形成…"
    """A sentence, or several."""


def folded(text: str | None) -> str:
    """One line in official punctuation without a mark at its end; at most `LONGEST` characters, cut between clauses."""
    if not text:
        return ""
    joined = ""
    for line in (" ".join(part.split()) for part in text.splitlines()):
        if not line:
            continue
        if joined and joined[-1] not in "。；，、：！？,;:!?":
            joined += "，"
        joined += line
        if len(joined) > 2 * LONGEST:
            break
    return _shortened(normalise(joined[: 2 * LONGEST]).replace("\n", "，")).strip(" 　。；，、：:;,.")


def _shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    ends = [m.end() for m in re.finditer(r"[。；，]", text[:LONGEST])]
    return text[: ends[-1]] if ends else text[:LONGEST]


def form(text: str) -> Form:
    """By the first words, and by whether anything in it says something; a doubtful text counts as a sentence."""
    if _PREDICATE.match(text):
        return Form.PREDICATE
    if _ACTION.match(text):
        return Form.ACTION
    plain = _NOT_SAYING.sub("", re.sub(r"《[^》]*》|“[^”]*”|（[^）]*）", "", text))
    if "，" in text or "；" in text or "。" in text or _SAYS.search(plain):
        return Form.WHOLE
    return Form.THING


def gist(text: str, clauses: int = 1) -> str:
    """The first clauses that can stand alone; a clause that only leads in (依托……，) brings the next one with it."""
    parts = re.split(r"([，；。])", text)
    taken, full = "", 0
    for n in range(0, len(parts), 2):
        clause = parts[n]
        taken += clause
        mark = parts[n + 1] if n + 1 < len(parts) else ""
        if not _ADVERBIAL.match(clause):
            full += 1
        if full >= clauses or not mark:
            break
        taken += "，" if mark == "。" else mark
    return balanced(taken) or text


def balanced(text: str) -> str:
    """The text if its brackets and quotation marks are in pairs, else nothing."""
    return text if all(text.count(p[0]) == text.count(p[1]) for p in _PAIRS) else ""


def ended(text: str) -> str:
    """With a full stop, unless it ends a sentence already."""
    return text if text.endswith(("。", "！", "？")) else f"{text.rstrip('，；、：')}。"


def listed(items: list[str]) -> str:
    """甲、乙和丙; titles alone stand without marks between them (GB/T 15834—2011 4.5.3.5)."""
    if len(items) < 2:
        return "".join(items)
    if all(i.startswith("《") and i.endswith("》") for i in items):
        return "".join(items)
    return f"{'、'.join(items[:-1])}和{items[-1]}"


@lru_cache(maxsize=8192)
def shared(one: str, other: str) -> str:
    """The longest run of characters that both texts have."""
    if len(one) > len(other):
        one, other = other, one
    best = ""
    for start in range(len(one)):
        end = start + len(best) + 1
        while end <= len(one) and one[start:end] in other:
            best = one[start:end]
            end += 1
    return best
