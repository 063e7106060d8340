"""The leakage check: nothing of an exemplar but its register, and nothing of the prompt, may stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from schemas.exemplar import Exemplar
from schemas.facts import Fact, Subject
from schemas.finding import CheckName, Finding, Severity
from schemas.outline import Outline
from service.check.case import BARE, Case
from service.check.leakage.copies import copies
from service.check.leakage.figures import Amount, exemplar_figures, figures, leaked, stated
from service.check.leakage.fold import bare, fold
from service.check.leakage.names import Names
from service.check.leakage.prompt import prompt_leaks
from service.check.numbers import examine

_MARK = re.compile(r"×{2,}|某市(?!场)|(?<![A-Za-z0-9])N(?:万亿|[万亿])?(?:元|美元|平方米|[%户个家人台条次兆])")
"""The marks that stand for an exemplar's content in prompts."""
_BRACKETED = re.compile(r"【[^【】]*】")

_ADVICE = {
    "name": "“{excerpt}”是范例{city}的内容，事实表中没有，请删去或改用本地的事实",
    "swap": "“{excerpt}”是把范例{city}的名称换了地名，事实表中没有，请删去或改用本地的事实",
    "figure": "“{excerpt}”是范例{city}的数字，事实表中没有，请核实后改用本地的数字或写成待补充",
    "copy": "此处与范例{city}连续相同二十字以上，请改用自己的话写",
    "mark": "“{excerpt}”是隐去范例内容所用的记号，请改写为具体内容或待补充",
    "prompt": "“{excerpt}”是起草说明里的话，不是方案正文，请删去或改写为具体内容",
    "order": "“{excerpt}”像是写给程序的指令，不是方案的内容，请删去，并核对它所依据的事实",
    "code": "“{excerpt}”是标记、模板或公式，不是方案正文，请删去，并核对它所依据的事实",
    "id": "“{excerpt}”是事实的编号，不应出现在正文里，请改写为这项事实的内容",
}
_LONGEST = 40
"""Characters of an excerpt that a message repeats."""

Span = tuple[int, int]
_Leak = tuple[Span, str, Exemplar | None]
"""Where, what sort (a key of _ADVICE), whose; None: the prompt's, or a fact's that is no datum."""


def check_leakage(case: Case) -> Iterable[Finding]:
    """Names, projects, figures and sentences of the exemplars that neither the outline nor the facts have. Errors.

    The content of an exemplar that is the subject's own plan is no leak. The prompt's own words, orders to a model,
    markup and ids of facts are: whoever reads the plan has no use for them, wherever the writer has them from.
    """
    # Exemplars are shared objects that outlive the ledger's answers about them, so their identity is a key.
    key = ("leakage", *(id(e) for e in case.exemplars))
    own, sources = case.ledger.once(key, lambda: _prepared(case))
    proven = [(s.section or BARE, s.start, s.end) for s in examine(case).supports] if sources else []
    ids = [f.id for f in case.ledger.facts]
    for section, text in case.texts.items():
        folded = fold(text)
        found = [(*leak, None) for leak in prompt_leaks(folded, own.wording, own.bare, ids)]
        for span, sort, exemplar in _widest([*found, *_leaks(text, folded, sources, own)]):
            # A figure that the facts prove, by computation too, is the subject's own, whoever else has the like.
            if sort != "figure" or not any(
                where == section and start < span[1] and span[0] < end for where, start, end in proven
            ):
                yield _finding(section, text, span, sort, exemplar)


@dataclass(frozen=True, slots=True)
class _Own:
    """What the subject may say: the outline's and the facts' wording and figures, and those of its own plan."""

    wording: str
    bare: str
    figures: Set[Amount]

    @classmethod
    def of(cls, case: Case, own_plans: Sequence[Exemplar]) -> _Own:
        facts = case.ledger.facts
        plans = "\n".join(e.text for e in own_plans)
        said = fold("\n".join((*_fact_wording(case.ledger.subject, facts), plans)))
        outline, outline_bare = _folded_outline("\n".join(_outline_wording(case.outline)))
        return cls(
            wording=f"{outline}\n{said}",
            bare=f"{outline_bare}\n{bare(said).text}",
            figures=stated(facts) | {f.same for f in exemplar_figures(plans)},
        )


@dataclass(frozen=True, slots=True)
class _Source:
    exemplar: Exemplar
    plan: str
    names: Names


def _prepared(case: Case) -> tuple[_Own, tuple[_Source, ...]]:
    """What the subject may say, and the exemplars that are not its own plan."""
    mine = {name.removesuffix("市") for name in case.ledger.subject.names}
    own_plans = [e for e in case.exemplars if e.city.removesuffix("市") in mine]
    own = _Own.of(case, own_plans)
    others = [e for e in case.exemplars if e not in own_plans]
    return own, tuple(_Source(e, e.text, Names.of(e, case.ledger.subject, own.wording)) for e in others)


def _leaks(text: str, folded: str, sources: Sequence[_Source], own: _Own) -> Iterator[_Leak]:
    """What comes from an exemplar."""
    brackets = [m.span() for m in _BRACKETED.finditer(text)] if sources else []
    for mark in _MARK.finditer(text) if sources else ():
        if not any(start < mark.end() and mark.start() < end for start, end in brackets):
            yield mark.span(), "mark", sources[0].exemplar
    for which, span in copies(folded, [s.plan for s in sources], own.bare):
        yield span, "copy", sources[which].exemplar
    stated_figures = list(figures(folded))
    for source in sources:
        for span in source.names.swapped(folded):
            yield span, "swap", source.exemplar
        for span in source.names.named(folded):
            yield span, "name", source.exemplar
        for figure in leaked(stated_figures, source.plan, own.figures):
            yield (figure.start, figure.end), "figure", source.exemplar


def _widest(leaks: Iterable[_Leak]) -> list[_Leak]:
    """The leaks that do not lie inside another one, in order."""
    kept: list[_Leak] = []
    for leak in sorted(leaks, key=lambda found: (found[0][0], -found[0][1])):
        if not kept or leak[0][1] > kept[-1][0][1]:
            kept.append(leak)
    return kept


def _fact_wording(subject: Subject, facts: Iterable[Fact]) -> Iterator[str]:
    yield from (*subject.names, subject.province or "")
    for fact in facts:
        yield from filter(None, (fact.name, fact.text, fact.title, fact.issuer, fact.subject))


def _outline_wording(outline: Outline) -> Iterator[str]:
    yield outline.title
    yield from (i.name for i in outline.indicators)
    yield from (p.title for p in outline.policies)
    yield from (r.text for r in outline.rules)
    for chapter in outline.chapters:
        yield from (chapter.title, chapter.guidance, chapter.note)
        yield from (part for g in chapter.groups for part in (g.title, g.guidance))
        yield from (part for s in chapter.sections for part in (s.title, s.guidance))


@lru_cache(maxsize=8)
def _folded_outline(wording: str) -> tuple[str, str]:
    folded = fold(wording)
    return folded, bare(folded).text


def _finding(section: str, text: str, span: Span, sort: str, exemplar: Exemplar | None) -> Finding:
    excerpt = text[span[0] : span[1]]
    shown = excerpt if len(excerpt) <= _LONGEST else f"{excerpt[:_LONGEST]}……"
    return Finding(
        check=CheckName.LEAKAGE,
        severity=Severity.ERROR,
        section=section if section != BARE else None,
        start=span[0],
        end=span[1],
        excerpt=excerpt,
        message=_ADVICE[sort].format(excerpt=shown, city=exemplar.city if exemplar else ""),
        exemplar=exemplar.id if exemplar else None,
    )
