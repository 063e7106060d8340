"""The first stage: what a caller sends → a fact sheet that holds, or every fault of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError

from schemas.facts import FactSheet
from schemas.outline import Outline
from service.errors import FactSheetError, Fault, UnknownOutlineError
from service.facts.catalogue import Catalogue
from service.facts.completion import completed
from service.facts.faults import NUMBERS, control_characters, oversized, pointer, translated, year_detail
from service.facts.loading import load


def read_sheet(
    source: bytes | str | Mapping[str, object], *, outline: Callable[[str], Outline], where: str = ""
) -> FactSheet:
    """The fact sheet, with names, titles and document numbers filled in from what each fact says elsewhere.

    `source`: JSON or YAML (UTF-8, with or without BOM, at most 2 MB), or the parsed object. `outline` resolves an id,
    raising UnknownOutlineError. `where` is put before every JSON pointer, for a sheet inside a larger request.
    Raises FileInputError for what cannot be read at all, FactSheetError with all faults for what can.
    """
    data = load(source) if isinstance(source, bytes | str) else source
    if data is None or data == {}:
        raise _error([Fault("", "事实表是空的，请至少填写 outline、subject 和 plan_year")], where)
    if not isinstance(data, Mapping):
        raise _error([Fault("", "事实表应是一个对象，含 outline、subject、plan_year、period 和 facts")], where)
    faults = list(control_characters(data))
    if faults:
        raise _error(faults, where)
    found, outline_faults = _resolve(data.get("outline"), outline)
    catalogue = Catalogue(found) if found else None
    filled = _completed(data, catalogue)
    faults = [*outline_faults, *_numbers(filled), *_facts(filled, catalogue)]
    try:
        sheet = FactSheet.model_validate(filled)
    except ValidationError as error:
        faults = [*translated(error.errors(include_url=False), filled), *faults]
    if faults:
        raise _error(faults, where)
    return sheet


def _error(faults: list[Fault], where: str) -> FactSheetError:
    """One fault for each place, in the order of the places."""
    unique = {fault.pointer: fault for fault in reversed(faults)}
    ordered = sorted(unique.values(), key=_place)
    placed = [Fault(where + f.pointer, f.detail) for f in ordered]
    first = f"{placed[0].pointer or '事实表'}：{placed[0].detail}"
    more = f"（另有{len(placed) - 1}处）" if len(placed) > 1 else ""
    return FactSheetError(f"事实表有{len(placed)}处需要修改，{first}{more}", placed)


def _place(fault: Fault) -> list[tuple[bool, str]]:
    """Sorts numbers as numbers: /facts/2 before /facts/10."""
    steps = fault.pointer.split("/")
    return [(not step.isdecimal(), step.zfill(9) if step.isdecimal() else step) for step in steps]


def _resolve(name: object, outline: Callable[[str], Outline]) -> tuple[Outline | None, list[Fault]]:
    if not isinstance(name, str):
        return None, []
    try:
        return outline(name), []
    except UnknownOutlineError as error:
        return None, [Fault("/outline", error.message)]


def _completed(data: Mapping[str, object], catalogue: Catalogue | None) -> dict[str, object]:
    filled = dict(data)
    facts = data.get("facts")
    if isinstance(facts, list | tuple):
        filled["facts"] = [completed(f, catalogue) if isinstance(f, Mapping) else f for f in facts]
    return filled


def _records(data: Mapping[str, object]) -> Iterator[tuple[int, Mapping[str, object]]]:
    facts = data.get("facts")
    if isinstance(facts, list):
        yield from ((n, f) for n, f in enumerate(facts) if isinstance(f, Mapping))


def _numbers(data: Mapping[str, object]) -> Iterator[Fault]:
    """What pydantic would let pass: numbers too long to be data, years written as text or as true."""
    for n, fact in _records(data):
        for field in NUMBERS:
            yield from oversized(("facts", n, field), fact.get(field))
        yield from _year(("facts", n, "year"), fact.get("year"))
    yield from _year(("plan_year",), data.get("plan_year"))
    period = data.get("period")
    if isinstance(period, list | tuple) and any(isinstance(y, str | bool) for y in period):
        yield Fault("/period", "period（实施期）应为起始年和终止年两个数字，请写成 [2017, 2021] 的样子")


def _year(path: tuple[str | int, ...], year: object) -> Iterator[Fault]:
    if isinstance(year, str) and year.strip().isdigit():
        yield Fault(pointer(path), year_detail(str(path[-1]), year))


def _facts(data: Mapping[str, object], catalogue: Catalogue | None) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for n, fact in _records(data):
        own = fact.get("id")
        if isinstance(own, str):
            if own in first:
                detail = f"编号“{own[:64]}”与第{first[own] + 1}条事实重复，请改用别的编号"
                yield Fault(pointer(("facts", n, "id")), detail)
            first.setdefault(own, n)
        if catalogue is not None:
            yield from catalogue.faults(n, fact)
        quantity = any(fact.get(field) is not None for field in NUMBERS)
        name = fact.get("name")
        named = name.strip() if isinstance(name, str) else name
        if quantity and not named and fact.get("indicator") is None:
            yield Fault(pointer(("facts", n, "name")), "这条数据没有名称，请填写 name，或用 indicator 指明指标")
