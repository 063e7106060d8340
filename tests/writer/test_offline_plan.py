"""Whole plans of the sample sheets by the offline writer: grounded, complete, in form, the same every time."""

import asyncio
import json
import random
import re
from decimal import Decimal
from functools import cache
from importlib.resources import files

import pytest

from schemas.draft import Draft, Prompt, Task
from schemas.facts import Fact, FactSheet
from schemas.outline import Outline, Section
from service.assemble.summary import excess, shares
from service.check.coverage import treated
from service.check.reply import parse_reply
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline
from service.text.counting import count
from service.text.documents import document_numbers
from service.text.punctuation import normalise
from service.writer.offline import OfflineWriter

SHEETS = ("wanghai", "ningbo", "chongqing", "harbin", "chengdu", "wanghai-base")
PROMPT = Prompt(template="section.md.j2", template_hash="", messages=(), json_schema={}, hash="")


def written(writer: OfflineWriter, section: Section, sheet: FactSheet, outline: Outline, **more: object) -> str:
    kind = "summary" if section.summary else "section"
    task = Task.model_validate(
        {"kind": kind, "section": section, "outline": outline, "sheet": sheet, "prompt": PROMPT, **more}
    )
    return asyncio.run(writer.write(task)).content


@cache
def plan(name: str) -> tuple[FactSheet, Outline, dict[str, Draft], dict[str, str]]:
    """Sheet, outline, drafts and raw replies by section id."""
    return drafted(read_sheet((files("evals") / "datasets" / f"{name}.json").read_bytes(), outline=load_outline))


def drafted(sheet: FactSheet) -> tuple[FactSheet, Outline, dict[str, Draft], dict[str, str]]:
    outline = load_outline(sheet.outline)
    writer = OfflineWriter()
    drafts: dict[str, Draft] = {}
    raw: dict[str, str] = {}

    def draft(section: Section, **more: object) -> None:
        raw[section.id] = written(writer, section, sheet, outline, **more)
        parsed = parse_reply(raw[section.id], {f.id for f in sheet.facts}, {p.id for p in section.points})
        assert isinstance(parsed, Draft), parsed
        drafts[section.id] = parsed

    for section in outline.sections:
        if not section.summary:
            draft(section)
    body = {i: d.text for i, d in drafts.items()}
    for chapter in outline.chapters:
        allowed = shares(chapter)
        for section in chapter.sections:
            if section.summary:
                draft(section, body=body, maximum=allowed[section.id])
    return sheet, outline, drafts, raw


@pytest.mark.parametrize("name", SHEETS)
def test_every_point_is_written_or_stands_as_a_placeholder(name: str) -> None:
    _, outline, drafts, _ = plan(name)
    missing = [
        (section.id, state.point.text)
        for section in outline.sections
        if not section.checklist
        for state in treated(section, drafts[section.id].text, outline)
        if state.state == "missing" and not state.point.optional
    ]
    assert missing == []


@pytest.mark.parametrize("name", SHEETS)
def test_paragraphs_name_every_point_that_is_not_optional(name: str) -> None:
    _, outline, drafts, _ = plan(name)
    for section in outline.sections:
        told = {p for paragraph in drafts[section.id].paragraphs for p in paragraph.points}
        assert {p.id for p in section.points if not p.optional} <= told, section.id


@pytest.mark.parametrize("name", SHEETS)
def test_placeholders_and_gaps_belong_together(name: str) -> None:
    """A section with gaps shows placeholders, one without gaps shows none."""
    _, outline, drafts, _ = plan(name)
    for section in outline.sections:
        draft = drafts[section.id]
        assert ("【待补充：" in draft.text) == bool(draft.gaps), section.id


@pytest.mark.parametrize("name", SHEETS)
def test_no_numeral_stands_that_the_sheet_lacks(name: str) -> None:
    sheet, outline, drafts, _ = plan(name)
    known = {m for f in sheet.facts for m in numerals_of(f)}
    known |= {str(y) for y in (sheet.plan_year, *(sheet.period or ()))}
    for policy in outline.policies:
        known |= set(re.findall(r"\d+", policy.doc_number or ""))
    for section in outline.sections:
        text = re.sub(r"【[^】]*】|^\d\.", "", drafts[section.id].text, flags=re.MULTILINE)
        strange = [n for n in re.findall(r"\d+(?:\.\d+)?", text) if n not in known]
        assert strange == [], (section.id, strange)


def numerals_of(fact: Fact) -> set[str]:
    values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
    numbers: list[Decimal | int | None] = [*values, fact.growth, fact.share, fact.year]
    words = " ".join(w for w in (fact.name, fact.text, fact.title, fact.doc_number) if w)
    return {format(abs(n), "f") for n in numbers if isinstance(n, Decimal)} | {
        str(fact.year),
        *re.findall(r"\d+(?:\.\d+)?", words),
    }


