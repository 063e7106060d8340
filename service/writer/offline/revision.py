"""A draft made shorter or mended: whole sentences leave, no point loses its only one, nothing new is invented."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from schemas.draft import Draft, DraftParagraph
from schemas.finding import CheckName, Finding, Severity
from schemas.outline import Point
from service.facts.answers import Answer
from service.text.counting import count
from service.writer.offline.affinity import pairs
from service.writer.offline.desk import Desk
from service.writer.offline.sentences import Sentence, joined, paragraphs

_PIECE = re.compile(r"[^。！？\n]*[。！？]?")
_PLACEHOLDER = re.compile(r"【待补充：([^】]*)】")
_FIGURE = re.compile(r"\d")
_MENDED_BY_LEAVING_OUT = frozenset(
    {CheckName.NUMBERS, CheckName.POLICIES, CheckName.LEAKAGE, CheckName.CONSISTENCY, CheckName.ERA}
)


@dataclass(slots=True)
class _Piece:
    """A sentence of a draft. `start`: in the section's text; `points`: what it is thought to treat."""

    text: str
    paragraph: int
    start: int
    points: frozenset[str]
    importance: int
    gone: bool = False


def condensed(draft: Draft, answers: Sequence[Answer], desk: Desk, maximum: int) -> Draft:
    """At most `maximum` 字 by both ways of counting where leaving out sentences can do it; else as short as it gets."""
    pieces = _pieces(draft, answers, desk)
    for piece in sorted(pieces, key=lambda p: (p.importance, -p.start)):
        if _size(_text(draft, pieces)) <= maximum:
            break
        if _spare(piece, pieces):
            piece.gone = True
    return _rebuilt(draft, pieces)


def repaired(draft: Draft, findings: Iterable[Finding], answers: Sequence[Answer], desk: Desk) -> Draft:
    """Sentences that a check found wrong leave; a point's only sentence becomes a placeholder."""
    pieces = _pieces(draft, answers, desk)
    known = {a.point.id: a for a in answers}
    for finding in findings:
        if (
            finding.severity is Severity.ERROR
            and finding.check in _MENDED_BY_LEAVING_OUT
            and finding.end > finding.start
        ):
            for piece in pieces:
                if piece.start < finding.end and finding.start < piece.start + len(piece.text) and not piece.gone:
                    _leave_out(piece, pieces, known)
    return _rebuilt(draft, pieces)


def with_missing(draft: Draft, told: Sequence[Sentence], missing: Iterable[str]) -> Draft:
    """The draft with what the composer says on points that a check found missing."""
    wanted = set(missing)
    added = [s for s in told if wanted & set(s.points) and s.text not in draft.text]
    return draft.model_copy(update={"paragraphs": (*draft.paragraphs, *paragraphs(added))}) if added else draft


def refilled(draft: Draft, told: Sequence[Sentence]) -> Draft:
    """A person's text with each sentence that asks for a datum replaced, where the facts now have it.

    `told`: what the composer says of the section now. A placeholder that it still uses stays; so does one that none
    of its new sentences is about.
    """
    asked = {m[0] for s in told for m in _PLACEHOLDER.finditer(s.text)}
    said = "".join(p.text for p in draft.paragraphs)
    new = [s for s in told if not _PLACEHOLDER.search(s.text) and joined([s]) not in said and s.text not in said]

    def mended(piece: str, paragraph: str) -> str:
        names = [m[1] for m in _PLACEHOLDER.finditer(piece) if m[0] not in asked]
        if not names or not new:
            return piece
        wanted = pairs("，".join(names))
        best = max(new, key=lambda s: len(wanted & pairs(s.text)))
        if not wanted & pairs(best.text):
            return piece
        new.remove(best)
        known = best.moment and best.moment in paragraph
        return joined([replace(best, moment="") if known else best])

    lines = (
        p.model_copy(update={"text": "".join(mended(m[0], p.text) for m in _PIECE.finditer(p.text))})
        for p in draft.paragraphs
    )
    return draft.model_copy(update={"paragraphs": tuple(lines)})


def _leave_out(piece: _Piece, pieces: Sequence[_Piece], known: dict[str, Answer]) -> None:
    bare = [known[p].point.text for p in sorted(piece.points) if _only(piece, pieces, p) and p in known]
    if not bare:
        piece.gone = True
        return
    piece.text = "".join(f"{text}为【待补充：{text}】。" for text in bare)


def _only(piece: _Piece, pieces: Sequence[_Piece], point: str) -> bool:
    return not any(point in p.points for p in pieces if p is not piece and not p.gone)


def _spare(piece: _Piece, pieces: Sequence[_Piece]) -> bool:
    """Another sentence treats each of its points, and the draft keeps at least one."""
    if "【" in piece.text or sum(not p.gone for p in pieces) < 2:
        return False
    return not any(_only(piece, pieces, p) for p in piece.points)


def _pieces(draft: Draft, answers: Sequence[Answer], desk: Desk) -> list[_Piece]:
    known = {a.point.id: a for a in answers}
    found: list[_Piece] = []
    start = 0
    for n, paragraph in enumerate(draft.paragraphs):
        mine = [
            _Piece(m[0], n, start + m.start(), frozenset(), _importance(m[0]))
            for m in _PIECE.finditer(paragraph.text)
            if m[0].strip()
        ]
        for point in paragraph.points:
            if mine:
                best = max(mine, key=lambda p: _closeness(p.text, point, known, desk))
                best.points |= {point}
        found += mine
        start += len(paragraph.text) + 1
    return found


def _closeness(text: str, point: str, known: dict[str, Answer], desk: Desk) -> int:
    answer = known.get(point)
    if answer is None:
        return 0
    own = sum(3 for f in answer.facts if (desk.text(f)[:10] or desk.name(f)) in text)
    return own + len(pairs(text) & pairs(_words(answer.point, desk)))


def _words(point: Point, desk: Desk) -> str:
    known = desk.outline.indicators_by_id
    return "，".join((point.text, *(known[i].name for i in point.indicators if i in known)))


def _importance(text: str) -> int:
    """Placeholders and figures weigh most, documents next; of the rest the longer sentence."""
    if "【" in text:
        return 10_000
    return (1000 if _FIGURE.search(text) else 0) + (500 if "《" in text else 0) + min(len(text), 200)


def _text(draft: Draft, pieces: Sequence[_Piece]) -> str:
    lines = ["".join(p.text for p in pieces if p.paragraph == n and not p.gone) for n in range(len(draft.paragraphs))]
    return "\n".join(line for line in lines if line)


def _rebuilt(draft: Draft, pieces: Sequence[_Piece]) -> Draft:
    kept = []
    for n, paragraph in enumerate(draft.paragraphs):
        text = "".join(p.text for p in pieces if p.paragraph == n and not p.gone)
        if text:
            kept.append(DraftParagraph(text=text, facts=paragraph.facts, points=paragraph.points))
    return draft.model_copy(update={"paragraphs": tuple(kept)}) if kept else draft


def _size(text: str) -> int:
    counts = count(text)
    return max(counts.words, counts.characters)
