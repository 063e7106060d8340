"""What all sections must agree on, read off the facts."""

from importlib.resources import files
from typing import Any

import pytest

from schemas.brief import Brief
from schemas.facts import FactSheet
from service.facts.brief import make_brief
from service.facts.intake import read_sheet
from service.facts.ledger import Ledger
from service.facts.naming import core_name
from service.prompt.outlines import load_outline


def shipped(name: str) -> Brief:
    sheet = read_sheet((files("evals") / "datasets" / f"{name}.json").read_bytes(), outline=load_outline)
    return make_brief(Ledger(sheet, load_outline(sheet.outline)))


def brief(*facts: dict[str, Any]) -> Brief:
    sheet = FactSheet.model_validate(
        {"outline": "city-2017", "subject": {"name": "望海市", "province": "云岭省"}, "plan_year": 2017, "facts": facts}
    )
    return make_brief(Ledger(sheet, load_outline("city-2017")))


def ids(facts: Any) -> list[str]:
    return [f.id for f in facts]


def test_targets_know_their_base_and_what_they_must_beat() -> None:
    targets = {t.fact.id: t for t in shipped("wanghai").targets}
    volume = targets["turnover-2021"]
    assert volume.base is not None
    assert (volume.base.id, volume.benchmark and volume.benchmark.id) == ("turnover-2016", "prov-growth")
    assert volume.base.year == 2016
    penetration = targets["penetration-2021"].benchmark
    assert penetration is not None
    assert penetration.id == "prov-penetration-2016"
    assert targets["bases-2021"].base is None


def test_the_targets_of_the_complete_sheet_beat_the_province() -> None:
    for target in shipped("wanghai").targets:
        if target.benchmark is None:
            continue
        mine = target.fact.growth or target.fact.value
        theirs = target.benchmark.growth or target.benchmark.value
        assert mine is not None
        assert theirs is not None
        assert mine > theirs, target.fact.id  # type: ignore[operator]


def test_projects_carry_their_years() -> None:
    projects = {p.fact.id: p.years for p in shipped("wanghai").projects}
    assert len(projects) == 10
    assert projects["project-logistics-park"] == "2017—2020年"
    assert all(projects.values())


def test_bodies_and_money_each_stand_in_one_place() -> None:
    found = shipped("wanghai")
    assert ids(found.bodies.lead) == ["lead"]
    assert ids(found.bodies.department) == ["department"]
    assert ids(found.bodies.participants) == ["participants"]
    assert ids(found.bodies.mechanisms) == ["mechanism", "disputes-between"]
    assert ids(found.fund) == ["fund", "fund-total", "fund-use", "fund-appraisal"]
    assert not set(ids(found.fund)) & set(ids(found.tasks))
    assert ids(found.goal) == ["goal"]


@pytest.mark.parametrize("city", ["chongqing", "harbin", "chengdu"])
def test_a_leading_group_without_indicators_is_told_by_what_it_does(city: str) -> None:
    found = shipped(city)
    assert ids(found.bodies.lead) == ["leading-group"]
    assert ids(found.bodies.office) == ["office"]


def test_no_fact_is_lost_between_the_parts() -> None:
    for name in ("wanghai", "wanghai-base", "chengdu"):
        found = shipped(name)
        bodies = [f for part in found.bodies.model_dump().values() for f in part]
        placed = [*ids(found.goal), *ids(found.tasks), *ids(found.fund), *ids(t.fact for t in found.targets),
                  *ids(p.fact for p in found.projects), *[b["id"] for b in bodies]]  # fmt: skip
        assert len(placed) == len(set(placed)), name


def test_an_empty_sheet_gives_an_empty_brief() -> None:
    assert brief() == Brief()


def test_years_of_a_project_may_be_its_year_of_completion() -> None:
    (project,) = brief(
        {"id": "p", "name": "望海电子商务物流园", "year": 2020, "kind": "project", "text": "规划建设"}
    ).projects
    assert project.years == "2020年"


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("2016年全市电子商务交易额", "电子商务交易额"),
        ("电子商务交易额目标", "电子商务交易额"),
        ("全省电子商务交易额", "电子商务交易额"),
        ("云岭省电子商务交易额", "电子商务交易额"),
        ("望海市电子商务交易额（含跨境）", "电子商务交易额"),
        ("年末常住人口", "常住人口"),
        ("望海", "望海"),
        ("市", "市"),
        ("2016年", "2016年"),
        ("城市区位", "城市区位"),
    ],
)
def test_core_names(name: str, core: str) -> None:
    sheet = FactSheet.model_validate(
        {"outline": "x", "subject": {"name": "望海市", "province": "云岭省"}, "plan_year": 2017}
    )
    assert core_name(name, sheet.subject) == core
