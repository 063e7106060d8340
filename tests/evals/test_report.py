"""The report: one page that needs nothing else, runs nothing, and shows what the run's record says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest

from evals.command import as_json
from evals.report import report
from schemas.evaluation import EvalRun
from tests.cli.running import fangan
from tests.evals.records import HOSTILE, record


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page() -> str:
    return report(record(grounded=0.95))


def test_nothing_hostile_is_markup(page: str) -> None:
    read = Page(page)
    names = {tag for tag, _ in read.tags}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "form", "base", "foreignobject"}
    assert HOSTILE in read.text, "it is shown as it is"
    assert "{{ 7*7 }}" in page
    assert not any(name.startswith("on") for _, attributes in read.tags for name in attributes)


def test_nothing_is_fetched(page: str) -> None:
    read = Page(page)
    (policy,) = (a["content"] for t, a in read.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for _, attributes in read.tags:
        for name in ("src", "href", "xlink:href", "action", "data", "srcset"):
            assert (attributes.get(name) or "#").startswith("#")
    assert not re.search(r"url\((?!#)|@import", page)


def test_every_part_of_the_record_is_there(page: str) -> None:
    text = Page(page).text
    for told in (
        "20261130T000000Z-0123abcd",
        "0123456789abcdef+",
        "qwen-max",
        "qwen-max-2026-01-25",
        "temperature=0.3",
        "section.md.j2",
        "77777777",
        "11111111",
        "fangan 0.1.0",
        "数字有据率",
        "95/100",
        "正文中有标记",
    ):
        assert told in text
    assert "<mark>&lt;script&gt;</mark>" in page, "what was found is marked in its sentence"


def test_beside_an_earlier_run_scores_and_prompts_are_compared() -> None:
    page = report(record(grounded=0.9, system="只写事实。\n不写估计。"), record())
    text = Page(page).text
    assert "与上次相比" in text
    assert '<td class="worse">变差</td>' in page
    assert "+不写估计。" in text
    assert "相同0，改动10" in text
    assert page.count("+不写估计。") == 1, "one change of a shared message is shown once"
    alone = Page(report(record())).text
    assert "与上次相比" not in alone


def test_equal_records_give_equal_pages(page: str) -> None:
    assert report(record(grounded=0.95)) == page


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is in the dependency group evals")
def test_scores_are_drawn_with_text_that_stays_text(page: str) -> None:
    (drawing, *_) = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert "数字有据率" in drawing
    assert "harbin" in drawing
    assert "DejaVu" not in drawing, "the browser's fonts letter it"
    assert "Date" not in drawing


def test_a_run_and_a_record_write_the_page(tmp_path: Path) -> None:
    done = fangan(tmp_path, "eval", "run", "--writer", "offline", "--case", "empty", "-o", "out")
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    run = EvalRun.model_validate_json((tmp_path / "out" / "run.json").read_bytes())
    assert made == report(run)
    again = fangan(
        tmp_path, "eval", "run", "--writer", "offline", "--case", "empty", "-o", "b", "--against", "out/run.json"
    )
    assert again.returncode == 0, again.stderr
    assert "与上次相比" in (tmp_path / "b" / "report.html").read_text(encoding="utf-8")
    (tmp_path / "run.json").write_text(as_json(record()), encoding="utf-8")
    assert fangan(tmp_path, "eval", "report", "run.json", "-o", "page.html").returncode == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == report(record())