@pytest.mark.parametrize("name", SHEETS)
def test_text_is_in_official_form(name: str) -> None:
    _, outline, drafts, raw = plan(name)
    for section in outline.sections:
        own = Draft.model_validate_json(raw[section.id])
        text = drafts[section.id].text
        assert own.text == text == normalise(text), section.id
        assert not re.search(r"[。，；、：]{2}|，。|^[，。；、]|方面方面|的的|在在", text, re.MULTILINE), section.id
        for paragraph in own.paragraphs:
            assert paragraph.text.endswith("。"), paragraph.text[-20:]
            for opening, closing in ("（）", "“”", "《》", "【】"):
                assert paragraph.text.count(opening) == paragraph.text.count(closing)


@pytest.mark.parametrize("name", SHEETS)
def test_same_input_gives_the_same_bytes(name: str) -> None:
    sheet, outline, _, raw = plan(name)
    for section in outline.sections:
        if not section.summary:
            assert written(OfflineWriter(), section, sheet, outline) == raw[section.id]


@pytest.mark.parametrize("seed", range(8))
def test_any_part_of_a_sheet_makes_a_complete_plan(seed: int) -> None:
    """Facts left out or untied from their indicators: no point is lost, no numeral is new."""
    chance = random.Random(seed)
    name = ("wanghai", "chengdu", "wanghai-base", "harbin")[seed % 4]
    data = json.loads((files("evals") / "datasets" / f"{name}.json").read_text(encoding="utf-8"))
    data["facts"] = [f for f in data["facts"] if chance.random() < 0.5]
    for fact in data["facts"]:
        if chance.random() < 0.15:
            fact.pop("indicator", None)
    sheet = read_sheet(data, outline=load_outline)
    outline = load_outline(sheet.outline)
    writer = OfflineWriter()
    for section in outline.sections:
        if section.summary or section.checklist:
            continue
        reply = written(writer, section, sheet, outline)
        draft = parse_reply(reply, {f.id for f in sheet.facts}, {p.id for p in section.points})
        assert isinstance(draft, Draft)
        states = treated(section, draft.text, outline)
        assert [s.point.text for s in states if s.state == "missing" and not s.point.optional] == []
        assert not re.search(r"[。，；、：]{2}", draft.text)


def test_document_numbers_are_those_of_sheet_and_outline() -> None:
    sheet, outline, drafts, _ = plan("wanghai")
    known = {n.key for f in sheet.facts for n in document_numbers(f"{f.doc_number or ''} {f.text or ''}")}
    known |= {n.key for p in outline.policies for n in document_numbers(p.doc_number or "")}
    found = {n.key for d in drafts.values() for n in document_numbers(d.text)}
    assert found
    assert found <= known


def test_complete_sheet_makes_a_plan_of_readable_length() -> None:
    sheet, outline, drafts, _ = plan("wanghai")
    assert 8_000 <= sum(count(d.text).words for d in drafts.values()) <= 12_000
    assert all("【" not in d.text for d in drafts.values())
    assert all(not d.gaps for d in drafts.values())
    used = {f for d in drafts.values() for p in d.paragraphs for f in p.facts}
    # Earlier years of a figure are told only where they make a series of three; two stand on the title page.
    untold = {"gdp-2015", "retail-2015", "turnover-2015", "cover-issuer", "cover-date"}
    assert {f.id for f in sheet.facts} - used <= untold
    for chapter in outline.chapters:
        assert excess(chapter, {i: d.text for i, d in drafts.items()}) == 0


def test_sections_close_in_turn_and_a_sum_says_its_years_once() -> None:
    _, outline, drafts, _ = plan("wanghai")
    body = "".join(drafts[s.id].text for s in outline.sections if not s.summary)
    assert body.count("通过上述措施，") <= 2
    assert "2017—2021年财政资金累计投入不低于1.5亿元。" in body
    assert "五年累计" not in body


def test_land_stands_with_the_place() -> None:
    _, _, drafts, _ = plan("ningbo")
    text = drafts["2.1"].text
    order = ["【待补充：城市区位】", "行政区划为6区3县级市2县", "陆域面积9816平方公里", "户籍人口", "固定资产投资"]
    assert sorted(order, key=text.index) == order


def test_stages_come_in_the_order_of_their_years_and_no_line_stands_alone() -> None:
    _, _, drafts, _ = plan("wanghai-base")
    goal = drafts["4"].text
    assert goal.index("到2019年，孵化中心") < goal.index("到2021年，电子商务企业聚集数量")
    assert "到2019年，入驻电子商务企业达到350家。" in drafts["5.1"].paragraphs[-1].text
    assert all(len(p.text) >= 30 for d in (drafts["2"], drafts["5.1"]) for p in d.paragraphs)
    assert "全市网络零售额96.5亿元，比上年增长38.7%。" in drafts["2"].text
    assert "望海市先后出台《" in drafts["2"].text


