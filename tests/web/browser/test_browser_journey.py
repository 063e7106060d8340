"""From a filled spreadsheet to the Word file, the whole way, as a drafter goes it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import docx
import openpyxl
from playwright.sync_api import Page, expect

from service.export.facts_template import facts_template
from service.facts.intake import read_sheet
from service.facts.naming import COVER_DATE, COVER_ISSUER
from service.prompt.outlines import load_outline
from tests.api.live import sheet
from tests.web.browser.tabs import PATIENCE, Tabs

LACKING = {"gdp", "population"}
ANSWERS: dict[str, dict[str, object]] = {
    "地区生产总值": {"年份": 2016, "数值": 1105.04, "来源": "市统计局"},
    "地区生产总值增速": {"年份": 2016, "增速（%）": 7.8, "来源": "市统计局"},
    "常住人口": {"年份": 2016, "数值": 312.6, "来源": "市统计局"},
}
WRONG = "2016年，全市地区生产总值999.9亿元，增长7.8%，港口经济发展平稳。"
OTHERS = "望海市依港而兴，产业门类齐全，商贸流通活跃。"


def _spreadsheet() -> bytes:
    """The sample city's, without its product, its population, and what its title page says."""
    told = [f for f in sheet()["facts"] if f.get("name") not in COVER_ISSUER + COVER_DATE]
    facts = [f for f in told if f.get("indicator") not in LACKING]
    data = json.dumps(sheet(facts=facts), ensure_ascii=False).encode()
    outline = load_outline("city-2017")
    return facts_template(outline, read_sheet(data, outline=load_outline))


def _upload(page: Page, name: str, content: bytes) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": content})


def _done(page: Page) -> None:
    """The drafting has ended, and the page knows."""
    expect(page.locator("#actions > .pill")).to_have_text(re.compile("已完成|需要核对"))
    expect(page.locator("#stream")).to_have_count(0)


def _saved(page: Page, press: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=press).click()
    return Path(download.value.path())


def _answered(request: Path) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(request.read_bytes()))
    asked: Any = book["数据需求清单"]
    head = {c.value: c.column for c in asked[3]}
    for row in range(4, asked.max_row + 1):
        for column, value in ANSWERS.get(asked.cell(row, head["需要的数据"]).value, {}).items():
            asked.cell(row, head[column]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_from_the_spreadsheet_to_the_word_file(tabs: Tabs) -> None:
    page = tabs.open("/")
    _upload(page, "望海市事实表.xlsx", _spreadsheet())
    page.get_by_role("button", name="读取并核对").click()
    expect(page.get_by_role("heading", name="统稿口径", exact=True)).to_be_visible()
    expect(page.get_by_text("不低于2800亿元").first).to_be_visible()
    page.get_by_text(re.compile("查看向.*要的数据")).click()
    expect(page.locator("details[open] td", has_text="常住人口").first).to_be_visible()
    page.locator(".brief .lacking a").last.click()  # who drew the plan up: a fact of a kind that has none yet
    expect(page.locator("#g-other")).to_have_attribute("open", "")
    page.get_by_role("button", name="批准口径并起草").click()

    # Drafted: the page heard of every section by itself.
    page.wait_for_url(re.compile("/plans/[^/]+$"))
    plan = page.url.removeprefix(tabs.here)
    _done(page)
    sections = page.locator("article.section")
    expect(sections).to_have_count(26)
    expect(page.locator("#s-2_1 mark.h").first).to_contain_text("待补充")
    assert page.locator("#s-3_1 mark.s, #s-2_2 mark.s").count() > 0

    _edit(tabs, page, plan)
    _conflict(tabs, page, plan)
    _redraft(page)
    _gaps(tabs, page, plan)

    page.get_by_text("下载", exact=True).click()
    written = docx.Document(io.BytesIO(_saved(page, "Word 文件 带标记").read_bytes()))
    text = "\n".join(p.text for p in written.paragraphs)
    assert "望海市" in text
    assert "1105.04亿元" in text


def _edit(tabs: Tabs, page: Page, plan: str) -> None:
    """A wrong figure is found while it is typed, saved, and led to by its finding."""
    section = page.locator("#s-2_1")
    section.get_by_role("button", name="编辑").click()
    area = section.locator("textarea")
    expect(area).to_be_focused()
    area.fill(WRONG)
    found = page.locator("#f-2_1")
    expect(found).to_contain_text("按正在修改的文字")
    expect(found).to_contain_text("999.9亿元")
    assert tabs.text(plan, "2.1") != WRONG
    section.get_by_role("button", name="保存并核查").click()
    expect(section.locator("mark.u", has_text="999.9亿元")).to_be_visible()
    assert tabs.text(plan, "2.1") == WRONG
    page.locator("#f-2_1 button.go", has_text="999.9").first.click()
    expect(section.locator("mark.u", has_text="999.9亿元")).to_be_focused()
    expect(page.locator("#note")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#f-2_1 button.go", has_text="999.9").first).to_be_focused()


def _conflict(tabs: Tabs, page: Page, plan: str) -> None:
    """A second tab saves first: this one is shown both texts, loses neither, and chooses."""
    section = page.locator("#s-2_1")
    section.get_by_role("button", name="编辑").click()
    area = section.locator("textarea")
    area.fill("我的文字：望海市港口经济发展平稳。")
    area.evaluate("area => { area.style.height = '400px'; }")  # as when one draws it larger: no error in the console
    second = tabs.open(plan)
    theirs = second.locator("#s-2_1")
    theirs.get_by_role("button", name="编辑").click()
    theirs.locator("textarea").fill(OTHERS)
    theirs.get_by_role("button", name="保存并核查").click()
    expect(theirs.locator("textarea")).to_have_count(0)
    section.get_by_role("button", name="保存并核查").click()
    expect(section.get_by_role("alert")).to_contain_text("已有新的版本")
    expect(section.locator(".sides")).to_contain_text(OTHERS)
    expect(section.locator("textarea")).to_have_value("我的文字：望海市港口经济发展平稳。")
    assert tabs.text(plan, "2.1") == OTHERS
    section.get_by_role("button", name="采用我的文字").click()
    expect(section.locator("textarea")).to_have_count(0)
    expect(section).to_contain_text("我的文字")
    assert tabs.text(plan, "2.1").startswith("我的文字")
    second.close()


def _redraft(page: Page) -> None:
    """With an instruction; the versions are there to compare, and an old one to restore."""
    section = page.locator("#s-2_1")
    section.get_by_role("button", name="按意见重写").click()
    page.get_by_label("对本次重写的意见").fill("突出港口")
    page.get_by_role("button", name="开始重写").click()
    expect(section).to_contain_text("待补充")
    _done(page)
    section.get_by_role("button", name=re.compile("^版本")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("ins").first).to_be_visible()
    expect(dialog).to_contain_text("突出港口")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def _gaps(tabs: Tabs, page: Page, plan: str) -> None:
    """The data request goes out, comes back filled, and the sections that waited for it are written again."""
    page.get_by_role("link", name=re.compile("^数据需求")).click()
    request = _saved(page, "下载数据需求清单")
    _upload(page, "数据需求清单.xlsx", _answered(request))
    page.get_by_role("button", name="补入事实表").click()
    expect(page.get_by_role("status").filter(has_text="已补入")).to_be_visible()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.get_by_role("button", name="重写勾选的各节").click()
    page.wait_for_url(f"**{plan}", timeout=PATIENCE * 1000)
    _done(page)
    expect(page.locator("#s-2_1 mark.s", has_text="1105.04亿元").first).to_be_visible()
    assert "1105.04亿元" in tabs.text(plan, "2.1")
