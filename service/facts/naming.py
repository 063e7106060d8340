"""What a datum is called, without the words that only say whose, when and how sure: 2016年全市电子商务交易额目标 → 电子商务交易额."""

from __future__ import annotations

import re

from schemas.facts import Fact, Subject

COVER_ISSUER = ("编制单位", "申报单位")
COVER_DATE = ("编制日期", "编制时间", "成文日期")
"""What facts are called that stand on the title page."""

_BRACKETED = re.compile(r"[（(][^（）()]*[）)]")
_YEAR = re.compile(r"(?:到|至)?(?:(?:19|20)\d\d(?:年)?(?:底|末)?|期末|年末)")
_WHOSE = re.compile(r"^(?:全市|全省|全区|全国|本市|本省|我市|我省|市|省|园区|基地|全园)(?=..)")
_ENDING = re.compile(r"(?:目标值?|目标任务|指标|情况|现状|总量)$")


def core_name(name: str, subject: Subject) -> str:
    """The name of the thing itself; the whole name where nothing else is left."""
    text = re.sub(r"[\s“”\"《》]", "", _YEAR.sub("", _BRACKETED.sub("", name)))
    for own in (*subject.names, subject.province or ""):
        if own and len(text) > len(own) + 1:
            text = text.removeprefix(own)
    text = _WHOSE.sub("", text)
    while (shorter := _ENDING.sub("", text)) != text and len(shorter) >= 2:
        text = shorter
    return text or name


def on_cover(fact: Fact) -> bool:
    """Whether the fact tells who drew the plan up or when: that stands on the title page, and in no sentence."""
    return bool(fact.text) and fact.name in (*COVER_ISSUER, *COVER_DATE)
