"""Counting tokens: the shipped vocabulary is the official one, and our way of loading it changes nothing."""

from __future__ import annotations

import base64
import hashlib
import inspect
import lzma
from importlib.resources import files
from pathlib import Path

import pytest
import tiktoken
import tiktoken_ext.openai_public as official  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.draft import Message
from service.errors import PackageDataError
from service.prompt import tokens
from service.prompt.tokens import count_tokens, estimate


@pytest.fixture(scope="module")
def reference() -> tiktoken.Encoding:
    """Tiktoken's own o200k_base, with nothing of ours but the file it would download, checked by its own hash."""

    def load(url: str, expected_hash: str) -> dict[bytes, int]:
        data = lzma.decompress((files("service.prompt") / tokens.FILE).read_bytes())
        assert "o200k_base" in url
        assert hashlib.sha256(data).hexdigest() == expected_hash
        return {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in data.splitlines())}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(official, "load_tiktoken_bpe", load)
        return tiktoken.Encoding(**official.o200k_base())


def test_the_pin_is_tiktokens() -> None:
    assert tokens.SHA256 in inspect.getsource(official.o200k_base)


@pytest.mark.parametrize(
    ("text", "count"),
    [("hello world", 2), ("お誕生日おめでとう", 8), ("", 0), ("<|endoftext|>", 7)],
)
def test_known_counts(text: str, count: int) -> None:
    assert count_tokens(text) == count


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_the_same_as_tiktoken(reference: tiktoken.Encoding, text: str) -> None:
    assert count_tokens(text) == len(reference.encode_ordinary(text))


@given(st.text(st.characters(), max_size=50))
def test_no_text_is_too_odd(text: str) -> None:
    assert 0 <= count_tokens(text) <= 4 * len(text)


def test_a_plan_has_fewer_tokens_than_characters(reference: tiktoken.Encoding) -> None:
    plan = (Path(__file__).parents[1] / "data" / "exemplars" / "chongqing.txt").read_text(encoding="utf-8")
    assert 0.6 < count_tokens(plan) / len(plan) < 0.85
    assert count_tokens(plan) == len(reference.encode_ordinary(plan))


def test_an_estimate_keeps_more_in_reserve_for_tables_than_for_prose() -> None:
    prose = Message(role="user", content="发展电子商务是拉动消费、培育新增长点的现实需要。" * 50)
    table = Message(role="user", content="gdp-2016｜地区生产总值｜1105.04亿元｜2016年｜现状\n" * 50)
    assert estimate([prose]) == pytest.approx(1.15 * count_tokens(prose.content), rel=0.02)
    assert estimate([table]) == pytest.approx(1.5 * count_tokens(table.content), rel=0.02)
    assert estimate([prose, table]) == pytest.approx(estimate([prose]) + estimate([table]), abs=2)


@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_vocabulary_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    data = (files("service.prompt") / tokens.FILE).read_bytes()
    (tmp_path / "data").mkdir()
    if damage != "gone":
        other = data[:-20] if damage == "cut" else lzma.compress(lzma.decompress(data)[:-10], preset=0)
        (tmp_path / tokens.FILE).write_bytes(other)
    monkeypatch.setattr(tokens, "files", lambda _: tmp_path)
    with pytest.raises(PackageDataError, match="重新安装"):
        tokens._encoding.__wrapped__()
