"""Tasks of the summary that no other section speaks of, told by how little of their wording the body has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.check.consistency.reading import Place, Text

HELD = 0.34
"""Share of a task's character pairs that the body must have: a paraphrase keeps more than a third (own cases)."""
SHORTEST = 8
"""Characters; a shorter clause has too few pairs to judge by."""
_CLAUSE = re.compile(r"[^，。；：、\n]+")
_TASK = re.compile(
    r"^(?:拟|将|并|同时|积极|加快|大力|探索|率先)*(?:建设|制定|出台|开展|建立|设立|组建|试点|举办|发行|引进|实施|推进|打造|搭建|启动|开通|成立|推行|发展|培育|推动|支持)"
)


def homeless(summaries: Sequence[Text], bodies: Sequence[Text]) -> Iterator[Place]:
    """Clauses of the summary that set a task which the body lacks."""
    held = {p for t in bodies for p in _pairs(t.text)}
    for text in summaries:
        for clause in _CLAUSE.finditer(text.text):
            if len(clause[0].strip()) < SHORTEST or not _TASK.match(clause[0].strip()):
                continue
            pairs = list(_pairs(_TASK.sub("", clause[0].strip())))
            if len(pairs) >= SHORTEST - 3 and sum(p in held for p in pairs) < HELD * len(pairs):
                yield text.place(clause.start(), clause.end())


def _pairs(text: str) -> Iterator[str]:
    return (text[n : n + 2] for n in range(len(text) - 1) if text[n].isalnum() and text[n + 1].isalnum())
