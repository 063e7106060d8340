"""Settings: what is wrong is told by the variable's name in Chinese, and the table in docs is that of the class."""

import os
import re
from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import Settings, load_settings, names, unknown_names

TABLE = Path(__file__).parents[1] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _nobodys_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("FANGAN_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def told(**variables: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        with pytest.raises(SettingsError) as caught:
            load_settings()
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FANGAN_PORT", "abc", "应为整数"),
        ("FANGAN_PORT", "70000", "不能大于65535"),
        ("FANGAN_CONCURRENCY", "0", "不能小于1"),
        ("FANGAN_TOKEN_BUDGET", "12", "不能小于1000"),
        ("FANGAN_DEADLINE", "0", "应大于0"),
        ("FANGAN_DEADLINE", "五分钟", "应为数字"),
        ("FANGAN_THINKING", "maybe", "只能是 on、off 之一"),
        ("FANGAN_RUNG", "x", "只能是 json_schema、tool、json_object、prompt 之一"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(name: str, value: str, said: str) -> None:
    assert f"{name} {said}，现为“{value}”" in told(**{name: value})


def test_all_wrong_settings_are_told_at_once_in_chinese() -> None:
    message = told(FANGAN_PORT="abc", FANGAN_MAX_REPAIRS="9", FANGAN_TEMPERATURE="3", FANGAN_CONTEXT_TOKENS="1.5")
    assert all(
        n in message for n in ("FANGAN_PORT", "FANGAN_MAX_REPAIRS", "FANGAN_TEMPERATURE", "FANGAN_CONTEXT_TOKENS")
    )
    assert "Input" not in message
    assert message.count("；") == 3


def test_what_the_env_file_says_wrong_is_told_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FANGAN_PORT=八千\n", encoding="utf-8")
    assert "FANGAN_PORT 应为整数，现为“八千”" in told()


KEY = "0a" * 32


@pytest.mark.parametrize(
    "value",
    [f"Bureau:{KEY}", f"bureau:{KEY[:-1]}", f"bureau:{KEY}0", KEY, f":{KEY}", "bureau", f"a:{KEY},a:{KEY}", f"{'a' * 41}:{KEY}"],
)  # fmt: skip
def test_keys_that_are_no_list_of_names_and_hashes_are_told_and_not_shown(value: str) -> None:
    message = told(FANGAN_API_KEYS=value)
    assert "FANGAN_API_KEYS 应为“名称:SHA-256”" in message
    assert KEY[:8] not in message


def test_keys_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().keys == {}
    monkeypatch.setenv("FANGAN_API_KEYS", f" bureau-1:{KEY.upper()} , district:{'f' * 64},")
    assert load_settings().keys == {"bureau-1": KEY, "district": "f" * 64}


def test_fonts_by_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load_settings().typefaces == {}
    expected = {"title": ("方正小标宋_GBK", "方正小标宋简体"), "latin": ("Times New Roman",)}
    for text in (
        " title = 方正小标宋_GBK , 方正小标宋简体 ; latin=Times New Roman;",
        "title＝方正小标宋_GBK，方正小标宋简体，方正小标宋_GBK；latin＝Times New Roman",
    ):
        monkeypatch.setenv("FANGAN_FONTS", text)
        assert load_settings().typefaces == expected
    monkeypatch.delenv("FANGAN_FONTS")
    (tmp_path / ".env").write_text(f"FANGAN_FONTS={text}\n", encoding="utf-8")
    assert load_settings().typefaces == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("仿宋", "中的“仿宋”没有等号"),
        ("heading=黑体", "中没有名为“heading”的用途，可用的有 title、chapter、section、body、page_number、latin"),
        ("body=仿宋;body=宋体", "中的 body 写了两次，请合为一项"),
        ("body=", "中 body 的字体名称有误，每个不能为空"),
        ("body=仿宋,,宋体", "中 body 的字体名称有误，每个不能为空"),
        (f"body={'宋' * 64}", "中 body 的字体名称有误，每个不能为空，不能超过63个字符"),
        ("body=仿\x07宋", "中 body 的字体名称有误，每个不能为空，不能超过63个字符，不能有控制字符"),
    ],
)
def test_wrong_fonts_are_told_with_what_would_be_right(value: str, said: str) -> None:
    message = told(FANGAN_FONTS=value)
    assert f"FANGAN_FONTS {said}" in message
    assert "应写作“body=仿宋_GB2312,仿宋; latin=Times New Roman”的样子" in message


def test_names_that_are_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unknown_names() == ()
    for name in ("FANGAN_MODLE", "FANGAN_MODEL", "OPENAI_ORG", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "x")
    assert unknown_names() == ("FANGAN_MODLE",)


def test_each_name_is_the_one_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {"model": "qwen-max", "host": "::1", "port": "1", "temperature": "1", "thinking": "on", "rung": "tool", "warm_cache": "off",
            "concurrency": "3", "max_repairs": "1", "token_budget": "5000", "context_tokens": "8000", "deadline": "9",
            "api_keys": f"bureau:{'0a' * 32}", "plans_at_once": "2", "requests_per_minute": "60", "retention_days": "7",
            "fonts": "body=仿宋"}  # fmt: skip
    for field, name in names().items():
        monkeypatch.setenv(name, good.get(field, "/x"))
    read = load_settings()
    assert all(getattr(read, field) != info.default for field, info in Settings.model_fields.items())


def test_the_table_of_settings_is_that_of_the_class() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+) \| (?:`(.+)`|([^`|]+)) \|$", TABLE.read_text("utf-8"), re.MULTILINE)
    shown = {name: None if told == "unset" else default or "computed" for name, _, default, told in rows}
    defaults = {
        names()[field]: "computed" if info.default_factory else info.default
        for field, info in Settings.model_fields.items()
    }
    assert shown == {
        name: None if value in (None, "") else f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in defaults.items()
    }
