"""Tabs of a real Chromium that keep account: no error in the console, no request to anybody but the service."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.api.live import sheet

PATIENCE = 30.0
"""Seconds that a page gets for what it has to show; a busy machine is no fault of the page."""
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
expect.set_options(timeout=PATIENCE * 1000)


def chromium_path() -> str:
    """Where Chromium is; skips the test where it is not."""
    path = os.environ.get("FANGAN_CHROMIUM") or shutil.which("chromium", path="/usr/bin") or ""
    if not os.access(path, os.X_OK):
        pytest.skip("no Chromium (Debian: apt-get install chromium, or set FANGAN_CHROMIUM): the pages go untested")
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, until the test module is done."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Tabs:
    """A person's browser at a service. `forgiven`: patterns of console errors that the test brings about itself."""

    browser: Browser
    service: httpx.Client
    faults: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.here = str(self.service.base_url).rstrip("/")

    def profile(self, **options: Any) -> BrowserContext:
        """A browser profile of its own; 1280 by 900, in Chinese, without motion."""
        wanted = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", "reduced_motion": "reduce"}
        context = self.browser.new_context(base_url=self.here, **{**wanted, **options})
        context.set_default_timeout(PATIENCE * 1000)
        context.on("request", self._requested)
        context.on("console", lambda said: self._told(said.type, f"{said.text} ({said.location.get('url')})"))
        context.on("weberror", lambda error: self._told("error", str(error.error)))
        self._contexts.append(context)
        return context

    def open(self, address: str = "/", context: BrowserContext | None = None, **options: Any) -> Page:
        """A tab with that page."""
        page = (context or self.profile(**options)).new_page()
        page.goto(address)
        return page

    def drafted(self, sections: list[str] | None = None, **changes: Any) -> str:
        """The path of a plan that is written."""
        path = self.begun(sections, **changes)
        with self.service.stream("GET", f"/v1{path}/events") as events:
            assert events.status_code == 200
            for _ in events.iter_lines():
                pass
        return path

    def begun(self, sections: list[str] | None = None, **changes: Any) -> str:
        """The path of a plan that is being written."""
        answer = self.service.post("/v1/plans", json=sheet(sections=sections, **changes))
        assert answer.status_code == 202, answer.text
        return str(answer.headers["location"]).removeprefix("/v1")

    def text(self, plan: str, section: str) -> str:
        """The stored text."""
        found = self.service.get(f"/v1{plan}/sections/{section}").raise_for_status().json()["text"]
        assert isinstance(found, str)
        return found

    def edit(self, plan: str, section: str, text: str) -> None:
        """Somebody else's text."""
        etag = self.service.get(f"/v1{plan}/sections/{section}").headers["etag"]
        told = self.service.put(f"/v1{plan}/sections/{section}", json={"text": text}, headers={"If-Match": etag})
        assert told.status_code == 200, told.text

    def close(self) -> None:
        """All tabs; what they should not have done fails the test."""
        for context in self._contexts:
            context.close()
        found = "\n".join(f for f in self.faults if not any(re.search(p, f) for p in self.forgiven))
        assert not found, found

    def _requested(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and f"{address.scheme}://{address.netloc}" != self.here:
            self.faults.append(f"request to {request.url}")

    def _told(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.faults.append(f"{kind}: {text}")
