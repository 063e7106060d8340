"""Finding the one JSON object in an answer, and showing its paragraphs while it is still coming."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.writer.deltas import ParagraphStream, paragraphs_so_far
from service.writer.extract import find_object
from tests.doubles.tasks import DRAFT, SECOND, TEXT

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    "text",
    [
        DRAFT,
        f"  {DRAFT}\n",
        f"```json\n{DRAFT}\n```",
        f"```\n{DRAFT}\n```\n以上。",
        f"答复如下（格式为{{…}}）：{DRAFT}",
        f'<think>要写 {{"paragraphs": []}}</think>{DRAFT}',
        f"好的</think>\n\n{DRAFT}",
        f"\ufeff{DRAFT}",
        f'他说："好" {DRAFT} "完"',
    ],
)
def test_exactly_one_object_is_found(text: str) -> None:
    assert find_object(text) == DRAFT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "望海市",
        "[]",
        "[1, 2]",
        "{",
        "}",
        DRAFT[:-1],
        DRAFT[:100],
        f"{DRAFT}{DRAFT}",
        f"{DRAFT}\n{{}}",
        "<think>{}",
    ],
)
def test_none_or_several_are_no_answer(text: str) -> None:
    assert find_object(text) is None


@given(TEXTS, st.dictionaries(TEXTS, st.lists(TEXTS, max_size=3), max_size=3))
@example("他说：\\", {"{}": ['}"']})
def test_any_object_is_found_behind_a_preamble_without_braces(preamble: str, value: dict[str, list[str]]) -> None:
    said = preamble.replace("{", "").replace("}", "").replace("<", "") + json.dumps(value, ensure_ascii=False)
    found = find_object(said)
    assert found is not None
    assert json.loads(found) == value


@given(st.text('{}[]"\\,:a1 ', max_size=80))
def test_whatever_is_found_is_an_object(text: str) -> None:
    found = find_object(text)
    assert found is None or isinstance(json.loads(found, strict=False), dict)


def _streamed(content: str, sizes: list[int]) -> list[str]:
    seen: list[str] = []
    stream = ParagraphStream(seen.append)
    start = 0
    for size in sizes:
        stream.feed(content[start : start + size])
        start += size
    stream.feed(content[start:])
    stream.finish()
    return seen


@given(
    st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=2)), max_size=4),
    st.lists(st.integers(1, 50), max_size=30),
    st.booleans(),
)
@example([('望海🏖市\n"引"\\', ["a"])], [1] * 30, True)
def test_the_pieces_make_up_the_paragraphs_wherever_they_are_cut(
    paragraphs: list[tuple[str, list[str]]], sizes: list[int], escaped: bool
) -> None:
    data = {
        "paragraphs": [{"text": text, "facts": ids, "points": ids} for text, ids in paragraphs],
        "gaps": [],
        "proposals": [],
    }
    seen = _streamed(json.dumps(data, ensure_ascii=escaped), sizes)
    assert "".join(seen) == "\n".join(text for text, _ in paragraphs)
    assert "" not in seen


@given(st.integers(0, len(DRAFT)))
def test_a_prefix_shows_a_prefix(end: int) -> None:
    assert f"{TEXT}\n{SECOND}".startswith(paragraphs_so_far(DRAFT[:end]).removesuffix("\n"))


def test_only_paragraphs_are_shown() -> None:
    seen = _streamed(f'<think>{{"paragraphs": [{{"text": "草稿"}}]}}</think>```json\n{DRAFT}\n```', [7] * 100)
    assert "".join(seen) == f"{TEXT}\n{SECOND}"
    assert len(seen) > 2


def test_a_closing_mark_in_a_string_ends_no_thoughts() -> None:
    reply = {"paragraphs": [{"text": "先</think>后"}, {"text": "末\\"}, {"text": "</think>{"}]}
    content = json.dumps(reply, ensure_ascii=False)
    for before in (
        "",
        "以下：",
        "<think>{想}</think>",
        '先想{"text": 1}\n</think>',
        "<think>一</think>二</think>好的。",
    ):
        assert json.loads(find_object(before + content) or "0") == reply
        assert "".join(_streamed(before + content, [9] * 20)) == "先</think>后\n末\\\n</think>{"


def test_what_is_no_draft_shows_nothing() -> None:
    for content in ("望海市", "[]", '{"paragraphs": 3}', '{"paragraphs": [{"text": 1}, "x"]}', '{"paragraphs"'):
        assert _streamed(content, [3] * 5) == []


def test_starting_over_voids_what_was_shown() -> None:
    seen: list[str] = []
    stream = ParagraphStream(seen.append)
    stream.restart()
    assert seen == []
    stream.feed(DRAFT[:70])
    stream.restart()
    stream.feed(DRAFT)
    assert seen == [seen[0], "", f"{TEXT}\n{SECOND}"]
    assert TEXT.startswith(seen[0])
