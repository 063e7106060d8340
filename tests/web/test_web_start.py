"""From the filled spreadsheet over the brief to the plan: nothing is stored before it is approved."""

from __future__ import annotations

import io
import json
import re
from importlib.resources import files

import openpyxl
import pytest

from service.export.facts_template import facts_template
from service.facts.intake import read_sheet
from service.prompt.outlines import load_outline
from tests.api.live import sheet
from tests.api.plans.plans import Office
from tests.web.browsing import Browser, Page


def _json(**changes: object) -> bytes:
    return json.dumps(sheet(**changes), ensure_ascii=False).encode()


def _few() -> bytes:
    """The sample city, with less known of it."""
    facts = sheet()["facts"]
    return _json(facts=[*facts[:18], *facts[30:60]])


def _upload(browser: Browser, content: bytes, name: str = "望海市事实表.json") -> Page:
    return browser.send(browser.open("/"), "/start", files={"sheet": (name, content)})


def _plans(office: Office) -> list[str]:
    return [p["id"] for p in office.client.get("/v1/plans?limit=100").json()["plans"]]


def _kept(office: Office, page: Page) -> str:
    """The plan that a page led to, to be cleared away after the test."""
    path = f"/v1{page.answer.url.path}" if page.answer.is_success else f"/v1{page.answer.headers['location']}"
    office.made.append(path)
    return path


def test_the_start_page_offers_templates_and_samples(browser: Browser) -> None:
    page = browser.open("/")
    assert page.status == 200
    assert "国家电子商务示范城市创建工作方案" in page.text
    for link in re.findall(r'href="(/v1/outlines/[^"]+\.xlsx)"', page.html):
        assert browser.client.get(link).content.startswith(b"PK")
    for link in re.findall(r'href="(/start/sample[^"]+)"', page.html):
        assert "统稿口径" in browser.open(link).text
    assert "script-src 'self'" in page.answer.headers["content-security-policy"]
    assert re.search(r'\sstyle="|\son\w+="|<style', page.html) is None


def test_the_first_page_weighs_little(browser: Browser) -> None:
    page = browser.open("/")
    parts = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.html)
    sizes = [int(browser.client.get(p).headers["content-length"]) for p in parts]
    assert sizes
    assert len(page.answer.content) + sum(sizes) <= 60_000


def test_a_spreadsheet_is_looked_over_approved_and_drafted_once(office: Office, browser: Browser) -> None:
    known = _plans(office)
    filled = facts_template(load_outline("city-2017"), read_sheet(_json(), outline=load_outline))
    page = _upload(browser, filled, "望海市.xlsx")
    assert page.status == 200
    for told in ("统稿口径", "2017—2021年", "不低于2800亿元", "望海电子商务物流园", "牵头部门", "望政发〔2015〕8号"):
        assert told in page.text, told
    assert _plans(office) == known
    first = browser.send(page, "/start/review", "/start/approve", follow=False, instruction="突出港口")
    assert first.status == 303
    path = _kept(office, first)
    again = browser.send(page, "/start/review", "/start/approve", follow=False, instruction="突出港口")
    assert again.answer.headers["location"] == first.answer.headers["location"]
    assert len(_plans(office)) == len(known) + 1
    assert {f["id"] for f in office.client.get(f"{path}/facts").json()["facts"]} == {f["id"] for f in sheet()["facts"]}


def test_faults_of_a_spreadsheet_are_told_by_sheet_and_cell(office: Office, browser: Browser) -> None:
    known = _plans(office)
    book = openpyxl.load_workbook(
        io.BytesIO(facts_template(load_outline("city-2017"), read_sheet(_json(), outline=load_outline)))
    )
    page_of = book["重点项目"]
    head = {str(c.value): c.column or 0 for c in page_of[3]}
    page_of.cell(4, head["数值"]).value = "约两亿"
    content = io.BytesIO()
    book.save(content)
    page = _upload(browser, content.getvalue(), "望海市.xlsx")
    assert page.status == 422
    cell = page_of.cell(4, head["数值"]).coordinate
    assert f"重点项目\n{cell}\n" in page.text
    assert "“望海市.xlsx”没有读取成功" in page.text
    assert _plans(office) == known


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"outline": "city-2017", "subject": {"name": "x"}, "plan_year": 17}', "plan_year"),
        (b"%PDF-1.7 \xff", "UTF-8"),
        (b"PK\x03\x04broken", "已经损坏"),
    ],
)
def test_what_cannot_be_read_is_told(browser: Browser, content: bytes, told: str) -> None:
    page = _upload(browser, content)
    assert page.status in (400, 422)
    assert told in page.text
    assert page.form("/start").multipart


def test_no_file_is_told(browser: Browser) -> None:
    page = browser.send(browser.open("/"), "/start")
    assert page.status == 422
    assert "没有选择文件" in page.text


def test_a_correction_is_shown_in_the_brief_before_it_can_be_approved(office: Office, browser: Browser) -> None:
    page = _upload(browser, _json())
    target = next(n for n, f in enumerate(sheet()["facts"]) if f.get("kind") == "target" and f.get("value") == 2800)
    changed = browser.send(
        page, "/start/review", "/start/approve", changes={f"f{target}.value": "3000", "period.last": "2020"}
    )
    assert changed.answer.url.path == "/start/approve"
    assert "请再核对一遍后批准" in changed.text
    assert "不低于3000亿元" in changed.text
    assert "2017—2020年" in changed.text
    made = browser.send(changed, "/start/review", "/start/approve", follow=False)
    facts = office.client.get(f"{_kept(office, made)}/facts").json()
    assert (facts["facts"][target]["value"], facts["period"]) == (3000, [2017, 2020])


