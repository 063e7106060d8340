"""The plan's page without a mouse, narrow and on paper, and what it does while one types."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browser.tabs import Tabs

WRONG = "2016年，全市地区生产总值999.9亿元，增长7.8%。"
RIGHT = "2016年，全市地区生产总值1105.04亿元，增长7.8%。"


def _tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Goes there as one without a mouse does."""
    for _ in range(80):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {key}")


def test_a_figure_shows_what_it_rests_on_when_one_tabs_to_it(tabs: Tabs) -> None:
    plan = tabs.drafted(["2.1", "2.2"])
    tabs.edit(plan, "2.1", RIGHT)
    page = tabs.open(plan)
    _tab_to(page, "#s-2_1 mark.s")
    mark, note = page.locator("#s-2_1 mark.s").first, page.locator("#note")
    expect(note).to_be_visible()
    expect(note).to_contain_text("有据数字")
    expect(note).to_contain_text("1105.04")
    # A reader of the screen hears the same.
    described = mark.get_attribute("aria-describedby")
    assert note.inner_text().replace("\n", "") in page.locator(f"#{described}").inner_text().replace("\n", "")
    box = note.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()


def test_pointing_at_a_figure_shows_it_too(tabs: Tabs) -> None:
    plan = tabs.drafted(["2.1"])
    tabs.edit(plan, "2.1", RIGHT)
    page = tabs.open(plan)
    page.mouse.move(5, 800)
    page.locator("#s-2_1 mark.s").first.hover()
    expect(page.locator("#note")).to_contain_text("1105.04")
    page.mouse.move(5, 800)
    expect(page.locator("#note")).to_be_hidden()


def test_from_a_finding_to_its_place_and_back_by_keys(tabs: Tabs) -> None:
    plan = tabs.drafted(["2.1", "2.2"])
    tabs.edit(plan, "2.1", WRONG)
    page = tabs.open(plan)
    button = page.locator("#f-2_1 button.go", has_text="999.9").first
    _tab_to(page, "#f-2_1 button.go")
    button.focus()
    page.keyboard.press("Enter")
    mark = page.locator("#s-2_1 mark.u", has_text="999.9")
    expect(mark).to_be_focused()
    expect(page.locator("#note")).to_contain_text("未通过核查")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    # And from the place to its finding.
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#f-2_1 button.go:focus")).to_contain_text("999.9")


def test_a_section_is_edited_saved_and_left_by_keys(tabs: Tabs) -> None:
    plan = tabs.drafted(["2.1", "2.2"])
    page = tabs.open(plan)
    _tab_to(page, "#s-2_1 .tools button")
    page.keyboard.press("Enter")
    area = page.locator("#s-2_1 textarea")
    expect(area).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(RIGHT)
    page.keyboard.press("Control+s")
    expect(area).to_have_count(0)
    expect(page.locator("#s-2_1")).to_be_focused()
    assert tabs.text(plan, "2.1") == RIGHT


def test_the_dialog_holds_the_focus_and_gives_it_back(tabs: Tabs) -> None:
    page = tabs.open(tabs.drafted(["2.1"]))
    button = page.get_by_role("button", name="按意见重写")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("对本次重写的意见")).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()


def test_the_skip_link_comes_first(tabs: Tabs) -> None:
    page = tabs.open("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_what_is_typed_is_checked_while_it_is_typed(tabs: Tabs) -> None:
    plan = tabs.drafted(["2.1", "2.2"])
    before = tabs.text(plan, "2.1")
    page = tabs.open(plan)
    page.locator("#s-2_1").get_by_role("button", name="编辑").click()
    area, found = page.locator("#s-2_1 textarea"), page.locator("#f-2_1")
    area.fill("")
    area.press_sequentially(WRONG)
    expect(found).to_contain_text("999.9亿元")
    expect(page.locator("#c-2_1")).to_contain_text("字")
    # A finding of what is typed leads into what is typed.
    found.locator("button.go", has_text="999.9").first.click()
    expect(area).to_be_focused()
    chosen = area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert "999.9" in chosen
    area.fill(RIGHT)
    expect(found).not_to_contain_text("999.9亿元")
    page.get_by_role("button", name="不保存，返回").click()
    expect(area).to_have_count(0)
    assert tabs.text(plan, "2.1") == before


def test_a_window_of_320_pixels_is_wide_enough(tabs: Tabs) -> None:
    narrow: dict[str, Any] = {"viewport": {"width": 320, "height": 640}}
    plan = tabs.drafted(["2.1"])
    for address in ("/", "/start/sample?outline=city-2017", plan, f"{plan}/gaps", "/plans", "/about"):
        page = tabs.open(address, **narrow)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, address


def test_the_plan_is_printed_with_its_title_and_nothing_to_press(tabs: Tabs) -> None:
    page = tabs.open(tabs.drafted(["2.1"]))
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#s-2_1 .text")).to_be_visible()
    expect(page.locator("nav.links, #actions, #nav, .findings, .tools").filter(visible=True)).to_have_count(0)
