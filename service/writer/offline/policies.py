"""Documents: those in force with their numbers, by who issued them, and those that the plan proposes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.facts import Fact, Kind
from service.text.documents import titles
from service.writer.offline.desk import Desk
from service.writer.offline.roles import is_draft
from service.writer.offline.sentences import Sentence
from service.writer.offline.wording import ended, folded, listed

_TO_COME = re.compile(r"^拟|拟(?:制定|制订|出台|修订|试点)")


def cited(fact: Fact) -> str:
    """《望海市促进电子商务发展的若干意见》（望政发〔2015〕8号）."""
    title = folded(fact.title) or folded(fact.name)
    number = f"（{folded(fact.doc_number)}）" if fact.doc_number else ""
    return f"《{title.strip('《》')}》{number}"


def issued(facts: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """Who issued what, the province first; drafts as what is being prepared."""
    drafts = [f for f in facts if is_draft(f)]
    valid = [f for f in facts if not is_draft(f) and f.title]
    plain = [f for f in facts if not is_draft(f) and not f.title]
    above = [f for f in valid if _is_above(f, desk)]
    own = [f for f in valid if f not in above]
    found = []
    if own:
        found += _own(own, desk)
    if above:
        found.append(_sentence(above, "省级层面出台了" if _is_province(above[0], desk) else "上级层面出台了"))
    found += [Sentence(ended(desk.text(f) or desk.name(f)), (f.id,), theme="policies") for f in plain]
    if drafts:
        text = f"拟研究制定{listed([cited(f) for f in drafts])}。"
        found.append(Sentence(text, tuple(f.id for f in drafts), theme="policies"))
    return found


def _own(facts: Sequence[Fact], desk: Desk) -> list[Sentence]:
    """What the city has issued; for a base what its city has, then what it has itself."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault("市级层面" if desk.is_city else _issuer(fact, desk), []).append(fact)
    return [_sentence(group, f"{who}{'先后出台' if len(group) > 1 else '已出台'}") for who, group in groups.items()]


def _issuer(fact: Fact, desk: Desk) -> str:
    """Who issued a document in a base's plan: the base by its short name, a city's office by the city's."""
    issuer = folded(fact.issuer)
    if not issuer or issuer.startswith(desk.sheet.subject.names):
        short = desk.sheet.subject.short
        return "园区" if short.endswith("园") else short
    city = re.match(r"[\u4e00-\u9fff]{2,6}?市", issuer)
    return city[0] if city else issuer


def _sentence(facts: Sequence[Fact], opening: str) -> Sentence:
    text = f"{opening}{listed([cited(f) for f in facts])}。"
    return Sentence(text, tuple(f.id for f in facts), theme="policies")


def _is_above(fact: Fact, desk: Desk) -> bool:
    issuer, title = fact.issuer or "", fact.title or ""
    names = desk.sheet.subject.names
    if any(issuer.startswith(n) or title.startswith(n) for n in names):
        return False
    return _is_province(fact, desk) or issuer.startswith(("国家", "国务院", "商务部", "中共中央"))


def _is_province(fact: Fact, desk: Desk) -> bool:
    province = desk.sheet.subject.province
    return bool(province) and (fact.issuer or fact.title or "").startswith(province or "　")


def proposed(desk: Desk) -> list[tuple[str, Fact]]:
    """Titles that the plan proposes to issue, each with the fact that names it."""
    found: dict[str, Fact] = {}
    for fact in desk.ledger.facts:
        if is_draft(fact) and fact.title:
            found.setdefault(folded(fact.title).strip("《》"), fact)
        elif fact.kind is Kind.TARGET and _TO_COME.search(desk.text(fact)):
            for title in titles(desk.text(fact)):
                found.setdefault(title.text, fact)
    return list(found.items())


def guiding(guidance: str, desk: Desk) -> list[str]:
    """Documents that the guidance names and the outline knows, in force in the plan's year, as they are cited."""
    bare = [t.text.replace("关于组织开展", "关于开展") for t in titles(guidance)]
    found = []
    for title in bare:
        document = next((p for p in desk.outline.policies if p.title == title), None)
        if document and (document.year is None or document.year <= desk.sheet.plan_year):
            number = f"（{document.doc_number}）" if document.doc_number else ""
            found.append(f"《{title}》{number}")
    return found
