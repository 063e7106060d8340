"""The list of plans: found, paged, deleted and brought back."""

from __future__ import annotations

import re

from tests.api.live import sheet
from tests.api.plans.plans import Office
from tests.web.browsing import Browser

CITY = {"name": "听涛市", "short_name": "听涛", "province": "云岭省"}


def _ids(html: str) -> list[str]:
    return re.findall(r'<h2><a href="/plans/(\w{26})"', html)


def test_plans_are_listed_with_where_they_stand(office: Office, browser: Browser) -> None:
    plan = office.drafted(["2.1", "2.2"], "failing")
    page = browser.open("/plans")
    assert _ids(page.html)[0] == plan.rpartition("/")[2]
    assert "已写 1 / 2 节" in page.text
    held = office.held()
    assert "起草中" in browser.open("/plans").text
    assert _ids(browser.open("/plans").html)[0] == held.rpartition("/")[2]


def test_plans_are_found_by_subject_over_pages(office: Office, browser: Browser) -> None:
    made = [office.make(["2.1"], subject=CITY).rpartition("/")[2] for _ in range(22)]
    other = office.make(["2.1"]).rpartition("/")[2]
    first = browser.open("/plans?q=听涛")
    following = re.search(r'rel="next" href="([^"]+)"', first.html)
    assert following is not None
    second = browser.open(following[1].replace("&amp;", "&"))
    assert _ids(first.html) + _ids(second.html) == made[::-1]
    assert other not in _ids(first.html)
    assert 'rel="next"' not in second.html
    assert "没有名称或主体含“<b>无”的方案" in browser.open("/plans?q=<b>无").text.replace("\n", "")
    assert "<b>无" not in browser.open("/plans?q=<b>无").html


def test_a_plan_is_deleted_and_brought_back(office: Office, browser: Browser) -> None:
    plan = office.drafted(["2.1"], subject=CITY)
    texts, path = office.texts(plan), plan.removeprefix("/v1")
    gone = browser.send(browser.open("/plans?q=听涛"), f"{path}/delete")
    assert gone.status == 200
    assert "已删除“听涛市创建国家电子商务示范城市工作方案”" in gone.text
    assert office.client.get(plan).status_code == 404
    assert path.rpartition("/")[2] not in _ids(gone.html)
    back = browser.send(gone, f"{path}/undelete")
    assert path.rpartition("/")[2] in _ids(back.html)
    assert office.texts(plan) == texts
    assert "已删除" not in browser.open(f"/plans?deleted={path.rpartition('/')[2]}").text


def test_odd_addresses_are_pages_too(browser: Browser) -> None:
    assert "撤销" not in browser.open("/plans?deleted=" + "0" * 26).text
    assert browser.open("/plans?cursor=xyz").status == 422
    assert browser.open("/plans?q=%00").status == 422
    assert sheet()["subject"]["name"] not in browser.open("/plans?q=%25").text
