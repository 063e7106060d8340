"""A browser without a screen: pages with their forms, which are filled in and sent as a browser sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx


@dataclass
class Filled:
    """A form of a page, with what stands in its fields."""

    action: str
    method: str
    multipart: bool
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects forms, the way to them being straight HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Filled] = []
        self.words: list[str] = []
        self._open: Filled | None = None
        self._name: str | None = None
        self._select: str | None = None
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {k: v or "" for k, v in attrs}
        self._hidden += tag in ("script", "style")
        if tag == "form":
            self._open = Filled(
                said.get("action", ""), said.get("method", "get").lower(), "multipart" in said.get("enctype", "")
            )
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(tag, said)

    def _field(self, tag: str, said: dict[str, str]) -> None:
        assert self._open is not None
        name = said.get("name", "")
        if tag == "button":
            self._open.buttons.append(said)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in said or self._select not in self._open.fields:
                self._name = f"option:{'selected' in said}"
        elif not name or "disabled" in said:
            return
        elif tag == "textarea":
            self._open.fields[name] = ""
            self._name = name
        elif tag == "input" and said.get("type") in ("checkbox", "radio"):
            if "checked" in said:
                self._open.fields[name] = said.get("value", "on")
        elif tag == "input" and said.get("type") != "file":
            self._open.fields[name] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._open is not None and self._name:
            self._open.fields[self._name] = self._open.fields[self._name].removeprefix("\n")
            self._name = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._name and self._open is not None:
            if self._name.startswith("option:") and self._select:
                self._open.fields[self._select] = data
                self._name = None
            elif not self._name.startswith("option:"):
                self._open.fields[self._name] += data
        elif not self._hidden and data.strip():
            self.words.append(data.strip())


@dataclass
class Page:
    """What came back."""

    answer: httpx.Response
    forms: list[Filled]
    text: str
    """All that can be read on it."""

    @property
    def html(self) -> str:
        """As sent."""
        return self.answer.text

    @property
    def status(self) -> int:
        """Of HTTP."""
        return self.answer.status_code

    def form(self, action: str) -> Filled:
        """The form that goes there."""
        return next(f for f in self.forms if f.action == action)


@dataclass
class Browser:
    """Whoever looks at the pages."""

    client: httpx.Client

    def open(self, address: str, **headers: str) -> Page:
        """GET, redirects followed."""
        return self._page(self.client.get(address, headers={"Accept": "text/html", **headers}, follow_redirects=True))

    def send(
        self,
        page: Page,
        action: str,
        to: str | None = None,
        changes: Mapping[str, str | None] | None = None,
        *,
        files: dict[str, tuple[str, bytes]] | None = None,
        follow: bool = True,
        **more: str | None,
    ) -> Page:
        """Sends the page's form with that action, by the button that goes `to`; None takes a field away."""
        form = page.form(action)
        assert form.method == "post"
        if to is not None:
            assert any(b.get("formaction", "").partition("#")[0] == to for b in form.buttons), to
        fields = {k: v for k, v in {**form.fields, **(changes or {}), **more}.items() if v is not None}
        sent: dict[str, Any] = {"data": fields}
        if form.multipart:
            # As a part of its own each, so that a form without files is multipart too.
            parts: list[tuple[str, Any]] = [(k, (None, v.replace("\n", "\r\n"))) for k, v in fields.items()]
            sent = {"files": [*parts, *((k, f) for k, f in (files or {}).items())]}
        return self._page(
            self.client.post(to or action, headers={"Accept": "text/html"}, follow_redirects=follow, **sent)
        )

    @staticmethod
    def _page(answer: httpx.Response) -> Page:
        reader = _Reader()
        if answer.headers.get("content-type", "").startswith("text/html"):
            reader.feed(answer.text.replace("\r\n", "\n"))  # as HTML is read
        return Page(answer, reader.forms, "\n".join(reader.words))
