"""The strings of both languages: the same keys and the same blanks, all of them used."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import yaml

from service.web.wording import wording

WEB = Path("service/web")
ZH, EN = wording("zh").strings, wording("en").strings


def test_both_languages_have_the_same_keys() -> None:
    assert set(ZH) == set(EN)


def test_both_languages_have_the_same_blanks() -> None:
    def blanks(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert {k for k in ZH if blanks(ZH[k]) != blanks(EN[k])} == set()


def test_no_part_is_written_twice() -> None:
    for language in ("zh", "en"):
        lines = (WEB / "strings" / f"{language}.yaml").read_text(encoding="utf-8").splitlines()
        tops = [line for line in lines if re.match(r"[a-z_]+:", line)]
        assert len(tops) == len(set(tops)), tops


def test_every_string_is_used_and_every_used_string_is_there() -> None:
    sources = [*WEB.glob("*.py"), *WEB.glob("templates/**/*.j2")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    whole = set(re.findall(r"""["']([a-z_]+(?:\.[a-z_0-9]+)+)["']""", code))
    begun = tuple(re.findall(r"""["']([a-z_]+(?:\.[a-z_0-9]+)*\.)["']\s*~""", code)) + tuple(
        re.findall(r"""f["']([a-z_]+(?:\.[a-z_0-9]+)*\.)\{""", code)
    )
    assert {key for key in ZH if key not in whole and not key.startswith(begun)} == set()
    used = set(re.findall(r"""\bt\(["']([a-z_.0-9]+)["'][,)]""", code))
    assert used <= set(ZH), used - set(ZH)


def test_english_is_english_and_chinese_is_chinese() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    kept = {"about.language", "column.bound"}
    assert {k for k, v in EN.items() if han.search(re.sub(r"【[^】]*】", "", v)) and k not in kept} == set()
    assert yaml.safe_load((WEB / "strings" / "zh.yaml").read_text(encoding="utf-8"))["app"]["name"] == "方案起草"
