"""One section on the page: edited, checked while it is typed, in conflict, written again, compared and restored."""

from __future__ import annotations

import re
from urllib.parse import quote

import httpx

from service.main import create_app
from service.text.hashing import key_hash
from tests.api.live import served, settings
from tests.api.plans.plans import EDITED, OVERVIEW, REDRAFTED, Office
from tests.web.browsing import Browser, Page
from tests.web.test_web_plan import path_of, token

WRONG = "望海市2016年地区生产总值1105.04亿元，网络零售额𠀀达到77.7亿元。"


def _at(plan: str, rest: str = "") -> str:
    return f"{path_of(plan)}/sections/2.1{rest}"


def _ask(office: Office, plan: str, rest: str = "", **fields: str) -> httpx.Response:
    """As the page's scripts send it."""
    csrf = token(Browser(office.client).open(path_of(plan)))
    return office.client.post(_at(plan, rest), data=fields, headers={"HX-Request": "true", "X-CSRF-Token": csrf})


def _open(office: Office, plan: str) -> Page:
    return Browser(office.client).open(_at(plan, "/edit"))


def test_the_text_is_edited_as_it_stands(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    form = _open(office, plan).form(_at(plan))
    assert form.fields["text"] == OVERVIEW
    assert form.fields["version"] == "1"


def test_a_saved_text_is_a_new_version_and_checked(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    page = browser.send(_open(office, plan), _at(plan), text=EDITED.replace("，", "，\r\n", 1))
    assert page.status == 200
    assert "已修改" in page.text
    section = office.section(plan).json()
    assert section["text"] == EDITED.replace("，", "，\n", 1)
    assert [v["kind"] for v in section["versions"]][-1] == "edit"


def test_scripts_get_the_parts_that_changed(office: Office) -> None:
    plan = office.drafted()
    answer = _ask(office, plan, text=EDITED, version="1")
    assert answer.status_code == 200
    assert "已保存为新的版本" in answer.text
    assert re.findall(r'<hx-partial hx-target="(#[sf]-\d_\d)"', answer.text) == ["#s-2_1", "#f-2_1"]


def test_a_conflict_shows_both_texts_and_overwrites_nothing(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    mine, theirs = _open(office, plan), _open(office, plan)
    browser.send(theirs, _at(plan), text=EDITED)
    page = browser.send(mine, _at(plan), text=REDRAFTED)
    assert page.status == 200
    form = page.form(_at(plan))
    assert form.fields["text"] == REDRAFTED
    assert form.fields["version"] == "2"
    assert EDITED in page.text
    assert "您依据的是第 1 版，所以没有保存" in page.text
    assert office.section(plan).json()["text"] == EDITED
    browser.send(page, _at(plan))
    assert office.section(plan).json()["text"] == REDRAFTED
    assert office.section(plan).json()["revision"] == 3


def test_what_cannot_be_saved_is_said(office: Office) -> None:
    plan = office.drafted()
    for fields, why in (
        ({"text": " \n ", "version": "1"}, "本节文字为空"),
        ({"text": EDITED}, "没有说明依据哪一版"),
        ({"text": EDITED, "version": "-1"}, "没有说明依据哪一版"),
        ({"text": "港" * 50_001, "version": "1"}, "超过50000个"),
    ):
        answer = _ask(office, plan, **fields)
        assert answer.status_code == 422
        assert why in answer.text
        assert "<html" not in answer.text
    assert office.section(plan).json()["revision"] == 1


def test_typing_is_checked_and_not_stored(office: Office) -> None:
    plan = office.drafted()
    answer = _ask(office, plan, "/check", text=WRONG)
    assert answer.status_code == 200
    places = [(int(a), int(b)) for a, b in re.findall(r'data-start="(\d+)" data-end="(\d+)"', answer.text)]
    assert "77.7亿元" in [WRONG[a:b] for a, b in places]
    assert "按正在修改的文字" in answer.text
    assert office.section(plan).json()["revision"] == 1
    assert office.section(plan).json()["text"] == OVERVIEW


def test_the_check_knows_the_limit_of_the_summary(office: Office) -> None:
    plan = office.drafted(["1.1"])
    csrf = token(Browser(office.client).open(path_of(plan)))
    answer = office.client.post(
        f"{path_of(plan)}/sections/1.1/check", data={"text": EDITED}, headers={"X-CSRF-Token": csrf}
    )
    assert "本章不超过 3500 字" in answer.text


def test_a_section_that_the_plan_has_not_is_not_checked(office: Office) -> None:
    plan = office.drafted()
    csrf = token(Browser(office.client).open(path_of(plan)))
    for address in ("9.9/check", "3.1/check", "9.9/redraft"):
        answer = office.client.post(
            f"{path_of(plan)}/sections/{address}", data={"text": EDITED}, headers={"X-CSRF-Token": csrf}
        )
        assert answer.status_code == 404


def test_a_redraft_minds_what_was_said(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    asked = browser.open(_at(plan, "/redraft"))
    browser.send(asked, _at(plan, "/redraft"), instruction="突出港口物流")
    office.events(plan)
    assert office.section(plan).json()["text"] == REDRAFTED
    assert office.section(plan, "2.2").json()["text"] == OVERVIEW
    refused = _ask(office, plan, "/redraft", instruction="港" * 2001)
    assert refused.status_code == 422
    assert "2001" in refused.text


def test_a_section_at_work_offers_no_editing_and_takes_none(office: Office, browser: Browser) -> None:
    plan = office.held()
    assert "/sections/2.1/edit" not in browser.open(path_of(plan)).html
    answer = _ask(office, plan, text=EDITED, version="0")
    assert answer.status_code == 409
    assert "正在起草" in answer.text


def test_versions_are_compared_and_restored(office: Office, browser: Browser) -> None:
    plan = office.drafted()
    browser.send(_open(office, plan), _at(plan), text=OVERVIEW.replace("年末", "2016年末"))
    page = browser.open(_at(plan, "/versions"))
    assert re.findall(r"<ins>.*?</span>(.*?)</ins>", page.html) == ["2016"]
    assert "<del>" not in page.html
    back = browser.open(_at(plan, "/versions?a=2&b=1"))
    assert re.findall(r"<del>.*?</span>(.*?)</del>", back.html) == ["2016"]
    browser.send(page, _at(plan, "/restore"))
    section = office.section(plan).json()
    assert section["text"] == OVERVIEW
    assert section["revision"] == 3
    assert browser.open(_at(plan, "/versions?a=1&b=9")).status == 404
    assert _ask(office, plan, "/restore", version="9").status_code == 404
    assert _ask(office, plan, "/restore", version="x").status_code == 404


def test_whoever_lost_the_session_comes_back_to_the_page() -> None:
    plan = "/plans/01m8njqnn9bxtrxd37ze3tk6p0"
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1{plan}?lang=zh"}
    with served(create_app(settings(api_keys=f"office:{key_hash('k-office')}"), durable=False)) as client:
        answer = client.get(f"{plan}/parts", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == f"/key?next={quote(plan, safe='')}%3Flang%3Dzh"
