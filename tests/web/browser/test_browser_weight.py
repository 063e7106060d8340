"""How much of the network a page takes: the first one is small, and a whole plan's is no load either."""

from __future__ import annotations

from playwright.sync_api import Page, Response

from tests.web.browser.tabs import Tabs

FIRST = 60_000
PLAN = 250_000


def _bytes(tabs: Tabs, address: str) -> tuple[Page, dict[str, int]]:
    """What a browser that has seen nothing of the service gets, uncompressed, by address."""
    page = tabs.profile().new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto(address, wait_until="networkidle")
    return page, {a.url: len(a.body()) for a in answers if not a.url.startswith("data:")}


def test_the_first_page_is_small(tabs: Tabs) -> None:
    _, sizes = _bytes(tabs, "/")
    assert len(sizes) >= 3
    assert sum(sizes.values()) <= FIRST, sizes


def test_a_whole_plan_is_small(tabs: Tabs) -> None:
    page, sizes = _bytes(tabs, tabs.drafted())
    assert page.locator("article.section").count() == 26
    assert sum(sizes.values()) <= PLAN, sizes
