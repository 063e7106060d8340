"""What people write is shown as they wrote it: nothing of it runs, and no page becomes wider than the screen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.live import sheet
from tests.web.browser.tabs import Tabs

SCRIPT = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
TEMPLATE = "{{ 7 * 7 }}${7 * 7}{% raw %}<%= 7 * 7 %>"
LONG = "没有标点也没有空格" * 30 + "https://example.org/" + "a" * 300
MARKS = "\u202e从右往左\u202c\u2067\u0645\u0631\u062d\u0628\u0627\u2069"
ATTRIBUTE = "\" autofocus onfocus=\"window.ran = 1\" x=' hx-get='https://example.org/' hx-trigger='load' '"
HOSTILE = "\n".join((SCRIPT, TEMPLATE, LONG, MARKS, ATTRIBUTE))


def _facts() -> list[dict[str, Any]]:
    more = [
        {"id": f"x-{n}", "kind": "measure", "name": f"举措{n}", "text": text, "source": text}
        for n, text in enumerate(HOSTILE.split("\n"))
    ]
    return [*sheet()["facts"], *more]


def _harmless(page: Page) -> None:
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _shown(page: Page, within: str) -> None:
    told = page.locator(within)
    for text in (SCRIPT, TEMPLATE, LONG, MARKS, ATTRIBUTE):
        expect(told).to_contain_text(text)


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_text_is_text(tabs: Tabs, width: int) -> None:
    plan = tabs.drafted(["2.1", "2.2"], instruction=HOSTILE)
    tabs.edit(plan, "2.1", HOSTILE)
    page = tabs.open(plan, viewport={"width": width, "height": 844})
    _shown(page, "#s-2_1 > .text")
    _harmless(page)
    section = page.locator("#s-2_1")
    section.get_by_role("button", name="编辑").click()
    expect(section.locator("textarea")).to_have_value(HOSTILE)
    section.locator("textarea").press_sequentially("。")
    expect(page.locator("#f-2_1")).to_contain_text("按正在修改的文字")
    _harmless(page)
    tabs.edit(plan, "2.1", f"{HOSTILE}\n别人的文字")
    section.get_by_role("button", name="保存并核查").click()
    _shown(page, "#s-2_1 .sides > section:first-child .text")
    _harmless(page)
    section.get_by_role("button", name="采用现在的版本").click()
    _shown(page, "#s-2_1 > .text")
    section.get_by_role("button", name="版本").click()
    _shown(page, "dialog .changes")
    _harmless(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_facts_are_text(tabs: Tabs, width: int) -> None:
    data = sheet(facts=_facts(), outline="city-2017")
    content = json.dumps(data, ensure_ascii=False).encode()
    page = tabs.open("/", viewport={"width": width, "height": 844})
    page.locator("input[type=file]").set_input_files(
        {"name": "<b>表</b>.json", "mimeType": "application/json", "buffer": content}
    )
    page.get_by_role("button", name="读取并核对").click()
    page.locator("#g-measure > summary").click()
    assert LONG in [area.input_value() for area in page.locator("#g-measure textarea").all()]
    _harmless(page)
    page.get_by_role("button", name="重新核对").last.click()
    expect(page.get_by_text("核对通过")).to_be_visible()
    _harmless(page)


def test_a_hostile_search_and_a_hostile_address_are_text(tabs: Tabs) -> None:
    tabs.forgiven.append("404")
    page = tabs.open("/plans")
    page.get_by_label("按方案名称或主体查找").fill(SCRIPT)
    page.get_by_role("button", name="查找").click()
    expect(page.locator("main")).to_contain_text(SCRIPT)
    _harmless(page)
    page.goto("/plans/%3Cscript%3Ewindow.ran=1%3C/script%3E")
    expect(page.get_by_role("heading", name="没有办成")).to_be_visible()
    _harmless(page)
