"""Both shipped outlines assemble: each heading once, numbered as the outline prints it, in its order."""

from __future__ import annotations

import itertools

import pytest

from schemas.document import ChecklistBlock, HeadingBlock, ParagraphBlock
from service.assemble.document import assemble
from service.prompt.outlines import load_outline, outline_ids
from tests import factories


@pytest.mark.parametrize("outline_id", outline_ids())
def test_every_heading_of_a_shipped_outline_stands_once_in_order(outline_id: str) -> None:
    outline = load_outline(outline_id)
    results = [factories.section(s.id, f"关于{s.title}的说明。", s.title) for s in outline.sections]
    document = assemble(factories.plan(*results, sheet=factories.fact_sheet(outline=outline_id)), outline)
    printed = [(b.number, b.text) for b in document.blocks if isinstance(b, HeadingBlock)]
    expected = []
    for chapter in outline.chapters:
        expected.append((chapter.number, chapter.title))
        inner = {g.id: (g.number, g.title) for g in chapter.groups}
        inner |= {s.id: (s.number, s.title) for s in chapter.sections if s.id != chapter.id}
        expected += [inner[i] for i in sorted(inner, key=lambda i: [int(n) for n in i.split(".")])]
    assert printed == expected
    levels = [b.level for b in document.blocks if isinstance(b, HeadingBlock)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    written = {b.section for b in document.blocks if isinstance(b, ParagraphBlock | ChecklistBlock)}
    assert written == {s.id for s in outline.sections}


def test_the_bases_attachments_are_a_list_of_what_is_there_and_what_is_not() -> None:
    outline = load_outline("base")
    (checklist,) = (s for s in outline.sections if s.checklist)
    plan = factories.plan(
        factories.section(checklist.id, "附件", checklist.title), sheet=factories.fact_sheet(outline="base")
    )
    (block,) = (b for b in assemble(plan, outline).blocks if isinstance(b, ChecklistBlock))
    assert [i.text for i in block.items] == [p.text for p in checklist.points]
    assert any(not item.provided for item in block.items)
