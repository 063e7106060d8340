"""What was changed between two versions: nothing is lost in telling it, and it is told where it is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.wire import Change
from service.assemble.difference import difference

OLD = "望海市依港而兴。2016年，全市地区生产总值1105.04亿元，增长7.8%。年末常住人口312.6万人。\n港口货物吞吐量稳步增长。"
WORDS = st.lists(
    st.sampled_from(["望海市", "2016年", "，", "。", "\n", "1105.04亿元", "增长7.8%", "；", "电子商务", "”", "港"])
)


def _sides(changes: tuple[Change, ...]) -> tuple[str, str]:
    old = "".join(c.text for c in changes if c.op != "insert")
    return old, "".join(c.text for c in changes if c.op != "delete")


@given(WORDS, WORDS)
def test_both_texts_are_told_whole(before: list[str], after: list[str]) -> None:
    old, new = "".join(before), "".join(after)
    changes = difference(old, new)
    assert _sides(changes) == (old, new)
    assert all(c.text for c in changes)
    kinds = [c.op for c in changes]
    assert all(a != b for a, b in pairwise(kinds))


def test_a_figure_that_was_corrected_is_all_that_is_told() -> None:
    changes = difference(OLD, OLD.replace("312.6", "321.6"))
    assert [c.op for c in changes] == ["equal", "delete", "insert", "equal"]
    assert "".join(c.text for c in changes[1:3]) in ("12" + "21", "2" + "1", "1226", "312321", "12.621.6")


def test_a_sentence_that_was_added_is_told_as_one() -> None:
    added = "全市电子商务交易额680亿元。"
    new = OLD.replace("年末", added + "年末")
    assert [(c.op, c.text) for c in difference(OLD, new) if c.op != "equal"] == [("insert", added)]


def test_sentences_that_have_nothing_in_common_are_replaced_whole() -> None:
    other = "设立每年3000万元的专项资金！"
    changes = difference(OLD, OLD.replace("港口货物吞吐量稳步增长。", other))
    assert [(c.op, c.text) for c in changes[-2:]] == [("delete", "港口货物吞吐量稳步增长。"), ("insert", other)]


@pytest.mark.parametrize("text", ["", OLD])
def test_the_same_text_has_no_changes(text: str) -> None:
    assert all(c.op == "equal" for c in difference(text, text))


def test_a_text_that_was_replaced_as_a_whole_is_told_however_long_it_is() -> None:
    old, new = "望海市电子商务交易额增长" * 2000, "临澜市电子商务交易额下降" * 2000
    assert _sides(difference(old, new)) == (old, new)
