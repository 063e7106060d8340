"""Typefaces as the operator sets them: in the files of the command line, of the API and of the pages."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from service.assemble.document import assemble
from service.export.fonts import LAYOUT, Face, Fonts
from service.export.registry import exporter
from service.settings import FONT_USES
from tests import factories
from tests.api.plans.plans import Gate, Office
from tests.cli.running import fangan
from tests.cli.serving import serving

SET = "title=方正小标宋_GBK,方正小标宋简体; body=思源宋体，仿宋"
SUBSTITUTES = {"方正小标宋_GBK": "方正小标宋简体", "思源宋体": "仿宋", "黑体": "SimHei,思源黑体 CN,Noto Sans CJK SC"}
"""Of some fonts: two that are set, and one that stays as it is."""


def substitutes(word: bytes) -> dict[str, str | None]:
    """Font → its w:altName, as the font table has them."""
    with zipfile.ZipFile(io.BytesIO(word)) as parts:
        table = parse_xml(parts.read("word/fontTable.xml"))
    names = [(font.get(qn("w:name")), font.find(qn("w:altName"))) for font in table]
    assert len(dict(names)) == len(names)
    return {name: None if other is None else other.get(qn("w:val")) for name, other in names}


def asked(word: bytes) -> dict[str, str]:
    """Paragraph style → its East Asian font."""
    with zipfile.ZipFile(io.BytesIO(word)) as parts:
        styles = parse_xml(parts.read("word/styles.xml"))
    found = ((s.get(qn("w:styleId")), s.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")) for s in styles.iter(qn("w:style")))
    return {style: fonts.get(qn("w:eastAsia")) for style, fonts in found if fonts is not None}


def follows(word: bytes) -> bool:
    """Whether the fonts are those of SET, and those of the layout where it names none."""
    styles = asked(word)
    expected = {"Title": "方正小标宋_GBK", "BodyText": "思源宋体", "Heading1": "黑体", "Heading2": "楷体_GB2312"}
    return expected.items() <= styles.items() and SUBSTITUTES.items() <= substitutes(word).items()


def test_the_uses_that_can_be_set_are_those_of_the_layout() -> None:
    assert tuple(field.name for field in dataclasses.fields(Fonts)) == FONT_USES


def test_the_command_line_follows_the_setting(tmp_path: Path) -> None:
    done = fangan(tmp_path, "demo", FANGAN_FONTS=SET)
    assert done.returncode in {0, 1}, done.stderr
    assert follows((tmp_path / "out" / "plan.docx").read_bytes())


def test_a_wrong_setting_stops_the_command_line(tmp_path: Path) -> None:
    done = fangan(tmp_path, "demo", FANGAN_FONTS="heading=黑体")
    assert done.returncode == 2
    assert "FANGAN_FONTS 中没有名为“heading”的用途，可用的有 title、chapter" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_api_and_the_page_follow_the_setting(tmp_path: Path) -> None:
    with serving(tmp_path, FANGAN_FONTS=SET) as service:
        plan = Office(service.client, Gate()).drafted(["2.1"], "offline")
        assert follows(service.client.get(f"{plan}/document").raise_for_status().content)
        page = f"/plans/{plan.rpartition('/')[2]}/download"
        assert follows(service.client.get(page).raise_for_status().content)
        html = service.client.get(page, params={"format": "html"}).raise_for_status().text
        assert '--title: "方正小标宋_GBK", "方正小标宋简体", "FZXiaoBiaoSong-B05S",' in html


def test_one_font_for_several_uses_is_told_once_and_one_without_substitutes_has_none() -> None:
    fonts = Fonts.named({"title": ("宋体", "SimSun"), "body": ("宋体", "思源宋体"), "chapter": ("微软雅黑",)})
    word = exporter("docx", fonts).export(assemble(factories.plan(), factories.outline()))
    found = substitutes(word)
    assert found["宋体"] == "SimSun,思源宋体,思源宋体 CN,Noto Serif CJK SC"
    assert found["微软雅黑"] is None


def test_the_web_page_puts_what_is_set_before_its_own_and_is_left_alone_by_odd_names() -> None:
    document = assemble(factories.plan(), factories.outline())
    fonts = dataclasses.replace(LAYOUT, body=Face('A"</style><script>\\', ("仿宋",)))
    source = exporter("html", fonts).export(document).decode()
    assert "<script>" not in source
    assert source.count("</style>") == 1
    assert '--body: "A\\22 \\3c \\2f style\\3e \\3c script\\3e \\5c ", "仿宋", "FangSong",' in source
    assert '--title: "FZXiaoBiaoSong-B05S",' in source


@pytest.mark.parametrize("form", ["md", "json"])
def test_text_alone_names_no_typeface(form: Literal["md", "json"]) -> None:
    document = assemble(factories.plan(), factories.outline())
    fonts = Fonts.named({"body": ("思源宋体",)})
    assert exporter(form, fonts).export(document) == exporter(form).export(document)
