"""Every page, light and dark, wide and narrow, is one that axe-core has nothing to say against."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from service.text.hashing import key_hash
from tests.api.live import sheet
from tests.cli.serving import serving
from tests.doubles.valve import Valve
from tests.web.browser.tabs import Tabs

LOOKS = [("light", 1280), ("dark", 390)]
WRONG = "2016年，全市地区生产总值999.9亿元，【待补充：常住人口，万人】，【建议值：3%】增长7.8%。"
KEY = "fg_" + "7" * 40


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which .ci/run fetches; skips where it is not."""
    named = os.environ.get("FANGAN_AXE")
    path = Path(named) if named else Path(__file__).parents[3] / "out" / "axe-core" / "package" / "axe.min.js"
    if not path.is_file():
        pytest.skip("NO AXE-CORE: run .ci/axe, or set FANGAN_AXE to axe.min.js: accessibility goes unchecked")
    return path.read_text("utf-8")


@pytest.fixture
def examined(axe: str) -> Callable[[Page], None]:
    """Looks at a page as it is now: light and wide, dark and narrow."""

    def examine(page: Page) -> None:
        if not page.evaluate("() => typeof axe === 'object'"):
            page.evaluate(axe)
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 900})
            found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")["violations"]
            told = [
                f"{v['id']} ({v['help']}): {n['html'][:200]} {n['failureSummary'][:300]}"
                for v in found
                for n in v["nodes"][:5]
            ]
            assert not told, f"{page.url} {scheme} {width}\n" + "\n".join(told)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is too wide"
        page.set_viewport_size({"width": 1280, "height": 900})

    return examine


def _upload(page: Page, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "事实表.json", "mimeType": "application/json", "buffer": content}
    )
    page.get_by_role("button", name="读取并核对").click()


def test_the_way_to_a_plan(tabs: Tabs, examined: Callable[[Page], None]) -> None:
    tabs.forgiven.append("422|404")
    page = tabs.open("/")
    examined(page)
    _upload(page, json.dumps(sheet(plan_year=17), ensure_ascii=False).encode())
    expect(page.get_by_role("alert")).to_be_visible()
    examined(page)
    page.goto("/start/sample")
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    examined(page)
    page.locator("input[name='f2.value']").fill("一千一百")
    page.get_by_role("button", name="批准口径并起草").click()
    expect(page.get_by_role("alert")).to_contain_text("改好后再批准")
    examined(page)
    for address in ("/about", "/plans?q=没有", "/plans/no-such-plan"):
        page.goto(address)
        examined(page)


def test_a_plan_and_what_is_done_with_it(tabs: Tabs, examined: Callable[[Page], None]) -> None:
    tabs.forgiven.append("409")
    facts = [f for f in sheet()["facts"] if f.get("indicator") not in {"gdp", "population"}]
    plan = tabs.drafted(facts=facts)
    tabs.edit(plan, "2.1", WRONG)
    page = tabs.open(plan)
    examined(page)
    page.locator("#s-2_1 mark").first.focus()
    expect(page.locator("#note")).to_be_visible()
    examined(page)
    page.get_by_text("下载", exact=True).click()
    examined(page)
    page.keyboard.press("Escape")
    section = page.locator("#s-2_1")
    section.get_by_role("button", name="编辑").click()
    section.locator("textarea").fill(f"{WRONG}我的文字。")
    expect(page.locator("#f-2_1")).to_contain_text("按正在修改的文字")
    examined(page)
    tabs.edit(plan, "2.1", f"{WRONG}别人的文字。")
    section.get_by_role("button", name="保存并核查").click()
    expect(section.get_by_role("alert")).to_be_visible()
    examined(page)
    section.get_by_role("button", name="采用现在的版本").click()
    expect(section.locator("textarea")).to_have_count(0)
    for button in ("版本", "按意见重写"):
        section.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        examined(page)
        page.keyboard.press("Escape")
    for address in (f"{plan}/gaps", f"{plan}/download?clean=true", "/plans"):
        page.goto(address)
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        examined(page)


def test_a_plan_while_it_is_drafted(slow: Tabs, valve: Valve, examined: Callable[[Page], None]) -> None:
    page = slow.open(slow.begun(["2.1", "2.2", "2.3"]))
    valve.let(1)
    expect(page.locator("article.section:not(.at-work)")).to_have_count(1)
    examined(page)


@pytest.fixture
def guarded(chrome: Browser, tmp_path: Path) -> Iterator[Tabs]:
    """A person without a key where one is needed."""
    with serving(tmp_path, FANGAN_API_KEYS=f"jiaxi:{key_hash(KEY)}") as service:
        tabs = Tabs(chrome, service.client, forgiven=["401"])
        yield tabs
        tabs.close()


def test_where_a_key_is_asked_for(guarded: Tabs, examined: Callable[[Page], None]) -> None:
    page = guarded.open("/")
    examined(page)
    page.get_by_label("密钥", exact=True).fill("fg_wrong")
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("alert")).to_be_visible()
    examined(page)
    page.get_by_label("密钥", exact=True).fill(KEY)
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    examined(page)
