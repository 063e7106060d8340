"""Tasks of the summary that no other section speaks of, told by how little of their wording the body has."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from service.check.consistency.reading import Place, Text

HELD = 0.3
"""Share of a task's character pairs that the body must have: a paraphrase keeps more (own cases)."""
LONG = 7
"""Character pairs from which a share can be judged; of a shorter task one pair in the body is enough."""
_THING = re.compile(
    r"(?:债券|基金|中心|学院|大学|博览会|大会|论坛|大赛|银行|公司|交易所|试验区|保税区|海外仓|法院|热线|指数|互换局|港|园|节|馆)$"
)
"""What a short task must set up to be judged at all: 推进宽带提速 may be said in other words, 发行专项债券 may not."""
_CLAUSE = re.compile(r"[^，。；：、\n]+")
_RUN = re.compile(r"[^，。；：\n]+")
_ITEM = re.compile(r"(?:(?!、|以及|和|与|及).)+")
_CLOSING = re.compile(r"(?:等[^、]*|建设|项目|工程)+$")
"""What may close an enumeration behind its last item."""
_TASK = re.compile(
    r"^[ 　]*(?:（?[一二三四五六七八九十]{1,2}(?:是|）))?(?:拟|将|并|同时|积极|加快|大力|探索|率先|重点|着力|统筹|规划)*"
    r"(?:建设|制定|出台|开展|建立|设立|组建|试点|举办|发行|引进|实施|推进|打造|搭建|启动|开通|成立|推行|发展|培育|推动|支持)"
)
_ASKED = re.compile(r"[^，。；：\n]{0,120}：【待补充")
"""After a clause: it names what is still asked for, and announces nothing."""
_GENERIC = re.compile(
    r"电子商务|电商|跨境|农村|公共|综合|服务|平台|体系|建设|发展|工作|试点|示范|创新|应用|全市|我市|相关|有关"
)
"""Words of every section: having them is having nothing."""


def homeless(summaries: Sequence[Text], bodies: Sequence[Text]) -> Iterator[Place]:
    """Clauses of the summary that set a task which the body lacks."""
    held = {p for t in bodies for p in _pairs(t.text)}
    for text in summaries:
        yield from _absent_items(text, held)
        for clause in _CLAUSE.finditer(text.text):
            task = _TASK.match(clause[0])
            if task is None or _ASKED.match(text.raw, clause.end()):
                continue
            pairs = _telling(clause[0][task.end() :])
            held_here = sum(p in held for p in pairs)
            long = len(pairs) >= LONG
            if held_here < HELD * len(pairs) if long else pairs and not held_here and _THING.search(clause[0]):
                yield text.place(clause.start(), clause.end())


def _absent_items(text: Text, held: Container[str]) -> Iterator[Place]:
    """Items of 建设A、B和C behind the first that would be set up, and of whose names the body has not a trace."""
    for run in _RUN.finditer(text.text):
        task = _TASK.match(run[0])
        if task is None or "、" not in run[0] or _ASKED.match(text.raw, run.end()):
            continue
        items = _ITEM.finditer(run[0], task.end())
        next(items, None)  # the first is a task with its verb
        for item in items:
            name = _CLOSING.sub("", item[0])
            thing = None if _TASK.match(name) else _THING.search(name)  # with a verb of its own it is a task above
            pairs = _telling(name[: thing.start()]) if thing else []
            if pairs and not any(p in held for p in pairs):
                start = run.start() + item.start()
                yield text.place(start, start + len(name))


def _telling(words: str) -> list[str]:
    """Character pairs of what is not in every section."""
    return [p for part in _GENERIC.split(words) for p in _pairs(part)]


def _pairs(text: str) -> Iterator[str]:
    return (text[n : n + 2] for n in range(len(text) - 1) if text[n].isalnum() and text[n + 1].isalnum())
