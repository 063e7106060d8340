"""A key is entered once; what stands for it afterwards is a cookie that tells nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.main import create_app
from service.text.hashing import key_hash
from tests.api.live import served, settings
from tests.web.browsing import Browser, Page

KEY = "fg_" + "7" * 40


@pytest.fixture
def guarded() -> Iterator[Browser]:
    """A service that asks for a key."""
    with served(create_app(settings(api_keys=f"jiaxi:{key_hash(KEY)}"), durable=False)) as client:
        yield Browser(client)


def _entered(browser: Browser, key: str = KEY, address: str = "/about") -> Page:
    return browser.send(browser.open(address), "/key", follow=False, key=key)


@pytest.mark.parametrize("address", ["/", "/about", "/plans?q=望海", "/start/sample"])
def test_every_page_asks_for_the_key_and_leads_back(guarded: Browser, address: str) -> None:
    page = guarded.open(address)
    assert page.answer.url.path == "/key"
    assert "输入密钥" in page.text
    back = _entered(guarded, address=address)
    assert back.status == 303
    assert guarded.client.get(back.answer.headers["location"]).url.path == address.partition("?")[0]


def test_a_session_tells_nothing_and_reads_the_api_but_changes_nothing_there(guarded: Browser) -> None:
    cookie = _entered(guarded).answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert KEY not in cookie
    assert key_hash(KEY) not in cookie
    page = guarded.open("/about")
    assert page.answer.url.path == "/about"
    assert KEY not in page.html
    assert guarded.client.get("/v1/outlines").status_code == 200
    assert guarded.client.post("/v1/checks", json={}).status_code == 401


def test_a_wrong_key_is_told_and_opens_nothing(guarded: Browser) -> None:
    for wrong in ("", "x", KEY[:-1], "密钥", "7" * 5000):
        page = _entered(guarded, wrong)
        assert page.status == 401
        assert "密钥无效或已吊销" in page.text
        assert "set-cookie" not in page.answer.headers
    assert guarded.open("/").answer.url.path == "/key"


def test_leaving_ends_the_session(guarded: Browser) -> None:
    _entered(guarded)
    left = guarded.send(guarded.open("/about"), "/key/end")
    assert left.answer.url.path == "/key"
    assert guarded.open("/about").answer.url.path == "/key"


@pytest.mark.parametrize(
    "target",
    ["https://example.org/", "//example.org", "/\\example.org", "/a\r\nSet-Cookie: x=1", "javascript:alert(1)"],
)
def test_the_way_back_leads_nowhere_else(guarded: Browser, target: str) -> None:
    page = guarded.open("/about")
    assert guarded.send(page, "/key", follow=False, key=KEY, next=target).answer.headers["location"] == "/"


def test_a_key_entered_by_another_page_is_refused(guarded: Browser) -> None:
    assert guarded.client.post("/key", data={"key": KEY}).status_code == 403


def test_without_keys_none_is_asked_for(browser: Browser) -> None:
    assert browser.open("/key").answer.url.path == "/"
    assert "/key/end" not in {f.action for f in browser.open("/about").forms}