def test_no_two_sections_open_alike() -> None:
    _, outline, drafts, _ = plan("wanghai")
    body = [drafts[s.id].text[:12] for s in outline.sections if not s.summary]
    assert len(set(body)) == len(body)


def test_a_fact_of_the_task_chapter_is_told_in_one_section() -> None:
    """Measures that could answer several points stay in the section that their indicator names."""
    _, outline, drafts, _ = plan("wanghai")
    chapter = next(c for c in outline.chapters if c.id == "5")
    text = {s.id: drafts[s.id].text for s in chapter.sections}
    assert [i for i, t in text.items() if "建立网商小额贷款风险补偿机制" in t] == ["5.1.1"]
    assert [i for i, t in text.items() if "望海电子商务物流园" in t] == ["5.2.1"]
    assert [i for i, t in text.items() if "《望海市网络交易纠纷调解办法》" in t] == ["5.3.2"]


def test_summary_tells_nothing_that_the_body_lacks() -> None:
    _, outline, drafts, _ = plan("wanghai")
    body = "\n".join(drafts[s.id].text for s in outline.sections if not s.summary)
    for section in outline.sections:
        if section.summary:
            figures = re.findall(r"\d+(?:\.\d+)?[%亿万家个项]\w?", drafts[section.id].text)
            assert figures
            assert [f for f in figures if f not in body] == []


def test_targets_keep_their_bounds_and_bases() -> None:
    _, _, drafts, _ = plan("wanghai")
    text = drafts["4.2"].text
    assert "电子商务交易额达到2800亿元以上（2016年为680亿元）" in text
    assert "电子商务示范基地达到2～3个" in text
    assert "2016年，全省电子商务交易额增长31.2%" in text
    assert "高于全省平均水平" in text
    assert "不低于3000万元" in drafts["6.2"].text


def test_base_attachments_are_listed_as_provided_or_missing() -> None:
    _, _, drafts, _ = plan("wanghai-base")
    lines = [p.text for p in drafts["8"].paragraphs]
    assert lines[0].endswith("：《关于同意设立望海电子商务产业园的批复》（望政函〔2013〕45号）。")
    assert lines[4].startswith("5.已入驻电子商务企业、单位名单及经营情况简表")
    assert lines[4].endswith("【待补充：已入驻电子商务企业、单位名单及经营情况简表】。")
    assert len(drafts["8"].gaps) == 1


def test_what_stands_on_the_title_page_stands_in_no_sentence() -> None:
    data = json.loads((files("evals") / "datasets" / "wanghai.json").read_bytes())
    said = {"编制单位": "望海市电子商务工作专班", "编制日期": "2017年3月"}
    data["facts"] = [{**f, "text": said.get(f["name"], f.get("text"))} for f in data["facts"]]
    sheet = read_sheet(json.dumps(data).encode(), outline=load_outline)
    outline = load_outline(sheet.outline)
    writer = OfflineWriter()
    text = "".join(written(writer, s, sheet, outline) for s in outline.sections if not s.summary)
    assert "2016年" in text
    assert not [w for w in ("编制单位", "编制日期", "工作专班", "2017年3月") if w in text]


@pytest.mark.parametrize(
    "told",
    [
        "由{lead}牵头，依托望海港规划建设电子商务物流园区，建设期为2017—2020年",
        "依托望海港规划建设电子商务物流园区，由{lead}牵头，建设期为2017—2020年",
        "依托望海港规划建设电子商务物流园区，建设期为2017—2020年，由{lead}牵头",
    ],
)
@pytest.mark.parametrize("lead", ["市发展改革委", "市商务局、市交通运输局共同"])
def test_who_leads_a_project_stands_before_it_and_not_in_the_summary(told: str, lead: str) -> None:
    """Behind the content, the same 由…牵头，项目总投资 would stand before the sums of all projects that a body leads."""
    data = json.loads((files("evals") / "datasets" / "wanghai.json").read_bytes())
    for fact in data["facts"]:
        if fact["id"] == "project-logistics-park":
            fact["text"] = told.format(lead=lead)
    _, _, drafts, _ = drafted(read_sheet(json.dumps(data).encode(), outline=load_outline))
    said = "实施望海电子商务物流园项目，依托望海港规划建设电子商务物流园区，项目总投资12.5亿元，建设期为2017—2020年。"
    assert f"由{lead}牵头，{said}" in drafts["5.2.1"].text
    assert "牵头" not in drafts["1.3"].text