def test_what_was_typed_wrongly_stays_and_is_told_at_its_place(browser: Browser) -> None:
    page = _upload(browser, _json())
    wrong = browser.send(
        page, "/start/review", "/start/approve", changes={"f2.value": "一千一百", "f3.year": "16", "subject.name": " "}
    )
    assert wrong.status == 422
    assert "有3处需要修改" in wrong.text
    assert "“一千一百”不是数字" in wrong.text
    form = wrong.form("/start/review")
    assert (form.fields["f2.value"], form.fields["f3.year"]) == ("一千一百", "16")
    assert 'name="f2.value" aria-label="数值，地区生产总值" aria-invalid="true"' in wrong.html
    assert next("disabled" in b for b in form.buttons if b.get("formaction") == "/start/approve")
    mended = browser.send(
        wrong, "/start/review", changes={"f2.value": "1105.04", "f3.year": "2016年", "subject.name": "望海市"}
    )
    assert "核对通过" in mended.text


def test_facts_are_added_and_deleted(office: Office, browser: Browser) -> None:
    page = _upload(browser, _json())
    row = browser.send(page, "/start/review", add="project")
    key = "new-project-1"
    filled = browser.send(
        row,
        "/start/review",
        changes={f"{key}.name": "冷链仓储中心", f"{key}.value": "2.5", f"{key}.unit": "亿元", "f0.drop": "on"},
    )
    assert "核对通过" in filled.text
    assert "冷链仓储中心" in filled.text
    made = browser.send(filled, "/start/review", "/start/approve", follow=False)
    facts = office.client.get(f"{_kept(office, made)}/facts").json()["facts"]
    assert sheet()["facts"][0]["id"] not in {f["id"] for f in facts}
    assert facts[-1] == {
        "id": "project", "name": "冷链仓储中心", "value": 2.5, "unit": "亿元", "kind": "project", "bound": "exact"
    }  # fmt: skip


def test_what_is_missing_is_shown_and_asked_for_before_anything_is_drafted(browser: Browser) -> None:
    page = _upload(browser, _few())
    assert re.search(r"缺少的数据\n\d+项", page.text)
    assert "市商务局" in page.text
    asked = browser.send(page, "/start/review", "/start/gaps.xlsx").answer
    assert "data.xlsx" in asked.headers["content-disposition"]
    names = [c.value for c in openpyxl.load_workbook(io.BytesIO(asked.content))["数据需求清单"]["C"]]
    assert "电子商务信用信息共享机制" in names
    facts = browser.send(page, "/start/review", "/start/facts.xlsx", changes={"f2.value": "1200"}).answer
    again = _upload(browser, facts.content, "望海市.xlsx")
    assert again.status == 200
    assert "1200" in again.form("/start/review").fields.values()


def test_what_the_title_page_tells_is_shown_with_the_brief(browser: Browser) -> None:
    untold = [f for f in sheet()["facts"] if f["name"] not in {"编制单位", "编制日期"}]
    page = _upload(browser, _json(facts=untold))
    assert re.search(r"编制单位：\s*事实表没有写明。", page.text)
    assert 'href="#g-other"' in page.html
    issuer = {"id": "issuer", "kind": "other", "name": "编制单位", "text": "望海市人民政府"}
    told = _upload(browser, _json(facts=[*untold, issuer])).text
    assert "编制单位：望海市人民政府" in told
    assert re.search(r"编制日期：\s*事实表没有写明。", told)


def test_hostile_text_is_text(browser: Browser) -> None:
    hostile = (files("evals") / "datasets" / "hostile.json").read_bytes()
    data = json.loads(hostile)
    data["facts"].append(
        {"id": "x", "name": "</textarea><script>alert(1)</script>{{ 7*7 }}", "text": "\u202e\"'><img>"}
    )
    page = _upload(browser, json.dumps(data, ensure_ascii=False).encode())
    assert page.status == 200
    assert "<script>alert" not in page.html
    assert "{{ 7*7 }}" in page.html
    assert "<img>" not in page.html
    kept = browser.send(page, "/start/review")
    assert "核对通过" in kept.text
    assert kept.form("/start/review").fields["sheet"] == page.form("/start/review").fields["sheet"]


def test_a_form_that_is_not_from_our_page_does_nothing(office: Office, browser: Browser) -> None:
    known = _plans(office)
    page = _upload(browser, _json())
    assert browser.send(page, "/start/review", "/start/approve", csrf="0" * 32).status == 403
    fields = page.form("/start/review").fields
    foreign = office.client.post(
        "/start/approve", data=fields, headers={"Sec-Fetch-Site": "cross-site", "Accept": "text/html"}
    )
    assert foreign.status_code == 403
    assert _plans(office) == known


def test_a_form_without_a_sheet_or_with_too_long_wishes_is_refused(browser: Browser) -> None:
    page = _upload(browser, _json())
    assert browser.send(page, "/start/review", "/start/approve", sheet="{}").status == 422
    long = browser.send(page, "/start/review", "/start/approve", instruction="港" * 2001)
    assert long.status == 422
    assert "不超过2000个字符" in long.text


@pytest.mark.parametrize("address", ["/start", "/start/review", "/start/approve"])
def test_a_reload_after_a_lost_form_begins_again(browser: Browser, address: str) -> None:
    assert browser.open(address).answer.url.path == "/"


def test_another_outline_has_its_own_sample(browser: Browser) -> None:
    assert "望海电子商务产业园" in browser.open("/start/sample?outline=base").text
    assert browser.open("/start/sample?outline=none").status == 422
