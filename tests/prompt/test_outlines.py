"""The shipped outlines say what the printed ones say, and their catalogue holds together."""

import json
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from schemas.facts import Kind
from schemas.outline import DIMENSIONS, Outline, Point
from service.check.coverage import pattern
from service.errors import PackageDataError, UnknownOutlineError
from service.prompt import outlines
from service.prompt.outlines import load_outline, outline_ids
from service.text.punctuation import normalise
from tests.doubles.cost import cost

DATA = Path(__file__).parents[1] / "data"
IDS = ("base", "city-2017")
CONSULTANT = "2017年国家电子商务示范城市创建工作方案-编制要编制单位:北京智博睿投资咨询有限公司点"
"""A line of the printed text that is no part of the outline: its title, with the seller's name run into it."""


def content(text: str) -> str:
    """What normalising may not touch: Han characters, letters and digits, without blanks."""
    return "".join(re.findall(r"[\u4e00-\u9fffA-Za-z0-9]", text))


def printed(outline_id: str) -> list[str]:
    """The clauses of the printed outline, without heading numbers and without its noise."""
    lines = (DATA / "outlines" / f"{outline_id}.txt").read_text(encoding="utf-8").splitlines()
    assert re.match(r"第[一二]篇:", lines[0])
    text = "\n".join(line for line in lines[1:] if line != CONSULTANT)
    clauses = re.split(r"[。；：\n]|(?<=的意义) |(?<=保障措施) |(?<=相关文件) ", normalise(text).replace("\u3000", ""))
    numbers = r"^(?:[一二三四五六七八]、|（[一二三四五六]）|\d\.)"
    return [c for clause in clauses if (c := content(re.sub(numbers, "", clause.strip())))]


def shipped(outline: Outline) -> str:
    """All that the outline prints: titles, guidance and notes, in order."""
    parts = [outline.title]
    for chapter in outline.chapters:
        parts += [chapter.title, chapter.guidance, chapter.note]
        parts += [g.title + g.guidance for g in chapter.groups]
        parts += [s.title + s.guidance for s in chapter.sections]
    return content("\n".join(parts))


def points(outline: Outline) -> list[tuple[str, Point]]:
    return [(s.id, p) for s in outline.sections for p in s.points]


def test_two_outlines_ship() -> None:
    assert outline_ids() == IDS
    assert all(load_outline(i).id == i for i in IDS)


@pytest.mark.parametrize("outline_id", IDS)
def test_no_clause_of_the_printed_outline_is_lost(outline_id: str) -> None:
    clauses, whole = printed(outline_id), shipped(load_outline(outline_id))
    assert len(clauses) >= 29
    assert [c for c in clauses if c not in whole] == []


@pytest.mark.parametrize("outline_id", IDS)
def test_nothing_is_added_to_the_printed_outline(outline_id: str) -> None:
    clauses = "".join(printed(outline_id))
    outline = load_outline(outline_id)
    own_titles = {"5.4.1", "5.4.2"} if outline_id == "city-2017" else {"5.1", "5.2", "5.3", "5.4", "5.6"}
    for section in outline.sections:
        assert content(section.guidance).replace("2017年", "") in clauses, section.id
        assert (content(section.title) in clauses) == (section.id not in own_titles), section.id


def test_the_printed_outline_is_read_whole() -> None:
    """The oracle itself keeps every character of the source but its noise."""
    source = (DATA / "outlines" / "city-2017.txt").read_text(encoding="utf-8")
    noise = content("".join(source.splitlines()[0:2])) + "一二三四五六七八123456789"
    assert Counter(content(source)) - Counter("".join(printed("city-2017"))) <= Counter(noise * 6)


