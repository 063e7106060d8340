"""A fact sheet ↔ the tables of a form in which a person looks it over and corrects it; nothing of it is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.facts import Bound, Fact, FactSheet, Kind
from service.errors import FactSheetError, FanganError, Fault, InputError
from service.facts.form import BOUND_LABELS
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline

MOST_EDITABLE = 400
"""Facts that are laid out for editing in a page; of a longer sheet the rest is mended in the spreadsheet."""
BOUNDS = tuple(BOUND_LABELS.values())
_COMMON = ("name", "year", "value", "upper", "unit", "growth", "share", "bound", "text", "source")
_COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ACTUAL: _COMMON,
    Kind.TARGET: _COMMON,
    Kind.BENCHMARK: ("name", "subject", *_COMMON[1:]),
    Kind.POLICY: ("title", "doc_number", "issuer", "year", "text", "source"),
    Kind.PROJECT: ("name", "year", "value", "upper", "unit", "text", "source"),
    Kind.ORGANISATION: ("name", "text", "source"),
    Kind.MEASURE: ("name", "year", "text", "source"),
    Kind.OTHER: _COMMON,
}
_ORDER = (
    "name", "title", "doc_number", "issuer", "subject", "year", "value", "upper", "unit", "growth", "share", "bound",
    "text", "source",
)  # fmt: skip
HEAD = (
    "subject.name", "subject.short_name", "subject.province", "subject.aliases", "plan_year", "period.first",
    "period.last",
)  # fmt: skip
"""Fields of the sheet's head."""
_SUBJECT = ("name", "short_name", "province", "aliases")
_COVER_FIELDS = {
    "/subject/name": "subject.name", "/subject/short_name": "subject.short_name",
    "/subject/province": "subject.province", "/plan_year": "plan_year", "/period": "period.first",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """One thing that can be changed: the name of its field, what stands in it, and what is wrong with that."""

    name: str
    column: str
    value: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A fact's row. `number` counts from 0 in the sheet; what a person added has none there yet."""

    key: str
    title: str
    boxes: tuple[Box, ...]
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The facts of one kind, with the columns that they have."""

    kind: Kind
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def faulty(self) -> bool:
        """Whether something is wrong in it."""
        return any(box.fault for line in self.lines for box in line.boxes)


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something wrong: `at` is the field, `what` the string that names its column, `title` the fact's name."""

    at: str
    what: str
    title: str
    detail: str


@dataclass(frozen=True)
class SheetForm:
    """A sheet that holds, what a person has typed over it, and what is wrong with that (by name of field)."""

    base: FactSheet
    said: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def stated(self) -> str:
        """The sheet as the form carries it."""
        return json.dumps(self.base.model_dump(mode="json", exclude_none=True), ensure_ascii=False)

    @property
    def beyond(self) -> int:
        """Facts that are not laid out for editing."""
        return max(0, len(self.base.facts) - MOST_EDITABLE)

    @property
    def numbers(self) -> Mapping[str, int]:
        """Id → number of the facts that are laid out."""
        return {fact.id: n for n, fact in enumerate(self.base.facts[:MOST_EDITABLE])}

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """All that is wrong, with where it is."""
        return tuple(self._complaint(name, detail) for name, detail in self.faults.items())

    def _complaint(self, name: str, detail: str) -> Complaint:
        key, _, column = name.rpartition(".")
        if name in HEAD:
            return Complaint(name, f"head.{name}", "", detail)
        if column not in _ORDER:
            return Complaint("facts", "review.facts", "", detail)
        number = key[1:]
        known = number.isdecimal() and int(number) < len(self.base.facts)
        return Complaint(name, f"column.{column}", self.base.facts[int(number)].name if known else "", detail)

    def value(self, name: str) -> str:
        """What stands in a field of the sheet's head."""
        return self.said.get(name, _head(self.base).get(name, ""))

    def groups(self) -> tuple[Group, ...]:
        """Tables in the order of the kinds; a kind without facts is offered for adding some."""
        rows = [(k, f) for k, f in _keyed(self.base) if f.kind in _COLUMNS]
        return tuple(self._group(kind, [(k, f) for k, f in rows if f.kind is kind]) for kind in Kind)

    def _group(self, kind: Kind, rows: Sequence[tuple[str, Fact]]) -> Group:
        used = {c for _, fact in rows for c, text in _texts(fact).items() if text and c != "bound"}
        columns = tuple(c for c in _ORDER if c in {*_COLUMNS[kind], *used})
        if kind is Kind.POLICY and all(f.name == f.title for _, f in rows):
            columns = tuple(c for c in columns if c != "name")
        lines = [self._line(key, fact.name, _texts(fact), columns) for key, fact in rows]
        added = [self._line(key, "", {}, columns) for key in added_keys(self.said, kind)]
        return Group(kind, columns, (*lines, *added))

    def _line(self, key: str, title: str, texts: Mapping[str, str], columns: Sequence[str]) -> Line:
        names = {c: f"{key}.{c}" for c in columns}
        boxes = tuple(Box(n, c, self.said.get(n, texts.get(c, "")), self.faults.get(n, "")) for c, n in names.items())
        return Line(key, title, boxes, dropped=f"{key}.drop" in self.said)


def read_form(fields: Mapping[str, str]) -> tuple[SheetForm, FactSheet | None]:
    """The form as it was typed, and the sheet that it makes; None where something is wrong, which the form then tells.

    InputError where the form does not carry a sheet at all.
    """
    try:
        base = read_sheet(fields.get("sheet", ""), outline=load_outline)
    except FanganError as error:
        raise InputError("表单不完整，请返回重新选择事实表") from error
    said = {n: v for n, v in fields.items() if n.partition(".")[0] != "sheet" and ("." in n or n == "plan_year")}
    data, places, faults = _data(base, said)
    sheet = None
    try:
        sheet = read_sheet(data, outline=load_outline)
    except FactSheetError as error:
        faults = {**{_place(f, places): _plain(f.detail) for f in reversed(error.faults)}, **faults}
    return SheetForm(base, said, faults), None if faults else sheet


def added_keys(said: Mapping[str, str], kind: Kind) -> Iterator[str]:
    """The rows of that kind that a person added: `new-project-2`."""
    keys = dict.fromkeys(name.partition(".")[0] for name in said if name.startswith(f"new-{kind.value}-"))
    return (key for key in keys if key.rpartition("-")[2].isdecimal())


def with_row(form: SheetForm, kind: Kind) -> SheetForm:
    """The form with one more empty row."""
    key = f"new-{kind.value}-{len(list(added_keys(form.said, kind))) + 1}"
    first = _COLUMNS[kind][0]
    return SheetForm(form.base, {**form.said, f"{key}.{first}": ""}, form.faults)


def _keyed(sheet: FactSheet) -> list[tuple[str, Fact]]:
    return [(f"f{n}", fact) for n, fact in enumerate(sheet.facts[:MOST_EDITABLE])]


def _head(sheet: FactSheet) -> dict[str, str]:
    subject = sheet.subject
    first, last = sheet.period or ("", "")
    return {
        "subject.name": subject.name,
        "subject.short_name": subject.short_name or "",
        "subject.province": subject.province or "",
        "subject.aliases": "、".join(subject.aliases),
        "plan_year": str(sheet.plan_year),
        "period.first": str(first),
        "period.last": str(last),
    }


def _texts(fact: Fact) -> dict[str, str]:
    """The fact's fields as they stand in their boxes."""
    low, high = fact.value if isinstance(fact.value, tuple) else (fact.value, None)
    numbers = {"value": low, "upper": high, "growth": fact.growth, "share": fact.share}
    words = {c: getattr(fact, c) or "" for c in ("name", "title", "doc_number", "issuer", "subject", "unit", "text")}
    return {
        **words,
        "source": fact.source or "",
        "year": str(fact.year or ""),
        **{c: "" if n is None else _number(n) for c, n in numbers.items()},
        "bound": BOUND_LABELS[fact.bound],
    }


def _number(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _data(base: FactSheet, said: Mapping[str, str]) -> tuple[dict[str, object], Mapping[str, str], dict[str, str]]:
    """The sheet as data, the key of each of its facts by pointer, and what is wrong by name of field."""
    data: dict[str, object] = base.model_dump(exclude_none=True)
    faults: dict[str, str] = {}
    _read_head(data, {**_head(base), **said}, faults)
    facts: list[Mapping[str, object]] = []
    places: dict[str, str] = {}
    taken = {f.id for f in base.facts}
    kept = [(f"f{n}", fact.model_dump(exclude_none=True), True) for n, fact in enumerate(base.facts)]
    new: list[tuple[str, dict[str, object], bool]] = [
        (key, {"kind": kind}, False) for kind in Kind for key in added_keys(said, kind)
    ]
    for key, known, old in (*kept, *new):
        typed = {c: said[f"{key}.{c}"] for c in _ORDER if f"{key}.{c}" in said}
        if f"{key}.drop" in said or (not old and not any(t.strip() for c, t in typed.items() if c != "bound")):
            continue
        fact = known if old and _unchanged(base.facts[int(key[1:])], typed) else _fact(key, known, typed, faults)
        if not old:
            fact["id"] = _new_id(str(known["kind"]), fact.get("year"), taken)
        places[f"/facts/{len(facts)}"] = key
        facts.append(fact)
    data["facts"] = facts
    return data, places, faults


def _unchanged(fact: Fact, typed: Mapping[str, str]) -> bool:
    """Whether the boxes hold what they were filled with; browsers know one kind of line break only."""
    shown = _texts(fact)
    return all(text == shown[c].replace("\r\n", "\n").replace("\r", "\n") for c, text in typed.items())


def _read_head(data: dict[str, object], texts: Mapping[str, str], faults: dict[str, str]) -> None:
    subject = {c: texts[f"subject.{c}"].strip() or None for c in _SUBJECT}
    aliases = [a for a in (texts["subject.aliases"] or "").replace("，", "、").split("、") if a.strip()]
    data["subject"] = {k: v for k, v in {**subject, "aliases": aliases}.items() if v is not None}
    years = {n: texts[n].strip().removesuffix("年") for n in ("plan_year", "period.first", "period.last")}
    for name, year in years.items():
        if year and not (year.isdecimal() and len(year) == 4):
            faults[name] = "请填四位数字的年份，如 2017"
    if faults:
        return
    data["plan_year"] = int(years["plan_year"]) if years["plan_year"] else None
    ends = [int(years[n]) for n in ("period.first", "period.last") if years[n]]
    if len(ends) == 1:
        faults["period.first"] = "实施期的起始年和终止年请都填写，或都留空"
    elif ends != sorted(ends):
        faults["period.first"] = f"实施期的起始年{ends[0]}晚于终止年{ends[1]}，请改正其中一个"
    data["period"] = ends if len(ends) == 2 else None
    for name in ("plan_year", "period"):
        if data[name] is None:
            del data[name]


def _fact(key: str, known: Mapping[str, object], typed: Mapping[str, str], faults: dict[str, str]) -> dict[str, object]:
    """The fact as typed, read by the rules of the spreadsheet; what the form does not show of it stays."""
    # The spreadsheet's rules bring openpyxl with them, half a second that the start of the service need not pay.
    from service.facts.records import read_record  # noqa: PLC0415
    from service.facts.table import Row  # noqa: PLC0415
    from service.facts.workbook import Cell  # noqa: PLC0415

    columns = {c: n for n, c in enumerate(_ORDER, 1)}
    cells = {c: Cell(key, 1, columns[c], text) for c, text in typed.items() if text.strip()}
    row = Row(key, 1, cells, columns)
    record = read_record(row)
    at = {row.place(c): f"{key}.{c}" for c in _ORDER}
    for fault in record.faults:
        faults.setdefault(at[fault.pointer], fault.detail)
    stays = {c: v for c, v in known.items() if c not in _ORDER or c not in typed}
    if "value" in typed:
        stays.pop("value", None)
    bound = {} if "bound" in record.fields else {"bound": known.get("bound", Bound.EXACT)}
    return {**stays, **bound, **record.fields}


def _new_id(kind: str, year: object, taken: set[str]) -> str:
    from service.facts.placing import generated_id  # noqa: PLC0415 - see _fact

    return generated_id(kind, year, taken)


def _place(fault: Fault, places: Mapping[str, str]) -> str:
    """The field that a fault belongs to; of a whole fact its first one."""
    if fault.pointer in _COVER_FIELDS:
        return _COVER_FIELDS[fault.pointer]
    steps = fault.pointer.split("/")
    key = places.get("/".join(steps[:3]), "")
    if not key:
        return "plan_year" if fault.pointer == "" else fault.pointer
    column = steps[3] if len(steps) > 3 else "name"
    return f"{key}.{column if column in _ORDER else 'name'}"


def _plain(detail: str) -> str:
    from service.facts.placing import in_columns  # noqa: PLC0415 - see _fact

    return in_columns(detail)
