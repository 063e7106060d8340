"""The list of cases, and what a case keeps out of its prompts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from evals.cases import all_cases, chosen_cases, leaked_passages, load_case
from evals.run import HeldOutShownError, Setup, assert_held_out, run
from service.errors import InputError, PackageDataError
from service.prompt.exemplars import chosen_exemplars, exemplar_ids, load_exemplar
from tests.evals.drafting import drafted, loaded, offline


def test_every_case_of_the_list_can_be_loaded() -> None:
    cases = [load_case(c) for c in all_cases()]
    assert {"wanghai", "wanghai-base", "chongqing", "harbin", "chengdu", "ningbo"} <= {c.case.id for c in cases}
    for case in cases:
        assert case.sheet.outline == case.outline.id
        assert case.sheet_hash.startswith("sha256:")
        assert case.case.tags


def test_each_exemplar_is_held_out_by_its_own_city() -> None:
    held = {c.held_out: load_case(c) for c in all_cases() if c.held_out}
    assert set(held) == set(exemplar_ids())
    for exemplar, case in held.items():
        assert exemplar is not None
        assert load_exemplar(exemplar).city == case.sheet.subject.name
        assert exemplar not in [e.id for e in case.taught]
        assert case.reference is not None
        assert "一、" not in case.reference, "headings are no statements"


def test_cases_are_chosen_by_id_and_tag() -> None:
    assert [c.id for c in chosen_cases(["harbin", "wanghai"])] == ["wanghai", "harbin"], "in the list's order"
    assert {c.id for c in chosen_cases((), ["exemplar"])} == set(exemplar_ids())
    assert chosen_cases() == all_cases()
    with pytest.raises(InputError, match="没有评测用例 haerbin，可用的有"):
        chosen_cases(["haerbin"])
    with pytest.raises(InputError, match="没有带标签 nope"):
        chosen_cases((), ["nope"])


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('{"id": "a", "sheet": "a.json"}\n{"id": "a", "sheet": "b.json"}\n', "第2行的编号“a”重复"),
        ('{"id": "a", "sheet": "a.json"}\n\n{"id": "b", "heldout": "x"}\n', "第3行有误"),
        ("方案\n", "第1行有误"),
    ],
)
def test_a_damaged_list_names_its_line(tmp_path: Path, lines: str, told: str) -> None:
    (tmp_path / "cases.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(PackageDataError, match=told):
        all_cases(tmp_path)


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"id": "a", "sheet": "a.json"}', encoding="utf-8")
    with pytest.raises(PackageDataError, match=r"a\.json"):
        load_case(all_cases(tmp_path)[0], tmp_path)


@pytest.mark.parametrize("city", exemplar_ids())
def test_the_rendered_prompts_show_the_other_exemplars_only(city: str) -> None:
    case = loaded(city)
    made = drafted(case)
    prompts = [t.prompt for t in made.tasks]
    assert len(prompts) >= 26
    assert case.held_out is not None
    assert leaked_passages(prompts, case.held_out, case.taught) == ()
    shown = [e.id for e in chosen_exemplars() if leaked_passages(prompts, e, [o for o in case.others if o != e])]
    assert shown, "the prompts do carry passages"
    assert set(shown) <= {e.id for e in case.taught}


def test_a_run_stops_when_a_prompt_shows_what_its_case_holds_out() -> None:
    # Another city's exemplar teaches unless it is left out; here it is named as held out and taught all the same.
    ningbo = loaded("ningbo")
    wrong = replace(
        ningbo,
        case=ningbo.case.model_copy(update={"held_out": "chengdu"}),
        held_out=load_exemplar("chengdu"),
        taught=chosen_exemplars(),
    )
    with pytest.raises(HeldOutShownError, match="ningbo"):
        asyncio.run(run([wrong], offline(), Setup()))
    right = replace(wrong, taught=tuple(e for e in chosen_exemplars() if e.id != "chengdu"))
    assert_held_out(right, drafted(right))
