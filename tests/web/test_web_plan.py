"""The plan's page: what it shows, what it lets in, how it is followed, stopped, taken up again and delivered."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.api.live import sheet
from tests.api.plans.plans import EDITED, OVERVIEW, REDRAFTED, TWO, Office
from tests.web.browsing import Browser, Page

HOSTILE = (
    "望海市<script>alert(1)</script>{{ 7*7 }}{% raw %}<img src=x onerror=alert(1)>“&quot;”"
    "\u202e右至左\u202c，2016年地区生产总值1105.04亿元。"
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class _Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, {k: v or "" for k, v in attrs}))


def path_of(plan: str) -> str:
    return plan.removeprefix("/v1")


def token(page: Page) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', page.html)
    assert found
    return found[1]


def test_sections_stand_with_their_counts_and_their_marks_tell_what_they_rest_on(
    office: Office, browser: Browser
) -> None:
    page = browser.open(path_of(office.drafted()))
    assert page.status == 200
    elements = _Elements(page.html).all
    ids = [a["id"] for _, a in elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {"s-2_1", "s-2_2", "f-2_1", "f-2_2", "main"} <= set(ids)
    marks = [a for tag, a in elements if tag == "mark" and "aria-describedby" in a]
    assert marks
    assert all(a["tabindex"] == "0" and a["aria-describedby"] in ids for a in marks)
    assert "2016年地区生产总值1105.04亿元" in page.text
    assert "来源：" in page.text
    assert "已完成 2/2 节" in page.text
    assert re.search(r"\d+ 字（建议约 \d+ 字）", page.text)


def test_a_paragraph_tells_where_it_begins_in_code_points(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    first, second = "望海市𠀀港，2016年地区生产总值1105.04亿元。", "年末常住人口312.6万人。"
    text = f"{first}\n\n{second}"
    assert office.edit(plan, text, office.section(plan).headers["etag"]).status_code == 200
    page = browser.open(path_of(plan))
    article = page.html.partition('id="s-2_1"')[2].partition("</article>")[0]
    assert re.findall(r'<p data-at="(\d+)">', article) == ["0", str(len(first) + 2)]


def test_a_finding_leads_to_its_place(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    text = "2016年，全市地区生产总值999.9亿元。"
    assert office.edit(plan, text, office.section(plan).headers["etag"]).status_code == 200
    places = [
        (int(a["data-start"]), int(a["data-end"]))
        for tag, a in _Elements(browser.open(path_of(plan)).html).all
        if tag == "button" and a.get("data-s") == "2_1"
    ]
    assert "999.9亿元" in [text[a:b] for a, b in places]


def test_what_people_wrote_is_text(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    assert office.edit(plan, HOSTILE, office.section(plan).headers["etag"]).status_code == 200
    for address in ("", "/parts?sections=all", "/sections/2.1/edit", "/sections/2.1/versions", "/download?clean=true"):
        page = browser.open(path_of(plan) + address)
        assert page.status == 200
        assert not any(tag == "img" or "onerror" in a for tag, a in _Elements(page.html).all)
        assert "<script>" not in page.html
    assert "<script>alert(1)</script>{{ 7*7 }}" in browser.open(path_of(plan)).text.replace("\n", "")


@pytest.mark.parametrize("address", ["", "/sections/2.1/edit", "/sections/2.1/versions", "/sections/2.1/redraft"])
def test_nothing_runs_or_comes_but_our_own_files(office: Office, browser: Browser, address: str) -> None:
    page = browser.open(path_of(office.drafted()) + address)
    assert page.answer.headers["content-security-policy"] == POLICY
    assert page.answer.headers["cache-control"] == "private, no-cache"
    for tag, attributes in _Elements(page.html).all:
        assert "style" not in attributes
        assert tag != "style"
        assert not any(name.startswith(("on", "hx-on")) for name in attributes)
        if tag == "script":
            assert attributes["src"].startswith("/static/")
        for name in ("src", "href", "action", "hx-get", "hx-post", "hx-sse:connect"):
            assert attributes.get(name, "/").startswith(("/", "#", "data:image/svg+xml,"))


def test_files_are_kept_by_their_content(office: Office, browser: Browser) -> None:
    page = browser.open(path_of(office.drafted()))
    files = [a.get("src") or a["href"] for tag, a in _Elements(page.html).all if tag in ("script", "link")]
    files = [f for f in files if not f.startswith("data:")]
    assert len(files) == 5
    for file in files:
        answer = office.client.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert office.client.get(file.replace("/static/", "/static/0")).status_code == 404


def test_the_pages_are_small(office: Office, browser: Browser) -> None:
    """The bench of the browser measures a whole plan; this one holds what every page carries."""
    page = browser.open(path_of(office.drafted()))
    links = [a.get("src") or a["href"] for tag, a in _Elements(page.html).all if tag in ("script", "link")]
    common = sum(len(office.client.get(f).content) for f in links if "fangan." in f)
    assert common <= 40_000
    assert len(page.html.encode()) <= 30_000


def test_a_page_that_hears_of_a_change_asks_for_that_part(office: Office, browser: Browser) -> None:
    plan = path_of(office.drafted())
    parts = browser.open(f"{plan}/parts?sections=2.2", **{"HX-Request": "true"})
    targets = [a["hx-target"] for tag, a in _Elements(parts.html).all if tag == "hx-partial"]
    assert targets == ["#actions", "#nav", "#banner", "#f-whole", "#s-2_2", "#f-2_2"]
    assert "<html" not in parts.html


def test_a_page_that_was_out_of_sight_asks_whether_anything_has_happened(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    seen = re.search(r'data-event="(\d+)"', browser.open(path_of(plan)).html)
    assert seen
    address = f"{path_of(plan)}/parts?sections=all&since={seen[1]}"
    assert browser.open(address).status == 204
    assert office.edit(plan, EDITED, office.section(plan).headers["etag"]).status_code == 200
    assert EDITED[:6] in browser.open(address).text


def test_a_plan_at_work_is_followed_from_where_the_page_was(office: Office, browser: Browser) -> None:
    plan = office.held()
    page = browser.open(path_of(plan))
    at = re.search(rf'hx-sse:connect="{plan}/events\?after=(\d+)"', page.html)
    assert at
    assert "正在起草" in page.text
    assert 'action="' + path_of(plan) + '/cancel"' in page.html
    office.gate.open()
    told = office.events(plan, int(at[1]))
    assert {e.data["section"] for e in told if e.event == "section"} == set(TWO)
    assert "hx-sse:connect" not in browser.open(path_of(plan)).html


def test_drafting_is_stopped_and_taken_up_again_without_scripts(office: Office, browser: Browser) -> None:
    plan = office.held()
    page = browser.open(path_of(plan))
    stopped = browser.send(page, f"{path_of(plan)}/cancel")
    assert "已停止" in stopped.text
    assert "已完成 0/2 节" in stopped.text
    office.gate.open()
    resumed = browser.send(stopped, f"{path_of(plan)}/resume")
    assert resumed.status == 200
    office.events(plan)
    assert "已完成 2/2 节" in browser.open(path_of(plan)).text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "0" * 32}, 403),
        ({"X-CSRF-Token": "", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": "", "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": "", "Origin": "http://elsewhere.example"}, 421),
        ({"X-CSRF-Token": "", "Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_only_a_page_of_ours_changes_anything(
    office: Office, browser: Browser, headers: dict[str, str], status: int
) -> None:
    """An empty token stands for the right one."""
    plan = office.drafted()
    page = browser.open(path_of(plan))
    sent = {k: v or token(page) if k == "X-CSRF-Token" else v for k, v in headers.items()}
    answer = office.client.post(f"{path_of(plan)}/sections/2.1", data={"text": EDITED, "version": "1"}, headers=sent)
    assert answer.status_code == status
    assert (office.section(plan).json()["text"] == EDITED) is (status == 303)


@pytest.mark.parametrize(
    ("form", "begins"), [("docx", b"PK"), ("md", "# 望海市".encode()), ("html", b"<!DOCTYPE html>")]
)
def test_files_are_delivered_by_name(office: Office, form: str, begins: bytes) -> None:
    answer = office.client.get(f"{path_of(office.drafted())}/download?format={form}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert f"filename=\"plan.{form}\"; filename*=UTF-8''%E6%9C%9B" in answer.headers["content-disposition"]


def test_the_version_for_submission_is_refused_with_what_remains(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    text = "2016年地区生产总值【待补充：2016年地区生产总值，亿元】，增长77%。"
    assert office.edit(plan, text, office.section(plan).headers["etag"]).status_code == 200
    page = browser.open(f"{path_of(plan)}/download?format=md&clean=true")
    assert page.status == 200
    assert "还不能输出报送稿" in page.text
    assert "【待补充：2016年地区生产总值，亿元】" in page.text
    assert f'href="{path_of(plan)}#s-2_1"' in page.html
    forced = next(a["href"] for tag, a in _Elements(page.html).all if a.get("href", "").endswith("force=true"))
    answer = office.client.get(forced)
    assert answer.headers["content-type"].startswith("text/markdown")
    assert "77%" in answer.text


def test_what_the_title_page_lacks_is_told_with_where_it_comes_from(office: Office, browser: Browser) -> None:
    untold = office.drafted(facts=[f for f in sheet()["facts"] if f["name"] not in {"编制单位", "编制日期"}])
    address = f"{path_of(untold)}/download?format=docx&clean=true"
    assert "封面的编制单位、编制日期取自事实表的“其他”一类" in browser.open(address).text
    plan = office.drafted()
    text = "2016年地区生产总值【待补充：2016年地区生产总值，亿元】。"
    assert office.edit(plan, text, office.section(plan).headers["etag"]).status_code == 200
    page = browser.open(f"{path_of(plan)}/download?format=docx&clean=true")
    assert "还不能输出报送稿" in page.text
    assert "编制单位" not in page.text


def test_sections_without_a_text_and_missing_data_are_no_passed_checks(office: Office, browser: Browser) -> None:
    page = browser.open(path_of(office.drafted(model="failing")))
    assert "有 1 节没有写成，写成后才能核查" in page.text
    assert "各项核查均已通过" not in page.text
    plan = office.drafted()
    text = "2016年地区生产总值【待补充：2016年地区生产总值，亿元】。"
    assert office.edit(plan, text, office.section(plan).headers["etag"]).status_code == 200
    assert "正文中待补充 1 处" in browser.open(path_of(plan)).text


def test_an_old_summary_is_told_and_written_again_with_one_button(office: Office, browser: Browser) -> None:
    plan = office.drafted(["1.2", "5.1.1"])
    assert office.edit(plan, REDRAFTED, office.section(plan, "1.2").headers["etag"], "1.2").status_code == 200
    assert office.edit(plan, EDITED, office.section(plan, "5.1.1").headers["etag"], "5.1.1").status_code == 200
    page = browser.open(path_of(plan))
    assert "摘要有 1 节可能与正文不一致" in page.text
    browser.send(page, f"{path_of(plan)}/redraft-summary")
    office.events(plan)
    assert "可能与正文不一致" not in browser.open(path_of(plan)).text
    assert office.section(plan, "1.2").json()["text"] == OVERVIEW
    assert office.section(plan, "5.1.1").json()["text"] == EDITED


@pytest.mark.parametrize(
    "address", ["/plans/nothing", "/plans/01m8njqnn9bxtrxd37ze3tk6p0", "/plans/x/sections/2.1/edit"]
)
def test_what_is_not_there_is_told_as_a_page(browser: Browser, address: str) -> None:
    page = browser.open(address)
    assert page.status == 404
    assert page.answer.headers["content-security-policy"] == POLICY
    assert "没有这份方案" in page.text


def test_the_page_speaks_english_to_those_who_prefer_it(office: Office, browser: Browser) -> None:
    plan = path_of(office.drafted())
    page = browser.open(plan, **{"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en">' in page.html
    assert "Redraft" in page.text
    assert '<html lang="zh-CN">' in browser.open(plan, **{"Accept-Language": "de"}).html
