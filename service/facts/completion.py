"""What a fact leaves out and the rest of it says: its name, the title and document number of a policy."""

from __future__ import annotations

import re
from collections.abc import Mapping

from service.facts.catalogue import Catalogue
from service.text.documents import document_numbers, titles

_TITLE_END = re.compile(
    r"(?:意见|通知|办法|规划|方案|条例|规定|细则|措施|政策|纲要|决定|批复|复函|函|公告|通告|指南|规范|计划|公报|制度)"
    r"(?:（[^（）]{1,12}）)?$"
)
"""Kinds of official document (党政机关公文处理工作条例 第八条, and what cities issue beside them)."""


def completed(fact: Mapping[str, object], catalogue: Catalogue | None) -> dict[str, object]:
    """The fact with its name filled in from the indicator or the title, and a policy's title and document number."""
    filled = dict(fact)
    if filled.get("kind") == "policy":
        _read_document(filled)
    given = filled.get("name")
    if not (given.strip() if isinstance(given, str) else given):
        name = catalogue.name_of(filled.get("indicator")) if catalogue else ""
        title = filled.get("title")
        if name or isinstance(title, str):
            filled["name"] = name or title
    return filled


def _read_document(fact: dict[str, object]) -> None:
    name, text = (v if isinstance(v, str) else "" for v in (fact.get("name"), fact.get("text")))
    given, number = fact.get("title"), fact.get("doc_number")
    if isinstance(given, str):
        fact["title"] = given.strip().removeprefix("《").removesuffix("》")
    elif given is None and (title := title_in(name, text, alone=fact.get("value") is None)):
        fact["title"] = title
    if number is None and (found := number_in(name, text)):
        fact["doc_number"] = found


def title_in(name: str, text: str, *, alone: bool) -> str | None:
    """The title that a policy's name or text states; `alone`: the name may be the title without 《》."""
    quoted = _only([t.text for t in titles(name)]) or _only([t.text for t in titles(text)])
    if quoted is None and alone and _TITLE_END.search(name.strip()):
        return name.strip()
    return quoted


def number_in(name: str, text: str) -> str | None:
    """The document number that a policy's name or text states, in its standard form."""
    return _only([n.standard for part in (name, text) for n in document_numbers(part) if n.agency])


def _only(found: list[str]) -> str | None:
    """The one thing found; None where there is none or a choice."""
    return found[0] if len(set(found)) == 1 else None
