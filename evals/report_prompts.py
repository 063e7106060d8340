"""The report's prompts: which were asked, and what is different in them from an earlier run's."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.evaluation import EvalRun, PromptRecord

MOST = 40
"""Differences that are shown; more say nothing new, a template's change shows in every prompt made from it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A template with the prompts that were made from it. `places`: case, section, hash of each."""

    template: str
    template_hash: str
    kinds: str
    characters: int
    places: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference: `kind` is add, drop, place or same."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One message that reads differently now, with the prompts that hold it."""

    template: str
    role: str
    places: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PromptChanges:
    """Prompts of two runs beside each other."""

    same: int
    changed: int
    added: int
    dropped: int
    differences: tuple[Changed, ...]
    left_out: int = 0


def asked(run: EvalRun) -> Iterator[Asked]:
    """Templates in the order of asking."""
    groups: dict[tuple[str, str], list[tuple[str, PromptRecord]]] = defaultdict(list)
    for key, prompt in run.prompts.items():
        groups[prompt.template, prompt.template_hash].append((key, prompt))
    for (template, template_hash), prompts in groups.items():
        yield Asked(
            template=template,
            template_hash=template_hash,
            kinds="、".join(dict.fromkeys(p.kind for _, p in prompts)),
            characters=sum(len(run.texts.get(m.text, "")) for _, p in prompts for m in p.messages),
            places=tuple((p.case, p.section, key) for key, p in prompts),
        )


def changes(run: EvalRun, before: EvalRun) -> PromptChanges:
    """What was asked for the same section in the same turn, then and now."""
    now, then = _turns(run), _turns(before)
    both = [turn for turn in now if turn in then]
    changed = [turn for turn in both if now[turn] != then[turn]]
    messages: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for turn in changed:
        ours, theirs = run.prompts[now[turn]], before.prompts[then[turn]]
        for n, message in enumerate(ours.messages):
            old = theirs.messages[n].text if n < len(theirs.messages) else ""
            if message.text != old:
                messages[ours.template, message.role, old, message.text].append(f"{turn[0]} {turn[1]}")
    shown = list(messages.items())
    return PromptChanges(
        same=len(both) - len(changed),
        changed=len(changed),
        added=sum(turn not in then for turn in now),
        dropped=sum(turn not in now for turn in then),
        differences=tuple(
            Changed(template, role, tuple(places), tuple(_lines(before.texts.get(old, ""), run.texts.get(new, ""))))
            for (template, role, old, new), places in shown[:MOST]
        ),
        left_out=max(0, len(shown) - MOST),
    )


_Turn = tuple[str, str, str, int]
"""Case, section, kind of task, and the how-manieth of this kind."""


def _turns(run: EvalRun) -> Mapping[_Turn, str]:
    number: Counter[tuple[str, str, str]] = Counter()
    found: dict[_Turn, str] = {}
    for key, prompt in run.prompts.items():
        place = (prompt.case, prompt.section, prompt.kind)
        found[(*place, number[place])] = key
        number[place] += 1
    return found


def _lines(old: str, new: str) -> Iterator[Line]:
    kinds = {"+": "add", "-": "drop", "@": "place"}
    drawn = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=1)
    for line in list(drawn)[2:]:
        yield Line(kinds.get(line[:1], "same"), line)
