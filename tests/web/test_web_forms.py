"""Forms as browsers send them, and as nobody should."""

from __future__ import annotations

import random

import pytest

from tests.web.browsing import Browser

EDGE = "----WebKitFormBoundaryX7yZ"


def _post(browser: Browser, body: bytes, kind: str = f"multipart/form-data; boundary={EDGE}") -> tuple[int, str]:
    answer = browser.client.post("/start", content=body, headers={"Content-Type": kind, "Accept": "text/html"})
    return answer.status_code, answer.text


def _part(name: str, content: bytes, filename: str | None = None) -> bytes:
    file = f'; filename="{filename}"' if filename is not None else ""
    return f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


def _csrf(browser: Browser) -> bytes:
    return browser.open("/").form("/start").fields["csrf"].encode()


def test_a_file_comes_through_byte_for_byte(browser: Browser) -> None:
    # What is no spreadsheet is told by its first bytes; one that begins as JSON does, by its content.
    content = b'{"outline": "city-2017", "x": "' + "望\r\n海".encode() + b'"}'
    body = _part("csrf", _csrf(browser)) + _part("sheet", content, "望海.json") + f"--{EDGE}--\r\n".encode()
    status, html = _post(browser, body)
    assert status == 422
    assert "“望海.json”没有读取成功" in html


@pytest.mark.parametrize(
    "tail",
    [b"", b"--", f"--{EDGE}".encode(), f"--{EDGE}\r\nno head--{EDGE}--".encode(), random.Random(7).randbytes(40)],
)
def test_a_form_that_was_cut_off_is_refused(browser: Browser, tail: bytes) -> None:
    status, html = _post(browser, _part("csrf", _csrf(browser)) + tail)
    assert status == 400
    assert "没有传完整" in html


def test_a_form_of_no_known_kind_or_without_a_boundary_is_refused(browser: Browser) -> None:
    for kind in ("application/json", "multipart/form-data", "text/plain"):
        assert _post(browser, b"{}", kind)[0] == 415


def test_a_form_that_is_too_large_is_refused(browser: Browser) -> None:
    assert _post(browser, b"x" * 8_000_001)[0] == 413
    many = b"&".join(b"a%d=1" % n for n in range(20_001))
    assert _post(browser, many, "application/x-www-form-urlencoded")[0] == 413
    parts = b"".join(_part(f"a{n}", b"") for n in range(20_001)) + f"--{EDGE}--".encode()
    assert _post(browser, parts)[0] == 413
