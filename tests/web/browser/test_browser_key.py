"""Where keys are configured, one is entered once; it is in no page, no address and no storage of the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from service.text.hashing import key_hash
from tests.api.live import sheet
from tests.cli.serving import Service, serving
from tests.web.browser.tabs import Tabs

KEY = "fg_" + "7" * 40


@pytest.fixture(scope="module")
def guarded_service(chromium_there: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that asks for a key."""
    with serving(tmp_path_factory.mktemp("guarded"), FANGAN_API_KEYS=f"jiaxi:{key_hash(KEY)}") as service:
        service.client.headers["Authorization"] = f"Bearer {KEY}"
        yield service


def test_a_key_is_entered_once_and_kept_nowhere(chrome: Browser, guarded_service: Service) -> None:
    tabs = Tabs(chrome, guarded_service.client, forgiven=["401"])
    plan = tabs.begun(["2.1", "2.2"])
    page = tabs.open(plan)
    page.get_by_label("密钥", exact=True).fill("fg_" + "8" * 40)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("密钥无效")
    page.get_by_label("密钥", exact=True).fill(KEY)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{plan}")
    # The session reads the events too.
    expect(page.locator("#stream")).to_have_count(0)
    expect(page.locator("#s-2_1 mark.s").first).to_be_visible()
    assert KEY not in page.content()
    assert KEY not in page.evaluate("document.cookie + JSON.stringify({...localStorage, ...sessionStorage})")
    cookies = page.context.cookies()
    assert [(c["name"], c["httpOnly"], c["sameSite"]) for c in cookies] == [("fangan-session", True, "Strict")]
    assert KEY not in cookies[0]["value"]
    second = tabs.open("/plans", page.context)
    expect(second.get_by_role("link", name=sheet()["subject"]["name"])).to_be_visible()
    # Left in one tab, it is left in all; what the other asks for then leads to the entry and back.
    second.get_by_role("button", name="退出").click()
    expect(second.get_by_role("heading", name="输入密钥")).to_be_visible()
    page.locator("#s-2_1").get_by_role("button", name="编辑").click()
    expect(page.get_by_role("heading", name="输入密钥")).to_be_visible()
    page.get_by_label("密钥", exact=True).fill(KEY)
    page.get_by_role("button", name="进入").click()
    page.wait_for_url(f"**{plan}")
    tabs.close()
