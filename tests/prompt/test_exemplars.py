"""The shipped exemplars are the printed plans, complete, and damaged ones are refused by name."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from service.errors import PackageDataError, UnknownExemplarError
from service.prompt.exemplars import exemplar_ids, load_exemplar, parse_exemplar
from service.prompt.outlines import load_outline
from service.text.punctuation import normalise

PRINTED = Path(__file__).parents[1] / "data" / "exemplars"
IDS = ("chengdu", "chongqing", "harbin")


def content(text: str) -> str:
    """Han characters, digits and letters in order: all that normalising punctuation must not touch."""
    return "".join(re.findall(r"[\u4e00-\u9fffA-Za-z0-9]", text))


def printed(exemplar_id: str) -> str:
    """The printed text from the title on; its first line is a collection's heading that repeats the title."""
    first, rest = (PRINTED / f"{exemplar_id}.txt").read_text(encoding="utf-8").split("\n", 1)
    assert re.match(r"第[三四五]篇:", first)
    return rest


def test_three_plans_ship() -> None:
    assert exemplar_ids() == IDS


@pytest.mark.parametrize("exemplar_id", IDS)
def test_no_character_of_the_printed_plan_is_lost(exemplar_id: str) -> None:
    exemplar = load_exemplar(exemplar_id)
    body, path = [exemplar.title], ""
    for passage in exemplar.passages:
        chapter = passage.heading.split("（")[0]
        heading = passage.heading
        if heading != path:
            body.append(heading.removeprefix(chapter) if path.startswith(chapter) else heading)
        path = heading
        body.append(passage.text)
    assert content("\n".join(body)) == content(printed(exemplar_id))


@pytest.mark.parametrize("exemplar_id", IDS)
def test_punctuation_is_official(exemplar_id: str) -> None:
    text = load_exemplar(exemplar_id).text
    assert not re.findall(r"[,;:()\[\]?!\"'~]|\d-\d|》、《|[\u4e00-\u9fff] |[一二三四五]、 ", text)
    assert all(p.text.endswith("。") for p in load_exemplar(exemplar_id).passages)


@pytest.mark.parametrize("exemplar_id", IDS)
def test_punctuation_is_what_normalising_the_printed_plan_gives(exemplar_id: str) -> None:
    text = re.sub(r"\s", "", normalise(printed(exemplar_id))).replace("》、《", "》《")
    exemplar = load_exemplar(exemplar_id)
    assert [p.id for p in exemplar.passages if p.text not in text] == []
    assert normalise(exemplar.text) == exemplar.text


@pytest.mark.parametrize("exemplar_id", IDS)
def test_passages_follow_the_headings(exemplar_id: str) -> None:
    exemplar = load_exemplar(exemplar_id)
    ids = [p.id for p in exemplar.passages]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids, key=lambda i: [int(n) for n in re.findall(r"\d+", i)])
    numerals = " 一二三四五六七八九"
    for passage in exemplar.passages:
        chapter, *section = (int(n) for n in passage.id.split("-")[0].split("."))
        assert passage.heading.startswith(numerals[chapter] + "、")
        assert section == [numerals.index(n) for n in re.findall(r"（([一二三四五六七八九])）", passage.heading)]


def test_every_section_that_the_plans_treat_has_a_passage() -> None:
    fitting: dict[str, set[str]] = {"city-2017": set(), "base": set()}
    for exemplar_id in IDS:
        for passage in load_exemplar(exemplar_id).passages:
            for outline, sections in passage.sections.items():
                fitting[outline].update(sections)
    tasks = {"5.1.1", "5.1.2", "5.2.1", "5.2.2", "5.2.3", "5.3.1", "5.3.2", "5.4.1", "5.4.2", "5.5.1", "5.5.2"}
    assert fitting["city-2017"] >= {"1.1", "1.2", "1.3", "1.4", "4.1", "4.2", *tasks, "6.1", "6.2", "6.3"}
    assert fitting["base"] >= {"4", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "6", "7"}


def test_passages_fit_sections_that_the_outlines_have() -> None:
    for exemplar_id in IDS:
        for passage in load_exemplar(exemplar_id).passages:
            for outline, sections in passage.sections.items():
                assert set(sections) <= set(load_outline(outline).sections_by_id), (exemplar_id, passage.id)


def test_a_plan_is_read_once() -> None:
    assert load_exemplar("harbin") is load_exemplar("harbin")


def test_text_has_each_heading_once() -> None:
    text = load_exemplar("chongqing").text
    assert text.count("一、创建工作目标") == 1
    assert text.startswith("一、创建工作目标\n瞄准国际、国内两个市场，")


def test_an_unknown_id_names_near_ones() -> None:
    with pytest.raises(UnknownExemplarError, match=r"“chongqin”.*chongqing") as near:
        load_exemplar("chongqin")
    assert "harbin" not in near.value.message
    with pytest.raises(UnknownExemplarError, match=r"chengdu、chongqing、harbin"):
        load_exemplar("上海")
    with pytest.raises(UnknownExemplarError):
        load_exemplar("../system")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("---\nid: harbin", "id: harbin", "缺少文首的 YAML"),
        ("era: 十二五", "era: [", "YAML 部分有误"),
        ("era: 十二五", "eras: 十二五", "YAML 部分有误"),
        ("city: 哈尔滨市", "city: 哈尔滨", "YAML 部分有误"),
        ('  "3.2": {', '  "3.9": {', r"没有列出正文的段落 3\.2"),
        ("### （二）落实专项资金保障", "### 落实专项资金保障", "标题没有序号：落实专项资金保障"),
        ("每年安排不低于5000万元电子商务专项扶持资金。", "", r"正文没有的段落：3\.2"),
        ("## 一、工作目标\n", "", "不在任何标题之下"),
    ],
)
def test_a_damaged_file_is_refused_by_name(old: str, new: str, said: str) -> None:
    text = (files("prompts") / "exemplars" / "harbin.md").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(PackageDataError, match=said) as refused:
        parse_exemplar(text.replace(old, new), "exemplars/harbin.md")
    assert "exemplars/harbin.md" in refused.value.message