def test_city_has_six_chapters_and_twenty_six_sections() -> None:
    outline = load_outline("city-2017")
    assert [c.id for c in outline.chapters] == list("123456")
    assert [s.id for s in outline.sections] == [
        "1.1",
        "1.2",
        "1.3",
        "1.4",
        "2.1",
        "2.2",
        "2.3",
        "3.1",
        "3.2",
        "3.3",
        "4.1",
        "4.2",
        "5.1.1",
        "5.1.2",
        "5.2.1",
        "5.2.2",
        "5.2.3",
        "5.3.1",
        "5.3.2",
        "5.4.1",
        "5.4.2",
        "5.5.1",
        "5.5.2",
        "6.1",
        "6.2",
        "6.3",
    ]
    summary = outline.chapters[0]
    assert summary.limit is not None
    assert summary.limit.maximum == 3500
    assert "3500字以内" in summary.note
    assert all(s.summary and s.summarises for s in summary.sections)
    assert not any(s.summary for s in outline.sections if s not in summary.sections)
    assert sum(s.target_length for s in summary.sections) <= 3200
    assert 9_000 <= sum(s.target_length for s in outline.sections if not s.summary) <= 12_000
    tasks = outline.chapters[4]
    assert [g.id for g in tasks.groups] == ["5.1", "5.2", "5.3", "5.4", "5.5"]
    assert all(any(s.id.startswith(f"{g.id}.") for s in tasks.sections) for g in tasks.groups)


def test_the_summary_draws_on_every_section_of_targets_tasks_and_measures() -> None:
    outline = load_outline("city-2017")
    body = {s.id for s in outline.sections if not s.summary}
    drawn = {i for s in outline.chapters[0].sections for i in s.summarises}
    assert drawn <= body
    assert {i for i in body if i[0] in "456"} <= drawn


def test_base_has_eight_chapters_and_a_checklist() -> None:
    outline = load_outline("base")
    assert [c.id for c in outline.chapters] == list("12345678")
    assert [s.id for s in outline.sections] == [
        "1",
        "2",
        "3",
        "4",
        "5.1",
        "5.2",
        "5.3",
        "5.4",
        "5.5",
        "5.6",
        "6",
        "7",
        "8",
    ]
    assert [s.id for s in outline.sections if s.checklist] == ["8"]
    assert len(outline.sections_by_id["8"].points) == 5
    assert outline.subject_word == "基地"


def test_points_are_in_the_outlines_own_words() -> None:
    listed = json.loads((DATA / "outline-points.json").read_text(encoding="utf-8"))
    outline = load_outline("city-2017")
    assert len(listed) == 12
    for section_id, expected in listed.items():
        section = outline.sections_by_id[section_id]
        required = [p.text for p in section.points if not p.optional]
        assert sorted(required) == sorted(normalise(t) for t in expected["points"]), section_id
        assert [p.text for p in section.points if p.optional] == [normalise(t) for t in expected["optional"]]


@pytest.mark.parametrize("outline_id", IDS)
def test_a_points_words_stand_in_its_guidance(outline_id: str) -> None:
    for section in load_outline(outline_id).sections:
        guidance = content(section.guidance)
        for point in section.points:
            characters = content(point.text)
            assert characters in guidance or not Counter(characters) - Counter(guidance), (section.id, point.id)


@pytest.mark.parametrize("outline_id", IDS)
def test_the_catalogue_holds_together(outline_id: str) -> None:
    outline = load_outline(outline_id)
    ids = [i.id for i in outline.indicators]
    assert len(set(ids)) == len(ids)
    assert len({s.id for s in outline.sections}) == len(list(outline.sections))
    used = {i for _, p in points(outline) for i in p.indicators}
    assert used == set(ids)
    for section in outline.sections:
        assert len({p.id for p in section.points}) == len(section.points) > 0
        assert all(p.indicators for p in section.points)
    for indicator in outline.indicators:
        assert indicator.dimension in DIMENSIONS
        assert indicator.department
        assert (indicator.unit is None) == (indicator.dimension == "text"), indicator.id
        assert indicator.dimension != "text" or indicator.expects == ("text",), indicator.id
        assert indicator.name not in indicator.synonyms
        assert len(set(indicator.synonyms)) == len(indicator.synonyms)


