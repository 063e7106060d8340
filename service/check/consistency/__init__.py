"""Check: one fact, one figure, one name, one lead in the whole plan, and nothing in the summary that the body lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from schemas.facts import Fact, Kind
from schemas.finding import CheckName, Finding, Severity
from service.check.case import BARE, Case
from service.check.consistency.bodies import disputed, led
from service.check.consistency.counts import Announced, announced, miscounted
from service.check.consistency.dates import dated, known_dates, out_of_step, plain
from service.check.consistency.figures import Conflict, Known, Said, agree, conflicts, dimension_of, stated
from service.check.consistency.leads import contradicted
from service.check.consistency.names import Called, called, strangers
from service.check.consistency.reading import Place, Text, bare, read, spelt
from service.check.consistency.tasks import homeless
from service.facts.ledger import Ledger
from service.facts.naming import core_name
from service.text.units import Unit, read_unit


def check_consistency(case: Case) -> Iterator[Finding]:
    """Findings across the texts of the case, and of announced numbers within one."""
    summaries = {s.id for s in case.outline.sections if s.summary}
    texts = [read(section, text, summary=section in summaries) for section, text in case.texts.items()]
    said = [s for t in texts for s in stated(t, case.ledger.sheet.plan_year)]
    counted = [a for t in texts for a in announced(t)]
    known = frozenset(f.name for f in case.ledger.of_kind(Kind.PROJECT, Kind.MEASURE, Kind.ORGANISATION) if f.name)
    projects = [c for t in texts for c in called(t, case.ledger.subject.names)]
    differing = list(conflicts(said, case.ledger.once("consistency", lambda: _known(case.ledger))))
    yield from _figures(differing)
    yield from _leads(texts, known, case)
    yield from _counts(counted)
    yield from _names(texts, projects, case, frozenset(n for n in known if len(n) >= 5))
    yield from _dates(texts, projects, case.ledger)
    lists = {(a.items.section, n) for a in counted if a.items for n in range(a.items.start, a.items.end)}
    told = {one.claim for wrong, other, _ in differing for one in (wrong, other)}
    yield from _summary(
        texts, [s for s in said if not s.summary or s.claim not in told], _starts(counted) | lists, case
    )


def _figures(differing: list[Conflict]) -> Iterator[Finding]:
    for wrong, other, how in differing:
        what = "数值" if how == "value" else "年份"
        detail = f"“{wrong.around}”与{_at(other.place)}“{other.around}”的{what}不一致，请核对后统一为同一口径"
        yield _finding(wrong.place, detail, other.place, other.around)


def _known(ledger: Ledger) -> Known:
    """Values in base units, as the facts give them."""
    named: dict[tuple[str, int | None], list[Decimal]] = {}
    of_dimension: dict[str, set[Decimal]] = {}
    for fact in ledger.facts:
        name = spelt(bare(core_name(fact.name, ledger.subject)))
        rates = [v for v in (fact.growth, fact.share) if v is not None]
        unit = read_unit(fact.unit) if fact.unit else None
        values = _base_values(fact, unit)
        for year in {fact.year, None}:
            named.setdefault((name, year), []).extend([*rates, *values])
        of_dimension.setdefault("percent", set()).update(rates)
        if unit:
            of_dimension.setdefault(dimension_of(unit), set()).update(values)
    return Known(named, of_dimension)


def _base_values(fact: Fact, unit: Unit | None) -> list[Decimal]:
    if fact.value is None:
        return []
    scale = unit.scale if unit else Decimal(1)
    return [v * scale for v in (fact.value if isinstance(fact.value, tuple) else (fact.value,))]


def _leads(texts: list[Text], names: frozenset[str], case: Case) -> Iterator[Finding]:
    """Leads that the fact sheet contradicts, then those that another section does; a place is reported once."""
    ledger = case.ledger
    organised = frozenset(s for rule in case.outline.rules if rule.id == "organisation" for s in rule.sections)
    places: set[tuple[str, int]] = set()
    for claim, fact in contradicted(texts, ledger, organised):
        if claim.place.end in {end for section, end in places if section == claim.place.section}:
            continue
        places.add((claim.place.section, claim.place.end))
        detail = f"“{claim.around}”与事实表不符，事实表中{fact.told}，请改正或核对事实表"
        yield _finding(claim.place, detail, nearest=fact.fact)
    known = "\n".join(f"{f.name}{f.text or ''}" for f in ledger.of_kind(Kind.ORGANISATION))
    said = [one for t in texts for one in led(t, names, ledger.subject.names)]
    for wrong, other in disputed(said, known):
        if (wrong.place.section, wrong.place.end) in places:
            continue
        detail = f"“{wrong.around}”与{_at(other.place)}“{other.around}”的说法不一致，同一事项只能有一个牵头主体，请核对后统一"
        yield _finding(wrong.place, detail, other.place, other.around)


def _counts(said: list[Announced]) -> Iterator[Finding]:
    for wrong, other in miscounted(said):
        if wrong.items is other and wrong.listed is not None:
            detail = f"“{wrong.place.excerpt}”与所列的{wrong.listed}项不符，请补齐所列内容或改正数目"
        else:
            detail = f"“{wrong.place.excerpt}”与{_at(other)}“{other.excerpt}”的数目不一致，请核对后统一"
        yield _finding(wrong.place, detail, other, other.excerpt)


def _names(texts: list[Text], said: list[Called], case: Case, known: frozenset[str]) -> Iterator[Finding]:
    bodies = [t for t in texts if not t.summary]
    checked = {t.section for t in texts if not t.summary or _has_body(t, bodies, case)}
    for one, other in strangers(said, texts, known):
        if other is not None:
            detail = f"“{one.name}”与{_at(other.place)}“{other.name}”疑为同一项目，请统一名称"
            yield _finding(one.place, detail, other.place, other.place.excerpt)
        elif one.place.section in checked:
            detail = f"摘要中的“{one.name}”在正文各节中没有，请补入正文或从摘要中删去"
            yield _finding(one.place, detail)


def _dates(texts: list[Text], said: list[Called], ledger: Ledger) -> Iterator[Finding]:
    known = ledger.once("dates", lambda: known_dates(ledger))
    names = known.keys() | {plain(c.name) for c in said}
    for wrong, other in out_of_step([d for t in texts for d in dated(t, names)], known):
        detail = f"“{wrong.name}”的“{wrong.around}”与{_at(other.place)}“{other.around}”的年份不一致，请核对后统一"
        yield _finding(wrong.place, detail, other.place, other.around)


def _starts(counted: list[Announced]) -> set[tuple[str, int]]:
    return {(a.place.section, a.place.start) for a in counted}


def _summary(texts: list[Text], said: list[Said], judged: set[tuple[str, int]], case: Case) -> Iterator[Finding]:
    """Figures and tasks of the summary that no section of the body has; `judged` places have their finding already."""
    bodies = [t for t in texts if not t.summary]
    told = [t for t in texts if t.summary and _has_body(t, bodies, case)]
    body_figures: dict[str, list[Said]] = {}
    for one in said:
        if not one.summary:
            body_figures.setdefault(one.dimension, []).append(one)
    sections = {t.section for t in told}
    for one in said:
        there = body_figures.get(one.dimension, ())
        if one.place.section not in sections or (one.place.section, one.place.start) in judged:
            continue
        if not any(agree(one, other) for other in there):
            near = next((o for o in there if one.name and o.name == one.name), None)
            detail = f"摘要中的“{one.around}”在正文各节中没有，请补入正文或从摘要中删去"
            yield _finding(one.place, detail, near.place if near else None, near.around if near else None)
    for place in homeless(told, bodies):
        if any((place.section, n) in judged for n in range(place.start, place.end)):
            continue
        yield _finding(place, f"摘要中的“{place.excerpt}”在正文各节中没有相应任务，请补入正文或从摘要中删去")


def _has_body(text: Text, bodies: Iterable[Text], case: Case) -> bool:
    """Whether the texts hold what this section of the summary is drawn from."""
    if case.complete:
        return True
    drawn = case.outline.sections_by_id[text.section].summarises
    return any(t.text.strip() and (not drawn or t.section in drawn) for t in bodies)


def _at(place: Place) -> str:
    return f"第{place.section}节" if place.section != BARE else "文中"


def _finding(
    place: Place,
    message: str,
    other: Place | None = None,
    other_excerpt: str | None = None,
    nearest: str | None = None,
) -> Finding:
    return Finding(
        check=CheckName.CONSISTENCY,
        severity=Severity.ERROR,
        section=None if place.section == BARE else place.section,
        start=place.start,
        end=place.end,
        excerpt=place.excerpt,
        message=message,
        other_section=(other.section or None) if other else None,
        other_excerpt=other_excerpt,
        nearest=nearest,
    )
