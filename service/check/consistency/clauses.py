"""What a clause is about, apart from who leads it, when, where, how and for how much."""

from __future__ import annotations

import re

from service.check.consistency.reading import bare

_YEARS = r"(?:19|20)\d\d(?:年?[—–\-~～至到]{1,2}(?:19|20)\d\d)?年(?:\d{1,2}月份?|[上下]半年|[一二三四]季度|年?[底末初])*[之以]?前?"
_THIS = r"(?:(?:该|本|此)?(?:项目|工程))?"
_SET = r"(?:具体|统一|共同|联合|拟|将|计划|预计|力争|确保|正式|全面|基本){0,3}"
_STAGE = r"(?:开工|动工|启动|建成|竣工|完工|投产|投用|投入使用|投入运营|启用|运营|建设|实施|完成)"
_MANY = r"(?:总|计划|预计|规划|估算|累计|已|共|拟){0,4}"

_ASIDES = re.compile(
    rf"^(?:{_THIS}(?:"
    r"(?:建设|实施|施工|规划|执行)?(?:工期|周期|期限|年限|时限|时间)(?:[为是：:自从共约在]|\d|$)"
    r"|(?:建设|实施|施工|规划|执行)期(?:[为是：:自从共约在]|\d|$)"
    r"|分[^，]{1,4}期(?:建设|实施|推进)"
    r"|(?:(?:建设|项目)(?:地点|地址|规模|内容|资金|性质)|资金来源|业主)(?:[为是：:在来包约共]|$)"
    r"|(?:牵头|责任|配合|参与|协办|建设|承建|承办|实施|主管|运营)(?:单位|部门|主体)(?:[为是：:由]|$)"
    r"|选址(?!论证|规划|研究|工作)|位于|坐落|地处|落户|设在|毗邻|紧邻"
    rf"|{_MANY}(?:投资额?|占地|用地|(?:占地|用地|建筑|总)?面积)[为约达近逾超共：:]{{0,2}}(?:[\d一二三四五六七八九十]|$)"
    r"|采取|采用|实行(?![^，]*(?:制|制度|机制)$)|按照|针对|提供|配备|配套建设|集中布局|主要(?:建设|包括|用于)|为[^，]{2,30}提供"
    r")|[^，]{2,40}(?:为|是|作为)(?:牵头|责任|配合|承建|实施)(?:单位|部门|主体)$"
    r"|[^，由]{2,40}(?:负责|配合|协助|参与|参加)$)"
)
"""Clauses that go on about the thing named before them, and name none."""
_AT_HAND = re.compile(
    r"^(?:依托|利用|借助|结合)[^，]*?(?:(?P<verb>建设|新建|改建|扩建|打造|搭建|构建|组建|规划|开展|实施)(?=[^，]{4})|$)"
)
_PLACED = re.compile(r"^(?:位于|坐落于?|地处)[^，]*的(?=[^，]{4})|(?<=[^，]{4})(?:选址|位于|坐落|地处)[^，]*$")
_BODY_END = r"(?<=[团司府会业局委办心区社校院厅部行])"
_BY = re.compile(
    rf"{_SET}(?<![自理缘事])由[^，]{{2,40}}?{_SET}(?:牵头|负责|承担|承建|主导|主管|{_BODY_END}(?:建设|投资|实施|运营|开发|组织))"
    r"|^[^，由]{2,40}?牵头"
)
_AFTER_LEAD = re.compile(r"^(?:会同[^，]*|负责|承担|的)+")
_DATED = re.compile(rf"(?:成立|{_SET})[于在到至自从]?{_YEARS}(?:[，、和及]|{_SET}{_STAGE})*")
_AMOUNT = re.compile(rf"{_THIS}{_MANY}(?:完成)?(?:投资额?|占地|(?:占地|用地|建筑|总)?面积)[^，]{{0,6}}?\d.*$")


def matter(clause: str) -> str:
    """The clause without what is said about its thing; "" where nothing else is said: 由市商务局牵头, 建设期为2017—2018年."""
    rest = _PLACED.sub("", clause.strip("　 “”"))
    if _ASIDES.match(rest):
        return ""
    rest = _AT_HAND.sub(lambda m: m["verb"] or "", rest)
    if led := _BY.search(rest):
        rest = rest[: led.start()] if bare(rest[: led.start()]) else _AFTER_LEAD.sub("", rest[led.end() :])
    rest = _DATED.sub("", _AMOUNT.sub("", rest)).strip("　 ：:、")
    return "" if rest in {"项目", "该项目", "本项目", "工程", "该工程"} else rest