@pytest.mark.parametrize("outline_id", IDS)
def test_a_name_means_one_thing(outline_id: str) -> None:
    """Within one kind of fact no two indicators share a name, so that a fact's name finds its indicator."""
    owners: dict[tuple[Kind, str], str] = {}
    for indicator in load_outline(outline_id).indicators:
        for name in (indicator.name, *indicator.synonyms):
            assert owners.setdefault((indicator.kind, name), indicator.id) == indicator.id, name


@pytest.mark.parametrize("outline_id", IDS)
def test_signs_compile_and_never_match_nothing(outline_id: str) -> None:
    for where, point in points(load_outline(outline_id)):
        assert point.signs, (where, point.id)
        for sign in point.signs:
            assert pattern(sign).search("") is None, sign
            assert pattern(sign).search("本节由相关人员另行撰写。") is None, sign
    for where, point in points(load_outline(outline_id)):
        assert bool(point.kinds) <= bool(point.keywords) or Kind.PROJECT in point.kinds, (where, point.id)


@pytest.mark.parametrize("outline_id", IDS)
def test_chinese_is_in_official_punctuation(outline_id: str) -> None:
    outline = load_outline(outline_id)
    texts = [outline.title, *outline.cleaned[:1], *(r.text for r in outline.rules)]
    texts += [s.title + "\n" + s.guidance for s in outline.sections]
    texts += [p.text for _, p in points(outline)]
    texts += [n for i in outline.indicators for n in (i.name, *i.synonyms, i.meaning, i.department)]
    assert [t for t in texts if normalise(t) != t] == []
    assert all(s.guidance.endswith("。") for s in outline.sections)


def test_cited_policies_are_the_real_ones() -> None:
    cited = {p.doc_number: p.title for p in load_outline("city-2017").policies}
    assert cited == {
        "发改高技〔2011〕463号": "关于开展国家电子商务示范城市创建工作的指导意见",
        "发改办高技〔2013〕894号": "关于进一步促进电子商务健康快速发展有关工作的通知",
    }


@pytest.mark.parametrize("outline_id", IDS)
def test_rules_use_the_outlines_words(outline_id: str) -> None:
    outline = load_outline(outline_id)
    whole = shipped(outline)
    assert len({r.id for r in outline.rules}) == len(outline.rules)
    for rule in outline.rules:
        assert content(rule.text) in whole, rule.id
        assert all(i in outline.sections_by_id for i in rule.sections)


def test_an_unknown_outline_names_near_ones() -> None:
    with pytest.raises(UnknownOutlineError, match=r"是否应为 city-2017.*可用的有：base、city-2017"):
        load_outline("city-2018")
    with pytest.raises(UnknownOutlineError, match=r"没有编号为“\.\./secret”的编制要点"):
        load_outline("../secret")


@pytest.mark.parametrize("damage", ["id: [", "id: x\ntitle: 1\n", "\xff"])
def test_a_damaged_file_is_named(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outlines").mkdir()
    (tmp_path / "outlines" / "broken.yaml").write_bytes(damage.encode("latin-1"))
    monkeypatch.setattr(outlines, "files", lambda _: tmp_path)
    outline_ids.cache_clear()
    try:
        with pytest.raises(PackageDataError, match=r"broken\.yaml"):
            load_outline("broken")
    finally:
        outline_ids.cache_clear()


def test_an_anchor_is_shared_not_copied() -> None:
    text = (files("prompts") / "outlines" / "city-2017.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    signs = {s["id"]: s["points"][0]["signs"] for c in data["chapters"] for s in c["sections"]}
    assert signs["1.4"] is signs["6.1"]


def test_loading_is_done_once() -> None:
    first = load_outline("city-2017")
    assert cost(lambda: load_outline("city-2017")) < 10
    assert load_outline("city-2017") is first
