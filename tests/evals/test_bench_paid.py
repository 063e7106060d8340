"""The durability bench's endpoint: its words belong to one prompt alone, and it knows what was paid for in vain."""

from __future__ import annotations

import json
from typing import Any

from evals.bench.paid import PaidEndpoint
from tests.api.live import reply_of

DRAFTS = {"2.1": reply_of("望海市地处云岭省东南沿海。"), "2.2": reply_of("电子商务需求旺盛。")}


def request(section: str, *more: str) -> dict[str, Any]:
    told = ("事实表", f"起草“基本概况”（编号 {section}）。", *more)
    return {"messages": [{"role": "user", "content": text} for text in told]}


def said(answer: bytes) -> str:
    content = json.loads(json.loads(answer)["choices"][0]["message"]["content"])
    text: str = content["paragraphs"][-1]["text"]
    return text


def test_the_same_prompt_gets_the_same_words_and_another_one_others() -> None:
    endpoint = PaidEndpoint(DRAFTS, (0.0, 0.1), 1)
    first, again, other, elsewhere = (
        endpoint.take(request(*given)) for given in (("2.1",), ("2.1",), ("2.1", "甲号批次"), ("2.2",))
    )
    assert said(first[1]) == said(again[1])
    assert len({said(answer) for _, answer, _ in (first, other, elsewhere)}) == 3
    assert f"（{other[0].mark}）" in said(other[1])
    assert endpoint.marks_of("2.1", "甲号批次") == {other[0].mark}


def test_a_repaired_answer_has_no_figure_without_a_source() -> None:
    endpoint = PaidEndpoint(DRAFTS, (0.0, 0.1), 1)
    told = request("2.1")["messages"]
    repairs = [{"messages": [*told, {"role": "user", "content": f"修改{n}"}]} for n in range(30)]
    answers = [endpoint.take(body) for body in repairs]
    assert not any("98765.43" in said(answer) for _, answer, _ in answers)


def test_a_call_made_although_its_answer_was_kept_is_told_from_one_that_was_cut() -> None:
    endpoint = PaidEndpoint(DRAFTS, (0.0, 0.1), 1)
    for _ in range(4):
        endpoint.take(request("2.1"))
    endpoint.take(request("2.2"))
    endpoint.calls[1].sent = True
    # The first was cut, the second sent and lost, the third is kept, the fourth was for nothing.
    assert endpoint.again({3, 5}) == (1, 1, 1)
    # A second repair in the same words is needed too.
    assert endpoint.again({3, 4, 5}) == (0, 1, 1)
    assert endpoint.again({3, 5}, first=2) == (1, 0, 0)
