"""While a slow model drafts: sections arrive one by one, and neither a reload nor a killed server loses any."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.cli.serving import serving
from tests.doubles.offline_endpoint import offline
from tests.doubles.valve import Valve, slow_endpoint
from tests.web.browser.conftest import with_model
from tests.web.browser.tabs import Tabs

SECTIONS = ["2.1", "2.2", "2.3", "3.1"]
WRITTEN = re.compile("已完成|需要核对")


def _written(page: Page) -> Locator:
    return page.locator("article.section:not(.at-work)")


def test_sections_arrive_as_they_are_written_also_after_a_reload(slow: Tabs, valve: Valve) -> None:
    page = slow.open(slow.begun(SECTIONS))
    expect(page.locator("article.section")).to_have_count(len(SECTIONS))
    expect(page.get_by_role("button", name="停止起草")).to_be_visible()
    expect(page.locator("article.at-work")).to_have_count(len(SECTIONS))
    valve.let(1)
    expect(_written(page)).to_have_count(1)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
    page.reload()
    expect(_written(page)).to_have_count(1)
    valve.let(1)
    expect(_written(page)).to_have_count(2)
    valve.open()
    expect(_written(page)).to_have_count(len(SECTIONS))
    expect(page.locator("#actions > .pill")).to_have_text(WRITTEN)
    expect(page.get_by_role("button", name="停止起草")).to_have_count(0)
    expect(page.locator("#stream")).to_have_count(0)


def test_a_page_whose_scripts_come_late_follows_too(slow: Tabs, valve: Valve) -> None:
    def late(route: Route) -> None:
        time.sleep(0.3)
        route.continue_()

    page = slow.profile().new_page()
    page.route("**/hx-sse*", late)
    page.goto(slow.begun(["2.1", "2.2"]))
    valve.let(1)
    expect(_written(page)).to_have_count(1)


def test_what_is_being_edited_stays_while_others_are_written(slow: Tabs, valve: Valve) -> None:
    page = slow.open(slow.begun(SECTIONS))
    valve.let(1)
    expect(_written(page)).to_have_count(1)
    section = _written(page).first
    name = section.get_attribute("id")
    section.get_by_role("button", name="编辑").click()
    area = page.locator(f"#{name} textarea")
    expect(area).to_be_focused()
    area.fill("正在写的文字")
    valve.open()
    expect(page.locator("#actions > .pill")).to_have_text(WRITTEN)
    expect(_written(page)).to_have_count(len(SECTIONS))
    expect(area).to_have_value("正在写的文字")
    expect(area).to_be_focused()


def test_a_draft_that_was_not_saved_outlives_the_page(slow: Tabs, valve: Valve) -> None:
    valve.open()
    plan = slow.drafted(["2.1"])
    page = slow.open(plan)
    section = page.locator("#s-2_1")
    section.get_by_role("button", name="编辑").click()
    section.locator("textarea").fill("没有保存的文字。")
    expect(section).to_contain_text("草稿已存在本机浏览器")
    page.reload()
    section.get_by_role("button", name="编辑").click()
    expect(section.locator("textarea")).to_have_value("没有保存的文字。")
    section.get_by_role("button", name="改用已保存的文字").click()
    expect(section.locator("textarea")).to_have_value(slow.text(plan, "2.1"))


def test_stopped_and_taken_up_again(slow: Tabs, valve: Valve) -> None:
    page = slow.open(slow.begun(SECTIONS))
    valve.let(1)
    expect(_written(page)).to_have_count(1)
    page.get_by_role("button", name="停止起草").click()
    expect(page.locator("#actions > .pill")).to_have_text("已停止")
    page.get_by_role("button", name="续写未完成的节").click()
    expect(page.get_by_role("button", name="停止起草")).to_be_visible()
    valve.open()
    expect(page.locator("#actions > .pill")).to_have_text(WRITTEN)
    expect(_written(page)).to_have_count(len(SECTIONS))
    expect(page.locator("article .pill", has_text=WRITTEN)).to_have_count(len(SECTIONS))


@pytest.fixture
def own_valve() -> Iterator[Valve]:
    """An endpoint that nobody else asks."""
    with slow_endpoint(offline()[1]) as valve:
        yield valve


def test_the_page_catches_up_when_a_killed_server_is_back(own_valve: Valve, chrome: Browser, tmp_path: Path) -> None:
    valve = own_valve
    with serving(tmp_path, **with_model(valve)) as first:
        port = str(first.client.base_url.port)
        tabs = Tabs(chrome, first.client, forgiven=[r"net::ERR_\w+", "htmx:sse:error"])
        page = tabs.open(tabs.begun(SECTIONS))
        valve.let(1)
        expect(_written(page)).to_have_count(1)
        kept = _written(page).first.get_attribute("id")
        first.process.kill()
        first.process.wait()
        expect(page.locator("#said")).to_contain_text("连接中断")
    valve.open()
    with serving(tmp_path, "--port", port, **with_model(valve)) as second:
        tabs.service = second.client
        expect(page.locator("#actions > .pill")).to_have_text(WRITTEN)
        expect(_written(page)).to_have_count(len(SECTIONS))
        expect(page.locator(f"#{kept} .text")).not_to_be_empty()
        expect(page.locator("#stream")).to_have_count(0)
        tabs.close()
