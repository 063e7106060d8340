"""A fact sheet in a form and back: what nobody touched comes back as it was."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from schemas.facts import FactSheet, Kind
from service.errors import InputError
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline
from service.web.sheet_form import HEAD, MOST_EDITABLE, SheetForm, read_form, with_row

SHEETS = ("wanghai", "wanghai-base", "hostile", "large", "no-targets", "chengdu", "empty")


def _sheet(name: str) -> FactSheet:
    return read_sheet((files("evals") / "datasets" / f"{name}.json").read_bytes(), outline=load_outline)


def _fields(form: SheetForm) -> dict[str, str]:
    """As a browser sends them."""
    boxes = {b.name: b.value for g in form.groups() for line in g.lines for b in line.boxes}
    sent = {n: v.replace("\r\n", "\n") for n, v in boxes.items()}
    return {"sheet": form.stated, **{n: form.value(n) for n in HEAD}, **sent}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_comes_back_as_it_was(name: str) -> None:
    sheet = _sheet(name)
    form, back = read_form(_fields(SheetForm(sheet)))
    assert form.faults == {}
    assert back == sheet


def test_ranges_bounds_and_signs_are_read_as_in_the_spreadsheet() -> None:
    fields = _fields(SheetForm(_sheet("wanghai")))
    changed = {"f2.value": "１,１０５.０４", "f2.growth": "-7.8%", "f2.bound": "约", "f3.value": "2", "f3.upper": "3"}
    _, sheet = read_form({**fields, **changed})
    assert sheet is not None
    gdp, before = sheet.facts[2:4]
    assert [str(n) for n in (gdp.value, gdp.growth)] == ["1105.04", "-7.8"]
    assert gdp.bound == "about"
    assert before.value == (2, 3)
    assert gdp.indicator == "gdp"


@pytest.mark.parametrize(
    ("changes", "place", "told"),
    [
        ({"f2.value": "约1105"}, "f2.value", "“界限”列"),
        ({"f2.upper": "1000"}, "f2.upper", "小于数值"),
        ({"f2.unit": "万人"}, "f2.unit", "单位"),
        ({"f2.share": "120"}, "f2.share", "比重"),
        ({"f1.value": "", "f1.growth": "", "f1.share": ""}, "f1.name", "至少填写一项"),
        ({"plan_year": "二〇一七"}, "plan_year", "四位数字"),
        ({"period.last": ""}, "period.first", "都填写，或都留空"),
        ({"period.first": "2022"}, "period.first", "起始年2022晚于终止年2021，请改正其中一个"),
        ({"subject.name": ""}, "subject.name", "缺少"),
        ({"new-policy-1.doc_number": "望政发〔2016〕9号"}, "new-policy-1.name", "至少填写一项"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(changes: dict[str, str], place: str, told: str) -> None:
    form, sheet = read_form({**_fields(SheetForm(_sheet("wanghai"))), **changes})
    assert sheet is None
    assert place in form.faults, form.faults
    assert told in form.faults[place]
    assert len(form.complaints) == len(form.faults)
    assert {n: v for n, v in form.said.items() if n in changes} == changes


def test_rows_are_added_under_ids_of_their_own() -> None:
    form = SheetForm(_sheet("wanghai"))
    for _ in range(2):
        form = with_row(form, Kind.TARGET)
    fields = _fields(form)
    names = [n for n in fields if n.startswith("new-target-") and n.endswith(".name")]
    assert names == ["new-target-1.name", "new-target-2.name"]
    _, same = read_form(fields)
    assert same == form.base
    added = dict.fromkeys(names, "快递业务量目标") | {n.replace("name", "value"): "3" for n in names}
    _, sheet = read_form({**fields, **added, **{n.replace("name", "year"): "2021" for n in names}})
    assert sheet is not None
    assert [f.id for f in sheet.facts[-2:]] == ["target-2021", "target-2021-2"]


def test_a_long_sheet_is_edited_in_part_and_kept_whole() -> None:
    known = _sheet("wanghai")
    many = tuple(f.model_copy(update={"id": f"{f.id}-{n}", "indicator": None}) for n in range(5) for f in known.facts)
    long = known.model_copy(update={"facts": many})
    form = SheetForm(long)
    assert form.beyond == len(many) - MOST_EDITABLE
    _, back = read_form(_fields(form))
    assert back == long


@pytest.mark.parametrize("stated", ["", "{}", "[1]", json.dumps({"outline": "city-2017"}), "\udce4"])
def test_a_form_without_a_sheet_is_refused(stated: str) -> None:
    with pytest.raises(InputError, match="表单不完整"):
        read_form({"sheet": stated})
