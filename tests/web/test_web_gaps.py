"""What a plan lacks: asked for by department, answered, and written again with one button."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import unquote

import openpyxl

from tests.api.live import sheet
from tests.api.plans.plans import Office
from tests.web.browsing import Browser, Page

REQUEST = "数据需求清单"


def _lacking() -> list[dict[str, Any]]:
    """The sample city's facts without its GDP, its population and what its port does."""
    gone = {"gdp", "population"}
    return [f for f in sheet()["facts"] if f.get("indicator") not in gone]


def _page_of(plan: str) -> str:
    return f"{plan.removeprefix('/v1')}/gaps"


def _rows(content: bytes) -> tuple[Any, dict[str, int], Any]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book[REQUEST]
    return book, {str(c.value): c.column or 0 for c in page[3]}, page


def _answered(content: bytes, answers: dict[str, dict[str, object]]) -> bytes:
    book, head, page = _rows(content)
    for row in range(4, page.max_row + 1):
        for column, value in answers.get(page.cell(row, head["需要的数据"]).value, {}).items():
            page.cell(row, head[column]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ANSWERS: dict[str, dict[str, object]] = {
    "地区生产总值": {"年份": 2016, "数值": 1105.04, "来源": "市统计局"},
    "地区生产总值增速": {"年份": 2016, "增速（%）": 7.8, "来源": "市统计局"},
    "常住人口": {"年份": 2016, "数值": 312.6, "来源": "市统计局"},
}


def _send(browser: Browser, plan: str, content: bytes) -> Page:
    page = browser.open(_page_of(plan))
    return browser.send(page, _page_of(plan), files={"filled": ("清单.xlsx", content)})


def test_each_department_sees_what_it_is_asked_for(office: Office, browser: Browser) -> None:
    plan = office.drafted(["2.1", "2.2"], "offline", facts=_lacking())
    page = browser.open(_page_of(plan))
    assert page.status == 200
    for told in ("地区生产总值", "常住人口", "二（一）", "下载数据需求清单"):
        assert told in page.text, told
    links = re.findall(r'href="([^"]+gaps\.xlsx\?department=[^"]+)"', page.html)
    assert links
    whole = _rows(browser.client.get(f"{_page_of(plan)}.xlsx").content)
    everyone = {row[1] for row in whole[2].iter_rows(min_row=4, values_only=True) if row[1]}
    assert {unquote(link.partition("=")[2]) for link in links} == everyone
    shown = browser.open(plan.removeprefix("/v1")).html
    for place in re.findall(r'href="/plans/\w+#([^"]+)"', page.html):
        assert f'id="{place}"' in shown
    for link in links:
        _, head, part = _rows(browser.client.get(link).content)
        asked = {part.cell(r, head["责任部门"]).value for r in range(4, part.max_row + 1)} - {None}
        assert asked == {unquote(link.partition("=")[2])}


def test_answers_let_sections_be_written_again_together(office: Office, browser: Browser) -> None:
    plan = office.drafted(["2.1", "2.2", "3.1"], "offline", facts=_lacking())
    before = office.texts(plan)
    assert "【待补充" in before["2.1"]
    request = browser.client.get(f"{_page_of(plan)}.xlsx").content
    done = _send(browser, plan, _answered(request, ANSWERS))
    assert done.status == 200
    assert re.search(r"已补入[23]条事实", done.text)
    assert "城市经济社会发展基本概况" in done.text or "二（一）" in done.text
    assert "新补：" in done.text
    assert office.texts(plan) == before
    ready = done.form(f"{_page_of(plan)}/redraft")
    ticked = {name.removeprefix("s.") for name in ready.fields if name.startswith("s.")}
    assert "2.1" in ticked
    assert "3.1" not in ticked
    last = office.plan(plan)["last_event"]
    browser.send(done, f"{_page_of(plan)}/redraft", follow=False)
    office.events(plan, last)
    after = office.texts(plan)
    assert "1105.04亿元" in after["2.1"]
    assert after["3.1"] == before["3.1"]
    versions = office.section(plan, "2.1").json()["versions"]
    assert [v["kind"] for v in versions] == ["draft", "redraft"]
    assert f"{_page_of(plan)}/redraft" not in {f.action for f in browser.open(_page_of(plan)).forms}


def test_nothing_ticked_is_told(office: Office, browser: Browser) -> None:
    plan = office.drafted(["2.1"], "offline", facts=_lacking())
    request = browser.client.get(f"{_page_of(plan)}.xlsx").content
    done = _send(browser, plan, _answered(request, ANSWERS))
    none = browser.send(done, f"{_page_of(plan)}/redraft", changes={"s.2.1": None})
    assert none.status == 422
    assert "请至少勾选一节" in none.text


def test_figures_that_the_facts_no_longer_bear_out_are_to_be_written_again(office: Office, browser: Browser) -> None:
    plan = office.drafted(["2.1"], "offline")
    other = [f | ({"value": 1200} if f["id"] == "gdp-2016" else {}) for f in sheet()["facts"]]
    office.client.put(f"{plan}/facts", json=sheet(facts=other)).raise_for_status()
    assert "与事实不符" in browser.open(_page_of(plan)).text


def test_faults_of_the_answers_are_told_by_cell_and_change_nothing(office: Office, browser: Browser) -> None:
    plan = office.drafted(["2.1"], "offline", facts=_lacking())
    facts = office.client.get(f"{plan}/facts").json()
    request = browser.client.get(f"{_page_of(plan)}.xlsx").content
    wrong = _send(browser, plan, _answered(request, {"常住人口": {"数值": "三百万", "来源": "市统计局"}}))
    assert wrong.status == 422
    assert re.search(rf"{REQUEST}\n[A-Z]+\d+\n“三百万”不是数字", wrong.text)
    assert _send(browser, plan, b"PK nothing").status == 422
    assert _send(browser, plan, b"").status == 422
    assert office.client.get(f"{plan}/facts").json() == facts


def test_a_plan_that_is_being_drafted_takes_no_answers(office: Office, browser: Browser) -> None:
    plan = office.drafted(["2.1"], "offline", facts=_lacking())
    filled = _answered(browser.client.get(f"{_page_of(plan)}.xlsx").content, ANSWERS)
    busy = office.held(["2.1"])
    page = browser.open(_page_of(busy))
    assert "方案正在起草" in page.text
    refused = _send(browser, busy, filled)
    assert refused.status == 409
    assert "方案正在起草" in refused.text


def test_another_plan_has_no_such_page(browser: Browser) -> None:
    page = browser.open("/plans/" + "0" * 26 + "/gaps")
    assert page.status == 404
    assert "没有办成" in page.text
