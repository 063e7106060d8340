"""The scorer of placeholders: what a draft asks for is really missing; a datum that the sheet has is used, not asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evals.scorers.facts import due_facts, says
from evals.scorers.sample import Part, Sample, listed, pooled
from schemas.evaluation import CaseScore
from schemas.facts import Fact, Kind
from schemas.outline import Section
from service.facts.answers import Answer, Missing, facts_of
from service.facts.naming import core_name

_PLACEHOLDER = re.compile(r"【待补充：?([^【】\n]*)】")
_YEAR = re.compile(r"((?:19|20)\d\d)年")


def placeholders(sample: Sample) -> Iterator[CaseScore]:
    """Placeholders and rows of the data request whose datum the sheet lacks ÷ all of them."""
    parts = {}
    for section in sample.sections:
        asked = _PLACEHOLDER.findall(sample.texts.get(section.id, ""))
        vain = [a for a in asked if not _lacks(sample, section, a)]
        rows = next((s.gaps for s in sample.plan.sections if s.id == section.id), ())
        answered = {a.point.id: a for a in sample.answers[section.id]}
        idle = [g.name for g in rows if g.point in answered and not _open(sample, answered[g.point])]
        total = len(asked) + len(rows)
        told = listed(f"已有却仍待补充：{name}" for name in (*vain, *idle))
        parts[section.id] = Part(total - len(vain) - len(idle), total, told)
    return pooled(sample, "placeholders", parts)


def _open(sample: Sample, answer: Answer) -> bool:
    """Whether something may still be asked about a point: a datum is missing, or it is a matter without data."""
    facts = due_facts(answer)
    return bool(answer.missing) or not answer.point.indicators or not any(_withheld(sample, f) for f in facts)


def _withheld(sample: Sample, fact: Fact) -> bool:
    """Whether asking for what this fact tells is idle.

    Of a figure always; of a matter in words unless the plan tells it: who has told that an office is set up may ask
    which department keeps it.
    """
    figure = any(v is not None for v in (fact.value, fact.growth, fact.share))
    return figure or not any(says(text, fact) for text in sample.texts.values())


def _lacks(sample: Sample, section: Section, asked: str) -> bool:
    """Whether the sheet really lacks what a placeholder asks for; what nobody knows by name is not in the sheet."""
    every = (a for found in sample.answers.values() for a in found)
    near = list(every) if section.summary else list(sample.answers[section.id])
    if any(_meant(m, asked) for a in near for m in a.missing):
        return True
    if point := next((a for a in near if a.point.text.startswith(asked)), None):
        return _open(sample, point)
    return not any(_withheld(sample, f) for f in _having(sample, asked))


def _meant(missing: Missing, asked: str) -> bool:
    return missing.name in asked and (missing.year is None or f"{missing.year}年" in asked or not _YEAR.search(asked))


def _having(sample: Sample, asked: str) -> Iterator[Fact]:
    """Facts that give what is asked for: of that name or indicator, and of that year where one is named."""
    core = core_name(re.split("[，,（(]", asked)[0], sample.sheet.subject)
    year = int(found[1]) if (found := _YEAR.search(asked)) else None
    for fact in _of_name(sample, core):
        if (year is None or fact.year in (None, year)) and _told(fact, core):
            yield fact


def _of_name(sample: Sample, core: str) -> Iterable[Fact]:
    bare = re.sub("(?:增速|比重|目标)$", "", core)
    for name in dict.fromkeys((core, bare)):
        yield from sample.ledger.named(name)
        for indicator in sample.outline.indicators:
            aims = core.endswith("目标") == (indicator.kind is Kind.TARGET)
            if name in (indicator.name, *indicator.synonyms) and aims:
                yield from facts_of(indicator, sample.ledger)


def _told(fact: Fact, core: str) -> bool:
    """Whether the fact has the part that is asked for."""
    if core.endswith("增速"):
        return fact.growth is not None
    if core.endswith("比重"):
        return fact.share is not None
    return fact.value is not None or bool(fact.text or fact.title)
