"""Document and options → the document to render: for submission, without any mark, and not before it is finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from schemas.document import (
    Block,
    Cell,
    ChecklistBlock,
    Document,
    ExportOptions,
    NoticeBlock,
    ParagraphBlock,
    Remaining,
    TableBlock,
)
from service.errors import Fault, NotFinalError

_KINDS = {"error": "处未通过核查", "unwritten": "节没有写成", "placeholder": "处待补充", "proposal": "处建议值待确认"}
_COVER = "封面所缺的，请补入事实表的“其他”类，名称写“编制单位”“编制日期”。"
"""No data request asks for these."""
_MOST_PLACES = 6


def prepared(document: Document, options: ExportOptions) -> Document:
    """The document itself, or its clean version; NotFinalError where that is refused."""
    if not options.clean:
        return document
    if document.remaining and not options.force:
        raise NotFinalError(_refusal(document.remaining), tuple(map(_fault, document.remaining)))
    cover = document.cover
    if cover is not None:
        cover = cover.model_copy(update={"issuer": _plain(cover.issuer), "date": _plain(cover.date)})
    blocks = tuple(clean for block in document.blocks for clean in _clean(block))
    return document.model_copy(update={"blocks": blocks, "cover": cover})


def _clean(block: Block) -> Iterator[Block]:
    """Facts stay with their figures, for footnotes; attachments that are not there are not announced."""
    match block:
        case NoticeBlock():
            return
        case ParagraphBlock():
            yield block.model_copy(update={"spans": _plain(block.spans)})
        case TableBlock():
            yield block.model_copy(update={"rows": tuple(tuple(map(_plain, row)) for row in block.rows)})
        case ChecklistBlock():
            if items := tuple(item for item in block.items if item.provided):
                yield block.model_copy(update={"items": items})
        case _:
            yield block


def _plain(cell: Cell) -> Cell:
    return tuple(span.model_copy(update={"mark": "plain", "note": None}) for span in cell)


def _refusal(left: Sequence[Remaining]) -> str:
    counted: Counter[str] = Counter(r.kind for r in left)
    parts = [f"{counted[kind]}{what}（{_places(left, kind)}）" for kind, what in _KINDS.items() if counted[kind]]
    cover = _COVER if any(r.kind == "placeholder" and r.section is None for r in left) else ""
    return f"还不能输出报送稿：{'；'.join(parts)}。{cover}请处理后再输出，确需现在输出的，请指明强制输出（force）"


def _places(left: Sequence[Remaining], kind: str) -> str:
    places = list(dict.fromkeys(r.place for r in left if r.kind == kind and r.place))
    more = "等" if len(places) > _MOST_PLACES else ""
    return "、".join(places[:_MOST_PLACES]) + more


def _fault(found: Remaining) -> Fault:
    pointer = f"/sections/{found.section}" if found.section else ""
    return Fault(pointer, f"{found.place}：{found.text}" if found.place else found.text)
