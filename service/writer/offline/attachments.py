"""The list of attachments: each one provided, with the document that the sheet names, or still missing."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.draft import Draft, DraftParagraph
from schemas.facts import Fact
from service.facts.answers import Answer
from service.writer.offline.desk import Desk
from service.writer.offline.placeholders import gaps
from service.writer.offline.policies import cited
from service.writer.offline.wording import listed


def attachments(answers: Sequence[Answer], desk: Desk) -> Draft:
    """One numbered line for each attachment."""
    lines = []
    for n, answer in enumerate(answers, 1):
        named = listed([_named(f, desk) for f in answer.facts])
        missing = "".join(m.placeholder for m in answer.missing)
        if not named and not missing:
            missing = f"【待补充：{answer.point.text}】"
        lines.append(
            DraftParagraph(
                text=f"{n}.{answer.point.text}：{'、'.join(p for p in (named, missing) if p)}。",
                facts=tuple(f.id for f in answer.facts),
                points=(answer.point.id,),
            )
        )
    return Draft(paragraphs=tuple(lines), gaps=gaps(answers), proposals=())


def _named(fact: Fact, desk: Desk) -> str:
    return cited(fact) if fact.title else desk.text(fact) or desk.name(fact)
