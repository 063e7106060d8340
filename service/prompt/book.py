"""All prompts of one plan: one system message that is the same, byte for byte, for every section, then the section's part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from schemas.brief import Brief
from schemas.draft import Draft, Message, Prompt
from schemas.exemplar import Exemplar
from schemas.facts import Fact
from schemas.finding import Finding
from schemas.limit import TextCounts, TextLimit
from schemas.outline import Chapter, Group, Outline, Section
from service.errors import PackageDataError
from service.facts.answers import Answer, answers
from service.facts.ledger import Ledger
from service.prompt.brief_lines import brief_lines
from service.prompt.fact_rows import as_data, row
from service.prompt.mask import mask
from service.prompt.reply_schema import draft_schema
from service.settings import CONTEXT_TOKENS

PASSAGES = 2
"""Masked passages a prompt carries at most: enough to show the register, cheap enough to send 26 times."""
SECTION_SHARE = 3
"""One part in this many of the context is kept for the section's own part of the prompt."""
MACROS = "_macros.md.j2"


class Lean(IntEnum):
    """How much of the material a prompt carries: each step has less than the one before it, if there is less to have."""

    FULL = 0
    NO_PASSAGES = 1
    """Exemplars only teach style: they go first."""
    OWN_FACTS = 2
    """No facts of other sections either; this prompt shares no beginning with the others."""


def _source(name: str) -> str:
    try:
        return (files("prompts") / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackageDataError(f"提示词文件 {name} 缺失或损坏，请重新安装") from error


@cache
def _environment() -> Environment:
    # Prompts are plain text for a model, not HTML: facts are defused in fact_rows, nothing is to be escaped.
    return Environment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
    )


@cache
def template_hash(name: str) -> str:
    """Algorithm-tagged hash of a template with its macros."""
    return "sha256:" + hashlib.sha256((_source(MACROS) + _source(name)).encode()).hexdigest()


