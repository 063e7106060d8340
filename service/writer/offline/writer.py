"""OfflineWriter: one task → one reply, the same bytes for the same task."""

from __future__ import annotations

from schemas.draft import Draft, Reply, Task
from schemas.facts import Fact
from schemas.finding import CheckName, Severity
from service.writer.offline.attachments import attachments
from service.writer.offline.composition import Composer
from service.writer.offline.desk import Desk
from service.writer.offline.revision import condensed, refilled, repaired, with_missing
from service.writer.offline.summary import Summary
from service.writer.protocol import OnDelta


class OfflineWriter:
    """Composes from the task's fields; reads no prompt, calls nothing. Implements service.writer.protocol.Writer."""

    name = "offline"
    model = "offline-1"
    reads_prompt = False

    def __init__(self) -> None:
        self._composer: Composer | None = None

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """Answers with the JSON of a Draft; never raises for what facts may hold."""
        draft = self._cited(self._draft(task))
        if on_delta is not None:
            on_delta(draft.text)
        notes = ("离线起草器按事实表成文，不处理补充要求",) if task.instruction else ()
        return Reply(content=draft.model_dump_json(), writer=self.name, model=self.model, notes=notes)

    def _cited(self, draft: Draft) -> Draft:
        """A paragraph that tells a value may tell its growth too, which another fact gives."""
        apart = self._composer.desk.growths if self._composer is not None else {}
        if not apart:
            return draft
        paragraphs = tuple(
            p.model_copy(update={"facts": tuple(dict.fromkeys(i for f in p.facts for i in (f, *_ids(apart.get(f)))))})
            for p in draft.paragraphs
        )
        return draft.model_copy(update={"paragraphs": paragraphs})

    def _draft(self, task: Task) -> Draft:
        composer = self._composer_for(task)
        if task.previous is None or task.kind not in {"condense", "repair", "redraft"} or _composed_again(task):
            return self._composed(composer, task)
        answers = composer.desk.answers(task.section)
        if task.kind == "condense":
            return condensed(task.previous, answers, composer.desk, task.maximum or task.section.target_length)
        mended = repaired(task.previous, task.findings, answers, composer.desk)
        if task.kind == "redraft":
            mended = refilled(mended, composer.sentences(task.section, answers))
        missing = [f.point for f in task.findings if f.check is CheckName.COVERAGE and f.point]
        if missing:
            mended = with_missing(mended, composer.sentences(task.section, answers), missing)
        over = [f for f in task.findings if f.check is CheckName.LENGTH and f.severity is Severity.ERROR]
        return condensed(mended, answers, composer.desk, task.maximum) if over and task.maximum else mended

    @staticmethod
    def _composed(composer: Composer, task: Task) -> Draft:
        if task.section.checklist:
            return attachments(composer.desk.answers(task.section), composer.desk)
        if task.section.summary:
            return Summary(composer, task.section, task.body).draft(task.maximum)
        return composer.section(task.section)

    def _composer_for(self, task: Task) -> Composer:
        """One composer serves all sections of a plan: they share sheet and outline, the same objects."""
        composer = self._composer
        if composer is None or composer.desk.sheet is not task.sheet or composer.desk.outline is not task.outline:
            composer = self._composer = Composer(Desk(task.sheet, task.outline))
        return composer


def _ids(fact: Fact | None) -> tuple[str, ...]:
    return () if fact is None else (fact.id,)


def _composed_again(task: Task) -> bool:
    """A redraft of what this writer wrote is written anew from the facts; a person's text is the base of its own."""
    return task.kind == "redraft" and task.previous is not None and any(p.points for p in task.previous.paragraphs)
