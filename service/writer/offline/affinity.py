"""Which section a fact belongs to that answers none of its points: told by the words they share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from schemas.facts import Fact, Kind
from schemas.outline import Outline, Section
from service.writer.offline.desk import Desk, has_quantity
from service.writer.offline.roles import Matter, Role, is_draft, matter, role

_PLAIN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")
_COMMON = re.compile(
    r"国家|电子商务|电商|发展|建设|情况|城市|体系|全市|全省|数量|工作|创建|示范|完善|建立|推进|推动|促进|支持|鼓励|提高|提供|"
    r"加快|加强|开展|相关|有关|方面|本地区|我市|地区|形成|实施|积极|以及|企业|服务|管理|制定|办法|政策|应用|项目|工程|平台|交易额|零售额|总额|规模|增速|产业"
)
"""Words of every section of these outlines: sharing them tells nothing."""
_AKIN = (
    ("人才", "人力资源"), ("培训", "人力资源"), ("高校", "人力资源"), ("院校", "人力资源"), ("快递", "物流配送"),
    ("冷链", "物流配送"), ("仓库", "物流仓储"), ("仓储", "物流仓储"), ("铁路", "物流"), ("高速公路", "物流"),
    ("光纤", "互联网宽带"), ("光缆", "互联网宽带"), ("带宽", "互联网宽带"), ("通信", "互联网宽带"), ("无线", "移动宽带"),
    ("数据中心", "网络基础设施"), ("机房", "网络基础设施"), ("服务器", "网络基础设施"), ("超算", "网络基础设施"),
    ("云计算", "网络基础设施"), ("口岸", "通关"), ("海关", "通关"), ("诚信", "信用信息"), ("征信", "信用信息"),
    ("失信", "信用信息"), ("结算", "电子支付"), ("结汇", "电子口岸结汇"), ("发票", "电子认证"), ("证书", "电子认证"),
    ("票据", "电子认证"), ("IC卡", "电子支付"), ("银行", "电子支付"), ("维权", "纠纷调解"), ("投诉", "纠纷调解"),
    ("监管", "可信交易保障"), ("旅游", "生活服务旅游"), ("农业", "农业"), ("农村", "农村"), ("税收", "财政资金"),
    ("所得税", "财政资金"), ("补助", "财政资金"), ("园区", "电子商务园区（基地）"), ("对俄", "跨境"), ("国际", "跨境"),
    ("国内外", "跨境"), ("境外", "跨境"), ("离岸", "跨境"), ("认证中心", "电子认证可信交易"), ("网站", "服务平台品牌化"),
    ("交易会", "市场"), ("洽谈会", "市场"), ("专业市场", "专业市场"), ("产业园", "特色产业"), ("从业人员", "企业"),
)  # fmt: skip
"""Words of the facts with the outlines' words for the same field; a plan of 2017 or 2025 uses both."""
_FIELD = re.compile(r"电子商务|电商|网络零售|网上")
"""Figures of electronic commerce belong to the sections about it, not to those about the economy."""
_ENOUGH = 2


