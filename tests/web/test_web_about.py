"""What the service tells of itself, and errors that look like the rest of it."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from service.errors import NotConfiguredError
from service.main import create_app
from service.writer.protocol import Writer
from tests.api.live import scripted, served, settings
from tests.web.browsing import Browser


def test_about_says_that_nothing_is_contacted(browser: Browser) -> None:
    page = browser.open("/about")
    for told in ("离线起草器", "不与任何外部地址联系", "SQLite", version("fangan"), "city-2017"):
        assert told in page.text, told


def test_about_names_model_and_host_and_no_more(tmp_path: Path) -> None:
    told = settings(
        model="qwen3-max",
        openai_base_url="https://models.example.cn:8443/geheim/v1",
        openai_api_key="sk-geheim",
        data_dir=tmp_path,
    )
    with served(create_app(told, durable=False)) as client:
        page = Browser(client).open("/about")
    assert "模型 qwen3-max" in page.text
    assert "models.example.cn" in page.text
    assert "除这一主机外" in page.text
    assert "没有启用数据库" in page.text
    assert "geheim" not in page.html


def test_the_model_is_named_before_it_is_paid_and_may_be_declined(tmp_path: Path) -> None:
    def named(_: str | None) -> Writer:
        return scripted()

    with served(create_app(settings(model="qwen3-max", data_dir=tmp_path), named, durable=False)) as client:
        page = Browser(client).open("/start/sample")
        assert "会产生费用" in page.text
        refused = Browser(client).send(page, "/start/review", "/start/approve", model="offline")
        assert refused.status == 503  # nothing is kept by this service
        assert "未启用数据库" in refused.text


def test_an_unknown_address_is_a_page_to_browsers_and_a_problem_to_programs(browser: Browser) -> None:
    page = browser.open("/nirgends")
    assert page.status == 404
    assert "没有这个页面" in page.text
    assert "script-src 'self'" in page.answer.headers["content-security-policy"]
    for address, accept in (("/nirgends", "application/json"), ("/v1/nirgends", "text/html")):
        answer = browser.client.get(address, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_what_nobody_foresaw_is_a_page_that_gives_nothing_away(tmp_path: Path) -> None:
    def broken(_: str | None) -> Writer:
        raise RuntimeError("/srv/geheim")

    with served(create_app(settings(data_dir=tmp_path), broken, durable=False)) as client:
        page = Browser(client).open("/about")
        assert page.status == 500
        assert "服务内部出错" in page.text
        assert "geheim" not in page.html


def test_a_model_without_an_endpoint_is_told(tmp_path: Path) -> None:
    def unset(_: str | None) -> Writer:
        raise NotConfiguredError("没有配置模型接口")

    with served(create_app(settings(data_dir=tmp_path), unset, durable=False)) as client:
        page = Browser(client).open("/about")
    assert page.status == NotConfiguredError.status
    assert "没有配置模型接口" in page.text


@pytest.mark.parametrize("address", ["/", "/plans", "/about", "/start/sample", "/nirgends"])
def test_every_page_is_there_in_english(browser: Browser, address: str) -> None:
    page = browser.open(address, **{"Accept-Language": "en-GB,en;q=0.9"})
    assert 'lang="en"' in page.html
    assert "New plan" in page.text
    assert browser.client.get("/about?lang=en").cookies.get("fangan-lang") == "en"
    assert "New plan" in browser.open(address).text
    browser.client.cookies.delete("fangan-lang")
    assert "新建方案" in browser.open(address).text