def prompt_hash(messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
    """Algorithm-tagged hash of all that a model is given."""
    data = {"messages": [m.model_dump() for m in messages], "schema": schema}
    return "sha256:" + hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


class PromptBook:
    """Renders the prompts of one plan.

    `count` gives tokens of a text; None for a writer that reads no prompt: nothing is counted and nothing dropped.
    `context_tokens` bounds a whole prompt: facts of this section come first, what does not fit is named in
    `Prompt.dropped_facts`.
    """

    def __init__(
        self,
        ledger: Ledger,
        brief: Brief,
        exemplars: Sequence[Exemplar],
        *,
        instruction: str | None = None,
        count: Callable[[str], int] | None = None,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        self._ledger = ledger
        self._outline: Outline = ledger.outline
        self._brief = brief
        self._exemplars = exemplars
        self._instruction = as_data(instruction) if instruction else None
        self._count = count
        self._context = context_tokens

    @cached_property
    def _answers(self) -> Mapping[str, tuple[Answer, ...]]:
        return {s.id: answers(s, self._ledger) for s in self._outline.sections}

    def answers(self, section: Section) -> tuple[Answer, ...]:
        """What the sheet has, and lacks, for each point of the section."""
        return self._answers[section.id]

    def section(self, section: Section, lean: Lean = Lean.FULL) -> Prompt:
        """The prompt for a section of the body; a lean one names in its notes what it lacks."""
        chapter, group = self._place(section)
        return self._prompt(
            "section.md.j2",
            section,
            lean,
            chapter=chapter,
            group=group,
            neighbours=[s for s in chapter.sections if s.id != section.id],
            limit=None,
        )

    def summary(self, section: Section, body: Mapping[str, str], maximum: int, lean: Lean = Lean.FULL) -> Prompt:
        """The prompt for a section of the summary, from the drafted body; `maximum` in 字."""
        titles = {s.id: s.title for s in self._outline.sections}
        wanted = section.summarises or tuple(body)
        drawn = [{"id": i, "title": titles[i], "text": as_data_lines(body[i])} for i in wanted if body.get(i)]
        return self._prompt("summary.md.j2", section, lean, body=drawn, limit=TextLimit(maximum=maximum).describe())

    def repair(
        self,
        section: Section,
        first: Prompt,
        previous: Draft | None,
        findings: Sequence[Finding],
        faults: Sequence[str],
    ) -> Prompt:
        """The prompt that asks again: the first one, the draft it gave, and what is wrong with it."""
        said = [as_data(f) for f in faults]
        text = self._render("repair.md.j2", section=section, findings=_told(findings), faults=said)
        return self._follow_up("repair.md.j2", first, previous, text)

    def redraft(
        self, section: Section, first: Prompt, previous: Draft, findings: Sequence[Finding], instruction: str | None
    ) -> Prompt:
        """The prompt that asks for another version of a text that stands, which a person may have written."""
        text = self._render(
            "redraft.md.j2",
            section=section,
            findings=_told(findings),
            instruction=as_data(instruction) if instruction else None,
        )
        return self._follow_up("redraft.md.j2", first, previous, text)

    def condense(self, section: Section, first: Prompt, previous: Draft, counts: TextCounts, maximum: int) -> Prompt:
        """The prompt that asks for fewer 字."""
        limit = TextLimit(maximum=maximum).describe()
        text = self._render(
            "condense.md.j2", section=section, words=counts.words, characters=counts.characters, limit=limit
        )
        return self._follow_up("condense.md.j2", first, previous, text)

    # --- inside -------------------------------------------------------------------------------------------------

    def _render(self, template: str, **values: object) -> str:
        return _environment().get_template(template).render(**values)

    def _place(self, section: Section) -> tuple[Chapter, Group | None]:
        chapter = next(c for c in self._outline.chapters if section in c.sections)
        group = next((g for g in chapter.groups if section.id.startswith(g.id + ".")), None)
        return chapter, group

    @cached_property
    def _system(self) -> str:
        return self._system_with(self._core)

    def _system_with(self, facts: Sequence[Fact]) -> str:
        return self._render(
            "system.md.j2",
            sheet=self._ledger.sheet,
            subject=as_data(self._ledger.subject.name),
            document_title=as_data(self._outline.document_title.format(subject=self._ledger.subject.name)),
            brief=self._brief,
            brief_lines=brief_lines(self._brief),
            rows=[row(f) for f in facts],
            omitted=len(self._ledger.facts) - len(facts),
        )

    @cached_property
    def _core(self) -> tuple[Fact, ...]:
        """Facts in the common part: all, or, when they do not fit, those that most sections use, as far as they fit."""
        facts = self._ledger.facts
        if self._count is None:
            return facts
        room = self._context - self._context // SECTION_SHARE - self._count(self._system_with(()))
        sizes = {f.id: self._tokens_of(f) for f in facts}
        if sum(sizes.values()) <= room:
            return facts
        uses = dict.fromkeys(sizes, 0)
        for found in self._answers.values():
            for used in {f.id for a in found for f in a.facts}:
                uses[used] += 1
        kept: set[str] = set()
        for fact in sorted(facts, key=lambda f: -uses[f.id]):
            if sizes[fact.id] <= room:
                room -= sizes[fact.id]
                kept.add(fact.id)
        return tuple(f for f in facts if f.id in kept)

    def _tokens_of(self, fact: Fact) -> int:
        if self._count is None:
            return 0
        r = row(fact)
        return self._count("｜".join((r.id, r.name, r.quantity, r.year, r.kind, r.more)) + "\n")

    def _extra(self, section: Section) -> tuple[Fact, ...]:
        """Facts of this section that the common part had no room for, as far as they fit."""
        core = {f.id for f in self._core}
        room = self._context // SECTION_SHARE // 2
        chosen: dict[str, Fact] = {}
        for fact in (f for a in self.answers(section) for f in a.facts):
            if fact.id not in core and fact.id not in chosen and (size := self._tokens_of(fact)) <= room:
                room -= size
                chosen[fact.id] = fact
        return tuple(chosen.values())

    def _passages(self, section: Section) -> list[str]:
        fitting = [
            as_data_lines(mask(p.text, e))
            for e in self._exemplars
            for p in e.passages
            if section.id in p.sections.get(self._outline.id, ())
        ]
        return fitting[:PASSAGES]

    def _prompt(self, template: str, section: Section, lean: Lean, **values: object) -> Prompt:
        core, extra, passages = self._core, self._extra(section), self._passages(section)
        left_out = []
        if lean >= Lean.NO_PASSAGES and passages:
            left_out.append(f"范例段落{len(passages)}段")
            passages = []
        if lean >= Lean.OWN_FACTS:
            own = {f.id for a in self.answers(section) for f in a.facts}
            core = tuple(f for f in core if f.id in own)
        whole = len(core) == len(self._core)
        if not whole:
            left_out.append(f"其他节的事实{len(self._core) - len(core)}条")
        system = self._system if whole else self._system_with(core)
        prefix_tokens = self._prefix_tokens if whole else self._tokens(system)
        text = self._render(
            template,
            section=section,
            answers=self.answers(section),
            extra_rows=[row(f) for f in extra],
            passages=passages,
            instruction=self._instruction,
            **values,
        )
        messages = (Message(role="system", content=system), Message(role="user", content=text))
        known = {f.id for f in (*core, *extra)}
        facts = [f.id for f in self._ledger.facts]
        schema = draft_schema([i for i in facts if i in known], [p.id for p in section.points])
        return Prompt(
            template=template,
            template_hash=template_hash(template),
            messages=messages,
            json_schema=schema,
            hash=prompt_hash(messages, schema),
            tokens=prefix_tokens + self._tokens(text),
            prefix_tokens=prefix_tokens,
            dropped_facts=tuple(i for i in facts if i not in known),
            notes=(f"提示词超出模型的上下文长度，未带{'、'.join(left_out)}",) if left_out else (),
        )

    @cached_property
    def _prefix_tokens(self) -> int:
        return self._tokens(self._system)

    def _tokens(self, text: str) -> int:
        return self._count(text) if self._count else 0

    def _follow_up(self, template: str, first: Prompt, previous: Draft | None, text: str) -> Prompt:
        said = previous.model_dump_json() if previous else "（无可用答复）"
        messages = (
            *first.messages,
            Message(role="assistant", content=said),
            Message(role="user", content=text),
        )
        added = self._count(said) + self._count(text) if self._count else 0
        return first.model_copy(
            update={
                "template": template,
                "template_hash": template_hash(template),
                "messages": messages,
                "hash": prompt_hash(messages, first.json_schema),
                "tokens": first.tokens + added,
            }
        )


def as_data_lines(text: str) -> str:
    """Several lines of data, each defused like a fact's text."""
    return "\n".join(as_data(line) for line in text.split("\n"))


def _told(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Findings as a prompt repeats them: they quote the draft, and a draft may quote a fact."""
    return [{"excerpt": as_data(f.excerpt), "message": as_data(f.message)} for f in findings]