@lru_cache(maxsize=4096)
def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters that tell something."""
    akin = "，".join(field for word, field in _AKIN if word in text)
    runs = _PLAIN.findall(_COMMON.sub("　", f"{text}　{akin}".replace("　", "，")).replace("　", "，"))
    return frozenset(run[n : n + 2] for run in runs for n in range(len(run) - 1))


class Placement:
    """Where the facts go that answer no point. Immutable; computed once for a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._body = desk.body
        self._roles = {s.id: role(s, desk.outline) for s in self._body}
        self._words = {s.id: pairs(_words(s, desk.outline)) for s in self._body}
        self._titles = {s.id: pairs(s.title) for s in self._body}
        self._fields = frozenset(s.id for s in self._body if _FIELD.search(s.title))
        self.extra: Mapping[str, Sequence[Fact]] = self._placed()

    def _placed(self) -> Mapping[str, Sequence[Fact]]:
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self._desk.left:
            home = self._home(fact)
            if home is not None:
                found[home].append(fact)
        return found

    def _home(self, fact: Fact) -> str | None:
        rooms = self._rooms(fact)
        if not rooms:
            return None
        scored = [(self.score(fact, s), s) for s in rooms]
        best = max(score for score, _ in scored)
        if best < _ENOUGH and fact.kind is not Kind.TARGET:
            return self._rest(fact, rooms)
        return next(s for score, s in scored if score == best)

    def _rooms(self, fact: Fact) -> list[str]:
        """Sections where a fact of this sort may stand at all, the likeliest first."""
        if _is_money(fact):
            funded = [s.id for s in self._body if self._has(s, Matter.FUND)]
            if funded:
                return funded
        if fact.kind is Kind.BENCHMARK:
            return [s.id for s in self._body if self._has(s, Matter.BENCHMARK)]
        wanted = (Role.TASK,) if is_draft(fact) else _ROLES[fact.kind]
        if fact.kind is Kind.TARGET:
            return [s.id for s in self._body if self._roles[s.id] is Role.GOAL and self._aims(s)]
        if fact.kind is Kind.ORGANISATION:
            return [s.id for s in self._body if self._has(s, Matter.BODY)]
        return [s.id for r in wanted for s in self._body if self._roles[s.id] is r and self._open(s, fact)]

    def _open(self, section: Section, fact: Fact) -> bool:
        """Measures do not go to the sections about bodies and money, unless the outline has no other."""
        if fact.kind is not Kind.MEASURE or self._roles[section.id] is not Role.BACKING:
            return True
        return not (self._has(section, Matter.BODY) or self._has(section, Matter.FUND))

    def _rest(self, fact: Fact, rooms: Sequence[str]) -> str | None:
        """A home for what resembles nothing: measures go to the last section of backing or tasks, data to the first."""
        if fact.kind in {Kind.MEASURE, Kind.PROJECT}:
            last = Role.BACKING if fact.kind is Kind.MEASURE else Role.TASK
            return next((s for s in reversed(rooms) if self._roles[s] is last), rooms[-1])
        return rooms[0]

    def score(self, fact: Fact, section: str) -> int:
        """Pairs that the fact shares with the section; its name and the section's title count most."""
        name, said = pairs(self._desk.name(fact)), pairs(self._desk.text(fact)[:120])
        words, title = self._words[section], self._titles[section]
        field = 20 if _FIELD.search(fact.name) and section in self._fields else 0
        return field + 3 * len(name & title) + 2 * len(name & words) + len(said & title) + len((said - name) & words)

    def _has(self, section: Section, what: Matter) -> bool:
        return any(matter(p, section, self._desk.outline) is what for p in section.points)

    def _aims(self, section: Section) -> bool:
        """Has a point for a target that is a quantity."""
        known = self._desk.outline.indicators_by_id
        return any(
            known[i].kind is Kind.TARGET and known[i].dimension != "text"
            for p in section.points
            for i in p.indicators
            if i in known
        )


_ROLES: Mapping[Kind, Sequence[Role]] = {
    Kind.ACTUAL: (Role.SITUATION,),
    Kind.OTHER: (Role.SITUATION,),
    Kind.BENCHMARK: (),
    Kind.POLICY: (Role.SITUATION,),
    Kind.TARGET: (Role.GOAL,),
    Kind.MEASURE: (Role.TASK, Role.BACKING),
    Kind.PROJECT: (Role.TASK,),
    Kind.ORGANISATION: (Role.BACKING,),
}


def _is_money(fact: Fact) -> bool:
    """Money to be spent: the fund, the total invested; not a project's own investment."""
    if fact.kind not in {Kind.MEASURE, Kind.TARGET, Kind.OTHER}:
        return False
    return bool(re.search(r"资金|经费|预算|总投资|投入", fact.name)) and (has_quantity(fact) or "资金" in fact.name)


def _words(section: Section, outline: Outline) -> str:
    known = outline.indicators_by_id
    named = ["，".join((known[i].name, *known[i].synonyms)) for p in section.points for i in p.indicators if i in known]
    return "，".join((section.title, section.guidance, *named))
